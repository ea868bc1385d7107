//! What the person sees when a definition in Python raises.

use std::sync::LazyLock;
use std::time::Duration;

use drillmaster_tests::scenario::{Run, Scenario};

const RAISING: &str = include_str!("../definitions/python/raising/app.py");

/// Time to compile so large a definition.
fn scenario() -> Scenario {
    Scenario::new("python/raising").deadline(Duration::from_mins(5))
}

/// The number of the one line of the source that has this text.
#[track_caller]
fn line(text: &str) -> usize {
    let found: Vec<_> = RAISING.lines().enumerate().filter(|(_, line)| line.contains(text)).collect();
    assert_eq!(found.len(), 1, "{text:?} stands in {found:?}");
    found[0].0 + 1
}

/// A start in which every service fails but one.
fn raised() -> &'static Run {
    static RUN: LazyLock<Run> = LazyLock::new(|| scenario().start(&[]).code(1));
    &RUN
}

/// What is told of a service, without its name in front.
fn of(service: &str) -> Vec<&'static str> {
    let lines = raised().stderr.lines().filter_map(|line| line.strip_prefix(service)?.strip_prefix(' '));
    lines.map(str::trim_start).collect()
}

/// The service failed with this message, in which the calls follow one another, outermost first.
#[track_caller]
fn failed(service: &str, message: &str, calls: &[(&str, &str)]) {
    let told = of(service);
    let start = told.iter().position(|line| line.starts_with("failed: "));
    let told = &told[start.unwrap_or_else(|| panic!("{service} did not fail: {told:#?}"))..];
    assert!(told[0].ends_with(message), "{told:#?}");
    // What Python says is behind a bar.
    let found: Vec<_> = told.iter().filter_map(|line| line.strip_prefix("|   File ")).collect();
    let expected: Vec<_> =
        calls.iter().map(|(text, name)| format!("\"app.py\", line {}, in {name}", line(text))).collect();
    assert_eq!(found, expected, "{told:#?}");
    for (text, _) in calls {
        assert!(told.iter().any(|line| line.contains(text)), "{text} is not shown: {told:#?}");
    }
}

#[test]
fn no_exception_in_python_is_told_as_a_trap() {
    for word in ["wasm", "unreachable", "crashed", "drillmaster/_"] {
        raised().clone().stderr_lacks(word);
    }
}

#[test]
fn an_exception_in_python_is_told_with_its_file_and_its_lines() {
    let calls = [("return look_up(", "ping"), ("return {}[key]", "look_up")];
    failed("pinging", "ping failed: KeyError: 'ready'", &calls);
    failed("exiting", "pre-start failed: SystemExit: 3", &[("sys.exit(3)", "pre_start")]);
}

#[test]
fn an_exception_in_python_is_told_with_its_cause() {
    let calls = [("raise RuntimeError(", "post_start_init"), ("container.dependency(", "post_start_init")];
    failed("initialising", "post-start-init failed: RuntimeError: cannot fill the table", &calls);
    let cause = "caused by `initialising` does not declare `fine` as a dependency";
    assert!(
        of("initialising").iter().any(|line| line.strip_prefix("| ").is_some_and(|line| line.starts_with(cause))),
        "{:#?}",
        of("initialising")
    );
}

#[test]
fn a_failure_in_python_is_told_by_its_text_alone() {
    failed("refusing", "pre-start failed: the licence has run out", &[]);
}

#[test]
fn a_command_that_fails_a_hook_in_python_is_told_with_what_it_said() {
    let message = "post-start-init failed: `/service` (2 arguments) exited with 1: no such table";
    failed("commanding", message, &[("container.exec(", "post_start_init")]);
}

#[test]
fn what_the_contract_cannot_carry_is_an_exception_in_python() {
    let message = "pre-start failed: TypeError: the context value `port` is a text, not 5432";
    failed("mistyping", message, &[("context[\"port\"]", "pre_start")]);
    failed("vague", "ping failed: TypeError: `Vague.ping` returned None: it says True or False", &[]);
}

#[test]
fn what_python_does_not_have_in_a_component_is_an_exception() {
    let message = "pre-start failed: ModuleNotFoundError: No module named 'later'";
    failed("importing", message, &[("import later", "pre_start")]);
    assert!(of("threading").iter().any(|line| line.contains("can't start new thread")), "{:#?}", of("threading"));
    assert!(of("hungry").iter().any(|line| line.contains("MemoryError")), "{:#?}", of("hungry"));
    assert!(of("recursing").iter().any(|line| line.contains("recursion")), "{:#?}", of("recursing"));
}

#[test]
fn an_exception_of_a_hook_of_the_group_in_python_is_told_with_its_line() {
    let told = raised().clone().stderr_has("on-start failed: LookupError: nobody waits for ['fine']");
    told.stderr_has(&format!("File \"app.py\", line {}, in started", line("raise LookupError(")));
}

#[test]
fn an_exception_of_a_field_in_python_is_told_with_its_line() {
    let scenario = scenario().set("broken", "many");
    let run = scenario.run(&["check", "app.wasm"]).code(2);
    run.says("service `fine`, env: ValueError: invalid literal for int() with base 10: 'many'")
        .says(&format!("File \"app.py\", line {}, in env", line("int(broken)")))
        .stderr_lacks("wasm trap");
}

#[test]
fn log_lines_and_prints_of_python_are_shown_with_their_service() {
    assert_eq!(
        of("fine").into_iter().filter(|line| line.starts_with('|')).collect::<Vec<_>>(),
        ["| an info line: ä", "| an error line", "| in two", "| a printed line"]
    );
}
