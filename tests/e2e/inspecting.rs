//! `check` and `inspect`: what can be told of definitions without Docker and without a hook.

use std::fs;

use drillmaster_tests::definitions;
use drillmaster_tests::scenario::{Run, Scenario};
use serde_json::{Value, json};

/// A command, where there is no Docker. It makes nothing, and keeps nothing.
#[track_caller]
fn run(scenario: &Scenario, arguments: &[&str]) -> Run {
    let socket = format!("unix://{}", scenario.home().join("nowhere.sock").display());
    let kept = || fs::read_dir(scenario.state()).unwrap().count();
    let before = kept();
    let run = scenario.invocation(arguments).envs(&[("DOCKER_HOST", &socket)]).spawn().wait();
    assert_eq!(scenario.names(), [""; 0]);
    assert_eq!(kept(), before);
    run
}

#[track_caller]
fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}\n{}", run.stdout))
}

/// Why a definition is refused, as `check` has it in JSON, by service and field.
#[track_caller]
fn problems(run: &Run) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let problems = json(run)["problems"].as_array().cloned().unwrap_or_default();
    problems.iter().map(|one| (text(&one["service"]), text(&one["field"]), text(&one["problem"]))).collect()
}

#[test]
fn a_valid_definition_is_said_to_be_so_without_docker() {
    let scenario = Scenario::new("kite");
    let checked = run(&scenario, &["check", "app.wasm"]).code(0);
    assert_eq!(checked.stdout, format!("group {} is valid: 5 services\n", scenario.group()));
    assert_eq!(checked.stderr, "");
    let checked = run(&scenario, &["check", "app.wasm", "--json"]).code(0);
    let services = ["aside", "db", "left", "right", "top"];
    let expected = json!({"valid": true, "group": scenario.group(), "services": services, "problems": []});
    assert_eq!(json(&checked), expected);
}

#[test]
fn a_check_tells_every_mistake_as_a_start_does() {
    let scenario = Scenario::new("mistakes");
    let checked = run(&scenario, &["check", "app.wasm"]).code(2);
    assert_eq!(checked.stderr, scenario.start(&[]).code(2).stderr);
    assert_eq!(checked.stdout, "");
    let checked = run(&scenario, &["check", "app.wasm", "--json"]).code(2);
    let problems = problems(&checked);
    assert_eq!(problems.len(), 13, "{problems:?}");
    let told = |service: &str, field: &str, problem: &str| {
        problems.iter().any(|one| one.0 == service && one.1 == field && one.2.contains(problem))
    };
    assert!(told("second", "ports", "5000/tcp") && told("#3", "name", "empty") && told("a", "dependencies", "a → b"));
}

#[test]
fn a_check_counts_the_parameters_and_the_grants() {
    let scenario = Scenario::new("single");
    run(&scenario, &["check", "app.wasm", "--set", "app.port=0"]).code(2).says("service `app`, ports: host port 0 ");
    run(&scenario, &["check", "app.wasm", "--set", "app.port=7000"]).code(0);
    run(&scenario, &["check", "app.wasm", "--allow-read", "nowhere"]).code(2).says("nowhere").says("--allow-read");
}

#[test]
fn a_check_looks_at_what_images_are_built_from() {
    let scenario = Scenario::new("single").set("app.build", "oven").with_file("oven/.dockerignore", "a[");
    let scenario = scenario.with_file("oven/Dockerfile", "FROM scratch\n");
    let checked = run(&scenario, &["check", "app.wasm"]).code(2);
    checked.says("app.wasm: service `app`, build: ").says("oven/.dockerignore, line 1: `a[` is not a pattern");
    scenario.write("oven/.dockerignore", "a");
    run(&scenario, &["check", "app.wasm"]).code(0);
}

#[test]
fn what_is_wrong_with_each_of_several_definitions_is_told_at_once() {
    let scenario = Scenario::new("single").with_file("empty.wasm", "").with_file("other.wasm", "(component)");
    let names = ["check", "app.wasm", "empty.wasm", "other.wasm", "--set", "app.fields=panic"];
    let checked = run(&scenario, &names).code(2);
    let checked = checked.says("cannot load empty.wasm: it is empty").says("app.wasm: fields failed: ");
    let checked = checked.says("fields fell over").says("cannot load other.wasm: it is a Wasm component but not");
    assert_eq!(checked.stderr.lines().filter(|line| line.contains(".wasm: ")).count(), 3, "{}", checked.stderr);
    let checked = run(&scenario, &[&names[..], &["--json"]].concat()).code(2);
    let files: Vec<_> = json(&checked)["problems"].as_array().unwrap().iter().map(|one| one["file"].clone()).collect();
    assert_eq!(files, ["app.wasm", "empty.wasm", "other.wasm"]);
}

