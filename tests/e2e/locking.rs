//! One changing command per group at a time.

use std::time::{Duration, Instant};

use drillmaster_tests::scenario::{Running, Scenario, Signal};

use crate::steering;

/// So long may an interrupted command go on, or one that has nothing to wait for.
const PROMPTLY: Duration = Duration::from_secs(2);

/// Every command that changes a group.
const CHANGING: [&[&str]; 4] =
    [&["start", "app.wasm"], &["stop", "app.wasm"], &["restart", "app.wasm", "app"], &["reload", "app.wasm", "app"]];

/// A start that holds the lock until the gate of `app` is opened.
#[track_caller]
fn holding() -> (Scenario, Running) {
    let scenario = Scenario::new("single").set("app.PING", "gate");
    let start = scenario.spawn(&["start", "app.wasm"]);
    steering::answers(&scenario, "app.starting");
    (scenario, start)
}

#[test]
fn the_second_of_two_starts_waits_for_the_first_and_both_succeed() {
    let (scenario, first) = holding();
    let mut second = scenario.spawn(&["start", "app.wasm"]);
    let waiting = format!("waiting for drillmaster start (pid {})", first.pid());
    second.until("it waits for the first", |second| second.stderr().contains(&waiting));
    steering::open_gate(&scenario, "app.starting");
    first.wait().code(0);
    second.wait().code(0);
    assert_eq!(scenario.names(), ["app"]);
    assert_eq!(scenario.running(), ["app"]);
    assert_eq!(scenario.get("app", "/peek/init").text(), "1");
}

#[test]
fn starts_at_the_same_moment_make_one_container_a_service_and_one_network() {
    let scenario = Scenario::new("kite");
    let arguments = ["start", "app.wasm", "--exclude", "aside,right,top"];
    let starts = [scenario.spawn(&arguments), scenario.spawn(&arguments), scenario.spawn(&arguments)];
    for start in starts {
        start.wait().code(0);
    }
    assert_eq!(scenario.names(), ["db", "left"]);
    assert_eq!(scenario.networks().len(), 1);
    for service in ["db", "left"] {
        assert_eq!(scenario.get(service, "/peek/init").text(), "1", "{service}");
    }
}

#[test]
fn a_command_that_waits_for_another_can_be_interrupted_and_the_other_goes_on() {
    let (scenario, first) = holding();
    for (index, arguments) in CHANGING.into_iter().enumerate() {
        let mut second = scenario.spawn(arguments);
        second.until("it waits for the first", |second| second.stderr().contains("waiting for drillmaster start"));
        let interrupted = Instant::now();
        second.signal(if index % 2 == 0 { Signal::INT } else { Signal::TERM });
        second.wait().code(130);
        let took = interrupted.elapsed();
        assert!(took < PROMPTLY, "{arguments:?} took {took:?}");
    }
    steering::open_gate(&scenario, "app.starting");
    first.wait().code(0);
    assert_eq!(scenario.running(), ["app"]);
}

#[test]
fn a_command_that_is_not_to_wait_fails_at_once_and_names_who_is_at_work() {
    let (scenario, first) = holding();
    let owner = format!("drillmaster start (pid {}) is changing this group", first.pid());
    for arguments in CHANGING {
        let run = scenario.run(&[arguments, &["--no-wait-lock"]].concat());
        run.code(1).says(&owner).within(PROMPTLY * 5);
    }
    assert_eq!(scenario.running(), ["app.starting"]);
    steering::open_gate(&scenario, "app.starting");
    first.wait().code(0);
}

#[test]
fn a_stop_waits_for_a_start_and_then_stops_what_that_has_started() {
    let (scenario, first) = holding();
    let mut stop = scenario.spawn(&["stop", "app.wasm"]);
    stop.until("it waits for the start", |stop| stop.stderr().contains("waiting for drillmaster start"));
    steering::open_gate(&scenario, "app.starting");
    first.wait().code(0);
    stop.wait().code(0);
    assert_eq!(scenario.names(), ["app"]);
    assert_eq!(scenario.running(), [""; 0]);
}

#[test]
fn the_lock_of_a_command_that_was_killed_is_free() {
    let (scenario, first) = holding();
    let left = scenario.id("app.starting");
    first.signal(Signal::KILL);
    let _ = first.wait();
    let mut second = scenario.spawn(&["start", "app.wasm", "--no-wait-lock"]);
    second.until("the new container is there", |_| {
        scenario.container("app.starting").is_some_and(|container| container.id.as_ref() != Some(&left))
    });
    steering::open_gate(&scenario, "app.starting");
    second.wait().code(0).stderr_lacks("waiting for");
    assert_eq!(scenario.names(), ["app"]);
    assert_eq!(scenario.get("app", "/peek/init").text(), "1");
}

#[test]
fn who_waits_for_a_command_that_is_killed_goes_on_at_once() {
    let (scenario, first) = holding();
    let mut stop = scenario.spawn(&["stop", "app.wasm"]);
    stop.until("it waits for the start", |stop| stop.stderr().contains("waiting for drillmaster start"));
    first.signal(Signal::KILL);
    let killed = Instant::now();
    stop.wait().code(0);
    let took = killed.elapsed();
    assert!(took < PROMPTLY * 2, "it took {took:?}");
    assert_eq!(scenario.running(), [""; 0]);
}

#[test]
fn another_group_is_not_waited_for_and_a_plan_waits_for_nobody() {
    let (scenario, first) = holding();
    let other = Scenario::new("single");
    other.start(&["--no-wait-lock"]).code(0);
    scenario.run(&["plan", "app.wasm"]).code(0).stderr_lacks("waiting for");
    steering::open_gate(&scenario, "app.starting");
    first.wait().code(0);
}
