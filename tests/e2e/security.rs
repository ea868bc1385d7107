//! What `SECURITY.md` promises, held against the tests that there are.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use drillmaster_tests::workspace;

/// The tests that stand in the table rows of a page, between backticks.
fn named(page: &str) -> Vec<(&str, BTreeSet<&str>)> {
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| Promise |"));
    rows.map(|row| {
        let tests = row.split('`').skip(1).step_by(2).filter(|text| text.contains("::"));
        (row, tests.collect())
    })
    .collect()
}

/// The tests that this program has.
fn end_to_end() -> BTreeSet<String> {
    let listed = Command::new(env::current_exe().unwrap()).args(["--list", "--format", "terse"]).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    listed.lines().filter_map(|line| Some(line.strip_suffix(": test")?.to_owned())).collect()
}

/// Whether a source file of a directory, or below it, has a test of this name.
fn has_unit_test(directory: &Path, test: &str) -> bool {
    let function = format!("fn {}()", test.rsplit("::").next().unwrap());
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
        if path.is_dir() {
            return has_unit_test(&path, test);
        }
        path.extension().is_some_and(|extension| extension == "rs")
            && fs::read_to_string(&path).unwrap().contains(&function)
    })
}

#[test]
fn each_promise_names_tests_and_each_of_them_is_there() {
    let page = fs::read_to_string(workspace::root().join("SECURITY.md")).unwrap();
    let (rows, known) = (named(&page), end_to_end());
    assert!(rows.len() > 20 && known.len() > 100, "{} rows, {} tests", rows.len(), known.len());
    let sources = workspace::root().join("host/src");
    for (row, tests) in rows {
        assert!(!tests.is_empty(), "a promise without a test: {row}");
        for test in tests {
            let is_there = match test.strip_prefix("host::") {
                Some(unit) => has_unit_test(&sources, unit),
                None => known.contains(test),
            };
            assert!(is_there, "there is no test {test}, which SECURITY.md names");
        }
    }
}
