//! The command line, the way to Docker, and what may stand on a screen.

use std::os::unix::net::UnixListener;
use std::time::Duration;

use drillmaster_tests::scenario::{Run, Scenario};

use crate::support::assert_plain;

const COMMANDS: [&str; 2] = ["start", "stop"];

fn raw(arguments: &[&str]) -> Run {
    Scenario::empty().run_raw(arguments, &[])
}

#[test]
fn without_arguments_the_usage_is_shown_with_every_command() {
    let run = raw(&[]).code(2).says("Usage: drillmaster");
    for command in COMMANDS {
        let listed = run.stderr.lines().any(|line| line.split_whitespace().next() == Some(command));
        assert!(listed, "{command} is missing in\n{}", run.stderr);
    }
}

#[test]
fn help_goes_to_stdout_and_lists_the_options() {
    let run = raw(&["--help"]).code(0).stdout_has("Usage: drillmaster").stdout_has("start").stdout_has("stop");
    assert_eq!(run.stderr, "");
    let run = raw(&["start", "--help"]).code(0).stdout_has("Usage: drillmaster start").stdout_has("DEFINITION");
    run.stdout_has("--exclude").stdout_has("--timeout").stdout_has("--group").stdout_has("--set").stdout_has("300");
    let run = raw(&["stop", "--help"]).code(0).stdout_has("Usage: drillmaster stop").stdout_has("--exclude");
    run.stdout_has("--remove").stdout_has("--volumes").stdout_has("--orphans").stdout_has("--timeout");
}

#[test]
fn the_version_is_that_of_the_package() {
    raw(&["--version"]).code(0).stdout_has(concat!("drillmaster ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn what_the_command_line_does_not_know_is_refused() {
    raw(&["begin"]).code(2).says("begin");
    raw(&["start", "app.wasm", "--fast"]).code(2).says("--fast");
    raw(&["start"]).code(2).says("which definition?").says("drillmaster.toml");
    raw(&["stop"]).code(2).says("--group");
    raw(&["start", "app.wasm", "--timeout", "soon"]).code(2).says("--timeout").says("soon");
    raw(&["start", "app.wasm", "--timeout=-1"]).code(2).says("--timeout");
    raw(&["stop", "--group", "nobody", "--volumes"]).code(2).says("--remove");
}

/// Both commands against an engine that is not there: the person is told where it was looked for and what to do.
#[track_caller]
fn assert_unreachable(scenario: &Scenario, address: &str) {
    let arguments = [&["start", "app.wasm"][..], &["stop"]];
    let spawn = |arguments| scenario.invocation(arguments).envs(&[("DOCKER_HOST", address)]).spawn();
    for running in arguments.map(spawn) {
        let run = running.wait().code(3).within(Duration::from_secs(15));
        run.says("cannot reach Docker").says(address).says("DOCKER_HOST");
    }
}

#[test]
fn a_socket_that_is_not_there_is_named_with_what_to_do() {
    let scenario = Scenario::new("single");
    let socket = scenario.home().join("docker.sock");
    assert_unreachable(&scenario, &format!("unix://{}", socket.display()));
}

#[test]
fn a_socket_that_nobody_answers_on_is_named_with_what_to_do() {
    let scenario = Scenario::new("single");
    let socket = scenario.home().join("docker.sock");
    // It is never accepted from.
    let _listener = UnixListener::bind(&socket).unwrap();
    assert_unreachable(&scenario, &format!("unix://{}", socket.display()));
}

#[test]
fn a_port_that_refuses_is_named_with_what_to_do() {
    // Nothing listens at port 1.
    assert_unreachable(&Scenario::new("single"), "tcp://127.0.0.1:1");
}

#[test]
fn an_address_of_an_unknown_kind_is_named_with_what_to_do() {
    assert_unreachable(&Scenario::new("single"), "carrier-pigeon://127.0.0.1");
}

#[test]
fn output_that_is_read_by_a_program_has_no_escape_sequences() {
    let scenario = Scenario::new("single").env("TERM", "xterm-256color");
    assert_plain(&scenario.start(&[]).code(0));
    assert_plain(&scenario.start(&["--set", "app.PING=error"]).code(1));
    assert_plain(&scenario.start(&["--set", "app.fields=error"]).code(2));
    assert_plain(&scenario.start(&["--no-such-option"]).code(2));
    assert_plain(&scenario.run(&["start", "--help"]).code(0));
    assert_plain(&scenario.stop(&["--remove"]).code(0));
}

#[test]
fn control_characters_of_a_definition_and_a_container_are_made_visible() {
    let scenario = Scenario::new("hostile");
    let run = scenario.start(&[]).code(1);
    assert_plain(&run);
    let run = run.says(r"container \u{1b}[2J\rgone").says(r"log line \u{1b}]0;title\u{7}");
    run.says(r"error \u{9b}31m \u{202e}desrever");
}

#[test]
fn control_characters_of_a_definition_that_is_refused_are_made_visible() {
    let scenario = Scenario::new("single").set("app.port", "\u{1b}[2J8080");
    let run = scenario.start(&[]).code(2);
    assert_plain(&run);
    run.says(r"\u{1b}[2J8080");
}
