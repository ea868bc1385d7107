//! What others do to containers and networks behind our back.

use std::time::Duration;

use bollard::models::ContainerCreateBody;
use bollard::query_parameters::{CreateContainerOptionsBuilder, StopContainerOptions};
use drillmaster_tests::engine::{SERVICE, block};
use drillmaster_tests::images;
use drillmaster_tests::scenario::{Running, Scenario};
use drillmaster_tests::wait;

use crate::steering;
use crate::support::{counter, docker_rename, docker_stop, see};

/// So long may a command go on once what it waits for is gone.
const SOON: Duration = Duration::from_secs(10);

const START: [&str; 2] = ["start", "app.wasm"];

/// Removes a container, as `docker rm -f` does.
#[track_caller]
fn docker_remove(scenario: &Scenario, container: &str) {
    scenario.engine().remove_container(&scenario.id(container)).unwrap();
}

/// A start that waits for the gate of `app`.
#[track_caller]
fn pinged(scenario: &Scenario) -> Running {
    let start = scenario.spawn(&[&START[..], &["--set", "app.PING=gate"]].concat());
    steering::answers(scenario, "app.starting");
    start
}

#[test]
fn a_container_that_is_removed_while_it_is_pinged_fails_at_once_and_the_next_start_makes_another() {
    let scenario = Scenario::new("single");
    let start = pinged(&scenario);
    docker_remove(&scenario, "app.starting");
    start.wait().code(1).says("app").within(SOON);
    assert_eq!(scenario.names(), [""; 0]);
    scenario.start(&[]).code(0);
    assert_eq!(scenario.running(), ["app"]);
}

#[test]
fn a_container_that_is_removed_while_it_is_initialised_fails_at_once() {
    let scenario = Scenario::new("single").set("app.INIT", "sleep");
    let mut start = scenario.spawn(&START);
    start.until("it is initialised", |start| start.stderr().contains("initialising"));
    docker_remove(&scenario, "app.starting");
    start.wait().code(1).says("app").within(SOON);
    assert_eq!(scenario.names(), [""; 0]);
}

#[test]
fn a_container_that_is_stopped_while_it_is_pinged_fails_at_once_with_its_code() {
    let scenario = Scenario::new("single");
    let start = pinged(&scenario);
    docker_stop(&scenario, "app.starting");
    start.wait().code(1).says("exited with code 143").within(SOON * 3);
    assert_eq!(scenario.names(), ["app.starting"]);
    scenario.start(&[]).code(0);
    assert_eq!(scenario.names(), ["app"]);
}

#[test]
fn a_container_that_is_renamed_while_it_is_pinged_gets_its_name_all_the_same() {
    let scenario = Scenario::new("single");
    let start = pinged(&scenario);
    // Under a name whose label is still that of `app`.
    docker_rename(&scenario, "app.starting", "app.mine");
    steering::open_gate(&scenario, "app.mine");
    start.wait().code(0);
    assert_eq!(scenario.names(), ["app"]);
}

#[test]
fn a_container_that_is_renamed_between_two_commands_is_not_its_services_any_more_and_is_left_alone() {
    let scenario = Scenario::new("single").set("app.volume", "counts");
    scenario.start(&[]).code(0);
    docker_rename(&scenario, "app", "mine");
    let name = format!("{}-mine", scenario.group());
    let mine = || scenario.engine().inspect(&name).unwrap().unwrap().state.unwrap();
    let before = mine().started_at;
    // It runs on the group's volume, and no second one is to do so.
    let run = scenario.start(&[]).code(3).says(&format!("container {name} is running with volume drillmaster-"));
    run.says("left alone").says(&format!("container {name} (its name is not one of the group's)"));
    assert_eq!(scenario.names(), ["mine"]);
    assert_eq!(mine().started_at, before);

    block("stop", scenario.engine().docker().stop_container(&name, None::<StopContainerOptions>)).unwrap();
    scenario.start(&[]).code(0).says("left alone");
    assert_eq!(scenario.names(), ["app", "mine"]);
    assert_eq!(scenario.running(), ["app"]);
    scenario.stop(&["--remove"]).code(0).says(&name);
    assert_eq!(scenario.names(), ["mine"]);
}

#[test]
fn the_old_container_can_be_removed_while_it_is_replaced() {
    let scenario = Scenario::new("single");
    scenario.start(&[]).code(0);
    let old = scenario.id("app");
    let start = pinged(&scenario);
    scenario.engine().remove_container(&old).unwrap();
    steering::open_gate(&scenario, "app.starting");
    start.wait().code(0);
    assert_eq!(scenario.names(), ["app"]);
    assert_eq!(scenario.running(), ["app"]);
    assert_eq!(counter(&scenario, "app", "init"), 1);
}

