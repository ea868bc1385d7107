//! Interruptions of each command in each of its phases.

use std::net::{Ipv4Addr, TcpListener};
use std::process;
use std::time::Duration;

use bollard::query_parameters::ListContainersOptionsBuilder;
use drillmaster_tests::engine::block;
use drillmaster_tests::images;
use drillmaster_tests::scenario::{Run, Running, Scenario, Signal};
use drillmaster_tests::wait;

use super::{GRACE, PROMPTLY, assert_put_right, interrupt, signalled_at};
use crate::steering;
use crate::support::{see, slow_build};

const START: [&str; 2] = ["start", "app.wasm"];
const CHANGED: [&str; 4] = ["start", "app.wasm", "--set", "app.SAY=new"];

/// How long an old container has that ignores its stop signal; an interruption lets it have that.
const GIVEN: Duration = Duration::from_secs(2);

/// A build is running: its container is there.
#[track_caller]
fn building(scenario: &Scenario, marker: &str) -> Running {
    let mut start = scenario.spawn(&START);
    start.until("the build runs", |_| runs(scenario, marker));
    start
}

/// Whether the engine runs a container whose command holds this.
fn runs(scenario: &Scenario, marker: &str) -> bool {
    let options = ListContainersOptionsBuilder::new().build();
    let containers = block("list containers", scenario.engine().docker().list_containers(Some(options))).unwrap();
    containers.into_iter().any(|container| container.command.is_some_and(|command| command.contains(marker)))
}

/// Nothing of the group is there but its network, which every start makes first.
#[track_caller]
fn assert_no_trace_of_a_build(scenario: &Scenario, marker: &str) {
    assert_eq!(scenario.names(), [""; 0]);
    assert_eq!(scenario.image(&scenario.built("oven")), None);
    wait::until("the build to end in the engine", PROMPTLY * 10, || !runs(scenario, marker));
}

#[test]
fn a_build_that_is_interrupted_ends_in_the_engine_too_and_leaves_no_image() {
    let (scenario, marker) = slow_build();
    let start = building(&scenario, &marker);
    let _ = interrupt(start, Signal::INT, PROMPTLY);
    assert_no_trace_of_a_build(&scenario, &marker);
}

#[test]
fn after_a_build_that_was_killed_the_next_start_builds_again() {
    let (scenario, marker) = slow_build();
    let start = building(&scenario, &marker);
    start.signal(Signal::KILL);
    let _ = start.wait();
    assert_no_trace_of_a_build(&scenario, &marker);
    scenario.write("oven/Dockerfile", format!("FROM {}\n", images::SERVICE));
    scenario.start(&[]).code(0);
    assert_put_right(&scenario);
}

#[test]
fn a_pull_that_is_interrupted_ends() {
    // A registry that never says a word.
    let registry = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = registry.local_addr().unwrap().to_string();
    let image = format!("{address}/slow:{}", process::id());
    let scenario = Scenario::new("single").set("app.image", &image);
    let mut start = scenario.spawn(&[&START[..], &["--allow-net", &address]].concat());
    start.until("the pull has begun", |start| start.stderr().contains("pulling"));
    let _ = interrupt(start, Signal::INT, PROMPTLY);
    assert_eq!(scenario.names(), [""; 0]);
}

#[test]
fn an_initialisation_that_is_interrupted_is_done_anew_by_the_next_start() {
    let scenario = Scenario::new("single").set("app.INIT", "sleep");
    let mut start = scenario.spawn(&START);
    start.until("it is initialised", |start| start.stderr().contains("initialising"));
    let _ = interrupt(start, Signal::TERM, PROMPTLY);
    assert_eq!(scenario.names(), ["app.starting"]);
    assert_eq!(scenario.running(), [""; 0]);
    scenario.start(&["--set", "app.INIT=-"]).code(0);
    assert_put_right(&scenario);
}

/// A ready `app`, and a start that replaces it and waits for the new one's gate, the old one being stopped.
#[track_caller]
fn replacing() -> (Scenario, String, Running) {
    let scenario = Scenario::new("single");
    scenario.start(&[]).code(0);
    let old = scenario.id("app");
    let start = scenario.spawn(&[&CHANGED[..], &["--set", "app.PING=gate"]].concat());
    steering::answers(&scenario, "app.starting");
    (scenario, old, start)
}

#[test]
fn a_replacement_that_is_interrupted_can_be_taken_back() {
    let (scenario, old, start) = replacing();
    let _ = interrupt(start, Signal::INT, PROMPTLY);
    assert_eq!(scenario.names(), ["app", "app.starting"]);
    assert_eq!(scenario.running(), [""; 0]);
    assert_eq!(scenario.id("app"), old);
    scenario.start(&[]).code(0);
    assert_eq!(scenario.id("app"), old);
    assert_put_right(&scenario);
}

