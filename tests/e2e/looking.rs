//! `ps`, `logs`, `exec` and `completions`: looking at a group, and changing nothing.

use std::path::Path;

use drillmaster_tests::scenario::{Invocation, Scenario, Signal};
use serde_json::Value;

/// What `ps --json` shows of a service.
fn shown(scenario: &Scenario, service: &str) -> Value {
    let run = scenario.run(&["ps", "app.wasm", "--json"]).code(0);
    let rows: Vec<Value> = serde_json::from_str(&run.stdout).expect("a JSON list");
    rows.into_iter().find(|row| row["service"] == service).unwrap_or_else(|| panic!("no {service}: {}", run.stdout))
}

#[test]
fn ps_shows_every_service_as_it_stands_and_where_it_is_reached() {
    let scenario = Scenario::new("kite").set("left.INIT", "error");
    scenario.start(&["--exclude", "aside"]).code(1);
    scenario.run(&["stop", "--exclude", "db"]).code(0);
    let state = |service: &str| shown(&scenario, service)["state"].as_str().unwrap_or_default().to_owned();
    assert_eq!(state("db"), "ready");
    assert_eq!(state("right"), "stopped");
    assert_eq!(state("left"), "unfinished");
    assert_eq!(state("top"), "not-started");
    let db = shown(&scenario, "db");
    assert_eq!(db["container"], scenario.id("db"));
    let address = scenario.address("db", 8080).to_string();
    assert_eq!(
        format!("{}:{}", db["addresses"][0]["host"].as_str().unwrap(), db["addresses"][0]["host_port"]),
        address
    );
    let text = scenario.run(&["ps", "app.wasm"]).code(0);
    text.stdout_has(&address).stdout_has("not started").stdout_has("unfinished");
}

#[test]
fn ps_tells_what_differs_from_the_definition_and_what_no_definition_declares() {
    let scenario = Scenario::new("kite");
    scenario.start(&["--exclude", "left,right,top"]).code(0);
    let run = scenario.run(&["ps", "app.wasm", "--set", "db.SAY=new"]).code(0);
    run.stdout_has("changed: env SAY: (not set) → new");
    let scenario = scenario.with_copy(&drillmaster_tests::definitions::path("single"), "other.wasm");
    let run = scenario.run(&["ps", "other.wasm"]).code(0);
    run.stdout_has("aside").stdout_has("no definition declares it");
}

#[test]
fn ps_works_from_the_labels_alone_and_of_a_group_that_is_not_there() {
    let scenario = Scenario::new("single");
    scenario.run(&["ps"]).code(0).stdout_has("has no containers");
    scenario.start(&[]).code(0);
    scenario.run(&["ps"]).code(0).stdout_has("ready");
}

#[test]
fn logs_are_prefixed_with_the_service_and_end_where_the_log_ends() {
    let scenario = Scenario::new("kite").set("db.SAY_LINES", "5").set("right.SAY", "hello \u{1b}[31mred");
    scenario.start(&["--exclude", "left,top,aside"]).code(0);
    let run = scenario.run(&["logs"]).code(0);
    run.stdout_has("db     | line 1\n").stdout_has("db     | line 5\n").stdout_has("right  | hello red\n");
    let run = scenario.run(&["logs", "db", "--tail", "1"]).code(0);
    assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
    let run = scenario.run(&["logs", "right", "--tail", "2", "--json"]).code(0);
    let first: Value = serde_json::from_str(run.stdout.lines().next().unwrap_or_default()).expect("JSON");
    assert_eq!((&first["service"], &first["line"]), (&"right".into(), &"hello \u{1b}[31mred".into()));
    scenario.run(&["logs", "nobody"]).code(2).says("nobody").says("db, right");
}

#[test]
fn logs_of_a_failed_start_can_be_read() {
    let scenario = Scenario::new("kite").set("db.INIT", "error").set("db.SAY", "what went wrong");
    scenario.start(&["--exclude", "left,right,top,aside"]).code(1);
    scenario.run(&["logs", "db"]).code(0).stdout_has("db  | what went wrong");
}

#[test]
fn followed_logs_go_on_until_they_are_interrupted_or_the_container_ends() {
    let scenario = Scenario::new("single").set("db.SAY", "first");
    scenario.start(&[]).code(0);
    let service = scenario.names().remove(0);
    let mut interrupted = scenario.spawn(&["logs", "--follow"]);
    interrupted.until("the log is shown", |logs| !logs.stdout().is_empty());
    interrupted.signal(Signal::INT);
    interrupted.wait().code(130);
    let mut ended = scenario.spawn(&["logs", "--follow", &service]);
    ended.until("the log is shown", |logs| !logs.stdout().is_empty());
    scenario.stop(&[]).code(0);
    ended.wait().code(0).stdout_has("received SIGTERM");
}

#[test]
fn exec_runs_a_command_and_gives_its_output_and_its_exit_code() {
    let scenario = Scenario::new("kite");
    scenario.start(&["--exclude", "left,right,top"]).code(0);
    let run = scenario.run(&["exec", "db", "--", "/service", "print", "hello"]).code(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("hello\n", ""));
    let run = scenario.run(&["exec", "app.wasm", "db", "--", "/service", "fail", "no"]).code(1);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", "no\n"));
    scenario.run(&["exec", "db", "--", "/service", "exit", "7"]).code(7);
}

#[test]
fn exec_needs_one_service_that_runs_and_a_command() {
    let scenario = Scenario::new("single");
    scenario.run(&["exec", "db", "--", "true"]).code(1).says("has no running container");
    scenario.run(&["exec", "db"]).code(2).says("COMMAND");
    scenario.run(&["exec", "app.wasm", "--", "true"]).code(2).says("exec SERVICE -- COMMAND");
}

#[test]
fn completions_are_scripts_that_the_shells_can_read() {
    let scenario = Scenario::empty();
    for shell in ["bash", "zsh", "fish"] {
        scenario.run_raw(&["completions", shell], &[]).code(0).stdout_has("drillmaster").stdout_has("reload");
    }
    let script = scenario.run_raw(&["completions", "bash"], &[]).code(0).stdout;
    scenario.write("completions.bash", script);
    let bash = Path::new("/bin/bash");
    let run = Invocation::new(bash, &["-n", "completions.bash"], &scenario.project());
    run.spawn().wait().code(0);
}
