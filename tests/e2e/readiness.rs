//! Ready means ready, and each state is told by its name.

use std::fs;
use std::time::Duration;

use drillmaster_tests::engine::block;
use drillmaster_tests::images;
use drillmaster_tests::scenario::Scenario;
use drillmaster_tests::wait;

use crate::support::see;

/// How long the engine may take to notice something.
const PATIENCE: Duration = Duration::from_secs(30);

/// A health check that follows a file of the project, `flag/well`.
const HEALTH: &str = "mounts: [{ source: 'flag', target: '/flag', readOnly: true }], \
                      healthCheck: { argv: ['/service', 'get', '/file/flag/well'], intervalMs: 100 }";

/// A group in JavaScript of services of the tests' image, given as `name: { fields }`. There is a file `flag/well`.
fn group(services: &[&str]) -> Scenario {
    let services: Vec<_> = services.iter().map(|service| service.replacen('{', "{ image, ", 1)).collect();
    let definition = format!(
        "import {{ defineGroup }} from \"drillmaster\";\nconst image = \"{}\";\nexport default defineGroup({{ services: {{\n{}\n\
         }} }});\n",
        images::SERVICE,
        services.join(",\n")
    );
    Scenario::empty().with_file("app.js", definition).with_file("flag/well", "")
}

/// One service, `app`, with these fields and hooks.
fn app(fields: &str) -> Scenario {
    group(&[&format!("app: {{ {fields} }}")])
}

fn pause(scenario: &Scenario, service: &str) {
    block("pause", scenario.engine().docker().pause_container(&scenario.id(service))).unwrap();
}

fn health(scenario: &Scenario, service: &str) -> String {
    let state = scenario.container(service).and_then(|container| container.state);
    let health = state.and_then(|state| state.health).and_then(|health| health.status);
    health.map(|status| status.to_string()).unwrap_or_default()
}

/// The container of `app` becomes as its check says once the file is there, or is not.
fn becomes(scenario: &Scenario, state: &str) {
    let file = scenario.project().join("flag/well");
    if state == "healthy" {
        fs::write(file, "").unwrap();
    } else {
        fs::remove_file(file).unwrap();
    }
    wait::until(state, PATIENCE, || health(scenario, "app") == state);
}

/// What `ps --json` says of a service.
fn told(scenario: &Scenario, service: &str) -> serde_json::Value {
    let ps = scenario.run(&["ps", "--json"]).code(0);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&ps.stdout).unwrap();
    rows.into_iter().find(|row| row["service"] == service).unwrap()
}

/// A service that takes longer to become ready than a container to exit, however busy the machine is.
const SLOW: &str = "slow: { ports: { 8080: null }, env: { READY_AFTER_MS: '6000' }, ping(it) { \
                    try { return it.httpGet(8080, '/ready').ok } catch { return false } } }";

#[test]
fn a_container_that_exits_at_once_is_failed_without_a_ping_too() {
    for (fields, code) in [
        ("command: ['exit', '78']", 78),
        ("env: { EXIT_AFTER_MS: '50', EXIT_CODE: '3' }", 3),
        ("env: { EXIT_AFTER_MS: '50', EXIT_CODE: '3' }, ping() { return true }", 3),
        ("command: ['exit', '0']", 0),
    ] {
        let scenario = group(&[&format!("app: {{ {fields} }}"), SLOW]);
        let said = format!("its container exited with code {code}");
        for _ in 0..2 {
            scenario.run(&["start", "app.js"]).code(1).stderr_has(&said).stdout_has("app   failed");
            scenario.run(&["stop", "--exclude", "app"]).code(0);
        }
        scenario.run(&["ps"]).code(0).stdout_has(&format!("(exit code {code})")).stdout_lacks("ready");
    }
}

