//! What a test does with the steered services, while a command waits for them.

use std::time::Duration;

use drillmaster_tests::http;
use drillmaster_tests::scenario::Scenario;
use drillmaster_tests::wait;

/// So long may a container take to answer.
const LIMIT: Duration = Duration::from_secs(20);

/// Waits until a container answers: `app.starting`.
#[track_caller]
pub(crate) fn answers(scenario: &Scenario, container: &str) {
    wait::until(&format!("{container} to answer"), LIMIT, || asked(scenario, container, "/ready"));
}

/// Lets a service that has `PING=gate` become ready, once its container answers.
#[track_caller]
pub(crate) fn open_gate(scenario: &Scenario, container: &str) {
    wait::until(&format!("{container}'s gate to open"), LIMIT, || asked(scenario, container, "/count/gate"));
}

/// Whether a container, should it run, answers this.
fn asked(scenario: &Scenario, container: &str, path: &str) -> bool {
    scenario.is_running(container) && http::get(scenario.address(container, 8080), path).is_ok()
}
