//! A state directory that is full or cannot be written.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use drillmaster_tests::process;
use drillmaster_tests::scenario::{Invocation, Scenario};
use drillmaster_tests::workspace;

use crate::steering;

/// The value of the context is longer than this, in bytes, and everything else that is written is shorter.
const ROOM: u64 = 1024;

/// `drillmaster start`, which is told when a file would become too large, instead of being ended.
fn start(scenario: &Scenario) -> Invocation {
    let program = workspace::binary("drillmaster").display().to_string();
    let group = scenario.group();
    let value = format!("app.SAY={}", "x".repeat(4096));
    let shell = r#"trap "" XFSZ; exec "$0" "$@""#;
    let gated = ["--set", "app.PING=gate", "--set", "app.INIT=set", "--set", &value];
    let arguments = [&["-c", shell, &program, "start", "--group", &group, "app.wasm"][..], &gated].concat();
    Invocation::new(Path::new("/bin/sh"), &arguments, &scenario.project())
        .envs(&[("XDG_STATE_HOME", &scenario.state().display().to_string())])
}

#[test]
fn a_value_that_cannot_be_saved_fails_the_service_with_the_file_and_the_next_start_puts_it_right() {
    let scenario = Scenario::new("single");
    let running = start(&scenario).spawn();
    steering::answers(&scenario, "app.starting");
    // From now on there is no room, as on a disk that is full.
    assert!(process::limit_file_size(running.pid(), ROOM));
    steering::open_gate(&scenario, "app.starting");
    let run = running.wait().code(1);
    run.says("post-start-init failed: cannot save the context values in ").says("context.json");
    assert_eq!(scenario.names(), ["app.starting"]);
    assert_eq!(scenario.running(), [""; 0]);
    assert_eq!(scenario.networks().len(), 1);

    let running = start(&scenario).spawn();
    steering::open_gate(&scenario, "app.starting");
    running.wait().code(0);
    assert_eq!(scenario.names(), ["app"]);
    assert_eq!(scenario.running(), ["app"]);
    assert_eq!(scenario.get("app", "/peek/init").text(), "1");
}

/// A start with this state directory.
fn with_state(scenario: &Scenario, directory: &Path) -> Invocation {
    scenario.invocation(&["start", "app.wasm"]).envs(&[("XDG_STATE_HOME", &directory.display().to_string())])
}

#[test]
fn a_state_directory_that_cannot_be_made_is_named_and_nothing_is_started() {
    let scenario = Scenario::new("single").with_file("a-file", "");
    // Nobody can make one there, not even root.
    for place in [scenario.project().join("a-file"), "/proc/no/such/place".into()] {
        let run = with_state(&scenario, &place).spawn().wait().code(1);
        run.says(&place.display().to_string()).says("cannot make the state directory").says("XDG_STATE_HOME");
        assert_eq!(scenario.names(), [""; 0]);
        assert!(scenario.networks().is_empty());
    }
    scenario.start(&[]).code(0);
    assert_eq!(scenario.running(), ["app"]);
}

/// The group's directory below the state directory, which a start has made.
fn group_directory(scenario: &Scenario) -> std::path::PathBuf {
    let engines = fs::read_dir(scenario.state().join("drillmaster")).unwrap();
    engines.map(|engine| engine.unwrap().path().join(scenario.group())).find(|path| path.is_dir()).unwrap()
}

#[test]
fn a_lock_that_cannot_be_taken_is_named_and_nothing_is_changed() {
    let scenario = Scenario::new("single");
    scenario.start(&[]).code(0);
    let lock = group_directory(&scenario).join("lock");
    fs::remove_file(&lock).unwrap();
    fs::create_dir(&lock).unwrap();
    for arguments in [&["start", "app.wasm"][..], &["stop", "app.wasm"]] {
        scenario.run(arguments).code(1).says("cannot lock").says(&lock.display().to_string());
    }
    assert_eq!(scenario.running(), ["app"]);
    fs::remove_dir(&lock).unwrap();
    scenario.stop(&[]).code(0);
}

#[test]
fn context_values_that_cannot_be_read_are_named_with_what_removing_them_costs() {
    let scenario = Scenario::new("single").set("app.INIT", "set").set("app.SAY", "hello");
    scenario.start(&[]).code(0);
    let file = group_directory(&scenario).join("context.json");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&file, "{\"app.value\": [{\"val").unwrap();
    let run = scenario.start(&[]).code(1).says("cannot read the context values in ");
    run.says(&file.display().to_string()).says("and nothing else");
    assert_eq!(scenario.running(), ["app"]);
    fs::remove_file(&file).unwrap();
    let id = scenario.id("app");
    scenario.start(&[]).code(0);
    assert_eq!(scenario.id("app"), id);
}

#[test]
fn a_stop_goes_on_without_context_values_that_cannot_be_read_and_leaves_them() {
    let scenario = Scenario::new("single").set("app.INIT", "set").set("app.SAY", "hello");
    scenario.start(&[]).code(0);
    let file = group_directory(&scenario).join("context.json");
    fs::write(&file, "broken").unwrap();
    let warned = "cannot read the context values in ";
    scenario.run(&["ps"]).code(0).stderr_has(warned).stdout_has("app");
    scenario.stop(&["--remove"]).code(0).stderr_has(warned).stderr_has("goes on without them");
    assert_eq!(scenario.names(), [""; 0]);
    assert_eq!(fs::read_to_string(&file).unwrap(), "broken");
}

#[test]
fn a_stop_removes_containers_where_nothing_can_be_written() {
    let scenario = Scenario::new("single").set("app.INIT", "set").set("app.SAY", "hello");
    scenario.start(&[]).code(0);
    let program = workspace::binary("drillmaster").display().to_string();
    let group = scenario.group();
    // Files can have no byte, as on a disk that is full.
    let shell = r#"trap "" XFSZ; ulimit -f 0; exec "$0" "$@""#;
    let arguments = ["-c", shell, &program, "stop", "--group", &group, "--remove"];
    let run = Invocation::new(Path::new("/bin/sh"), &arguments, &scenario.project())
        .envs(&[("XDG_STATE_HOME", &scenario.state().display().to_string())])
        .spawn()
        .wait();
    run.code(0).says("cannot save the context values");
    assert_eq!(scenario.names(), [""; 0]);
    assert!(scenario.networks().is_empty());
}

#[test]
fn a_state_directory_in_which_others_may_have_put_something_is_refused() {
    let scenario = Scenario::new("single").with_file("innocent", "content");
    scenario.start(&[]).code(0);
    let (directory, innocent) = (group_directory(&scenario), scenario.project().join("innocent"));
    let refused = |path: &Path| {
        for arguments in [&["start", "app.wasm"][..], &["stop", "app.wasm"], &["ps"]] {
            scenario.run(arguments).code(1).says(&path.display().to_string()).says("XDG_STATE_HOME");
        }
    };
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o777)).unwrap();
    refused(&directory);
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o700)).unwrap();
    let lock = directory.join("lock");
    fs::remove_file(&lock).unwrap();
    std::os::unix::fs::symlink(&innocent, &lock).unwrap();
    refused(&lock);
    assert_eq!(fs::read_to_string(&innocent).unwrap(), "content");
    assert_eq!(scenario.running(), ["app"]);
    fs::remove_file(&lock).unwrap();
    scenario.stop(&[]).code(0);
}