#[test]
fn a_check_takes_its_definitions_from_the_project() {
    let scenario = Scenario::new("single").with_file("drillmaster.toml", "definitions = [\"app.wasm\"]\ngroup = \"g\"");
    scenario.raw_invocation(&["check"]).spawn().wait().code(0).stdout_has("group g is valid: 1 service\n");
}

#[test]
fn a_group_without_a_name_is_told_with_the_mistakes_of_its_services() {
    // Neither the directory nor the file has a name that a group could have.
    let scenario = Scenario::empty().with_copy(&definitions::path("kite"), "проект/my app.wasm");
    let checked = scenario.run_raw(&["check", "проект/my app.wasm", "--set", "db.port=0"], &[]).code(2);
    checked.says("cannot be a group's name").says("service `db`, ports: host port 0 ");
}

#[test]
fn an_inspection_shows_what_a_definition_is_and_declares_without_docker() {
    let scenario =
        Scenario::new("everything").set("tcp_port", "7001").set("udp_port", "7002").with_file("written/a", "");
    let scenario = scenario.with_file("read/only.txt", "").set("platform", "linux/amd64").trusted();
    let inspected = run(&scenario, &["inspect", "app.wasm"]).code(0);
    assert_eq!(inspected.stderr, "");
    let lines: Vec<_> =
        inspected.stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let group = format!("group {}: 1 service", scenario.group());
    for line in [
        "app.wasm",
        "contract drillmaster:plugin@0.1.0",
        "hooks fields, ping, post-start-init, pre-start, pre-stop, on-start, on-stop, on-reload",
        "drillmaster:plugin@0.1.0: container, definition, log",
        &group,
        "image drillmaster-test-service:latest",
        "port 9090/tcp 127.0.0.1:7001",
        "port 9053/udp 127.0.0.1:7002",
        "mount /written written",
        "mount /read-only.txt read/only.txt (read-only)",
        "volume /data data",
        "env GREETING hello",
        "user 1234:2345",
        "restart_policy on-failure",
    ] {
        assert!(lines.iter().any(|shown| shown == line), "no line is {line:?}\n{}", inspected.stdout);
    }
    let digest =
        json(&run(&scenario, &["inspect", "app.wasm", "--json"]).code(0))["definitions"][0]["component"].clone();
    let size = fs::metadata(scenario.project().join("app.wasm")).unwrap().len();
    assert_eq!(digest["size"], size);
    assert!(inspected.stdout.contains(&format!("sha256    {}\n", digest["digest"].as_str().unwrap())));
}

#[test]
fn secrets_and_control_characters_are_not_shown() {
    let scenario = Scenario::new("single").set("app.PASSWORD", "correct horse").set("app.SAY", "red \u{1b}[31m");
    for json in [&["inspect", "app.wasm"][..], &["inspect", "app.wasm", "--json"]] {
        let inspected = run(&scenario, json).code(0).stdout_has("PASSWORD").stdout_has("***");
        inspected.stdout_lacks("correct horse").stdout_lacks("\u{1b}").stdout_has("[31m");
    }
}

#[test]
fn an_inspection_says_what_imports_are_for_and_what_could_be_granted() {
    let scenario = Scenario::new("nosy").with_file("conf/a", "");
    let inspected = run(&scenario, &["inspect", "app.wasm"]).code(0);
    let inspected = inspected.stdout_has("files ").stdout_has("--allow-read DIR").stdout_has("wasi:filesystem@");
    let inspected = inspected.stdout_has("environment ").stdout_has("--allow-env NAME").stdout_has("wasi:cli@");
    let inspected = inspected.stdout_has("network ").stdout_has("--allow-net HOST:PORT").stdout_has("wasi:sockets@");
    inspected.stdout_has("http ").stdout_has("basics ").stdout_lacks("granted: ").stdout_lacks("unknown");
    let granting =
        ["inspect", "app.wasm", "--allow-read", "conf", "--allow-env", "CI", "--allow-net", "example.com:443"];
    let inspected = run(&scenario, &granting).code(0).stdout_has("granted: conf to read\n").stdout_has("granted: CI\n");
    inspected.stdout_has("granted: example.com:443\n").stdout_lacks("--allow-");
}

