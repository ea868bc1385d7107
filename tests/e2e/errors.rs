//! Definitions that cannot be loaded or are wrong: refused before anything in Docker is changed.

use std::fs;

use drillmaster_tests::definitions;
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

/// Starts what a file holds, which is no definition.
#[track_caller]
fn file_refused(content: impl AsRef<[u8]>) -> Run {
    let scenario = Scenario::empty().with_file("app.wasm", content);
    refused(&scenario, scenario.start(&[])).says("app.wasm").stderr_lacks("panicked")
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let scenario = Scenario::empty();
    refused(&scenario, scenario.run(&["start", "nowhere.wasm"])).says("nowhere.wasm").says("no such file");
}

#[test]
fn a_directory_is_not_a_definition() {
    let scenario = Scenario::empty().with_file("somewhere/else", "");
    refused(&scenario, scenario.run(&["start", "somewhere"])).says("somewhere").says("directory");
}

#[test]
fn a_file_that_is_not_wasm_is_refused() {
    file_refused("FROM scratch\n").says("not a Wasm component");
    file_refused("").says("not a Wasm component");
}

#[test]
fn a_truncated_component_is_refused() {
    let whole = fs::read(definitions::path("single")).unwrap();
    for length in [6, 20, whole.len() / 2, whole.len() - 1] {
        file_refused(&whole[..length]).says("not a Wasm component");
    }
}

#[test]
fn a_core_module_is_told_from_a_component() {
    file_refused(b"\0asm\x01\0\0\0").says("core Wasm module and not a component");
}

#[test]
fn a_component_that_is_not_a_definition_is_refused_with_what_it_lacks() {
    file_refused("(component)").says("not a definition").says("drillmaster:plugin/lifecycle");
}

#[test]
fn a_component_that_exports_something_else_as_its_lifecycle_is_refused() {
    let component = "(component (instance $none) (export \"drillmaster:plugin/lifecycle@0.1.0\" (instance $none)))";
    file_refused(component).says("not a definition").says("fields");
}

#[test]
fn a_component_that_imports_what_drillmaster_does_not_have_is_refused_with_its_name() {
    let component = "(component (import \"other:thing/of-value@1.0.0\" (instance (export \"f\" (func)))) \
        (instance $none) (export \"drillmaster:plugin/lifecycle@0.1.0\" (instance $none)))";
    file_refused(component).says("not a definition").says("other:thing/of-value");
}

#[test]
fn a_component_for_another_version_of_the_interface_is_told_which_and_which_is_spoken() {
    let exporting = "(component (instance $none) (export \"drillmaster:plugin/lifecycle@0.9.0\" (instance $none)))";
    let importing = "(component (import \"drillmaster:plugin/context@0.9.0\" (instance)))";
    for component in [exporting, importing] {
        file_refused(component).says("0.9.0").says("speaks 0.1");
    }
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

/// The smallest definition by hand: one service, `app`, which is always ready. `hooks` is more of the component.
fn by_hand(hooks: &str) -> String {
    include_str!("by_hand.wat").replace(";; hooks", hooks)
}

#[test]
fn a_definition_without_the_optional_hooks_works() {
    let scenario = Scenario::empty().with_file("app.wasm", by_hand(""));
    scenario.start(&[]).code(0);
    assert_eq!(scenario.running(), ["app"]);
    scenario.run(&["reload", "app.wasm", "app"]).code(0);
    scenario.stop(&["--remove"]).code(0);
    assert_eq!(scenario.names(), [""; 0]);
}

/// An instance of functions of that definition, exported as an interface: `pre-start text, pre-stop number`.
fn interface(name: &str, functions: &str) -> String {
    let export = |export: &str| {
        let (name, function) = export.trim().split_once(' ').unwrap();
        format!("(export \"{name}\" (func ${function}))")
    };
    let exports: String = functions.split(',').map(export).collect();
    format!("(instance $hooks {exports}) (export \"drillmaster:plugin/{name}@0.1.0\" (instance $hooks))")
}

#[test]
fn optional_hooks_of_the_right_types_are_taken() {
    for (name, functions) in [
        ("service-hooks", "pre-start text, pre-stop a-container-hook"),
        ("group-hooks", "on-start texts, on-stop texts, on-reload text"),
    ] {
        let scenario = Scenario::empty().with_file("app.wasm", by_hand(&interface(name, functions)));
        scenario.run(&["plan", "app.wasm", "--offline"]).code(0).stdout_has("app");
    }
}

#[test]
fn an_optional_hook_that_is_missing_or_of_another_type_is_refused_with_its_interface_and_name() {
    for (name, functions, wrong) in [
        ("service-hooks", "pre-start number, pre-stop a-container-hook", "pre-start"),
        ("service-hooks", "pre-start text, pre-stop nothing", "pre-stop"),
        ("service-hooks", "pre-start text", "pre-stop"),
        ("group-hooks", "on-start text, on-stop texts, on-reload text", "on-start"),
        ("group-hooks", "on-start texts, on-stop number, on-reload text", "on-stop"),
        ("group-hooks", "on-start texts, on-stop texts, on-reload texts", "on-reload"),
        ("group-hooks", "on-start texts, on-stop texts", "on-reload"),
    ] {
        let run = file_refused(by_hand(&interface(name, functions)));
        run.says("not a definition").says(&format!("drillmaster:plugin/{name}")).says(wrong);
    }
}