#[test]
fn a_replacement_that_is_interrupted_can_be_gone_on_with() {
    let (scenario, old, start) = replacing();
    let _ = interrupt(start, Signal::TERM, PROMPTLY);
    assert_eq!(scenario.names(), ["app", "app.starting"]);
    scenario.run(&CHANGED).code(0);
    assert_ne!(scenario.id("app"), old);
    assert_eq!(scenario.get("app", "/env/SAY").text(), "new");
    assert_put_right(&scenario);
}

#[test]
fn a_second_ctrl_c_during_a_replacement_leaves_at_once_and_the_next_start_puts_it_right() {
    let scenario = Scenario::new("single");
    scenario.start(&[]).code(0);
    let deaf = ["--set", "app.PING=gate", "--set", "app.IGNORE_SIGTERM=1"];
    let mut start = scenario.spawn(&[&CHANGED[..], &deaf].concat());
    steering::answers(&scenario, "app.starting");
    start.signal(Signal::INT);
    start.until("the interruption is told", |start| start.stderr().contains("interrupted"));
    let _ = interrupt(start, Signal::INT, GRACE);
    scenario.run(&CHANGED).code(0);
    assert_eq!(scenario.get("app", "/env/SAY").text(), "new");
    assert_put_right(&scenario);
}

/// `app`, ready, which takes no notice of SIGTERM.
#[track_caller]
fn deaf() -> Scenario {
    let given = GIVEN.as_millis().to_string();
    let scenario = Scenario::new("single").set("app.IGNORE_SIGTERM", "1").set("app.stop-timeout", &given);
    scenario.start(&[]).code(0);
    scenario
}

/// Runs a command on `app` until its old container is told to stop, and interrupts it.
#[track_caller]
fn interrupted_while_it_stops(scenario: &Scenario, arguments: &[&str]) -> Run {
    let running = scenario.spawn(arguments);
    wait::until("app to be told", PROMPTLY * 5, || scenario.logs("app").contains("received SIGTERM"));
    interrupt(running, Signal::INT, GIVEN + PROMPTLY)
}

#[test]
fn an_interruption_while_the_old_container_stops_starts_nothing_in_its_place() {
    for arguments in [&CHANGED[..], &["reload", "app.wasm", "app"]] {
        let scenario = deaf();
        let old = scenario.id("app");
        let _ = interrupted_while_it_stops(&scenario, arguments);
        assert_eq!(scenario.names(), ["app", "app.starting"]);
        assert_eq!(scenario.running(), [""; 0]);
        scenario.start(&[]).code(0);
        assert_eq!(scenario.id("app"), old);
        assert_put_right(&scenario);
    }
}

#[test]
fn a_restart_that_is_interrupted_while_the_container_stops_leaves_it_stopped_for_the_next_start() {
    let scenario = deaf();
    let old = scenario.id("app");
    let _ = interrupted_while_it_stops(&scenario, &["restart", "app.wasm", "app"]);
    assert_eq!(scenario.names(), ["app"]);
    assert_eq!(scenario.running(), [""; 0]);
    scenario.start(&[]).code(0);
    assert_eq!(scenario.id("app"), old);
    assert_put_right(&scenario);
}

#[test]
fn an_interruption_during_pre_stop_leaves_the_container_as_it_was() {
    let commands: [&[&str]; 4] =
        [&["stop", "app.wasm"], &["restart", "app.wasm", "app"], &["reload", "app.wasm", "app"], &CHANGED];
    let scenario = Scenario::new("single").set("app.PRE_STOP", "endless");
    scenario.start(&[]).code(0);
    let seen = see(&scenario, "app");
    for arguments in commands {
        let mut running = scenario.spawn(arguments);
        running.until("it stops the container", |running| running.stderr().contains("stopping") || replaces(&scenario));
        let _ = interrupt(running, Signal::INT, PROMPTLY);
        assert_eq!(scenario.running(), ["app"], "{arguments:?}");
        assert_eq!(see(&scenario, "app"), seen, "{arguments:?}");
        scenario.start(&[]).code(0);
        assert_eq!(see(&scenario, "app"), seen, "{arguments:?}");
        assert_eq!(scenario.names(), ["app"], "{arguments:?}");
    }
}

fn replaces(scenario: &Scenario) -> bool {
    scenario.names() == ["app", "app.starting"]
}

#[test]
fn a_start_that_is_interrupted_at_any_request_is_put_right_by_the_next() {
    let requests = ["/networks/create", "/start", "/rename"];
    for (index, request) in requests.into_iter().enumerate() {
        let scenario = Scenario::new("single");
        let signal = if index % 2 == 0 { Signal::INT } else { Signal::TERM };
        let run = signalled_at(&scenario, signal, ("POST ", request), 1, &START).within(PROMPTLY * 5);
        // The rename is the last request: the start may be done before it hears of the signal.
        if request != "/rename" || run.exit_code() != Some(0) {
            let run = run.code(130);
            assert!(run.stderr.contains("interrupted"), "{request}: {}", run.stderr);
        }
        assert!(scenario.running() == [""; 0] || scenario.running() == ["app"], "{request}");
        scenario.start(&[]).code(0);
        assert_put_right(&scenario);
    }
}
