//! `restart` and `reload`: a service's life once more, and nothing else touched.

use drillmaster_tests::images;
use drillmaster_tests::scenario::Scenario;

use crate::support::{counter, docker_stop, see};

const ALL: [&str; 4] = ["db", "left", "right", "top"];

/// Four ready services; `aside` is not started.
#[track_caller]
fn started() -> Scenario {
    let scenario = Scenario::new("kite");
    scenario.start(&["--exclude", "aside"]).code(0);
    scenario
}

#[test]
fn a_restart_stops_and_starts_the_same_container_and_initialises_nothing() {
    let scenario = started();
    let before = ALL.map(|service| see(&scenario, service));
    scenario.run(&["restart", "app.wasm", "left"]).code(0).stdout_has("left").stderr_lacks("reloaded");
    let after = ALL.map(|service| see(&scenario, service));
    assert_eq!(after[1].id, before[1].id);
    assert!(after[1].started_at > before[1].started_at);
    assert_eq!(counter(&scenario, "left", "init"), 1);
    for index in [0, 2, 3] {
        assert_eq!(after[index], before[index], "{}", ALL[index]);
    }
    assert_eq!(scenario.names(), ALL);
}

#[test]
fn a_restart_with_dependents_restarts_what_depends_on_the_service_in_order() {
    let scenario = started();
    let before = ALL.map(|service| see(&scenario, service));
    scenario.run(&["restart", "app.wasm", "left", "--dependents"]).code(0);
    let after = ALL.map(|service| see(&scenario, service));
    assert_eq!(after.clone().map(|seen| seen.id), before.clone().map(|seen| seen.id));
    assert!(before[3].started_at < after[1].started_at, "left was not restarted");
    assert!(after[1].started_at < after[3].started_at, "top was restarted before left");
    for index in [0, 2] {
        assert_eq!(after[index], before[index], "{}", ALL[index]);
    }
    for service in ALL {
        assert_eq!(counter(&scenario, service, "init"), 1, "{service}");
    }
}

#[test]
fn several_services_are_restarted_in_order_of_dependency() {
    let scenario = started();
    let before = ALL.map(|service| see(&scenario, service));
    scenario.run(&["restart", "app.wasm", "left", "db"]).code(0);
    let after = ALL.map(|service| see(&scenario, service));
    assert!(after[0].started_at < after[1].started_at, "left was restarted before db");
    assert!(before[1].started_at < after[0].started_at, "db was not restarted");
    assert_eq!([&after[2], &after[3]], [&before[2], &before[3]]);
}

#[test]
fn a_restart_starts_a_service_that_was_stopped() {
    let scenario = started();
    let id = scenario.id("top");
    docker_stop(&scenario, "top");
    scenario.run(&["restart", "app.wasm", "top"]).code(0);
    assert!(scenario.is_running("top"));
    assert_eq!(scenario.id("top"), id);
}

#[test]
fn a_reload_replaces_the_container_and_runs_the_whole_life_of_a_new_one() {
    let scenario = started();
    let before = ALL.map(|service| see(&scenario, service));
    scenario.run(&["reload", "app.wasm", "left"]).code(0).stderr_has("reloaded left");
    let after = ALL.map(|service| see(&scenario, service));
    assert_ne!(after[1].id, before[1].id);
    assert_eq!(scenario.engine().inspect(&before[1].id).unwrap(), None);
    assert_eq!(counter(&scenario, "left", "init"), 1);
    for index in [0, 2, 3] {
        assert_eq!(after[index], before[index], "{}", ALL[index]);
    }
    assert_eq!(scenario.names(), ALL);
}

#[test]
fn a_reload_with_dependents_restarts_them_afterwards() {
    let scenario = started();
    let before = ALL.map(|service| see(&scenario, service));
    let run = scenario.run(&["reload", "app.wasm", "db", "--dependents"]).code(0);
    let after = ALL.map(|service| see(&scenario, service));
    assert_ne!(after[0].id, before[0].id);
    for index in 1..4 {
        assert_eq!(after[index].id, before[index].id, "{}", ALL[index]);
        assert!(after[0].started_at < after[index].started_at, "{} was restarted before db", ALL[index]);
    }
    assert!(after[1].started_at < after[3].started_at && after[2].started_at < after[3].started_at);
    // They were not reloaded.
    run.stderr_has("reloaded db").stderr_lacks("reloaded left").stderr_lacks("reloaded top");
}

#[test]
fn a_reload_builds_the_image_again() {
    let built = |greeting: &str| format!("FROM {}\nENV GREETING={greeting}\n", images::SERVICE);
    let scenario = Scenario::new("single").set("app.build", "oven").with_file("oven/Dockerfile", built("hello"));
    let scenario = scenario.set("app.image", "own");
    scenario.start(&[]).code(0);
    let old = scenario.id("app");
    scenario.write("oven/Dockerfile", built("bonjour"));
    scenario.run(&["reload", "app.wasm", "app"]).code(0);
    assert_ne!(scenario.id("app"), old);
    assert_eq!(scenario.get("app", "/env/GREETING").text(), "bonjour");
}

#[test]
fn a_reload_creates_a_service_that_was_never_started() {
    let scenario = started();
    scenario.run(&["reload", "app.wasm", "aside"]).code(0);
    assert!(scenario.is_running("aside"));
}

#[test]
fn an_unknown_service_is_refused_with_the_known_ones() {
    let scenario = started();
    let before = ALL.map(|service| see(&scenario, service));
    for command in ["restart", "reload"] {
        let run = scenario.run(&[command, "app.wasm", "db", "nobody"]).code(2);
        run.says("`nobody`").says("aside, db, left, right, top");
        scenario.run(&[command, "app.wasm"]).code(2).says("aside, db, left, right, top");
    }
    assert_eq!(ALL.map(|service| see(&scenario, service)), before);
}

#[test]
fn a_restart_of_a_service_that_was_never_started_is_refused() {
    let scenario = started();
    scenario.run(&["restart", "app.wasm", "aside"]).code(1).says("`aside` has not been started");
    assert_eq!(scenario.names(), ALL);
}

#[test]
fn a_service_whose_dependency_does_not_run_is_refused() {
    let scenario = started();
    docker_stop(&scenario, "db");
    for command in ["restart", "reload"] {
        scenario.run(&[command, "app.wasm", "left"]).code(1).says("`left` depends on `db`, which is not running");
    }
    assert_eq!(scenario.names(), ALL);
    assert_eq!(scenario.running(), ["left", "right", "top"]);
}

#[test]
fn a_restarted_service_that_does_not_become_ready_fails_the_command_and_keeps_its_container() {
    let scenario = Scenario::new("single");
    scenario.start(&[]).code(0);
    let id = scenario.id("app");
    // No ping answers that fast.
    scenario.run(&["restart", "app.wasm", "app", "--timeout", "0.001"]).code(1).says("not ready within 0.001 s");
    assert_eq!(scenario.names(), ["app"]);
    assert_eq!(scenario.running(), [""; 0]);
    scenario.start(&[]).code(0);
    assert_eq!(scenario.id("app"), id);
    assert_eq!(counter(&scenario, "app", "init"), 1);
}
