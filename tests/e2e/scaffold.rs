//! `drillmaster new`: the group that it writes is tested, built, checked, started and stopped as its README says, in every
//! language.
//!
//! The tests of a language are in a module that is named after it, so that those of one whose tools cannot be had can be
//! left out, by name.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use drillmaster_tests::http;
use drillmaster_tests::scenario::Scenario;

use crate::support::{DATABASE, built, first_start, free_port, tools, turn_to_build, world};
use crate::todo::example;

/// Images that are the same everywhere stand in for those that come from a registry: the example's database,
/// and the tests' service, on the port that it is told.
pub(crate) const STAND_INS: [(&str, &str); 4] = [
    ("postgres:17", DATABASE),
    ("postgrest/postgrest:v12.2.3", "drillmaster-test-service:latest"),
    ("PGRST_DB_ANON_ROLE", "LISTEN"),
    ("\"postgres\"", "\"3000\""),
];

/// Makes sure that the image of the example's database is there.
pub(crate) fn with_database() {
    static BUILT: LazyLock<()> = LazyLock::new(|| {
        let _ = first_start(&example(), &["--exclude", "todo"]);
    });
    *BUILT;
}

fn new(scenario: &Scenario, language: &str) -> PathBuf {
    let _ = scenario.raw(&["new", "shop", "--lang", language]).code(0).stdout_has("drillmaster start shop");
    scenario.project().join("shop")
}

/// Runs the tests of the group's logic as its README says.
fn test(scenario: &Scenario, directory: &Path, readme: &str) {
    let line = readme.lines().find(|line| line.contains("# the logic, without Docker")).unwrap();
    let command = line.split('#').next().unwrap().trim();
    let (_turn, [nice, option, niceness]) = turn_to_build();
    let mut test = Command::new(nice);
    test.args([option, niceness, "sh", "-c", command]).envs(tools()).current_dir(directory);
    let output = test.env("HOME", scenario.home()).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&said));
}

/// Puts images that are there into the place of those that are not.
fn stand_in(directory: &Path, source: &str) {
    let file = directory.join(source);
    let mut text = fs::read_to_string(&file).unwrap();
    for (real, stand_in) in STAND_INS {
        assert!(text.contains(real), "{source} has no {real}: {text}");
        text = text.replace(real, stand_in);
    }
    fs::write(&file, text).unwrap();
}

fn begins(language: &str, source: &str) {
    with_database();
    let scenario = world();
    let directory = new(&scenario, language);
    let readme = fs::read_to_string(directory.join("README.md")).unwrap();
    assert!(readme.starts_with("# shop\n") && readme.lines().count() <= 16, "{readme}");
    test(&scenario, &directory, &readme);
    stand_in(&directory, source);
    let port = free_port();
    let run = |arguments: &[&str]| scenario.raw_invocation(arguments).within(&directory).spawn().wait().code(0);
    let _ = built(&scenario, &directory, &["."]).stdout_has("wrote ./app.wasm");
    let _ = run(&["check", "."]).stdout_has("group shop is valid: 2 services");
    let group = scenario.group();
    let set = format!("port={port}");
    let started = run(&["start", ".", "--group", &group, "--set", &set]);
    let _ = started.stdout_has("database  ready").stdout_has("api       ready");
    let told = http::get(("127.0.0.1", port), "/env/PGRST_DB_URI").unwrap().text();
    assert_eq!(told, "postgresql://postgres:secret@database/postgres");
    let _ = run(&["stop", ".", "--group", &group, "--set", &set, "--remove", "--volumes"]);
    assert_eq!(scenario.names(), [""; 0]);
}

macro_rules! languages {
    ($($language:ident: $source:expr;)+) => {
        $(mod $language {
            #[test]
            fn begins_with_a_group_that_is_tested_built_checked_started_and_stopped() {
                super::begins(stringify!($language), $source);
            }
        })+
    };
}

languages! {
    rust: "src/lib.rs";
    python: "app.py";
    javascript: "app.js";
    c: "app.c";
    go: "main.go";
}

#[test]
fn a_group_is_not_written_over_anything() {
    let scenario = Scenario::empty().with_file("shop/notes.txt", "mine");
    let run = scenario.raw(&["new", "shop", "--lang", "rust"]).code(2);
    let _ = run.says("shop is there already, and not empty: choose another name, or remove it");
    assert_eq!(fs::read_dir(scenario.project().join("shop")).unwrap().count(), 1);
}

#[test]
fn a_name_that_no_group_can_have_is_refused() {
    let scenario = Scenario::empty();
    let _ = scenario.raw(&["new", "my_shop", "--lang", "rust"]).code(2).says("\"my_shop\" cannot be one");
    assert!(!scenario.project().join("my_shop").exists());
}
