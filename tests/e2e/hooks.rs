//! What hooks can do, and when they run.

use drillmaster_tests::scenario::{Run, Scenario};

use crate::support::counter;

fn started() -> (Scenario, Run) {
    let scenario = Scenario::new("hooked");
    let run = scenario.start(&[]).code(0);
    (scenario, run)
}

#[test]
fn pre_start_can_leave_a_value_for_the_environment_of_the_container_that_is_then_created() {
    let (scenario, _) = started();
    assert_eq!(scenario.get("subject", "/env/OWN").text(), "set before subject was created");
}

#[test]
fn pre_stop_runs_while_the_container_still_runs() {
    let (scenario, _) = started();
    scenario.stop(&[]).code(0).stderr_has("before the stop, running is true");
    assert!(!scenario.is_running("subject"));
    scenario.start(&[]).code(0);
    assert_eq!(counter(&scenario, "subject", "stopping"), 1);
}

#[test]
fn a_hook_runs_commands_and_gets_their_exit_code_and_output() {
    let (_scenario, run) = started();
    run.stderr_has("the exit code is 7")
        .stderr_has(r#"stdout is "some words; not a shell's $HOME\n", stderr is """#)
        .stderr_has(r#"stdout is "", stderr is "some complaint\n""#)
        .stderr_has("a check says `/service` (2 arguments) exited with 1: some complaint")
        .stderr_has("of a flood 1048576 bytes are kept");
}

#[test]
fn a_command_that_is_not_there_is_an_exit_code_and_one_that_takes_too_long_an_error() {
    let (_scenario, run) = started();
    let missing = run.stderr.lines().find(|line| line.contains("a missing program has the code")).unwrap();
    assert!(missing.contains("the code 126") || missing.contains("the code 127"), "{missing}");
    assert!(missing.contains("/no/such/program"), "{missing}");
    run.stderr_has("a slow command: ").stderr_has("`/service` (2 arguments)").stderr_has("longer than 200 ms");
}

#[test]
fn a_hook_reaches_published_ports() {
    let (scenario, run) = started();
    run.stderr_has(&format!("the address is {}", scenario.address("subject", 8080)))
        .stderr_has("no address: ")
        .stderr_has("does not publish TCP port 9090; it publishes: 8080")
        .stderr_has("something listens: true, false")
        .stderr_has(r#"/env/OWN answers 200 "set before subject was created""#)
        .stderr_has("/nowhere answers 404");
}

#[test]
fn a_hook_reaches_the_containers_of_declared_dependencies_alone() {
    let (_scenario, run) = started();
    run.stderr_has(r#"helper answers "a service without hooks""#)
        .stderr_has("a stranger: `subject` does not declare `stranger` as a dependency");
}

#[test]
fn a_hook_sees_its_containers_name_state_and_log() {
    let (_scenario, run) = started();
    run.stderr_has("the service is subject")
        .stderr_has("running is true")
        .stderr_has("health is none")
        .stderr_has(r#"the log ends with ["line 5", "listening on 8080"]"#);
}

#[test]
fn the_group_is_told_what_a_command_has_started_and_stopped() {
    let scenario = Scenario::new("afterwards");
    scenario
        .start(&[])
        .code(0)
        .stderr_has(r#"started ["slow"] with Some("a value")"#)
        .stderr_has("no value: a hook of the group cannot set context values");
    scenario.start(&[]).code(0).stderr_lacks("started [");
    scenario.stop(&[]).code(0).stderr_has(r#"on-stop failed: stopped ["slow"]"#);
    scenario.stop(&[]).code(0).stderr_lacks("on-stop");
}

#[test]
fn a_published_port_on_which_nobody_listens_yet_is_not_taken_for_open() {
    let scenario = Scenario::new("afterwards");
    scenario.start(&[]).code(0);
    // Docker's proxy accepts connections from the beginning; had that counted, the service would not answer yet.
    assert_eq!(scenario.get("slow", "/ready").status, 200);
}