#[test]
fn every_import_of_a_definition_in_python_is_known_and_may_be_unused() {
    let scenario = Scenario::new("python/database").with_file("appdb/Dockerfile", "FROM scratch");
    let inspected = run(&scenario, &["inspect", "app.wasm"]).code(0).stdout_has("whether it uses them or not");
    inspected.stdout_lacks("unknown");
    let inspected = run(&scenario, &["inspect", "app.wasm", "--json"]).code(0);
    let imports = json(&inspected)["definitions"][0]["component"]["imports"].as_array().cloned().unwrap();
    assert!(imports.len() > 25, "{imports:?}");
    assert!(imports.iter().all(|import| import["for"].is_string()), "{imports:?}");
    assert!(imports.iter().any(|import| import["for"] == "random"), "{imports:?}");
}

#[test]
fn what_can_be_told_is_shown_also_if_fields_fails() {
    let scenario = Scenario::new("single").set("app.fields", "error");
    let inspected = run(&scenario, &["inspect", "app.wasm"]).code(2);
    let inspected = inspected.stdout_has("sha256 ").stdout_has("drillmaster:plugin@0.1.0: container");
    inspected.stderr_has("app.wasm: fields failed: ").stderr_has("it has no fields today").stdout_lacks("group");
    let inspected = run(&scenario, &["inspect", "app.wasm", "--json"]).code(2);
    let shown = json(&inspected);
    assert_eq!((&shown["valid"], &shown["services"]), (&json!(false), &json!([])));
    assert!(shown["definitions"][0]["component"]["digest"].is_string());
    assert!(shown["problems"][0]["problem"].as_str().unwrap().contains("it has no fields today"));
}

#[test]
fn what_can_be_told_is_shown_also_if_services_are_wrong() {
    let scenario = Scenario::new("mistakes");
    let inspected = run(&scenario, &["inspect", "app.wasm"]).code(2);
    let inspected =
        inspected.stdout_has("sha256 ").stdout_has("app.wasm declares 18 services").stdout_has("bad-image ");
    inspected.stderr_has("13 mistakes").stderr_has("outside the project directory");

    // Where only a path is wrong, everything is shown.
    let scenario = Scenario::new("single").set("app.build", "../oven");
    let inspected = run(&scenario, &["inspect", "app.wasm"]).code(2).stdout_has("../oven, Dockerfile");
    inspected.stderr_has("service `app`, build: ../oven");
}

#[test]
fn what_can_be_told_is_shown_also_if_a_component_cannot_be_loaded() {
    let import = "(import \"other:thing/of-value@1.0.0\" (instance (export \"f\" (func))))";
    let export = "(instance $none) (export \"drillmaster:plugin/lifecycle@0.1.0\" (instance $none))";
    let scenario = Scenario::empty().with_file("app.wasm", format!("(component {import} {export})"));
    let inspected = run(&scenario, &["inspect", "app.wasm"]).code(2);
    let inspected = inspected.stdout_has("unknown ").stdout_has("other:thing@1.0.0: of-value").stdout_has("sha256 ");
    inspected.stderr_has("cannot load app.wasm: it imports other:thing/of-value@1.0.0");

    let scenario = Scenario::empty().with_file("app.wasm", "");
    let inspected = run(&scenario, &["inspect", "app.wasm"]).code(2).stderr_has("cannot load app.wasm: it is empty");
    assert_eq!(inspected.stdout, "");
}

#[test]
fn an_inspection_shows_each_of_several_definitions_and_one_group() {
    let scenario = Scenario::new("single").with_copy(&definitions::path("front"), "front.wasm");
    let inspected = run(&scenario, &["inspect", "app.wasm", "front.wasm"]).code(0);
    assert_eq!(inspected.stdout.matches("sha256 ").count(), 2);
    inspected.stdout_has("app.wasm\n").stdout_has("front.wasm\n").stdout_has(": 2 services\n").stdout_has("\n  web\n");
}
