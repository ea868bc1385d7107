//! The engine goes away in the middle of a command, and comes back.

use std::net::{Ipv4Addr, TcpListener};
use std::process;
use std::time::{Duration, Instant};

use drillmaster_tests::engine::block;
use drillmaster_tests::images;
use drillmaster_tests::proxy::{Last, Proxy};
use drillmaster_tests::scenario::{Run, Running, Scenario};

use crate::steering;
use crate::support::slow_build;

/// So long may a command go on once the engine is gone.
const SOON: Duration = Duration::from_secs(10);

const START: [&str; 2] = ["start", "app.wasm"];

/// Runs a command through a proxy.
fn behind(proxy: &Proxy, scenario: &Scenario, arguments: &[&str]) -> Running {
    scenario.invocation(arguments).envs(&[("DOCKER_HOST", &proxy.address())]).spawn()
}

/// Takes the engine away until the command has ended, which it must soon.
#[track_caller]
fn without_engine(proxy: &Proxy, running: Running) -> Run {
    let cut = Instant::now();
    proxy.cut();
    let run = running.wait();
    let took = cut.elapsed();
    proxy.resume();
    assert!(took < SOON, "it took {took:?}\n{}", run.stderr);
    run.stderr_lacks("panicked")
}

/// Runs a command; the engine goes at the first request that holds this, and comes back when the command has ended.
#[track_caller]
fn gone_at(scenario: &Scenario, request: &str, last: Last, arguments: &[&str]) -> Run {
    let proxy = Proxy::start();
    proxy.cut_at(request, last);
    let mut running = behind(&proxy, scenario, arguments);
    running.until(request, |_| proxy.requests().iter().any(|sent| sent.contains(request)));
    without_engine(&proxy, running)
}

/// `app` runs, is all there is, and was initialised once.
#[track_caller]
fn assert_right(scenario: &Scenario) {
    assert_eq!(scenario.names(), ["app"]);
    assert_eq!(scenario.running(), ["app"]);
    assert_eq!(scenario.networks().len(), 1);
    assert_eq!(scenario.get("app", "/peek/init").text(), "1");
}

#[test]
fn an_engine_that_goes_before_anything_was_begun_ends_the_start_with_what_was_tried() {
    let requests = [
        ("/containers/json", Last::Unheard),
        ("/networks/create", Last::Unheard),
        ("/networks/create", Last::Unanswered),
    ];
    for (request, last) in requests {
        let scenario = Scenario::new("single");
        let run = gone_at(&scenario, request, last, &START);
        run.code(3).says("cannot reach Docker").says("it went away when asked to").says("repeat the command");
        scenario.start(&[]).code(0);
        assert_right(&scenario);
    }
}

#[test]
fn an_engine_that_goes_while_a_service_starts_fails_it_with_what_was_tried() {
    let requests = [
        ("/containers/create", Last::Unanswered),
        ("/start", Last::Unheard),
        ("/exec", Last::Unanswered),
        ("/rename", Last::Unheard),
        ("/rename", Last::Unanswered),
    ];
    for (request, last) in requests {
        let scenario = Scenario::new("single");
        let run = gone_at(&scenario, request, last, &START);
        run.code(1).says("cannot reach Docker").says("it went away when asked to");
        scenario.start(&[]).code(0);
        assert_right(&scenario);
    }
}

#[test]
fn an_engine_that_goes_while_a_service_is_pinged_fails_it() {
    let scenario = Scenario::new("single").set("app.PING", "gate");
    let proxy = Proxy::start();
    let start = behind(&proxy, &scenario, &START);
    steering::answers(&scenario, "app.starting");
    without_engine(&proxy, start).code(1).says("it went away when asked to wait for the container");
    scenario.start(&["--set", "app.PING=-"]).code(0);
    assert_right(&scenario);
}

#[test]
fn an_engine_that_goes_during_a_build_fails_it_with_the_image() {
    let (scenario, _) = slow_build();
    let proxy = Proxy::start();
    let mut start = behind(&proxy, &scenario, &START);
    start.until("the build runs", |start| start.stderr().contains("building"));
    start.until("it was asked for", |_| proxy.requests().iter().any(|sent| sent.contains("/build?")));
    without_engine(&proxy, start).code(1).says(&scenario.built("oven"));
    scenario.write("oven/Dockerfile", format!("FROM {}\n", images::SERVICE));
    scenario.start(&[]).code(0);
    assert_right(&scenario);
}

