//! How a command tells what happens: to a person in a terminal, to a program, and in detail.

use drillmaster_tests::scenario::{Run, Scenario};
use serde_json::Value;

/// What a frame of the live part begins and ends with.
const HIDE_CURSOR: &str = "\u{1b}[?25l";
const SHOW_CURSOR: &str = "\u{1b}[?25h";
const LAST_OF_FRAME: &str = "\u{1b}[?2026l";

/// Each line of stdout, all of which are objects of JSON.
#[track_caller]
fn events(run: &Run) -> Vec<Value> {
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line:?}"));
    let events: Vec<Value> = run.stdout.lines().map(parse).collect();
    assert!(events.iter().all(|event| event["event"].is_string()), "{}", run.stdout);
    events
}

/// The events of a name.
fn named<'a>(events: &'a [Value], name: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["event"] == name).collect()
}

#[test]
fn a_start_tells_a_program_its_plan_its_addresses_and_its_end_and_nothing_else() {
    let scenario = Scenario::new("basic");
    let run = scenario.start(&["--json"]).code(0);
    let told = events(&run);
    assert_eq!(run.stderr, "");
    assert_eq!(told[0], serde_json::json!({"event": "grants", "in_force": []}));
    let steps = told[1]["plan"]["steps"].as_array().unwrap();
    assert_eq!((told[1]["event"].as_str(), steps.len()), (Some("planned"), 2), "{}", run.stdout);
    for (ready, service) in named(&told, "ready").into_iter().zip(["db", "web"]) {
        assert_eq!(ready["service"], service);
        assert_eq!(ready["addresses"][0]["host_port"], scenario.address(service, 8080).port());
        assert!(ready["took_ms"].is_u64());
    }
    let finished = serde_json::json!({"event": "finished", "exit_code": 0, "error": null});
    assert_eq!(told.last(), Some(&finished));

    let told = events(&scenario.stop(&["--json"]).code(0));
    let stopped: Vec<_> = named(&told, "stopped").iter().map(|event| event["service"].as_str().unwrap()).collect();
    assert_eq!(stopped, ["web", "db"]);
    assert_eq!(told.last(), Some(&finished));
}

#[test]
fn a_failing_start_tells_a_program_why_and_its_exit_code() {
    let run = Scenario::new("single").start(&["--json", "--set", "app.PING=error"]).code(1);
    let told = events(&run);
    let failed = named(&told, "failed");
    assert!(failed[0]["error"].as_str().unwrap().contains("there is no disk left"), "{}", run.stdout);
    assert!(failed[0]["log_tail"].is_array());
    let finished = told.last().unwrap();
    assert_eq!((finished["event"].as_str(), finished["exit_code"].as_u64()), (Some("finished"), Some(1)));
    // Errors are for the person who looks after the program too.
    assert!(run.stderr.starts_with("error: ") && run.stderr.lines().count() == 1, "{}", run.stderr);
}

#[test]
fn a_command_that_fails_before_it_has_begun_tells_a_program_its_exit_code() {
    let scenario = Scenario::new("single");
    let told = events(&scenario.start(&["--json", "--set", "app.fields=error"]).code(2));
    assert!(told.last().unwrap()["error"].as_str().unwrap().contains("it has no fields today"), "{told:?}");
    let nowhere = scenario.invocation(&["stop", "--json"]).envs(&[("DOCKER_HOST", "unix:///nowhere.sock")]);
    let told = events(&nowhere.spawn().wait().code(3));
    assert_eq!((told.len(), told[0]["exit_code"].as_u64()), (1, Some(3)), "{told:?}");
}

#[test]
fn verbose_shows_each_request_and_each_call_with_its_time() {
    let scenario = Scenario::new("single");
    let run = scenario.start(&["--verbose"]).code(0);
    let timed = |what: &str| run.stderr.lines().any(|line| line.contains(what) && line.contains(" ms"));
    let create = format!("docker  create {}-app.starting  ", scenario.group());
    for what in [&create, "docker  rename ", "hook    fields app.wasm  ", "hook    ping app  ", "post-start-init app  "]
    {
        assert!(timed(what), "no {what:?} in\n{}", run.stderr);
    }
    let told = events(&scenario.stop(&["--json", "--verbose"]).code(0));
    let stops = named(&told, "trace").into_iter().filter(|event| event["what"].as_str().unwrap().starts_with("stop "));
    assert_eq!(stops.count(), 1, "{told:?}");
}

#[test]
fn a_terminal_shows_the_services_while_they_start_and_in_the_end_where_they_are() {
    let scenario = Scenario::new("basic").env("TERM", "xterm-256color");
    let run = scenario.in_terminal(80, 24, &["start", "app.wasm"]).spawn().wait().code(0);
    let (live, end) = run.stdout.rsplit_once(LAST_OF_FRAME).expect("it was drawn");
    assert_eq!(run.stdout.matches(HIDE_CURSOR).count(), run.stdout.matches(SHOW_CURSOR).count());
    assert!(live.contains("starting") && live.contains("waiting"), "{live:?}");
    for service in ["db", "web"] {
        let address = scenario.address(service, 8080).to_string();
        let shown = end.lines().find(|line| line.starts_with(service)).unwrap_or_default();
        assert!(shown.contains("ready") && shown.contains(&address), "no {service} at {address} in {end:?}");
    }
}

#[test]
fn a_terminal_gets_no_colours_where_they_are_not_wanted() {
    let scenario = Scenario::new("single").env("TERM", "xterm-256color").env("NO_COLOR", "1");
    let run = scenario.in_terminal(80, 24, &["start", "app.wasm", "--set", "app.PING=error"]).spawn().wait().code(1);
    assert!(run.stdout.contains(HIDE_CURSOR) && run.stdout.contains("there is no disk left"), "{:?}", run.stdout);
    let colour =
        |code: &str| code.find(|c: char| c.is_ascii_alphabetic()).is_some_and(|end| code[end..].starts_with('m'));
    assert!(!run.stdout.split("\u{1b}[").skip(1).any(colour), "{:?}", run.stdout);
}

#[test]
fn what_a_reload_left_alone_is_not_in_its_summary() {
    let scenario = Scenario::new("basic");
    scenario.start(&[]).code(0).stdout_has("db ").stdout_has("web");
    scenario.run(&["restart", "app.wasm", "web"]).code(0).stdout_has("web  ready").stdout_lacks("db ");
    scenario.run(&["reload", "app.wasm", "web"]).code(0).stdout_has("web  ready").stdout_lacks("db ");
    // Whoever starts wants to know where everything is.
    scenario.start(&[]).code(0).stdout_has("db   ready").stdout_has("web  ready");
}
