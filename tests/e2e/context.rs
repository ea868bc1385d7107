//! Values that hooks leave for the services that start after them.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use drillmaster_tests::scenario::Scenario;

use crate::support::{counter, see};

/// The files below the state directory that hold a text.
fn files_with(scenario: &Scenario, text: &str) -> Vec<PathBuf> {
    fn search(directory: &Path, text: &[u8], found: &mut Vec<PathBuf>) -> io::Result<()> {
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            if path.is_dir() {
                search(&path, text, found)?;
            } else if fs::read(&path)?.windows(text.len()).any(|window| window == text) {
                found.push(path);
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    search(&scenario.state(), text.as_bytes(), &mut found).unwrap();
    found
}

#[test]
fn a_value_that_one_service_leaves_is_in_the_environment_and_the_hooks_of_another() {
    let scenario = Scenario::new("telling");
    scenario.start(&[]).code(0);
    assert_eq!(scenario.get("listener", "/env/HEARD").text(), "<first>");
    assert_eq!(counter(&scenario, "listener", "first"), 1);
}

#[test]
fn doubled_braces_are_literal_and_braces_round_no_key_are_left_alone() {
    let scenario = Scenario::new("telling");
    scenario.start(&[]).code(0);
    assert_eq!(scenario.get("listener", "/env/LITERAL").text(), "{told.value}");
    assert_eq!(scenario.get("listener", "/env/JSON").text(), r#"{"value": 1}"#);
}

#[test]
fn a_container_that_a_later_command_creates_gets_the_value_too() {
    let scenario = Scenario::new("telling");
    scenario.start(&[]).code(0);
    let (teller, listener) = (scenario.id("teller"), scenario.id("listener"));
    scenario.stop(&[]).code(0);
    scenario.engine().remove_container(&listener).unwrap();

    scenario.start(&[]).code(0);

    assert_eq!(scenario.id("teller"), teller);
    assert_ne!(scenario.id("listener"), listener);
    assert_eq!(scenario.get("listener", "/env/HEARD").text(), "<first>");
    assert_eq!(counter(&scenario, "listener", "first"), 1);
}

#[test]
fn a_key_without_a_value_fails_the_service_and_names_the_variable_and_the_key() {
    let scenario = Scenario::new("telling").set("needs", "nobody.sets");
    scenario.start(&[]).code(1).stderr_has("listener").stderr_has("NEEDY").stderr_has("{nobody.sets}");
    assert!(scenario.is_running("teller"));
    assert_eq!(scenario.names(), ["teller"]);
}

#[test]
fn values_are_kept_below_the_state_directory_for_their_owner_alone() {
    let scenario = Scenario::new("telling").set("value", "a-secret");
    scenario.start(&[]).code(0);
    let files = files_with(&scenario, "a-secret");
    let [file] = files.as_slice() else { panic!("not one file but {files:?}") };
    assert!(file.starts_with(scenario.state().join("drillmaster")), "{}", file.display());
    assert_eq!(fs::metadata(file).unwrap().mode() & 0o777, 0o600);
}

#[test]
fn values_outlive_a_stop_and_go_with_their_container() {
    let scenario = Scenario::new("telling").set("value", "a-secret");
    scenario.start(&[]).code(0);
    scenario.stop(&[]).code(0);
    assert_eq!(files_with(&scenario, "a-secret").len(), 1);
    scenario.stop(&["--remove"]).code(0);
    assert_eq!(files_with(&scenario, "a-secret"), [""; 0].map(PathBuf::from));
}

#[test]
fn a_value_that_has_changed_replaces_the_containers_that_were_made_with_the_old_one() {
    let scenario = Scenario::new("telling");
    scenario.start(&[]).code(0);
    let listener = scenario.id("listener");

    scenario.start(&["--set", "value=second"]).code(0);

    assert_ne!(scenario.id("listener"), listener);
    assert_eq!(scenario.engine().inspect(&listener).unwrap(), None);
    assert_eq!(scenario.get("listener", "/env/HEARD").text(), "<second>");
    assert_eq!(counter(&scenario, "listener", "second"), 1);
}

#[test]
fn a_new_container_that_leaves_the_same_value_replaces_nothing_else() {
    let scenario = Scenario::new("telling");
    scenario.start(&[]).code(0);
    let listener = see(&scenario, "listener");
    scenario.engine().remove_container(&scenario.id("teller")).unwrap();
    scenario.start(&[]).code(0);
    assert_eq!(see(&scenario, "listener"), listener);
}
