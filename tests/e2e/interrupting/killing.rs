//! Commands that are killed at any moment: the next start puts it right.

use drillmaster_tests::proxy::{Last, Proxy};
use drillmaster_tests::scenario::{Scenario, Signal};

use super::{WITHOUT_ASIDE, assert_put_right, signalled_at, waiting_for_left};
use crate::steering;
use crate::support::see;

/// Runs a start until it has sent so many requests that hold this, and kills it.
#[track_caller]
fn killed_at(scenario: &Scenario, request: &str, count: usize, arguments: &[&str]) {
    let arguments = [&["start", "app.wasm"], arguments].concat();
    let _ = signalled_at(scenario, Signal::KILL, ("POST ", request), count, &arguments);
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

/// The engine may still give a container the name that a killed start asked for, after the next one has looked.
#[test]
fn a_start_first_ends_a_renaming_of_which_the_one_before_it_heard_nothing() {
    let scenario = Scenario::new("single");
    scenario.start(&[]).code(0);
    let proxy = Proxy::start();
    let host = [("DOCKER_HOST", proxy.address())];
    let host = host.each_ref().map(|(name, value)| (*name, value.as_str()));
    proxy.cut_at("/rename", Last::Unheard);
    let changed = ["start", "app.wasm", "--set", "app.SAY=new"];
    scenario.invocation(&changed).envs(&host).spawn().wait().code(1);
    assert_eq!(scenario.names(), ["app", "app.starting"]);

    proxy.resume();
    proxy.forget();
    scenario.invocation(&changed).envs(&host).spawn().wait().code(0);
    let requests = proxy.requests();
    let first = |part: &str| requests.iter().position(|request| request.contains(part)).unwrap();
    assert!(first("/rename") < first("/containers/json"), "{requests:#?}");
    assert_eq!(scenario.get("app", "/env/SAY").text(), "new");
    assert_put_right(&scenario);
}

/// A stop, restart or reload of a ready service is killed, and the next start puts it right.
#[track_caller]
fn assert_changing_is_put_right(request: (&str, &str), arguments: &[&str]) {
    let scenario = Scenario::new("single");
    scenario.start(&[]).code(0);
    let _ = signalled_at(&scenario, Signal::KILL, request, 1, arguments);
    scenario.start(&[]).code(0);
    assert_put_right(&scenario);
    let seen = see(&scenario, "app");
    scenario.start(&[]).code(0);
    assert_eq!(see(&scenario, "app"), seen);
}

#[test]
fn a_stop_that_is_killed_is_put_right_by_the_next_start() {
    assert_changing_is_put_right(("POST ", "/stop"), &["stop", "app.wasm"]);
    assert_changing_is_put_right(("DELETE ", "/containers/"), &["stop", "app.wasm", "--remove"]);
}

#[test]
fn a_restart_that_is_killed_is_put_right_by_the_next_start() {
    for request in ["/stop", "/start"] {
        assert_changing_is_put_right(("POST ", request), &["restart", "app.wasm", "app"]);
    }
}

#[test]
fn a_reload_that_is_killed_is_put_right_by_the_next_start() {
    for request in ["/stop", "/rename"] {
        assert_changing_is_put_right(("POST ", request), &["reload", "app.wasm", "app"]);
    }
}

/// The engine goes on stopping a container when nobody waits for its answer, and does not say so: a start that finds it
/// running must not take it for ready.
#[test]
fn a_container_that_the_engine_is_still_stopping_for_a_killed_command_is_not_taken_for_ready() {
    let commands: [&[&str]; 2] = [&["stop", "app.wasm"], &["start", "app.wasm", "--set", "app.SAY=new"]];
    for arguments in commands {
        let scenario = Scenario::new("single").set("app.IGNORE_SIGTERM", "1").set("app.stop-timeout", "3000");
        scenario.start(&[]).code(0);
        let before = see(&scenario, "app");
        let _ = signalled_at(&scenario, Signal::KILL, ("POST ", "/stop"), 1, arguments);
        assert_eq!(see(&scenario, "app"), before, "it has stopped already");
        scenario.start(&[]).code(0);
        let after = see(&scenario, "app");
        assert_eq!(after.id, before.id);
        assert!(after.started_at > before.started_at, "{arguments:?}: it was taken for ready");
        assert_put_right(&scenario);
    }
}

/// A start is killed, and the stop after it leaves nothing that runs or, with `--remove`, that is there, not even when the
/// engine was not done with what the start had asked for.
#[track_caller]
fn assert_stopping_is_complete(request: &str) {
    let scenario = Scenario::new("single");
    killed_at(&scenario, request, 1, &[]);
    scenario.stop(&[]).code(0);
    assert_settled(&scenario);
    assert_eq!(scenario.running(), [""; 0], "{request}");
    let scenario = Scenario::new("single");
    killed_at(&scenario, request, 1, &[]);
    scenario.stop(&["--remove"]).code(0);
    assert_settled(&scenario);
    assert_eq!(scenario.names(), [""; 0], "{request}");
    assert!(scenario.networks().is_empty(), "{request}");
}

/// The engine is done with each container: it shows one only between two changes of it.
fn assert_settled(scenario: &Scenario) {
    for container in scenario.containers() {
        let _ = scenario.engine().inspect(&container.id.unwrap_or_default()).unwrap();
    }
}

#[test]
fn a_stop_after_a_start_that_was_killed_leaves_nothing_running() {
    for request in ["/networks/create", "/containers/create", "/start"] {
        assert_stopping_is_complete(request);
    }
}