#[test]
fn what_exits_while_another_service_starts_is_failed_in_the_end() {
    let scenario = group(&[
        "app: { env: { SAY: 'last words', EXIT_AFTER_MS: '3500', EXIT_CODE: '3' } }",
        "user: { dependencies: ['app'] }",
        SLOW,
    ]);
    scenario
        .run(&["start", "app.js"])
        .code(1)
        .stderr_has("app   failed: it was ready and is not any more: its container exited with code 3")
        .stderr_has("last words")
        .stdout_has("app   failed")
        .stdout_has("user  ready")
        .stdout_has("slow  ready");
    assert_eq!(scenario.running(), ["slow", "user"]);
    assert_eq!(told(&scenario, "app")["exit_code"], 3);
    scenario.run(&["plan", "app.js"]).code(0).stdout_has("app   start again: stopped (exit code 3)");
}

#[test]
fn an_exit_with_0_under_on_failure_is_told_at_once() {
    let scenario = app("command: ['exit', '0'], restartPolicy: 'on-failure', ping() { return false }");
    scenario
        .run(&["start", "app.js"])
        .code(1)
        .within(Duration::from_secs(20))
        .stderr_has("its container exited with code 0 before the service was ready");
}

#[test]
fn a_container_that_starts_again_and_again_is_told_as_that() {
    let scenario = app("command: ['exit', '4'], restartPolicy: 'always', ping() { return false }");
    scenario
        .run(&["start", "app.js", "--timeout", "8"])
        .code(1)
        .stderr_has("its container exited with code 4 and the engine starts it again and again (")
        .stderr_has("--timeout gives more");
    assert!(scenario.running().is_empty(), "it is stopped");
}

#[test]
fn a_ready_container_that_starts_again_and_again_is_not_called_ready_any_more() {
    let scenario =
        app("env: { EXIT_AFTER_MS: '1000', EXIT_CODE: '4' }, restartPolicy: 'always', stopSignal: 'SIGKILL'");
    scenario.run(&["start", "app.js"]).code(0);
    let restarting = || {
        let found = scenario.container("app").unwrap();
        let is_restarting = found.state.and_then(|state| state.restarting).unwrap_or_default();
        // By now the engine waits for seconds from one try to the next.
        is_restarting && found.restart_count.unwrap_or_default() >= 6
    };
    wait::until("the pauses between two tries to be long", PATIENCE, restarting);
    scenario.run(&["ps"]).code(0).stdout_has("app  restarting (exit code 4)");
    scenario.run(&["exec", "app", "--", "/service", "print", "x"]).code(1).stderr_has("restarting (exit code 4)");
    wait::until("the next try", PATIENCE, restarting);
    scenario.run(&["plan", "app.js"]).code(0).stdout_has("app  start again: restarting (exit code 4)");
    scenario.run(&["stop"]).code(0);
    assert!(scenario.running().is_empty());
    scenario.run(&["ps"]).code(0).stdout_has("app  stopped");
}

#[test]
fn without_a_ping_the_health_check_is_waited_for() {
    let scenario = app(HEALTH);
    fs::remove_file(scenario.project().join("flag/well")).unwrap();
    scenario
        .run(&["start", "app.js", "--timeout", "2"])
        .code(1)
        .stderr_has("; its health check says unhealthy; --timeout gives more");
    let mut start = scenario.spawn(&["start", "app.js"]);
    start.until("it to wait", |_| health(&scenario, "app.starting") == "unhealthy");
    fs::write(scenario.project().join("flag/well"), "").unwrap();
    start.wait().code(0).stdout_has("app  ready");
    assert_eq!(health(&scenario, "app"), "healthy");
}

