//! How much is asked of the engine.

use drillmaster_tests::proxy::Proxy;
use drillmaster_tests::scenario::Scenario;

/// What a start asks once everything is ready.
fn steady_requests(definition: &str, services: usize) -> Vec<String> {
    let proxy = Proxy::start();
    let scenario = Scenario::new(definition).env("DOCKER_HOST", &proxy.address());
    scenario.start(&[]).code(0);
    assert_eq!(scenario.running().len(), services);
    proxy.forget();
    scenario.start(&[]).code(0);
    proxy.requests()
}

#[test]
fn a_start_with_everything_ready_makes_at_most_five_requests() {
    let requests = steady_requests("single", 1);
    assert!(requests.len() <= 5, "{requests:#?}");
}

#[test]
fn a_start_with_everything_ready_makes_as_few_requests_for_ten_services() {
    let requests = steady_requests("ten", 10);
    assert!(requests.len() <= 5, "{requests:#?}");
}

#[test]
fn a_start_that_is_refused_changes_nothing_in_the_engine() {
    let proxy = Proxy::start();
    let scenario = Scenario::new("mistakes").env("DOCKER_HOST", &proxy.address());
    scenario.start(&[]).code(2);
    let requests = proxy.requests();
    assert!(requests.iter().all(|request| request.starts_with("GET ")), "{requests:#?}");
}
