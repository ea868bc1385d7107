//! An engine that really ends, killed or in order, and comes back: in the middle of a command, or between two.

use std::time::{Duration, Instant};

use drillmaster_tests::scenario::{Ending, Run, Running, Scenario};
use drillmaster_tests::wait;

use crate::support::see;

/// So long may a command go on once the engine is back.
const SOON: Duration = Duration::from_secs(10);

const ALL: [&str; 4] = ["db", "left", "right", "top"];
const START: [&str; 2] = ["start", "app.wasm"];
const START_DB: [&str; 4] = ["start", "app.wasm", "--exclude", "left,right,top"];
const NEVER_READY: &str = "READY_AFTER_MS=3600000";

fn world() -> Scenario {
    Scenario::new("commanded").with_own_engine(&[])
}

/// Runs a command, and ends the engine at a moment. Once it is back, the command must end soon.
#[track_caller]
fn ended_at(scenario: &Scenario, ending: Ending, arguments: &[&str], moment: impl FnMut(&Running) -> bool) -> Run {
    let mut running = scenario.spawn(arguments);
    running.until("the moment at which the engine ends", moment);
    scenario.restart_engine(ending);
    let back = Instant::now();
    let run = running.wait();
    let took = back.elapsed();
    assert!(took < SOON, "it took {took:?} once the engine was back\n{}", run.stderr);
    run.stderr_lacks("panicked")
}

/// The value of a counter in a service's container.
#[track_caller]
fn counter(scenario: &Scenario, service: &str, name: &str) -> String {
    let (code, text) = scenario.engine().exec(&scenario.id(service), &["/service", "peek", name]).unwrap();
    assert_eq!(code, 0, "{service}: {text}");
    text.trim().to_owned()
}

/// These services run and are all there is, and each container was initialised once.
#[track_caller]
fn assert_right(scenario: &Scenario, services: &[&str]) {
    assert_eq!(scenario.names(), services);
    assert_eq!(scenario.running(), services);
    assert_eq!(scenario.containers().len(), services.len());
    assert_eq!(scenario.networks().len(), 1);
    for service in services {
        assert_eq!(counter(scenario, service, "init"), "1", "{service}");
    }
}

/// A stop that removes leaves nothing, and so the engine has let go of everything.
#[track_caller]
fn assert_can_be_removed(scenario: &Scenario) {
    scenario.stop(&["--remove"]).code(0);
    assert!(scenario.containers().is_empty());
    assert!(scenario.networks().is_empty());
}

#[test]
fn an_engine_that_is_killed_while_it_starts_a_container_fails_the_start_and_the_next_is_right() {
    let scenario = world();
    let run = ended_at(&scenario, Ending::Killed, &START, |_| scenario.names() == ["db.starting"]);
    run.code(1)
        .says("it went away when asked to")
        .says("repeat the command")
        .says("top    not started, because db failed");
    assert_eq!(scenario.names(), ["db.starting"]);
    assert_eq!(scenario.running(), [""; 0]);
    scenario.start(&[]).code(0);
    assert_right(&scenario, &ALL);
    assert_can_be_removed(&scenario);
}

/// `db` and `right` are ready when the engine ends, `left` is not, whatever keeps it. The next start finds them.
#[track_caller]
fn assert_put_right_after(ending: Ending, keeping: &str, phase: &str) -> Run {
    let scenario = world();
    let keeping = format!("left.{keeping}");
    let run = ended_at(&scenario, ending, &[&START[..], &["--set", &keeping]].concat(), |start| {
        scenario.names() == ["db", "left.starting", "right"] && start.stderr().contains(&format!("left   {phase}"))
    });
    let run = run.code(1).says("top    not started, because left failed");
    assert_eq!(scenario.names(), ["db", "left.starting", "right"]);
    assert_eq!(scenario.running(), [""; 0]);
    let (kept, replaced) = ([scenario.id("db"), scenario.id("right")], scenario.id("left.starting"));
    scenario.start(&[]).code(0);
    assert_right(&scenario, &ALL);
    assert_eq!([scenario.id("db"), scenario.id("right")], kept);
    assert_ne!(scenario.id("left"), replaced);
    run
}

