//! Files that cannot be loaded as definitions: each refused at once, in a line that says why, before anything in Docker is
//! changed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use drillmaster_tests::definitions;
use drillmaster_tests::scenario::{Run, Scenario};

/// How long a refusal may take, on a machine that does much else.
const AT_ONCE: Duration = Duration::from_secs(5);

/// A file was refused, in one line and in words for people, and nothing was made.
#[track_caller]
fn refused(scenario: &Scenario, run: Run) -> Run {
    let run = run.code(2).within(AT_ONCE).stderr_has("error: cannot load ");
    assert_eq!(run.stdout, "");
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    assert_eq!(scenario.names(), [""; 0]);
    assert!(scenario.networks().is_empty());
    ["panicked", "backtrace", "linker", "implementation"].into_iter().fold(run, |run, word| run.stderr_lacks(word))
}

/// Plans what a file holds, which is no definition.
#[track_caller]
fn file_refused(content: impl AsRef<[u8]>) -> Run {
    let scenario = Scenario::empty().with_file("app.wasm", content);
    refused(&scenario, scenario.run(&["plan", "--offline", "app.wasm"])).stderr_has("cannot load app.wasm: it ")
}

/// The same with what cannot be read as a file.
#[track_caller]
fn path_refused(scenario: &Scenario, path: &str) -> Run {
    refused(scenario, scenario.run(&["plan", "--offline", path])).stderr_has(&format!("cannot load {path}: "))
}

#[test]
fn a_file_that_is_not_there_is_named() {
    path_refused(&Scenario::empty(), "nowhere.wasm").says("no such file");
}

#[test]
fn a_start_refuses_it_as_well() {
    let scenario = Scenario::empty().with_file("app.wasm", "");
    refused(&scenario, scenario.start(&[])).says("app.wasm").says("it is empty");
    refused(&scenario, scenario.run(&["start", "nowhere.wasm"])).says("nowhere.wasm").says("no such file");
}

#[test]
fn a_file_that_may_not_be_read_is_named_with_what_to_do() {
    let scenario = Scenario::empty().with_copy(&definitions::path("single"), "app.wasm");
    let file = scenario.project().join("app.wasm");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    let run = scenario.unprivileged(&["plan", "--offline", "app.wasm"]).spawn().wait();
    refused(&scenario, run).says("you may not read it").says("chmod");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).unwrap();
    scenario.unprivileged(&["plan", "--offline", "app.wasm"]).spawn().wait().code(0);
}

#[test]
fn a_directory_without_sources_is_not_a_definition() {
    let scenario = Scenario::empty().with_file("somewhere/else", "");
    let run = scenario.run(&["plan", "--offline", "somewhere"]).code(2).within(AT_ONCE);
    run.stderr_has("error: somewhere: there is no definition to build: no Cargo.toml (Rust)");
}

#[test]
fn a_device_is_not_read() {
    for device in ["/dev/zero", "/dev/null", "/dev/stdin"] {
        path_refused(&Scenario::empty(), device).says("it is a device and not a file");
    }
}

#[test]
fn a_pipe_or_a_socket_is_not_waited_for() {
    let scenario = Scenario::empty();
    let pipe = scenario.project().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    path_refused(&scenario, "pipe").says("it is a pipe and not a file").says("save the component to a file first");
    let _listener = UnixListener::bind(scenario.project().join("socket")).unwrap();
    path_refused(&scenario, "socket").says("it is a socket and not a file");
}

#[test]
fn a_file_of_200_mb_is_not_read() {
    let scenario = Scenario::empty().with_file("app.wasm", "");
    let file = fs::File::options().write(true).open(scenario.project().join("app.wasm")).unwrap();
    file.set_len(200_000_000).unwrap();
    path_refused(&scenario, "app.wasm").says("larger than 64 MiB");
}

#[test]
fn an_empty_file_is_refused() {
    file_refused("").says("it is empty");
}

