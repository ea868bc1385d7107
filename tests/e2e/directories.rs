//! A directory of sources in the place of a definition, and `drillmaster build`.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use drillmaster_tests::definitions;
use drillmaster_tests::scenario::Scenario;

use crate::support::world;

const PACKAGE: &str = r#"[package]
name = "shop"
version = "0.1.0"
edition = "2024"

[lib]
crate-type = ["cdylib"]

[workspace]
"#;

/// A project of two directories that each have a component and a source that is older, so that nothing is to be built.
fn built() -> Scenario {
    let scenario = Scenario::empty();
    let scenario = scenario.with_file("shop/app.py", "raise SystemExit('this is not to be run')");
    let source = File::options().write(true).open(scenario.project().join("shop/app.py")).unwrap();
    source.set_modified(SystemTime::now() - Duration::from_hours(1)).unwrap();
    scenario.with_copy(&definitions::path("single"), "shop/app.wasm")
}

#[test]
fn a_directory_stands_for_the_component_in_it_whose_sources_are_older() {
    let scenario = built();
    let run = scenario.run(&["plan", "--offline", "shop"]).code(0).stdout_has("app  create: new");
    run.stderr_lacks("building");
}

/// In the language that needs no tool.
#[test]
fn a_directory_is_built_when_it_has_no_component_yet_and_when_a_source_has_changed() {
    let definition = |image: &str| {
        format!(
            "import {{ defineGroup }} from \"drillmaster\";\nimport image from \"./image.js\";\n\
             export default defineGroup({{ services: {{ app: {{ image: image ?? \"{image}\" }} }} }});\n"
        )
    };
    let scenario = Scenario::empty()
        .with_file("shop/app.js", definition("first"))
        .with_file("shop/image.js", "export default null;");
    let start = |built: bool, image: &str| {
        // No such image is there: it is asked for only when all that has to be built has been.
        let run = scenario.run(&["start", "--pull", "never", "--json", "shop"]).code(1);
        assert_eq!(
            run.stderr.contains("building shop/app.wasm") || run.stdout.contains("building shop/app.wasm"),
            built
        );
        run.stdout_has(&format!("\"{image}\""))
    };
    let _ = (start(true, "first"), start(false, "first"));
    scenario.write("shop/image.js", "export default \"second\";");
    let _ = (start(true, "second"), start(false, "second"));
}

/// In the languages that need no build, what only looks runs the source.
#[test]
fn what_only_looks_builds_nothing_and_sees_what_the_sources_say_now() {
    let definition = |image: &str| {
        format!(
            "import {{ defineGroup }} from \"drillmaster\";\n\
             export default defineGroup({{ services: {{ app: {{ image: \"{image}\" }} }} }});\n"
        )
    };
    let scenario = Scenario::empty().with_file("shop/app.js", definition("first"));
    let look = |image: &str| {
        for command in [&["plan", "--offline", "--json"][..], &["inspect", "--json"], &["check", "--json"]] {
            let run = scenario.run(&[command, &["shop"]].concat()).code(0).stderr_lacks("building");
            if command[0] != "check" {
                run.stdout_has(&format!("\"{image}\""));
            }
        }
    };
    look("first");
    assert!(!scenario.project().join("shop/app.wasm").exists());
    scenario.raw(&["build", "shop"]).code(0);
    let built = fs::read(scenario.project().join("shop/app.wasm")).unwrap();
    scenario.write("shop/app.js", definition("second"));
    look("second");
    assert_eq!(fs::read(scenario.project().join("shop/app.wasm")).unwrap(), built);
}

#[test]
fn what_a_definition_logs_while_it_is_built_is_shown_and_no_results() {
    let app = "import { defineGroup } from \"drillmaster\";\nconsole.log(\"loading \\u001b[2J\");\n\
        export default defineGroup({ services: { app: { image: \"first\" } } });\n";
    let run = Scenario::empty().with_file("shop/app.js", app).raw(&["build", "shop"]).code(0);
    run.stdout_has("wrote shop/app.wasm: ").stdout_lacks("loading").stderr_has("| loading ").stderr_lacks("\u{1b}");
}