#[test]
fn an_engine_that_is_killed_while_a_service_is_pinged_fails_it_and_the_next_start_is_right() {
    let run = assert_put_right_after(Ending::Killed, NEVER_READY, "waiting");
    run.says("left   failed: cannot reach Docker").says("it went away when asked to");
}

#[test]
fn an_engine_that_is_killed_while_a_service_is_initialised_fails_it_and_the_next_start_is_right() {
    let run = assert_put_right_after(Ending::Killed, "HOLD_INIT=1", "initialising");
    run.says("left   failed: cannot reach Docker").says("it went away when asked to");
}

#[test]
fn an_engine_that_ends_in_order_while_a_service_is_pinged_fails_it_and_the_next_start_is_right() {
    let run = assert_put_right_after(Ending::Orderly, NEVER_READY, "waiting");
    // It stops the container before it goes itself. Which of both is heard of first is a race.
    let exited = run.stderr.contains("left   failed: its container exited with code 143");
    let gone = run.stderr.contains("left   failed: cannot reach Docker");
    assert!(exited || gone, "{}", run.stderr);
}

/// The arguments of a start of `db` that takes a second to stop, and with what follows is another one.
fn stubborn<'a>(then: &[&'a str]) -> Vec<&'a str> {
    let own = ["--set", "db.IGNORE_SIGTERM=1", "--set", "db.stop-timeout=1000"];
    [&START_DB[..], &own, then].concat()
}

/// A replacement of `db` that the engine's end interrupts. Gives the id of the old container, which has counted `data`.
#[track_caller]
fn replaced_in_vain(
    scenario: &Scenario,
    ending: Ending,
    arguments: &[&str],
    moment: impl FnMut(&Running) -> bool,
) -> String {
    scenario.run(&stubborn(&[])).code(0);
    let old = scenario.id("db");
    assert_eq!(scenario.engine().exec(&old, &["/service", "count", "data"]).unwrap().0, 0);
    ended_at(scenario, ending, &stubborn(arguments), moment).code(1);
    assert_eq!(scenario.names(), ["db", "db.starting"]);
    assert_eq!(scenario.running(), [""; 0]);
    assert_eq!(scenario.id("db"), old);
    old
}

#[test]
fn a_replacement_whose_engine_ends_while_the_old_container_stops_is_made_by_the_next_start() {
    let scenario = world();
    for (ending, new) in [(Ending::Killed, "db.SAY=one"), (Ending::Orderly, "db.SAY=two")] {
        let new = ["--set", new];
        let old = replaced_in_vain(&scenario, ending, &new, |_| scenario.logs("db").contains("received SIGTERM"));
        scenario.run(&stubborn(&new)).code(0);
        assert_right(&scenario, &["db"]);
        assert_ne!(scenario.id("db"), old);
        assert_can_be_removed(&scenario);
    }
}

#[test]
fn a_replacement_whose_engine_ends_while_the_new_container_is_pinged_loses_nothing_of_the_old_one() {
    let scenario = world();
    for ending in [Ending::Killed, Ending::Orderly] {
        let never_ready = format!("db.{NEVER_READY}");
        let old =
            replaced_in_vain(&scenario, ending, &["--set", &never_ready], |start| start.stderr().contains("waiting"));
        scenario.run(&stubborn(&[])).code(0);
        assert_right(&scenario, &["db"]);
        assert_eq!(scenario.id("db"), old);
        assert_eq!(counter(&scenario, "db", "data"), "1");
        assert_can_be_removed(&scenario);
    }
}

