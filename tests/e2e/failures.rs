//! Services that do not become ready, and what that does to the others.

mod docker;

use std::time::{Duration, Instant};

use drillmaster_tests::scenario::{Run, Scenario};

/// Longer than any of these starts takes beside what it waits for, however busy the machine.
const SLACK: Duration = Duration::from_secs(15);

/// `app` was created, has failed, and is kept for a look at its log.
#[track_caller]
fn kept_for_a_look(scenario: &Scenario) {
    assert_eq!(scenario.names(), ["app.starting"]);
    assert_eq!(scenario.running(), [""; 0]);
    assert!(scenario.logs("app.starting").contains("listening on 8080"));
}

/// Whether the summary says that a service was not started because of another.
fn was_held_up(run: &Run, service: &str, because: &str) -> bool {
    run.stdout.lines().any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words == [service, "not", "started", "because", because, "failed"]
    })
}

#[test]
fn an_error_from_ping_fails_the_service_and_its_container_is_stopped_and_kept() {
    let scenario = Scenario::new("single").set("app.PING", "error");
    scenario.start(&[]).code(1).says("ping failed: there is no disk left");
    kept_for_a_look(&scenario);
}

#[test]
fn an_error_from_post_start_init_fails_the_service_and_its_container_is_stopped_and_kept() {
    let scenario = Scenario::new("single").set("app.INIT", "error");
    scenario.start(&[]).code(1).says("post-start-init failed: the schema is broken");
    kept_for_a_look(&scenario);
}

#[test]
fn a_post_start_init_that_failed_runs_again_in_a_new_container() {
    let scenario = Scenario::new("single").set("app.INIT", "error-once").set("app.volume", "counts");
    scenario.start(&[]).code(1).says("the schema is broken");
    let failed = scenario.id("app.starting");
    scenario.start(&[]).code(0);
    assert_eq!(scenario.running(), ["app"]);
    assert_eq!(scenario.names(), ["app"]);
    assert_ne!(scenario.id("app"), failed);
    assert_eq!(scenario.get("app", "/peek/init").text(), "2");
}

#[test]
fn a_ping_that_always_says_no_fails_the_service_when_its_time_is_up() {
    let scenario = Scenario::new("single").set("app.PING", "false");
    scenario.start(&["--timeout", "1"]).code(1).says("not ready within 1 s").within(SLACK);
    kept_for_a_look(&scenario);
}

#[test]
fn a_ping_that_never_returns_is_ended_when_its_time_is_up_and_disturbs_no_other_service() {
    let scenario = Scenario::new("kite").set("aside.PING", "endless");
    let mut start = scenario.spawn(&["start", "app.wasm", "--exclude", "left,right,top", "--timeout", "12"]);
    start.until("db is ready", |_| scenario.names().contains(&"db".to_owned()));
    assert!(!start.has_ended());
    start.wait().code(1).says("ping did not return").within(Duration::from_secs(12) + SLACK);
    assert_eq!(scenario.names(), ["aside.starting", "db"]);
    assert_eq!(scenario.running(), ["db"]);
}

#[test]
fn a_post_start_init_that_never_returns_is_ended_when_its_time_is_up() {
    let scenario = Scenario::new("single").set("app.INIT", "endless");
    scenario.start(&["--timeout", "2"]).code(1).says("post-start-init failed").says("within 2 s").within(SLACK);
    kept_for_a_look(&scenario);
}

#[test]
fn a_panic_in_ping_fails_the_service_with_its_text() {
    let scenario = Scenario::new("single").set("app.PING", "panic");
    scenario.start(&[]).code(1).says("ping failed").says("ping fell over").stderr_lacks("unreachable");
    kept_for_a_look(&scenario);
}

#[test]
fn a_panic_in_post_start_init_fails_the_service_with_its_text() {
    let scenario = Scenario::new("single").set("app.INIT", "panic");
    let run = scenario.start(&[]).code(1);
    run.says("post-start-init failed").says("post_start_init fell over").stderr_lacks("unreachable");
    kept_for_a_look(&scenario);
}

#[test]
fn a_container_that_dies_while_it_is_pinged_fails_within_a_second_with_its_code_and_last_lines() {
    let scenario = Scenario::new("single")
        .set("app.PING", "false")
        .set("app.EXIT_AFTER_MS", "1000")
        .set("app.EXIT_CODE", "42")
        .set("app.SAY", "first words")
        .set("app.SAY_LINES", "30");
    let mut start = scenario.spawn(&["start", "app.wasm"]);
    let ended = || scenario.container("app.starting")?.state?.exit_code;
    start.until("the container has died", |_| ended() == Some(42));
    let died = Instant::now();
    let run = start.wait().code(1);
    let late = died.elapsed();
    assert!(late < Duration::from_secs(1), "{late:?}");
    let run = run.says("exited with code 42").says("line 30").says("exiting with 42");
    run.stderr_lacks("first words").stderr_lacks("line 5\n");
    assert_eq!(scenario.names(), ["app.starting"]);
}

#[test]
fn a_container_that_dies_at_once_fails_the_service_with_its_code() {
    let scenario = Scenario::new("single").set("app.EXIT_AFTER_MS", "0").set("app.EXIT_CODE", "7");
    scenario.start(&[]).code(1).says("exited with code 7").says("exiting with 7").within(SLACK);
    assert_eq!(scenario.names(), ["app.starting"]);
}

#[test]
fn whatever_depends_on_a_failed_service_is_not_started_and_everything_else_is() {
    let scenario = Scenario::new("kite").set("db.PING", "error");
    let run = scenario.start(&[]).code(1);
    for service in ["left", "right", "top"] {
        assert!(was_held_up(&run, service, "db"), "{service} is not told of\n{}", run.stdout);
    }
    assert_eq!(scenario.names(), ["aside", "db.starting"]);
    assert_eq!(scenario.running(), ["aside"]);
}

#[test]
fn a_service_is_not_started_when_only_one_of_the_services_it_depends_on_has_failed() {
    let scenario = Scenario::new("kite").set("left.INIT", "error");
    let run = scenario.start(&["--exclude", "aside"]).code(1);
    assert!(was_held_up(&run, "top", "left"), "{}", run.stdout);
    assert_eq!(scenario.names(), ["db", "left.starting", "right"]);
    assert_eq!(scenario.running(), ["db", "right"]);
}

#[test]
fn what_failed_and_what_it_held_up_is_started_by_the_next_start_and_the_rest_is_kept() {
    let scenario = Scenario::new("kite").set("left.INIT", "error-once").set("left.volume", "counts");
    scenario.start(&["--exclude", "aside"]).code(1);
    let kept = [scenario.id("db"), scenario.id("right")];
    scenario.start(&["--exclude", "aside"]).code(0);
    assert_eq!(scenario.running(), ["db", "left", "right", "top"]);
    assert_eq!([scenario.id("db"), scenario.id("right")], kept);
}

#[test]
fn a_service_that_is_not_ready_when_it_is_started_again_keeps_its_container() {
    let scenario = Scenario::new("single");
    scenario.start(&[]).code(0);
    scenario.stop(&[]).code(0);
    let id = scenario.id("app");
    // No ping answers that fast.
    scenario.start(&["--timeout", "0.001"]).code(1).says("not ready within 0.001 s");
    assert_eq!(scenario.names(), ["app"]);
    assert_eq!(scenario.running(), [""; 0]);

    scenario.start(&[]).code(0);
    assert_eq!(scenario.running(), ["app"]);
    assert_eq!(scenario.id("app"), id);
    assert_eq!(scenario.get("app", "/peek/init").text(), "1");
}