#[test]
fn an_unhealthy_container_is_told_and_waited_for_unless_its_ping_says_more() {
    let scenario = app(HEALTH);
    scenario.run(&["start", "app.js"]).code(0);
    let before = see(&scenario, "app");
    becomes(&scenario, "unhealthy");
    scenario.run(&["ps"]).code(0).stdout_has("app  unhealthy");
    assert_eq!(told(&scenario, "app")["health"], "unhealthy");
    scenario.run(&["plan", "app.js"]).code(0).stdout_has("app  start again: unhealthy");
    scenario.run(&["start", "app.js", "--timeout", "1"]).code(1).stderr_has("its health check says unhealthy");
    assert_eq!(see(&scenario, "app"), before, "what ran before is left running");
    let mut start = scenario.spawn(&["start", "app.js"]);
    start.until("it to wait", |run| run.stderr().contains("waiting until it is ready"));
    becomes(&scenario, "healthy");
    start.wait().code(0).stdout_has("app  ready");
    assert_eq!(see(&scenario, "app"), before);
    scenario.run(&["start", "app.js"]).code(0);
    scenario.run(&["plan", "app.js"]).code(0).stdout_has("nothing to do");

    let scenario = app(&format!("{HEALTH}, ping() {{ return true }}"));
    scenario.run(&["start", "app.js"]).code(0);
    wait::until("healthy", PATIENCE, || health(&scenario, "app") == "healthy");
    becomes(&scenario, "unhealthy");
    scenario.run(&["start", "app.js"]).code(0).stdout_has("app  ready");
    scenario.run(&["ps"]).code(0).stdout_has("app  unhealthy");
}

#[test]
fn a_paused_container_is_told_and_goes_on_with_the_next_start() {
    let scenario = group(&["app: {}", "user: { dependencies: ['app'] }"]);
    scenario.run(&["start", "app.js"]).code(0);
    let before = see(&scenario, "app");
    pause(&scenario, "app");
    scenario.run(&["ps"]).code(0).stdout_has("app   paused");
    assert_eq!(told(&scenario, "app")["state"], "paused");
    scenario.run(&["plan", "app.js"]).code(0).stdout_has("app   start again: paused");
    scenario.run(&["exec", "app", "--", "/service", "print", "x"]).code(1).stderr_has("its container is paused");
    scenario.run(&["logs", "app"]).code(0).stderr_has("app is paused");
    scenario.run(&["restart", "app.js", "user"]).code(1).stderr_has("`user` depends on `app`, which is paused");
    scenario.run(&["start", "app.js"]).code(0).stdout_has("app   ready");
    assert_eq!(see(&scenario, "app"), before);
    scenario.run(&["exec", "app", "--", "/service", "print", "x"]).code(0).stdout_has("x");
}

#[test]
fn a_paused_container_can_be_restarted_reloaded_stopped_and_removed() {
    let scenario = app("preStop: (it) => it.exec(['/service', 'print', 'asked']).check()");
    scenario.run(&["start", "app.js"]).code(0);
    for command in ["restart", "reload"] {
        pause(&scenario, "app");
        scenario.run(&[command, "app.js", "app"]).code(0).stderr_lacks("pre-stop failed");
        scenario.run(&["ps"]).code(0).stdout_has("app  ready");
    }
    pause(&scenario, "app");
    scenario.run(&["stop", "app.js"]).code(0).stderr_lacks("pre-stop failed").within(Duration::from_secs(30));
    scenario.run(&["ps"]).code(0).stdout_has("app  stopped (exit code 143)");
    scenario.run(&["start", "app.js"]).code(0);
    pause(&scenario, "app");
    scenario.run(&["stop", "--remove"]).code(0);
    assert_eq!(scenario.names(), [""; 0]);
}

#[test]
fn memory_that_ran_out_is_told_as_that() {
    // Reads as much into memory as there is.
    let scenario = app("memoryLimitMib: 8, entrypoint: ['/service'], ports: { 8080: null }, \
                        ping(it) { it.httpGet(8080, '/file/dev/zero'); return false }");
    let run = scenario.run(&["start", "app.js", "--timeout", "30"]).code(1);
    run.stderr_has("its container was killed because it used more than its memory limit before the service was ready");
}