#[test]
fn an_engine_that_goes_during_a_pull_fails_it_with_the_image() {
    // A registry that never says a word.
    let registry = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = registry.local_addr().unwrap().to_string();
    let image = format!("{address}/slow:{}", process::id());
    let scenario = Scenario::new("single").set("app.image", &image);
    let granted = [&START[..], &["--allow-net", &address]].concat();
    gone_at(&scenario, "/images/create", Last::Unanswered, &granted).code(1).says(&image);
    assert_eq!(scenario.names(), [""; 0]);
}

#[test]
fn an_engine_that_goes_during_a_replacement_loses_neither_container() {
    let requests = [("/stop", Last::Unheard), ("/start", Last::Unanswered), ("/rename", Last::Unanswered)];
    for (request, last) in requests {
        let scenario = Scenario::new("single");
        scenario.start(&[]).code(0);
        let old = scenario.id("app");
        let changed = ["start", "app.wasm", "--set", "app.SAY=new"];
        let _ = gone_at(&scenario, request, last, &changed).code(1);
        assert!(scenario.engine().inspect(&old).unwrap().is_some(), "{request}");
        scenario.run(&changed).code(0);
        assert_ne!(scenario.id("app"), old);
        assert_right(&scenario);
    }
}

#[test]
fn an_engine_that_goes_during_a_stop_fails_it_and_the_next_stop_goes_on() {
    let scenario = Scenario::new("single").set("app.IGNORE_SIGTERM", "1").set("app.stop-timeout", "1000");
    scenario.start(&[]).code(0);
    let run = gone_at(&scenario, "/stop", Last::Unanswered, &["stop", "app.wasm"]);
    run.code(1).says("app").says("it went away when asked to stop the container");
    scenario.stop(&["--remove"]).code(0);
    assert_eq!(scenario.names(), [""; 0]);
    assert!(scenario.networks().is_empty());
}

#[test]
fn an_engine_that_goes_while_one_service_starts_leaves_those_that_are_ready() {
    let scenario = Scenario::new("kite").set("left.PING", "gate");
    let proxy = Proxy::start();
    let mut start = behind(&proxy, &scenario, &["start", "app.wasm", "--exclude", "aside"]);
    start.until("the others are ready", |_| scenario.running() == ["db", "left.starting", "right"]);
    steering::answers(&scenario, "left.starting");
    let kept = [scenario.id("db"), scenario.id("right")];
    without_engine(&proxy, start).code(1).says("top");
    scenario.start(&["--exclude", "aside", "--set", "left.PING=-"]).code(0);
    assert_eq!(scenario.names(), ["db", "left", "right", "top"]);
    assert_eq!(scenario.running(), ["db", "left", "right", "top"]);
    assert_eq!([scenario.id("db"), scenario.id("right")], kept);
}

/// Whether a command with this word runs in a container, which may not be there yet.
fn runs(scenario: &Scenario, name: &str, word: &str) -> bool {
    let Some(id) = scenario.id_of(&format!("{}-{name}", scenario.group())) else { return false };
    let top = block("look at what runs", scenario.engine().docker().top_processes(&id, None));
    // The engine refuses while the container is started.
    let processes = top.ok().and_then(|top| top.processes).unwrap_or_default();
    processes.iter().flatten().any(|column| column.contains(word))
}

/// A start through a proxy that ends, of all connections, those of the command in the container.
#[test]
fn an_initialisation_whose_connection_is_cut_is_not_done() {
    let scenario = Scenario::new("single").set("app.INIT", "sleep");
    let proxy = Proxy::start();
    let mut start = behind(&proxy, &scenario, &START);
    start.until("the command runs", |_| runs(&scenario, "app.starting", "sleep"));
    proxy.end("/exec/");
    start.wait().code(1).says("the engine's answer was cut when it was asked to run").says("still runs");
    assert_eq!(scenario.names(), ["app.starting"]);
    scenario.start(&["--set", "app.INIT=-"]).code(0);
    assert_right(&scenario);
}

#[test]
fn a_command_whose_connection_is_cut_is_no_success() {
    let scenario = Scenario::new("single");
    scenario.start(&[]).code(0);
    let proxy = Proxy::start();
    let mut exec = behind(&proxy, &scenario, &["exec", "app", "--", "/service", "sleep", "60000"]);
    exec.until("the command runs", |_| runs(&scenario, "app", "sleep"));
    proxy.end("/exec/");
    exec.wait().code(3).says("the engine's answer was cut when it was asked to run `/service` (2 arguments)");
}
