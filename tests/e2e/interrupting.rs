//! Commands that are interrupted or killed.

mod killing;
mod phases;
mod soaking;

use std::path::Path;
use std::time::{Duration, Instant};

use drillmaster_tests::proxy::Proxy;
use drillmaster_tests::scenario::{Invocation, Run, Running, Scenario, Signal};
use drillmaster_tests::{wait, workspace};

use crate::steering;

/// So long may an interrupted command go on, on a machine that has much else to do. Not to be interrupted takes twice as
/// long at least.
const PROMPTLY: Duration = Duration::from_secs(5);
/// So long is a container waited for that an interrupted start stops.
const GRACE: Duration = Duration::from_secs(1);
const WITHOUT_ASIDE: [&str; 4] = ["start", "app.wasm", "--exclude", "aside"];

/// A start in which `db` and `right` are ready, and `left` is pinged until its gate is opened.
fn waiting_for_left(scenario: &Scenario) -> Running {
    let mut start = scenario.spawn(&WITHOUT_ASIDE);
    start.until("the others are ready", |_| scenario.running() == ["db", "left.starting", "right"]);
    steering::answers(scenario, "left.starting");
    start
}

/// Runs a command until it has sent so many requests of this method that hold this, and sends it a signal.
#[track_caller]
fn signalled_at(scenario: &Scenario, signal: Signal, request: (&str, &str), count: usize, arguments: &[&str]) -> Run {
    let proxy = Proxy::start();
    let mut running = scenario.invocation(arguments).envs(&[("DOCKER_HOST", &proxy.address())]).spawn();
    let (method, part) = request;
    let sent = |sent: &String| sent.starts_with(method) && sent.contains(part);
    running.until(part, |_| proxy.requests().into_iter().filter(sent).count() >= count);
    running.signal(signal);
    running.wait()
}

/// `app` runs, is all there is, and was initialised once.
#[track_caller]
fn assert_put_right(scenario: &Scenario) {
    assert_eq!(scenario.names(), ["app"]);
    assert_eq!(scenario.running(), ["app"]);
    assert_eq!(scenario.networks().len(), 1);
    assert_eq!(scenario.get("app", "/peek/init").text(), "1");
}

/// Interrupts a start, and asserts that it ends as one that was, within this time.
#[track_caller]
fn interrupt(start: Running, signal: Signal, within: Duration) -> Run {
    let interrupted = Instant::now();
    start.signal(signal);
    let run = start.wait().code(130);
    let took = interrupted.elapsed();
    assert!(took < within, "it took {took:?}");
    run
}

#[track_caller]
fn assert_interrupted_by(signal: Signal) {
    let scenario = Scenario::new("kite").set("left.PING", "gate");
    let start = waiting_for_left(&scenario);
    let kept = [scenario.id("db"), scenario.id("right")];

    interrupt(start, signal, PROMPTLY).says("interrupted");
    assert_eq!(scenario.running(), ["db", "right"]);
    assert_eq!(scenario.names(), ["db", "left.starting", "right"]);

    let start = scenario.spawn(&WITHOUT_ASIDE);
    steering::open_gate(&scenario, "left.starting");
    start.wait().code(0);
    assert_eq!(scenario.names(), ["db", "left", "right", "top"]);
    assert_eq!(scenario.running(), ["db", "left", "right", "top"]);
    assert_eq!([scenario.id("db"), scenario.id("right")], kept);
    for service in ["db", "left", "right", "top"] {
        assert_eq!(scenario.get(service, "/peek/init").text(), "1", "{service}");
    }
}

#[test]
fn ctrl_c_stops_what_is_half_started_and_keeps_what_is_ready() {
    assert_interrupted_by(Signal::INT);
}

#[test]
fn sigterm_stops_what_is_half_started_and_keeps_what_is_ready() {
    assert_interrupted_by(Signal::TERM);
}

#[test]
fn a_terminal_that_is_closed_stops_what_is_half_started_and_keeps_what_is_ready() {
    assert_interrupted_by(Signal::HUP);
}

#[test]
fn a_command_that_takes_no_notice_of_hangups_goes_on() {
    let scenario = Scenario::new("single").set("app.PING", "gate");
    let start = nohup(&scenario, &["start", "app.wasm"]).spawn();
    steering::answers(&scenario, "app.starting");
    start.signal(Signal::HUP);
    steering::open_gate(&scenario, "app.starting");
    start.wait().code(0);
    assert_eq!(scenario.running(), ["app"]);
}