#[test]
fn a_file_that_is_not_wasm_is_refused() {
    file_refused("FROM scratch\n").says("neither Wasm nor the text form of it");
    file_refused(b"\xff\xfe\x00\x01").says("neither Wasm nor the text form of it");
}

#[test]
fn a_program_is_not_a_definition() {
    file_refused(fs::read("/bin/true").unwrap()).says("a program for a machine").says("wasm32-wasip2");
}

#[test]
fn a_truncated_component_is_refused() {
    let whole = fs::read(definitions::path("single")).unwrap();
    for length in [1, 6, 20, whole.len() / 2, whole.len() - 1] {
        file_refused(&whole[..length]).says("it breaks off");
    }
}

#[test]
fn a_core_module_is_told_from_a_component_in_both_forms() {
    file_refused(b"\0asm\x01\0\0\0").says("core Wasm module and not a component").says("wasm32-wasip2");
    file_refused("(module (func))").says("core Wasm module and not a component");
}

#[test]
fn code_that_was_compiled_before_is_refused() {
    // What drillmaster itself keeps is just that.
    let scenario = Scenario::new("single");
    let cache = scenario.home().display().to_string();
    scenario.invocation(&["plan", "--offline", "app.wasm"]).envs(&[("XDG_CACHE_HOME", &cache)]).spawn().wait().code(0);
    let kept = fs::read_dir(Path::new(&cache).join("drillmaster")).unwrap().next().unwrap().unwrap().path();
    assert_eq!(kept.extension().unwrap(), "cwasm");
    path_refused(&scenario, &kept.display().to_string()).says("(a .cwasm)").says("name the component itself");
}

#[test]
fn a_mistake_in_the_text_form_is_told_with_its_line_and_column() {
    file_refused("(component\n  (import))").says("line 2, column 10: expected ");
    file_refused(b"(component \xff)").says("byte 12 is not UTF-8");
}

#[test]
fn a_component_that_is_not_a_definition_is_refused_with_what_it_lacks() {
    file_refused("(component)").says("not a definition").says("drillmaster:plugin/lifecycle@0.1.0");
}

#[test]
fn a_component_that_exports_something_else_as_its_lifecycle_is_refused() {
    let component = "(component (instance $none) (export \"drillmaster:plugin/lifecycle@0.1.0\" (instance $none)))";
    file_refused(component).says("not a definition").says("does not export `fields: ");
}

/// A definition but for its functions, with an import of an interface with one function.
fn importing(interface: &str, function: &str) -> String {
    format!(
        "(component (import \"{interface}\" (instance (export \"{function}\" (func)))) \
        (instance $none) (export \"drillmaster:plugin/lifecycle@0.1.0\" (instance $none)))"
    )
}

#[test]
fn an_import_that_drillmaster_does_not_have_is_named() {
    file_refused(importing("other:thing/of-value@1.0.0", "f")).says("it imports other:thing/of-value@1.0.0, which");
}

#[test]
fn an_import_of_a_later_wasi_is_named_with_what_to_do() {
    let run = file_refused(importing("wasi:clocks/monotonic-clock@0.3.0", "now"));
    run.says("it imports wasi:clocks/monotonic-clock@0.3.0").says("WASI 0.2").says("wasm32-wasip2");
}

#[test]
fn a_function_of_a_later_contract_is_named_with_what_this_one_is() {
    let run = file_refused(importing("drillmaster:plugin/log@0.1.7", "fatal"));
    run.says("it calls fatal of drillmaster:plugin/log@0.1.7").says("speaks version 0.1.0");
}

#[test]
fn a_component_for_another_version_of_the_interface_is_told_which_and_which_is_spoken() {
    let exporting = "(component (instance $none) (export \"drillmaster:plugin/lifecycle@0.9.0\" (instance $none)))";
    for component in [exporting, &importing("drillmaster:plugin/context@0.9.0", "f")] {
        file_refused(component).says("made for version 0.9.0").says("speaks 0.1.0");
    }
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
        run.says("not a definition").says(&format!("drillmaster:plugin/{name}")).says(&format!("`{wrong}"));
    }
}
