//! The to-do list in the other languages: the same group, and its logic is tested by the language's own tools; and a group
//! in two languages.
//!
//! The tests of a language are in a module that is named after it, so that those of one whose tools cannot be had can be
//! left out, by name.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use drillmaster_tests::http;
use drillmaster_tests::scenario::Scenario;
use drillmaster_tests::workspace;
use serde_json::Value;

use crate::scaffold::{STAND_INS, with_database};
use crate::support::{built, free_port, tools, turn_to_build, world};
use crate::todo::example;

fn directory(language: &str) -> PathBuf {
    workspace::root().join(format!("examples/todo-{language}"))
}

fn plan(scenario: &Scenario) -> Value {
    let run = scenario.run(&["plan", "--offline", "--json", "app.wasm"]).code(0);
    let mut plan: Value = serde_json::from_str(&run.stdout.replace(&scenario.group(), "GROUP")).unwrap();
    for step in plan["steps"].as_array_mut().unwrap() {
        step.as_object_mut().unwrap().remove("definition").unwrap();
    }
    plan
}

/// The example with its definition in another language, and the one in Rust, give the same plan.
fn is_the_same_group(language: &str) {
    let ports = |scenario: Scenario| scenario.set("appdb_port", "20011").set("todo_port", "20012");
    let theirs = ports(example());
    let component = theirs.project().join("app.wasm").display().to_string();
    let sources = directory(language).display().to_string();
    let run = built(&world(), &theirs.project(), &[&sources, "--output", &component]);
    assert!(run.stdout.starts_with("wrote "), "{}", run.stdout);
    let in_rust = ports(example());
    assert_ne!(fs::read(&component).unwrap(), fs::read(in_rust.project().join("app.wasm")).unwrap());
    assert_eq!(plan(&theirs), plan(&in_rust));
}

/// Its logic passes its tests, in a copy of its directory.
fn passes_its_tests(language: &str, command: &[&str], prepare: impl FnOnce(&Path)) {
    let scenario = world();
    let copy = scenario.project().join("examples").join(language);
    copied(&directory(language), &copy);
    prepare(&copy);
    let (_turn, [nice, option, niceness]) = turn_to_build();
    let mut test = Command::new(nice);
    test.args([option, niceness, "env"]).args(command).envs(tools());
    let output = test.current_dir(&copy).env("HOME", scenario.home()).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&said));
}

fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn sdk(language: &str) -> String {
    workspace::root().join("guest-sdk").join(language).display().to_string()
}

/// A group of definitions in two languages, started as its README says, with images that are there.
#[test]
fn a_group_of_definitions_in_two_languages_starts() {
    with_database();
    let directory = workspace::root().join("examples/mixed");
    let scenario = world();
    for name in ["drillmaster.toml", "database.py", "api.js"] {
        let text = fs::read_to_string(directory.join(name)).unwrap();
        let text = STAND_INS.iter().fold(text, |text, (real, stand_in)| text.replace(real, stand_in));
        scenario.write(name, text);
    }
    let port = free_port();
    let scenario = scenario.set("port", &port.to_string());
    let run = scenario.run(&["start"]).code(0);
    run.stdout_has("database  ready").stdout_has("api       ready");
    let told = http::get(("127.0.0.1", port), "/env/PGRST_DB_URI").unwrap().text();
    assert_eq!(told, "postgresql://postgres:secret@database/postgres");
}

mod python {
    #[test]
    fn the_list_is_the_same_group() {
        super::is_the_same_group("python");
    }

    #[test]
    fn the_list_passes_its_tests() {
        let path = format!("PYTHONPATH={}/src", super::sdk("python"));
        super::passes_its_tests("python", &[&path, "python3", "-B", "test_app.py"], |_| ());
    }
}

mod javascript {
    #[test]
    fn the_list_is_the_same_group() {
        super::is_the_same_group("javascript");
    }

    #[test]
    fn the_list_passes_its_tests() {
        super::passes_its_tests("javascript", &["node", "--test"], |copy| {
            // As `npm install` lays it out.
            std::fs::create_dir(copy.join("node_modules")).unwrap();
            super::symlink(super::sdk("javascript"), copy.join("node_modules/drillmaster")).unwrap();
        });
    }
}

mod c {
    #[test]
    fn the_list_is_the_same_group() {
        super::is_the_same_group("c");
    }

    #[test]
    fn the_list_passes_its_tests() {
        let sdk = format!("SDK={}", super::sdk("c"));
        super::passes_its_tests("c", &["make", "--silent", "test", &sdk], |_| ());
    }
}

mod go {
    #[test]
    fn the_list_is_the_same_group() {
        super::is_the_same_group("go");
    }

    #[test]
    fn the_list_passes_its_tests() {
        super::passes_its_tests("go", &["go", "test", "./..."], |copy| {
            let file = copy.join("go.mod");
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(text.contains("../../guest-sdk/go"), "{text}");
            std::fs::write(&file, text.replace("../../guest-sdk/go", &super::sdk("go"))).unwrap();
        });
    }
}