/// A command that is started to ignore SIGHUP.
fn nohup(scenario: &Scenario, arguments: &[&str]) -> Invocation {
    let program = workspace::binary("drillmaster").display().to_string();
    let group = scenario.group();
    let shell = ["-c", r#"trap "" HUP; exec "$0" "$@""#, &program];
    let gate = ["--set", "app.PING=gate", "--group", &group];
    let arguments = [&shell[..], arguments, &gate].concat();
    Invocation::new(Path::new("/bin/sh"), &arguments, &scenario.project())
        .envs(&[("XDG_STATE_HOME", &scenario.state().display().to_string())])
}

#[test]
fn a_ctrl_c_is_heeded_while_nobody_reads() {
    for arguments in [&["start", "app.wasm"][..], &["start", "app.wasm", "--json"], &["start", "app.wasm", "--verbose"]]
    {
        let scenario = Scenario::new("single").set("app.PING", "gate");
        let start = scenario.invocation(arguments).unread().spawn();
        steering::answers(&scenario, "app.starting");
        let _ = interrupt(start, Signal::INT, PROMPTLY);
        assert_eq!(scenario.running(), [""; 0], "{arguments:?}");
        scenario.start(&["--set", "app.PING=-"]).code(0);
    }
}

#[test]
fn a_second_ctrl_c_ends_the_command_at_once_while_nobody_reads() {
    let scenario = Scenario::new("single").set("app.PING", "gate").set("app.IGNORE_SIGTERM", "1");
    let start = scenario.invocation(&["start", "app.wasm"]).unread().spawn();
    steering::answers(&scenario, "app.starting");
    let interrupted = Instant::now();
    start.signal(Signal::INT);
    // It says so to nobody, but stops the container.
    wait::until("app to be told", PROMPTLY, || scenario.logs("app.starting").contains("received SIGTERM"));
    start.signal(Signal::INT);
    let _ = start.wait().code(130);
    assert!(interrupted.elapsed() < PROMPTLY);
    scenario.stop(&["--timeout", "1"]).code(0);
}

#[test]
fn a_hook_that_never_returns_does_not_hold_up_an_interruption() {
    for hook in ["app.PING", "app.INIT"] {
        let scenario = Scenario::new("single").set(hook, "endless");
        let start = scenario.spawn(&["start", "app.wasm"]);
        steering::answers(&scenario, "app.starting");
        let _ = interrupt(start, Signal::INT, PROMPTLY);
        assert_eq!(scenario.running(), [""; 0]);
    }
}

#[test]
fn a_half_started_container_that_ignores_its_stop_signal_is_killed_soon() {
    let scenario = Scenario::new("single").set("app.PING", "gate").set("app.IGNORE_SIGTERM", "1");
    let start = scenario.spawn(&["start", "app.wasm"]);
    steering::answers(&scenario, "app.starting");
    let _ = interrupt(start, Signal::INT, GRACE + PROMPTLY);
    assert_eq!(scenario.running(), [""; 0]);
}

#[test]
fn a_second_ctrl_c_ends_the_command_at_once() {
    let scenario = Scenario::new("single").set("app.PING", "gate").set("app.IGNORE_SIGTERM", "1");
    let mut start = scenario.spawn(&["start", "app.wasm"]);
    steering::answers(&scenario, "app.starting");
    let interrupted = Instant::now();
    start.signal(Signal::INT);
    start.until("the interruption is told", |start| start.stderr().contains("interrupted"));
    start.signal(Signal::INT);
    start.wait().code(130);
    let took = interrupted.elapsed();
    assert!(took < GRACE, "it waited for the container: {took:?}");

    scenario.stop(&["--timeout", "1"]).code(0);
    assert_eq!(scenario.running(), [""; 0]);
}

#[test]
fn a_stop_is_interrupted_too() {
    let scenario = Scenario::new("kite").set("left.IGNORE_SIGTERM", "1").set("left.stop-timeout", "1000");
    scenario.start(&["--exclude", "aside,right,top"]).code(0);
    let stop = scenario.spawn(&["stop"]);
    wait::until("left to be told", PROMPTLY * 5, || scenario.logs("left").contains("received SIGTERM"));
    stop.signal(Signal::INT);
    stop.wait().code(130);
    assert_eq!(scenario.running(), ["db"]);
}