#[test]
fn a_mistake_in_a_source_does_not_keep_up_the_services_of_what_was_built() {
    let app = "import { defineGroup } from \"drillmaster\";\n\
        export default defineGroup({ services: { app: { image: \"drillmaster-test-service:latest\" } } });\n";
    let scenario = Scenario::empty().with_file("shop/app.js", app);
    let _ = scenario.run(&["start", "shop"]).code(0).stdout_has("app  ready");
    scenario.write("shop/app.js", "export default defineGroup(");
    let _ = scenario.run(&["start", "shop"]).code(2).says("SyntaxError");
    assert_eq!(scenario.running(), ["app"]);
    let _ = scenario.run(&["ps", "shop"]).code(0).stderr_lacks("building");
    let _ = scenario.run(&["stop", "shop"]).code(0).stderr_lacks("building");
    assert!(scenario.running().is_empty());
}

#[test]
fn a_directory_whose_sources_are_newer_is_built_first() {
    let scenario = built().with_file("shop/Cargo.toml", "no manifest");
    fs::remove_file(scenario.project().join("shop/app.py")).unwrap();
    let before = fs::read(scenario.project().join("shop/app.wasm")).unwrap();
    scenario.raw(&["trust", "shop"]).code(0);
    let run = scenario.run(&["start", "shop"]).code(1);
    run.stderr_has("building shop/app.wasm");
    // What cannot be built leaves what was built before.
    assert_eq!(fs::read(scenario.project().join("shop/app.wasm")).unwrap(), before);
}

#[test]
fn a_tool_that_is_missing_is_named_with_how_it_is_installed() {
    let nothing = Scenario::empty().with_file("nothing/here", "");
    let path = nothing.project().join("nothing").display().to_string();
    for (files, told) in [
        (&[("Cargo.toml", PACKAGE)][..], "is built by cargo, and there is none here: https://rustup.rs"),
        (&[("go.mod", "module shop")], "and there is none here: https://go.dev/dl has it"),
        (
            &[("Makefile", ""), ("app.c", "")],
            "is built by make, and there is none here: on Debian `sudo apt install make`",
        ),
        (&[("app.py", "")], "On Debian `sudo apt install python3-venv` installs it"),
    ] {
        let scenario = files.iter().fold(Scenario::empty(), |scenario, (name, text)| scenario.with_file(name, text));
        let cache = scenario.project().join(".cache").display().to_string();
        let invocation = scenario.raw_invocation(&["build"]).envs(&[("PATH", &path), ("XDG_CACHE_HOME", &cache)]);
        let run = invocation.spawn().wait().code(1).says(told);
        assert_eq!(run.stdout, "");
        assert!(!scenario.project().join("app.wasm").exists());
    }
}

#[test]
fn what_the_compiler_says_is_shown_whole() {
    let scenario =
        world().with_file("Cargo.toml", PACKAGE).with_file("src/lib.rs", "fn shop() -> u32 { \"no number\" }");
    let run = scenario.raw(&["build"]).code(1);
    run.stderr_has("error[E0308]: mismatched types").stderr_has("src/lib.rs:1").stderr_has("error: cargo build failed");
}

#[test]
fn a_package_that_is_no_definition_is_told_so() {
    let scenario = world().with_file("Cargo.toml", PACKAGE).with_file("src/lib.rs", "");
    let run = scenario.raw(&["build"]).code(2);
    run.says("it does not export drillmaster:plugin/lifecycle").stderr_lacks("backtrace");
    assert!(!scenario.project().join("app.wasm").exists());
}

#[test]
fn a_directory_that_could_be_in_two_languages_is_asked_about() {
    let scenario = Scenario::empty().with_file("Cargo.toml", PACKAGE).with_file("package.json", "{}");
    let run = scenario.raw(&["build"]).code(2);
    run.says("it could be Rust or JavaScript: say which with `drillmaster build DIR --lang LANG`");
}
