//! `stop`: in which order, with which signal, and what stays.

mod bystanders;

use std::time::Duration;

use drillmaster_tests::definitions;
use drillmaster_tests::scenario::{Scenario, Signal};

use crate::steering;

/// Less than the ten seconds that a container has unless something else is said.
const SOON: Duration = Duration::from_secs(8);
/// What a container was given that does not stop when it is told to.
const GIVEN: Duration = Duration::from_secs(1);
const KILLED: i64 = 137;

#[test]
fn what_depends_on_a_service_is_stopped_before_it() {
    // Were it not waited for, the others would have ended long before it.
    let scenario = Scenario::new("kite").set("top.IGNORE_SIGTERM", "1").set("top.stop-timeout", "1000");
    scenario.start(&[]).code(0);
    scenario.stop(&[]).code(0);
    assert_eq!(scenario.running(), [""; 0]);
    assert_eq!(scenario.names(), ["aside", "db", "left", "right", "top"]);
    let ended = |service| scenario.finished_at(service);
    for side in ["left", "right"] {
        assert!(ended("top") <= ended(side), "top ended after {side}");
        assert!(ended(side) <= ended("db"), "{side} ended after db");
    }
    assert!(ended("aside") <= ended("top"), "aside waited for top");
}

#[test]
fn independent_services_are_stopped_side_by_side() {
    let scenario = Scenario::new("kite").set("left.IGNORE_SIGTERM", "1").set("right.IGNORE_SIGTERM", "1");
    scenario.start(&["--exclude", "aside,top"]).code(0);
    scenario.stop(&["--timeout", "1"]).code(0);
    let (left, right) = (scenario.finished_at("left"), scenario.finished_at("right"));
    let between = left.duration_since(right).or_else(|_| right.duration_since(left)).unwrap();
    assert!(between < GIVEN, "one waited for the other: {between:?}");
}

#[test]
fn a_container_receives_its_stop_signal() {
    let scenario = Scenario::new("signals");
    scenario.start(&[]).code(0);
    scenario.stop(&[]).code(0).within(SOON);
    for (service, signal, code) in [("int", "SIGINT", 130), ("quit", "SIGQUIT", 131), ("term", "SIGTERM", 143)] {
        let log = scenario.logs(service);
        assert!(log.ends_with(&format!("received {signal}\n")), "{service}: {log}");
        assert_eq!(scenario.exit_code(service), code, "{service}");
    }
    assert_eq!(scenario.exit_code("kill"), KILLED);
    assert!(!scenario.logs("kill").contains("received"));
}

#[test]
fn a_container_that_ignores_its_stop_signal_is_killed_after_the_timeout() {
    let scenario = Scenario::new("single").set("app.IGNORE_SIGTERM", "1");
    scenario.start(&[]).code(0);
    let run = scenario.stop(&["--timeout", "1"]).code(0).within(SOON);
    assert!(run.duration >= GIVEN, "it had no time to stop");
    assert_eq!(scenario.exit_code("app"), KILLED);
    assert!(scenario.logs("app").contains("received SIGTERM"));
}

#[test]
fn a_container_that_ignores_its_stop_signal_is_killed_after_its_own_timeout() {
    let scenario = Scenario::new("single").set("app.IGNORE_SIGTERM", "1").set("app.stop-timeout", "1000");
    scenario.start(&[]).code(0);
    let run = scenario.stop(&[]).code(0).within(SOON);
    assert!(run.duration >= GIVEN, "it had no time to stop");
    assert_eq!(scenario.exit_code("app"), KILLED);
}

#[test]
fn stopping_what_is_stopped_or_was_never_started_is_no_error() {
    let scenario = Scenario::new("single");
    scenario.stop(&[]).code(0);
    scenario.start(&[]).code(0);
    scenario.stop(&[]).code(0);
    let ended = scenario.finished_at("app");
    scenario.stop(&[]).code(0);
    assert_eq!(scenario.finished_at("app"), ended);
    scenario.stop(&["--remove"]).code(0);
    scenario.stop(&["--remove", "--volumes"]).code(0);
    assert_eq!(scenario.names(), [""; 0]);
}

#[test]
fn the_groups_name_alone_is_enough_to_stop_it_in_order() {
    let scenario = Scenario::new("kite").set("left.IGNORE_SIGTERM", "1").set("left.stop-timeout", "1000");
    scenario.start(&["--exclude", "aside,right,top"]).code(0);
    scenario.run(&["stop"]).code(0).within(SOON);
    assert_eq!(scenario.running(), [""; 0]);
    assert!(scenario.finished_at("left") <= scenario.finished_at("db"));
}

#[test]
fn removing_removes_containers_and_the_network_but_not_volumes() {
    let scenario = Scenario::new("single").set("app.volume", "counts");
    scenario.start(&[]).code(0);
    assert_eq!(scenario.networks().len(), 1);
    scenario.stop(&["--remove"]).code(0);
    assert_eq!(scenario.names(), [""; 0]);
    assert!(scenario.networks().is_empty());
    assert_eq!(scenario.volumes().len(), 1);

    scenario.start(&[]).code(0);
    assert_eq!(scenario.get("app", "/peek/init").text(), "2");
}

#[test]
fn removing_volumes_removes_them_too() {
    let scenario = Scenario::new("single").set("app.volume", "counts");
    scenario.start(&[]).code(0);
    scenario.stop(&["--remove", "--volumes"]).code(0);
    assert_eq!(scenario.names(), [""; 0]);
    assert!(scenario.networks().is_empty());
    assert!(scenario.volumes().is_empty());
}

#[test]
fn what_is_stopped_already_can_still_be_removed() {
    let scenario = Scenario::new("single").set("app.volume", "counts");
    scenario.start(&[]).code(0);
    scenario.stop(&[]).code(0);
    scenario.run(&["stop", "--remove", "--volumes"]).code(0);
    assert_eq!(scenario.names(), [""; 0]);
    assert!(scenario.networks().is_empty());
    assert!(scenario.volumes().is_empty());
}

#[test]
fn a_service_that_is_declared_no_more_is_left_with_a_warning_and_can_be_stopped_too() {
    let scenario = Scenario::new("kite").with_copy(&definitions::path("single"), "single.wasm");
    scenario.start(&["--exclude", "aside,left,right,top"]).code(0);
    scenario.run(&["start", "single.wasm"]).code(0).says("not declared (any more): db");
    assert_eq!(scenario.running(), ["app", "db"]);

    scenario.run(&["stop", "single.wasm"]).code(0).says("db").says("--orphans");
    assert_eq!(scenario.running(), ["db"]);
    scenario.run(&["stop", "single.wasm", "--remove"]).code(0).says("db");
    assert_eq!(scenario.names(), ["db"]);
    assert_eq!(scenario.networks().len(), 1);

    scenario.run(&["stop", "single.wasm", "--orphans"]).code(0);
    assert_eq!(scenario.running(), [""; 0]);
}

#[test]
fn what_a_killed_start_has_half_started_is_stopped() {
    let scenario = Scenario::new("kite").set("left.PING", "gate");
    let start = scenario.spawn(&["start", "app.wasm", "--exclude", "aside,right,top"]);
    steering::answers(&scenario, "left.starting");
    start.signal(Signal::KILL);
    assert_eq!(start.wait().ending_signal(), Some(9));
    assert_eq!(scenario.running(), ["db", "left.starting"]);

    scenario.run(&["stop"]).code(0);
    assert_eq!(scenario.running(), [""; 0]);
    scenario.run(&["stop", "--remove"]).code(0);
    assert_eq!(scenario.names(), [""; 0]);
    assert!(scenario.networks().is_empty());
}