#[test]
fn what_is_removed_between_two_commands_is_created_anew_and_the_rest_is_kept() {
    let scenario = Scenario::new("kite");
    scenario.start(&["--exclude", "aside"]).code(0);
    let kept = ["left", "right", "top"].map(|service| see(&scenario, service));
    docker_remove(&scenario, "db");
    scenario.start(&["--exclude", "aside"]).code(0);
    assert_eq!(["left", "right", "top"].map(|service| see(&scenario, service)), kept);
    assert_eq!(counter(&scenario, "db", "init"), 1);
    assert_eq!(scenario.names(), ["db", "left", "right", "top"]);
}

#[test]
fn a_container_that_is_removed_while_it_stops_is_no_error() {
    let scenario = Scenario::new("kite").set("left.IGNORE_SIGTERM", "1").set("left.stop-timeout", "5000");
    scenario.start(&["--exclude", "aside,right,top"]).code(0);
    let stop = scenario.spawn(&["stop", "app.wasm"]);
    wait::until("left to be told", SOON, || scenario.logs("left").contains("received SIGTERM"));
    docker_remove(&scenario, "left");
    stop.wait().code(0);
    assert_eq!(scenario.names(), ["db"]);
    assert_eq!(scenario.running(), [""; 0]);
}

#[test]
fn a_container_that_a_killed_command_leaves_late_makes_way_for_the_new_one() {
    let scenario = Scenario::new("kite").set("db.PING", "gate");
    let start = scenario.spawn(&[&START[..], &["--exclude", "aside,right,top"]].concat());
    steering::answers(&scenario, "db.starting");
    // As the engine finishes creating one for a command that is no more, after this start has looked at what is there.
    let mut labels = scenario.container("db.starting").unwrap().config.unwrap().labels.unwrap();
    labels.insert(SERVICE.to_owned(), "left".to_owned());
    let body =
        ContainerCreateBody { image: Some(images::SERVICE.to_owned()), labels: Some(labels), ..Default::default() };
    let name = format!("{}-left.starting", scenario.group());
    let options = CreateContainerOptionsBuilder::new().name(&name).build();
    let late = block("create", scenario.engine().docker().create_container(Some(options), body)).unwrap().id;
    steering::open_gate(&scenario, "db.starting");
    start.wait().code(0);
    assert_eq!(scenario.names(), ["db", "left"]);
    assert_eq!(scenario.running(), ["db", "left"]);
    assert_eq!(scenario.engine().inspect(&late).unwrap(), None);
}

/// Removes the group's networks, whose containers do not run.
#[track_caller]
fn remove_networks(scenario: &Scenario) {
    for network in scenario.networks() {
        scenario.engine().remove_network(&network.id.unwrap_or_default()).unwrap();
    }
}

#[test]
fn a_network_that_is_removed_between_two_commands_is_made_again_and_the_containers_are_kept() {
    let scenario = Scenario::new("kite");
    let arguments = ["--exclude", "aside,top"];
    scenario.start(&arguments).code(0);
    let kept = ["db", "left", "right"].map(|service| scenario.id(service));
    scenario.stop(&[]).code(0);
    remove_networks(&scenario);
    // One of them has to be created, and so makes the network that the others miss.
    docker_remove(&scenario, "right");

    scenario.start(&arguments).code(0);

    assert_eq!(scenario.running(), ["db", "left", "right"]);
    assert_eq!(["db", "left"].map(|service| scenario.id(service)), [kept[0].clone(), kept[1].clone()]);
    assert_eq!(scenario.networks().len(), 1);
    for service in ["db", "left"] {
        assert_eq!(counter(&scenario, service, "init"), 1, "{service}");
    }
    assert!(scenario.get("left", "/get/db:8080/ready").text().contains("ready"));
}

#[test]
fn a_restart_makes_a_network_again_that_was_removed() {
    let scenario = Scenario::new("single");
    scenario.start(&[]).code(0);
    let id = scenario.id("app");
    docker_stop(&scenario, "app");
    remove_networks(&scenario);
    scenario.run(&["restart", "app.wasm", "app"]).code(0);
    assert_eq!(scenario.running(), ["app"]);
    assert_eq!(scenario.id("app"), id);
    assert_eq!(scenario.networks().len(), 1);
}

#[test]
fn a_network_that_is_removed_between_two_commands_is_not_missed_by_a_stop() {
    let scenario = Scenario::new("single");
    scenario.start(&[]).code(0);
    scenario.stop(&[]).code(0);
    remove_networks(&scenario);
    scenario.stop(&["--remove"]).code(0);
    assert_eq!(scenario.names(), [""; 0]);
}