/// A stop of all services; the engine ends while `db`, the last one, takes its time. Everything is stopped nevertheless,
/// and the same containers can be started again.
#[track_caller]
fn assert_stopped_nevertheless(ending: Ending) -> Run {
    let scenario = world();
    let own = ["--set", "db.IGNORE_SIGTERM=1", "--set", "db.stop-timeout=1000"];
    scenario.start(&own).code(0);
    let ids = ALL.map(|service| scenario.id(service));
    let stop = ended_at(&scenario, ending, &["stop", "app.wasm"], |_| scenario.logs("db").contains("received SIGTERM"));
    assert_eq!(scenario.names(), ALL);
    assert_eq!(scenario.running(), [""; 0]);
    scenario.stop(&[]).code(0);
    scenario.start(&own).code(0).says("db     start again: stopped");
    assert_right(&scenario, &ALL);
    assert_eq!(ALL.map(|service| scenario.id(service)), ids);
    assert_can_be_removed(&scenario);
    stop
}

#[test]
fn an_engine_that_is_killed_during_a_stop_fails_it_and_everything_is_stopped_nevertheless() {
    let run = assert_stopped_nevertheless(Ending::Killed);
    run.code(1).says("db     not stopped: cannot reach Docker").says("it went away when asked to stop the container");
}

#[test]
fn an_engine_that_ends_in_order_during_a_stop_stops_everything() {
    let run = assert_stopped_nevertheless(Ending::Orderly);
    // It may still say that the container has stopped before it goes.
    assert!(matches!(run.exit_code(), Some(0 | 1)), "{:?}\n{}", run.exit_code(), run.stderr);
}

#[test]
fn containers_that_an_engine_has_stopped_by_restarting_are_started_again_and_not_initialised_again() {
    let scenario = world();
    scenario.start(&[]).code(0);
    let ids = ALL.map(|service| scenario.id(service));
    for ending in [Ending::Killed, Ending::Orderly] {
        scenario.restart_engine(ending);
        assert_eq!(scenario.names(), ALL);
        assert_eq!(scenario.running(), [""; 0]);
        scenario.start(&[]).code(0).says("top    start again: stopped");
        assert_right(&scenario, &ALL);
        assert_eq!(ALL.map(|service| scenario.id(service)), ids);
    }
    assert_can_be_removed(&scenario);
}

#[test]
fn containers_that_an_engine_starts_again_by_itself_are_kept() {
    let scenario = world();
    let always = [&START_DB[..], &["--set", "db.restart-policy=always"]].concat();
    scenario.run(&always).code(0);
    for ending in [Ending::Killed, Ending::Orderly] {
        scenario.restart_engine(ending);
        wait::until("the container to run again", SOON, || scenario.is_running("db"));
        let seen = see(&scenario, "db");
        scenario.run(&always).code(0);
        assert_eq!(see(&scenario, "db"), seen);
        assert_right(&scenario, &["db"]);
    }
    assert_can_be_removed(&scenario);
}

#[test]
fn containers_that_run_on_while_an_engine_restarts_are_kept_and_one_that_was_never_ready_is_replaced() {
    let scenario = Scenario::new("commanded").with_own_engine(&["--live-restore"]);
    scenario.run(&START_DB).code(0);
    let db = see(&scenario, "db");
    for ending in [Ending::Killed, Ending::Orderly] {
        let never_ready = format!("left.{NEVER_READY}");
        let waiting = |start: &Running| start.stderr().contains("left   waiting");
        let _ = ended_at(&scenario, ending, &[&START[..], &["--set", &never_ready]].concat(), waiting).code(1);
        assert!(scenario.running().contains(&"left.starting".to_owned()), "{:?}", scenario.running());
        scenario.start(&[]).code(0);
        assert_right(&scenario, &ALL);
        assert_eq!(see(&scenario, "db"), db);
        scenario.run(&["stop", "app.wasm", "--exclude", "db", "--remove"]).code(0);
    }
    assert_can_be_removed(&scenario);
}
