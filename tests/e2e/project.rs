//! `drillmaster.toml`.

use std::path::Path;

use drillmaster_tests::definitions;
use drillmaster_tests::scenario::{Run, Scenario};

/// A project whose file names two definitions and the scenario's group, with more lines at its end.
fn project(more: &str) -> Scenario {
    let scenario = Scenario::empty()
        .with_copy(&definitions::path("single"), "wasm/db.wasm")
        .with_copy(&definitions::path("front"), "wasm/front.wasm")
        .with_file("below/further/readme.txt", "");
    let group = scenario.group();
    let file = format!("definitions = [\"wasm/db.wasm\", \"wasm/front.wasm\"]\ngroup = \"{group}\"\n{more}");
    scenario.with_file("drillmaster.toml", file)
}

/// A command that names neither group nor definition, in a directory of the project.
#[track_caller]
fn run_in(scenario: &Scenario, directory: &str, arguments: &[&str]) -> Run {
    scenario.raw_invocation(arguments).within(&scenario.project().join(directory)).spawn().wait()
}

#[test]
fn the_file_is_found_from_any_directory_of_the_project_and_says_what_to_start() {
    let scenario = project("[parameters]\n\"app.SAY\" = \"hello\"\n\"web.SAY_LINES\" = 3\n");
    run_in(&scenario, "below/further", &["start"]).code(0);
    assert_eq!(scenario.running(), ["app", "web"]);
    assert_eq!(scenario.get("app", "/env/SAY").text(), "hello");
    assert_eq!(scenario.get("web", "/env/SAY_LINES").text(), "3");
    run_in(&scenario, "", &["plan"]).code(0).stdout_has("nothing to do");
    run_in(&scenario, "below", &["restart", "web"]).code(0);
    run_in(&scenario, "below", &["stop", "--remove"]).code(0);
    assert_eq!(scenario.names(), [""; 0]);
    assert!(scenario.networks().is_empty());
}

#[test]
fn what_is_said_on_the_command_line_wins_over_the_file() {
    let scenario = project("[parameters]\n\"app.SAY\" = \"hello\"\n\"app.SAY_LINES\" = 3\n");
    let other = Scenario::empty();
    let group = other.group();
    run_in(&scenario, "below", &["start", "--group", &group, "--set", "app.SAY=bonjour"]).code(0);
    assert_eq!(scenario.names(), [""; 0]);
    assert_eq!(other.running(), ["app", "web"]);
    assert_eq!(other.get("app", "/env/SAY").text(), "bonjour");
    assert_eq!(other.get("app", "/env/SAY_LINES").text(), "3");
}

#[test]
fn definitions_on_the_command_line_leave_the_file_unread() {
    let scenario = project("colour = \"green\"\n");
    let group = scenario.group();
    run_in(&scenario, "", &["start", "wasm/db.wasm", "--group", &group]).code(0);
    assert_eq!(scenario.running(), ["app"]);
}

#[test]
fn what_a_definition_builds_lies_below_the_directory_of_the_file() {
    let scenario = project("[parameters]\n\"app.build\" = \"oven\"\n");
    let dockerfile = format!("FROM {}\nENV GREETING=hello\n", drillmaster_tests::images::SERVICE);
    scenario.write("oven/Dockerfile", dockerfile);
    run_in(&scenario, "below/further", &["start", "--set", "app.image=own"]).code(0);
    assert_eq!(scenario.get("app", "/env/GREETING").text(), "hello");
}

#[test]
fn a_wrong_key_is_refused_with_the_file_and_the_line() {
    let scenario = project("colour = \"green\"\n");
    let file = scenario.project().join("drillmaster.toml").display().to_string();
    for command in [&["start"][..], &["plan"], &["stop"], &["restart", "app"]] {
        run_in(&scenario, "below", command).code(2).says(&file).says("line 3").says("colour");
    }
    assert_eq!(scenario.names(), [""; 0]);
}

#[test]
fn a_definition_that_the_file_names_and_is_not_there_is_refused_with_its_path() {
    let scenario = Scenario::empty().with_file("drillmaster.toml", "definitions = [\"nowhere.wasm\"]");
    run_in(&scenario, "", &["start"]).code(2).says("nowhere.wasm").says("no such file");
}

#[test]
fn without_a_file_and_a_definition_the_person_is_told_of_both() {
    // No file lies in the way up from there.
    let scenario = Scenario::empty();
    let run = scenario.raw_invocation(&["start"]).within(Path::new("/")).spawn().wait();
    run.code(2).says("drillmaster.toml").says("app.wasm");
}
