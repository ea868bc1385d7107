//! Starts that are killed at any moment: the next one puts it right.

use drillmaster_tests::proxy::Proxy;
use drillmaster_tests::scenario::{Scenario, Signal};

use super::{WITHOUT_ASIDE, waiting_for_left};
use crate::steering;

/// Runs a start until it has sent so many requests that hold this, and kills it.
#[track_caller]
fn killed_at(scenario: &Scenario, request: &str, count: usize, arguments: &[&str]) {
    let proxy = Proxy::start();
    let arguments = [&["start", "app.wasm"], arguments].concat();
    let mut start = scenario.invocation(&arguments).envs(&[("DOCKER_HOST", &proxy.address())]).spawn();
    let sent = |sent: &String| sent.starts_with("POST ") && sent.contains(request);
    start.until(request, |_| proxy.requests().into_iter().filter(sent).count() >= count);
    start.signal(Signal::KILL);
    let _ = start.wait();
}

/// `app` runs, is all there is, and was initialised once.
#[track_caller]
fn assert_put_right(scenario: &Scenario) {
    assert_eq!(scenario.names(), ["app"]);
    assert_eq!(scenario.running(), ["app"]);
    assert_eq!(scenario.networks().len(), 1);
    assert_eq!(scenario.get("app", "/peek/init").text(), "1");
}

/// A first start is killed, and the next puts it right.
#[track_caller]
fn assert_creating_is_put_right(request: &str) {
    let scenario = Scenario::new("single");
    killed_at(&scenario, request, 1, &[]);
    scenario.start(&[]).code(0);
    assert_put_right(&scenario);
}

/// A start that replaces a container is killed, and the next puts it right.
#[track_caller]
fn assert_replacing_is_put_right(request: &str, count: usize) {
    let changed = ["--set", "app.SAY=new"];
    let scenario = Scenario::new("single");
    scenario.start(&[]).code(0);
    let old = scenario.id("app");
    killed_at(&scenario, request, count, &changed);
    scenario.start(&changed).code(0);
    assert_ne!(scenario.id("app"), old);
    assert_eq!(scenario.get("app", "/env/SAY").text(), "new");
    assert_put_right(&scenario);
}

#[test]
fn the_start_after_a_killed_one_keeps_what_was_ready_and_replaces_what_was_not() {
    let scenario = Scenario::new("kite").set("left.PING", "gate");
    let start = waiting_for_left(&scenario);
    let (kept, replaced) = ([scenario.id("db"), scenario.id("right")], scenario.id("left.starting"));
    start.signal(Signal::KILL);
    assert_eq!(start.wait().ending_signal(), Some(9));
    assert_eq!(scenario.running(), ["db", "left.starting", "right"]);

    let mut start = scenario.spawn(&WITHOUT_ASIDE);
    start.until("the new container is there", |_| {
        scenario.container("left.starting").is_some_and(|container| container.id.as_ref() != Some(&replaced))
    });
    steering::open_gate(&scenario, "left.starting");
    start.wait().code(0);
    assert_eq!(scenario.names(), ["db", "left", "right", "top"]);
    assert_eq!(scenario.running(), ["db", "left", "right", "top"]);
    assert_eq!([scenario.id("db"), scenario.id("right")], kept);
    assert_ne!(scenario.id("left"), replaced);
    for service in ["db", "left", "right", "top"] {
        assert_eq!(scenario.get(service, "/peek/init").text(), "1", "{service}");
    }
}

#[test]
fn a_start_that_is_killed_while_it_makes_the_network_is_put_right_by_the_next() {
    assert_creating_is_put_right("/networks/create");
}

#[test]
fn a_start_that_is_killed_while_it_creates_a_container_is_put_right_by_the_next() {
    assert_creating_is_put_right("/containers/create");
}

#[test]
fn a_start_that_is_killed_while_it_starts_a_container_is_put_right_by_the_next() {
    assert_creating_is_put_right("/start");
}

#[test]
fn a_start_that_is_killed_while_it_initialises_a_container_is_put_right_by_the_next() {
    assert_creating_is_put_right("/exec");
}

#[test]
fn a_start_that_is_killed_while_it_gives_a_container_its_name_is_put_right_by_the_next() {
    assert_creating_is_put_right("/rename");
}

#[test]
fn a_start_that_is_killed_while_it_creates_a_replacement_is_put_right_by_the_next() {
    assert_replacing_is_put_right("/containers/create", 1);
}

#[test]
fn a_start_that_is_killed_while_it_stops_what_it_replaces_is_put_right_by_the_next() {
    assert_replacing_is_put_right("/stop", 1);
}

#[test]
fn a_start_that_is_killed_while_it_starts_a_replacement_is_put_right_by_the_next() {
    assert_replacing_is_put_right("/start", 1);
}

#[test]
fn a_start_that_is_killed_while_it_renames_what_it_replaces_is_put_right_by_the_next() {
    assert_replacing_is_put_right("/rename", 1);
}

#[test]
fn a_start_that_is_killed_while_it_gives_a_replacement_its_name_is_put_right_by_the_next() {
    assert_replacing_is_put_right("/rename", 2);
}

#[test]
fn after_a_start_that_was_killed_while_it_replaced_the_old_definition_finds_its_container_again() {
    let scenario = Scenario::new("single");
    scenario.start(&[]).code(0);
    let old = scenario.id("app");
    killed_at(&scenario, "/start", 1, &["--set", "app.SAY=new"]);
    scenario.start(&[]).code(0);
    assert_eq!(scenario.id("app"), old);
    assert_put_right(&scenario);
}
