//! What a killed test leaves is removed by the next run, and nothing else is.

use std::env;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix;
use std::process::{Command, Stdio};

use drillmaster_tests::engine::Engine;
use drillmaster_tests::leftovers;
use drillmaster_tests::process;
use drillmaster_tests::scenario::Scenario;

use crate::litter;

/// Set for the process that is to be killed.
const VICTIM: &str = "DRILLMASTER_E2E_VICTIM";
const NAME: &str = "sweeping::what_a_killed_test_has_left_is_swept_and_what_lives_is_not";

#[test]
fn what_a_killed_test_has_left_is_swept_and_what_lives_is_not() {
    if env::var_os(VICTIM).is_some() {
        return wait_to_be_killed();
    }
    let living = Scenario::empty();
    let engine = living.engine();
    litter::make(engine, &living.group());

    let mut victim = Command::new(env::current_exe().unwrap())
        .args([NAME, "--exact", "--nocapture"])
        .env(VICTIM, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines().map_while(Result::ok);
    let group = lines.find_map(|line| Some(line.split_once("victim of ")?.1.to_owned())).unwrap();
    victim.kill().unwrap();
    victim.wait().unwrap();
    assert_eq!(litter::found(engine, &group), litter::all(&group));
    let directory = leftovers::directories().join(&group);
    assert!(directory.exists());

    leftovers::sweep(engine).unwrap();

    assert_eq!(litter::found(engine, &group), [""; 0]);
    assert!(!directory.exists());
    assert_eq!(litter::found(engine, &living.group()), litter::all(&living.group()));
    assert!(living.project().exists());
}

/// The part of the process that is killed.
fn wait_to_be_killed() {
    let scenario = Scenario::empty();
    litter::make(scenario.engine(), &scenario.group());
    println!("victim of {}", scenario.group());
    // Ends when the other process does, if that fails to kill us.
    let _ = io::stdin().read_to_end(&mut Vec::new());
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
