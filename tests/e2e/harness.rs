//! The harness keeps its own promises.

use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use drillmaster_tests::engine::{self, Engine};
use drillmaster_tests::group::GroupName;
use drillmaster_tests::inner::InnerEngine;
use drillmaster_tests::proxy::Proxy;
use drillmaster_tests::scenario::{Invocation, Scenario, Signal};
use drillmaster_tests::workspace;

use crate::litter;

fn shell(script: &str) -> Invocation {
    Invocation::new(Path::new("/bin/sh"), &["-c", script], Path::new("/"))
}

#[test]
fn a_command_that_outlives_its_deadline_is_killed_and_its_output_is_shown() {
    let running = shell("echo so far; exec sleep 60").deadline(Duration::from_millis(500)).spawn();
    let pid = running.pid();
    let panic = panic::catch_unwind(AssertUnwindSafe(|| running.wait())).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(message.contains("did not end within 500ms") && message.contains("so far"), "{message}");
    assert_eq!(drillmaster_tests::process::Identity::of(pid), None);
}

#[test]
fn a_command_can_be_awaited_signalled_and_its_end_is_told() {
    let mut running = shell("trap 'echo caught; exit 7' TERM; echo ready; while :; do sleep 0.01; done").spawn();
    running.until("it is ready", |running| running.stdout().contains("ready"));
    running.signal(Signal::TERM);
    running.wait().code(7).stdout_has("caught").stderr_lacks("caught");

    let running = shell("exec sleep 60").spawn();
    running.signal(Signal::KILL);
    assert_eq!(running.wait().ending_signal(), Some(9));
}

#[test]
fn waiting_for_a_command_that_has_ended_ends_too() {
    let mut running = shell("echo only this").spawn();
    let waited = panic::catch_unwind(AssertUnwindSafe(|| {
        running.until("something else", |running| running.stdout().contains("else"));
    }));
    let panic = waited.unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(message.contains("it has ended") && message.contains("only this"), "{message}");
}

#[test]
fn the_proxy_counts_every_request_to_the_engine() {
    let proxy = Proxy::start();
    let engine = Engine::connect_to(&proxy.address()).unwrap();
    let connecting = proxy.requests().len();
    assert!(connecting >= 1, "{:?}", proxy.requests());
    proxy.forget();
    engine.networks().unwrap();
    engine.inspect("no-such-container").unwrap();
    engine::block("ping", engine.docker().ping()).unwrap();
    let requests = proxy.requests();
    assert_eq!(requests.len(), 3, "{requests:?}");
    assert!(requests[1].starts_with("GET /") && requests[1].ends_with("/containers/no-such-container/json"));
}

#[test]
fn what_explains_a_failed_test_is_kept_and_the_rest_removed() {
    let name = "harness.made_to_fail";
    let directory = workspace::target().join("e2e").join(name);
    let (tell, told) = mpsc::channel();
    let failing = thread::Builder::new().name(name.to_owned()).spawn(move || {
        let scenario = Scenario::empty().with_file("notes/a.txt", "hello");
        litter::make(scenario.engine(), &scenario.group());
        tell.send(scenario.group()).unwrap();
        // A panic that says nothing, and that the scenario is dropped by.
        panic::resume_unwind(Box::new(()));
    });
    assert!(failing.unwrap().join().is_err());
    let group = told.recv().unwrap();
    assert_eq!(litter::found(&Engine::connect().unwrap(), &group), [""; 0]);
    assert_eq!(fs::read_to_string(directory.join("project/notes/a.txt")).unwrap(), "hello");
    assert!(fs::read_to_string(directory.join(format!("{group}-db.json"))).unwrap().contains("\"Running\": true"));
    assert!(fs::read_to_string(directory.join(format!("{group}-db.log"))).unwrap().contains("listening on 8080"));
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn an_engine_of_a_tests_own_that_cannot_run_says_why() {
    let scenario = Scenario::empty();
    let group = GroupName::parse(&scenario.group()).unwrap();
    let directory = scenario.project().join("engine");
    let started = InnerEngine::start(scenario.engine(), group, directory, &["--storage-driver=none-such"]);
    let error = format!("{:#}", started.unwrap_err());
    for part in ["cannot run in a container", "none-such", "it ended with 1"] {
        assert!(error.contains(part), "{error}");
    }
}
