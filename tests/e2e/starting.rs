//! A first start: what is created, in which order, and how it is awaited.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use drillmaster_tests::scenario::Scenario;

use crate::support::counter;

const READY_AFTER: Duration = Duration::from_millis(700);

fn labels(scenario: &Scenario, service: &str) -> HashMap<String, String> {
    scenario.container(service).unwrap().config.unwrap().labels.unwrap()
}

#[test]
fn a_fresh_start_creates_running_containers_named_after_group_and_service() {
    let scenario = Scenario::new("basic");
    let run = scenario.start(&[]).code(0);
    assert_eq!(scenario.names(), ["db", "web"]);
    for service in ["db", "web"] {
        assert!(scenario.is_running(service), "{service}");
        assert!(run.stdout.contains(&scenario.address(service, 8080).to_string()), "{}", run.stdout);
    }
}

#[test]
fn everything_that_is_created_is_labelled() {
    let scenario = Scenario::new("basic");
    scenario.start(&[]).code(0);
    let (db, web) = (labels(&scenario, "db"), labels(&scenario, "web"));
    for (labels, service, dependencies) in [(&db, "db", ""), (&web, "web", "db")] {
        assert_eq!(labels["dev.drillmaster.group"], scenario.group());
        assert_eq!(labels["dev.drillmaster.service"], service);
        assert_eq!(labels["dev.drillmaster.dependencies"], dependencies);
    }
    let declared: serde_json::Value = serde_json::from_str(&web["dev.drillmaster.declared"]).unwrap();
    assert!(declared["v"] == 2 && declared["open"]["port 8080/tcp"].is_string(), "{declared}");
    assert_eq!(db["dev.drillmaster.definition"], web["dev.drillmaster.definition"]);
    assert_eq!(db["dev.drillmaster.definition"].len(), 64);
    let network = scenario.networks().remove(0);
    assert_eq!(network.labels.unwrap()["dev.drillmaster.group"], scenario.group());
}

#[test]
fn all_services_are_on_the_one_network_of_the_group() {
    let scenario = Scenario::new("basic");
    scenario.start(&[]).code(0);
    let expected = format!("drillmaster-{}", scenario.group());
    let names: Vec<_> = scenario.networks().into_iter().filter_map(|network| network.name).collect();
    assert_eq!(names, [expected.as_str()]);
    for service in ["db", "web"] {
        let joined = scenario.container(service).unwrap().network_settings.unwrap().networks.unwrap();
        assert_eq!(joined.into_keys().collect::<Vec<_>>(), [expected.as_str()], "{service}");
    }
}

#[test]
fn a_service_reaches_another_by_its_name_and_by_its_alias() {
    let scenario = Scenario::new("diamond");
    scenario.start(&[]).code(0);
    for name in ["base", "the-base"] {
        assert_eq!(scenario.get("top", &format!("/get/{name}:8080/ready")).text(), "ready", "{name}");
    }
}

#[test]
fn a_dependent_is_not_started_before_its_dependency_is_ready() {
    let scenario = Scenario::new("diamond").set("base.ready_after_ms", "700");
    scenario.start(&[]).code(0);
    let ready = scenario.started_at("base") + READY_AFTER;
    assert!(scenario.started_at("left") >= ready && scenario.started_at("right") >= ready);
}

#[test]
fn the_top_of_a_diamond_waits_for_both_of_its_sides_and_its_base_is_started_once() {
    let scenario = Scenario::new("diamond").set("left.ready_after_ms", "700");
    scenario.start(&[]).code(0);
    assert_eq!(scenario.names(), ["base", "left", "right", "top"]);
    assert!(scenario.started_at("top") >= scenario.started_at("left") + READY_AFTER);
    assert!(scenario.started_at("top") > scenario.started_at("right"));
    assert!(scenario.logs("base").matches("listening").count() == 1, "{}", scenario.logs("base"));
}

#[test]
fn services_that_do_not_depend_on_each_other_start_side_by_side() {
    // One after the other, the first would never be ready.
    let scenario = Scenario::new("rendezvous");
    scenario.start(&["--timeout", "30"]).code(0);
    assert!(scenario.is_running("one") && scenario.is_running("other"));
}

#[test]
fn ping_is_asked_at_once() {
    let scenario = Scenario::new("adjustable").set("READY_AFTER_MS", "1500");
    let mut running = scenario.spawn(&["start", "app.wasm", "--verbose", "--exclude", "bystander"]);
    running.until("ping is asked", |running| running.stderr().contains("asked whether it is ready"));
    let asked = SystemTime::now();
    let _ = running.wait().code(0);
    assert!(asked < scenario.started_at("subject") + Duration::from_secs(1));
}

#[test]
fn ping_is_asked_again_a_tenth_of_a_second_after_each_no_and_no_more_after_a_yes() {
    let scenario = Scenario::new("adjustable").set("READY_AFTER_MS", "1000");
    scenario.start(&["--exclude", "bystander"]).code(0);
    let asked = counter(&scenario, "subject", "ping");
    assert!((5..=15).contains(&asked), "asked {asked} times in a second");
}

#[test]
fn a_new_container_is_initialised_once_and_only_when_it_is_ready() {
    // The definition fails if it is initialised before.
    let scenario = Scenario::new("adjustable").set("READY_AFTER_MS", "300");
    scenario.start(&["--exclude", "bystander"]).code(0);
    assert_eq!(counter(&scenario, "subject", "init"), 1);
}
