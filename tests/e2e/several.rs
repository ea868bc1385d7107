//! Groups of several definitions.

use drillmaster_tests::definitions;
use drillmaster_tests::scenario::Scenario;

use crate::support::see;

/// `db.wasm` with `app`, and `front.wasm` with `web`, which depends on it.
fn scenario() -> Scenario {
    let scenario = Scenario::empty().with_copy(&definitions::path("single"), "db.wasm");
    scenario.with_copy(&definitions::path("front"), "front.wasm")
}

#[test]
fn a_service_of_one_definition_waits_for_one_of_another_whatever_their_order() {
    for files in [["db.wasm", "front.wasm"], ["front.wasm", "db.wasm"]] {
        let scenario = scenario();
        scenario.run(&["start", files[0], files[1]]).code(0);
        assert_eq!(scenario.running(), ["app", "web"]);
        assert_eq!(scenario.networks().len(), 1);
        assert!(scenario.started_at("app") < scenario.started_at("web"));
        for service in ["app", "web"] {
            assert_eq!(scenario.get(service, "/peek/init").text(), "1", "{service}");
        }
    }
}

#[test]
fn both_are_stopped_in_order_with_both_definitions() {
    let scenario = scenario();
    scenario.run(&["start", "db.wasm", "front.wasm"]).code(0);
    scenario.run(&["stop", "db.wasm", "front.wasm"]).code(0).stderr_lacks("left alone");
    assert_eq!(scenario.names(), ["app", "web"]);
    assert_eq!(scenario.running(), [""; 0]);
    assert!(scenario.finished_at("web") <= scenario.finished_at("app"));
}

#[test]
fn a_service_that_only_another_definition_declares_is_left_alone_with_a_word() {
    let scenario = scenario();
    scenario.run(&["start", "db.wasm", "front.wasm"]).code(0);
    let web = see(&scenario, "web");
    scenario.run(&["start", "db.wasm"]).code(0).says("web");
    assert_eq!(see(&scenario, "web"), web);
}

#[test]
fn a_dependency_that_no_named_definition_declares_is_refused_with_the_file() {
    let scenario = scenario();
    scenario.run(&["start", "front.wasm"]).code(2).says("front.wasm").says("no service `app`");
    assert_eq!(scenario.names(), [""; 0]);
}

#[test]
fn a_name_that_two_definitions_declare_is_refused_with_both_files() {
    let scenario = scenario().with_copy(&definitions::path("single"), "copy.wasm");
    let run = scenario.run(&["start", "db.wasm", "copy.wasm"]).code(2);
    run.says("service `app`, name: there is another service of this name").says("db.wasm").says("copy.wasm");
    assert_eq!(scenario.names(), [""; 0]);
    assert!(scenario.networks().is_empty());
}

#[test]
fn restart_and_reload_find_the_services_of_all_definitions() {
    let scenario = scenario();
    scenario.run(&["start", "db.wasm", "front.wasm"]).code(0);
    let (app, web) = (see(&scenario, "app"), see(&scenario, "web"));
    scenario.run(&["reload", "db.wasm", "front.wasm", "web"]).code(0).stderr_has("reloaded web");
    assert_eq!(see(&scenario, "app"), app);
    assert_ne!(see(&scenario, "web").id, web.id);
    scenario.run(&["restart", "front.wasm", "db.wasm", "app", "--dependents"]).code(0);
    assert_eq!(see(&scenario, "app").id, app.id);
    assert!(scenario.started_at("app") < scenario.started_at("web"));
}
