//! Definitions that are wrong: refused before anything in Docker is changed.

use drillmaster_tests::scenario::{Run, Scenario};

/// The command was refused, and nothing was made.
#[track_caller]
fn refused(scenario: &Scenario, run: Run) -> Run {
    let run = run.code(2);
    assert_eq!(scenario.names(), [""; 0]);
    assert!(scenario.networks().is_empty());
    assert!(scenario.volumes().is_empty());
    run
}

#[test]
fn every_mistake_of_a_group_is_told_at_once_with_its_service_and_field() {
    let scenario = Scenario::new("mistakes");
    let run = refused(&scenario, scenario.start(&[]));
    let expected = [
        ("twice", "name", "another service of this name"),
        ("#3", "name", "empty"),
        ("under_score", "name", "hostname"),
        ("no-image", "image", "empty"),
        ("bad-image", "image", "NOT an image"),
        ("lost", "dependencies", "no service `nobody`"),
        ("a", "dependencies", "a → b → c → a"),
        ("second", "ports", "5000/tcp"),
        ("second", "ports", "`first`"),
        ("variable", "env", "NA=ME"),
        ("outside", "mounts", "outside the project directory"),
        ("nowhere", "build", "no-such-directory"),
        ("relative", "volumes", "counts"),
        ("labelled", "labels", "dev.drillmaster.group"),
    ];
    assert_mistakes(&run, &expected);
    run.stderr_lacks("`good`");
}

#[test]
fn words_and_numbers_that_the_contract_can_carry_and_mean_nothing_are_told_at_once() {
    let scenario = Scenario::new("wrong_words");
    let run = refused(&scenario, scenario.start(&[]));
    let expected = [
        ("signal", "stop_signal", "SIGHUP"),
        ("signal", "stop_signal", "SIGINT, SIGTERM, SIGKILL, SIGQUIT"),
        ("policy", "restart_policy", "sometimes"),
        ("ports", "ports", "container port 0 "),
        ("ports", "ports", "container port 70000 "),
        ("ports", "ports", "host port 70001 "),
    ];
    assert_mistakes(&run, &expected);
}

#[track_caller]
fn assert_mistakes(run: &Run, expected: &[(&str, &str, &str)]) {
    for (service, field, text) in expected {
        let beginning = format!("service `{service}`, {field}: ");
        let told = run.stderr.lines().any(|line| line.contains(&beginning) && line.contains(text));
        assert!(told, "no line has {beginning:?} and {text:?}\n{}", run.stderr);
    }
}

#[test]
fn an_error_from_fields_is_told_with_its_service() {
    let scenario = Scenario::new("single").set("app.fields", "error");
    refused(&scenario, scenario.start(&[])).says("`app`").says("it has no fields today");
}

#[test]
fn a_panic_in_fields_is_told_with_its_text() {
    let scenario = Scenario::new("single").set("app.fields", "panic");
    refused(&scenario, scenario.start(&[])).says("fields fell over").stderr_lacks("unreachable");
}

#[test]
fn a_mistake_harms_nothing_that_runs() {
    let scenario = Scenario::new("single");
    scenario.start(&[]).code(0);
    let id = scenario.id("app");
    scenario.start(&["--set", "app.fields=error"]).code(2);
    assert_eq!(scenario.running(), ["app"]);
    assert_eq!(scenario.id("app"), id);
}

#[test]
fn a_parameter_that_cannot_be_read_is_named_with_its_value() {
    let scenario = Scenario::new("single").set("app.port", "many");
    refused(&scenario, scenario.start(&[])).says("app.port").says("many");
}

#[test]
fn a_parameter_of_another_form_than_name_and_value_is_refused() {
    let scenario = Scenario::new("single");
    for wrong in ["app.port", "=8080", ""] {
        refused(&scenario, scenario.start(&["--set", wrong])).says("--set").says("NAME=VALUE");
    }
}

#[test]
fn a_group_name_that_docker_could_not_take_is_refused() {
    let scenario = Scenario::new("single");
    let run = scenario.run_raw(&["start", "app.wasm", "--group", "my group"], &[]);
    refused(&scenario, run).says("\"my group\"").says("group's name");
}
