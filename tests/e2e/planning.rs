//! `plan`: what a start would do, and that nothing is done.

use std::collections::BTreeMap;
use std::fs;

use drillmaster_tests::proxy::Proxy;
use drillmaster_tests::scenario::{Run, Scenario};
use serde_json::Value;

use crate::support::{Seen, docker_stop, see};

/// The action of each service's step, by service.
fn actions(run: &Run) -> BTreeMap<String, String> {
    let plan: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}\n{}", run.stdout));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let steps = plan["steps"].as_array().cloned().unwrap_or_default();
    steps.iter().map(|step| (text(&step["service"]), text(&step["action"]))).collect()
}

fn nothing_was_made(scenario: &Scenario) {
    assert_eq!(scenario.names(), [""; 0]);
    assert!(scenario.networks().is_empty());
    assert_eq!(fs::read_dir(scenario.state()).unwrap().count(), 0);
}

#[test]
fn a_plan_of_a_new_group_changes_nothing_in_docker_or_the_state_directory() {
    let scenario = Scenario::new("kite");
    let proxy = Proxy::start();
    let plan = scenario.invocation(&["plan", "app.wasm"]).envs(&[("DOCKER_HOST", &proxy.address())]);
    let run = plan.spawn().wait().code(0).stdout_has("create: new");
    assert!(run.stdout.ends_with("5 to create\n"), "{}", run.stdout);
    let requests = proxy.requests();
    assert!(requests.iter().all(|request| request.starts_with("GET ")), "{requests:?}");
    nothing_was_made(&scenario);
}

#[test]
fn the_same_plan_has_the_same_bytes() {
    let scenario = Scenario::new("kite");
    let plan = |arguments: &[&str]| scenario.run(&[&["plan", "app.wasm", "--json"], arguments].concat()).code(0).stdout;
    assert_eq!(plan(&[]), plan(&[]));
    assert_eq!(plan(&["--offline"]), plan(&["--offline"]));
    nothing_was_made(&scenario);
    scenario.start(&[]).code(0);
    docker_stop(&scenario, "aside");
    let changed = ["--set", "left.SAY=new", "--set", "left.PASSWORD=x"];
    assert_eq!(plan(&changed), plan(&changed));
}

#[test]
fn a_plan_without_docker_needs_none() {
    let scenario = Scenario::new("kite");
    let socket = format!("unix://{}", scenario.home().join("nowhere.sock").display());
    let run = |arguments: &[&str]| scenario.invocation(arguments).envs(&[("DOCKER_HOST", &socket)]).spawn().wait();
    let offline = run(&["plan", "app.wasm", "--offline", "--json"]).code(0);
    assert_eq!(actions(&offline).into_values().collect::<Vec<_>>(), ["create"; 5]);
    run(&["plan", "app.wasm"]).code(3).says("cannot reach Docker");
    nothing_was_made(&scenario);
}

#[test]
fn secrets_are_masked_in_a_plan_and_in_what_a_start_tells() {
    let scenario = Scenario::new("single").set("app.PASSWORD", "correct horse");
    for arguments in [&["plan", "app.wasm"][..], &["plan", "app.wasm", "--json"]] {
        let run = scenario.run(arguments).code(0);
        run.stdout_lacks("correct horse").stderr_lacks("correct horse");
    }
    scenario.start(&[]).code(0).stdout_lacks("correct horse").stderr_lacks("correct horse");
    assert_eq!(scenario.get("app", "/env/PASSWORD").text(), "correct horse");
    let changed = ["--set", "app.PASSWORD=battery staple"];
    for arguments in [&["plan", "app.wasm"][..], &["plan", "app.wasm", "--json"], &["start", "app.wasm"]] {
        let run = scenario.run(&[arguments, &changed].concat()).code(0).says("PASSWORD");
        for secret in ["correct horse", "battery staple"] {
            assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret), "{arguments:?}");
        }
    }
    assert_eq!(scenario.get("app", "/env/PASSWORD").text(), "battery staple");
}

/// What became of a service's container, in the words of a plan.
fn done(before: Option<&Seen>, after: &Seen) -> &'static str {
    match before {
        None => "create",
        Some(before) if before == after => "keep",
        Some(before) if before.id == after.id => "start-again",
        Some(_) => "replace",
    }
}

#[test]
fn a_start_does_what_the_plan_said() {
    let scenario = Scenario::new("kite");
    // `top` is new, `aside` is stopped, `left` has changed, the other two are as they should be.
    scenario.start(&["--exclude", "top"]).code(0);
    let changed = ["--set", "left.SAY=new"];
    let mut before: BTreeMap<String, Seen> = BTreeMap::new();
    for service in ["aside", "db", "left", "right"] {
        before.insert(service.to_owned(), see(&scenario, service));
    }
    docker_stop(&scenario, "aside");
    let plan = scenario.run(&[&["plan", "app.wasm", "--json"], &changed[..]].concat()).code(0);
    let planned = actions(&plan);
    let expected =
        [("aside", "start-again"), ("db", "keep"), ("left", "replace"), ("right", "keep"), ("top", "create")];
    assert_eq!(planned, expected.map(|(service, action)| (service.to_owned(), action.to_owned())).into());

    scenario.start(&changed).code(0);

    for (service, action) in &planned {
        assert_eq!(done(before.get(service), &see(&scenario, service)), action, "{service}");
    }
    let rest = scenario.run(&[&["plan", "app.wasm"], &changed[..]].concat()).code(0);
    assert!(rest.stdout.ends_with("nothing to do\n"), "{}", rest.stdout);
}

#[test]
fn a_plan_tells_what_changed_field_by_field() {
    let scenario = Scenario::new("single").set("app.SAY", "before");
    scenario.start(&[]).code(0);
    let run = scenario.run(&["plan", "app.wasm", "--set", "app.SAY=after"]).code(0);
    run.stdout_has("replace: changed").stdout_has("SAY").stdout_has("before").stdout_has("after");
    assert_eq!(scenario.running(), ["app"]);
}
