//! What a killed test leaves is removed by the next run, and nothing else is.

use std::env;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix;
use std::process::{Command, Stdio};

use drillmaster_tests::engine::{self, Engine};
use drillmaster_tests::leftovers;
use drillmaster_tests::process;
use drillmaster_tests::scenario::Scenario;

use crate::litter;

/// Set for the process that is to be killed.
const VICTIM: &str = "DRILLMASTER_E2E_VICTIM";

/// Whether this is the process that is to be killed, in which the same test runs.
fn is_victim() -> bool {
    env::var_os(VICTIM).is_some()
}

/// Runs a test of this module once more, in a process of its own, until it waits to be killed, and kills it. Gives the
/// group that it was about.
fn kill_victim(test: &str) -> String {
    let mut victim = Command::new(env::current_exe().unwrap())
        .args([&format!("sweeping::{test}"), "--exact", "--nocapture"])
        .env(VICTIM, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines().map_while(Result::ok);
    let group = lines.find_map(|line| Some(line.split_once("victim of ")?.1.to_owned())).unwrap();
    victim.kill().unwrap();
    victim.wait().unwrap();
    group
}

fn wait_to_be_killed(scenario: &Scenario) {
    println!("victim of {}", scenario.group());
    // Ends when the other process does, if that fails to kill us.
    let _ = io::stdin().read_to_end(&mut Vec::new());
}

#[test]
fn what_a_killed_test_has_left_is_swept_and_what_lives_is_not() {
    let living = Scenario::empty();
    let engine = living.engine();
    litter::make(engine, &living.group());
    if is_victim() {
        return wait_to_be_killed(&living);
    }
    let group = kill_victim("what_a_killed_test_has_left_is_swept_and_what_lives_is_not");
    assert_eq!(litter::found(engine, &group), litter::all(&group));
    let directory = leftovers::directories().join(&group);
    assert!(directory.exists());

    leftovers::sweep(engine).unwrap();

    assert_eq!(litter::found(engine, &group), [""; 0]);
    assert!(!directory.exists());
    assert_eq!(litter::found(engine, &living.group()), litter::all(&living.group()));
    assert!(living.project().exists());
}

#[test]
fn an_engine_that_a_killed_test_has_left_is_swept_with_what_it_holds() {
    if is_victim() {
        let scenario = Scenario::new("commanded").with_own_engine(&[]);
        scenario.start(&["--exclude", "left,right,top"]).code(0);
        return wait_to_be_killed(&scenario);
    }
    let group = kill_victim("an_engine_that_a_killed_test_has_left_is_swept_with_what_it_holds");
    let engine = Engine::connect().unwrap();
    let left = engine.containers(&group).unwrap();
    let [container] = left.as_slice() else { panic!("{left:?}") };
    let mounts = container.mounts.as_deref().unwrap_or_default();
    let data = mounts.iter().find_map(|mount| mount.name.as_deref()).expect("its data lies in a volume");
    let volume = || engine::block("look at a volume", engine.docker().inspect_volume(data));
    assert!(volume().is_ok());

    leftovers::sweep(&engine).unwrap();

    assert!(engine.containers(&group).unwrap().is_empty());
    assert!(volume().is_err());
    assert!(!leftovers::directories().join(&group).exists());
}

#[test]
fn a_scenario_removes_what_it_has() {
    let engine = Engine::connect().unwrap();
    let scenario = Scenario::empty();
    let (group, project) = (scenario.group(), scenario.project());
    litter::make(&engine, &group);
    assert_eq!(litter::found(&engine, &group), litter::all(&group));
    drop(scenario);
    assert_eq!(litter::found(&engine, &group), [""; 0]);
    assert!(!project.exists());
}

#[test]
fn a_drillmaster_that_a_killed_test_has_left_running_is_killed() {
    let scenario = Scenario::empty();
    // Anything of that name will do; this one waits for its stdin.
    let program = scenario.project().join("drillmaster");
    unix::fs::symlink("/bin/sh", &program).unwrap();
    let mut child = Command::new(program)
        .args(["-c", "echo ready; read line", "drillmaster", "--group", &scenario.group()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    assert_eq!(process::kill_those_on("e2e-1-2-3"), 0);
    assert_eq!(process::kill_those_on(&scenario.group()), 1);
    assert!(!child.wait().unwrap().success());
}
