//! The example, as a person meets it.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use drillmaster_tests::definitions;
use drillmaster_tests::http;
use drillmaster_tests::scenario::Scenario;

use crate::support::{first_start, free_port};

const FIRST: &str = "<li>Read the README</li>";
/// What is said when `post_start_init` runs.
const INITIALISING: &str = "initialising";
const ADDED: &str = "<li>Drill &amp; drill again</li>";

/// The example's directory, with ports of its own, and time to build images.
pub(crate) fn example() -> Scenario {
    let component = definitions::example();
    let directory = component.parent().unwrap();
    ["appdb/Dockerfile", "appdb/entrypoint.sh", "todo/Dockerfile", "todo/app.py"]
        .into_iter()
        .fold(Scenario::of(&component), |scenario, name| {
            scenario.with_file(name, fs::read(directory.join(name)).unwrap())
        })
        .set("appdb_port", &free_port().to_string())
        .set("todo_port", &free_port().to_string())
        .deadline(Duration::from_mins(10))
}

fn page(address: SocketAddr) -> String {
    let answer = http::get(address, "/").unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text()
}

#[test]
fn the_list_keeps_its_items_over_a_stop_and_a_start() {
    let scenario = example();
    let _ = first_start(&scenario, &[]).stderr_has(INITIALISING);
    let address = scenario.address("todo", 8080);
    assert!(page(address).contains(FIRST), "{}", page(address));

    let answer = http::request("POST", address, "/items", b"text=Drill+%26+drill+again").unwrap();
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert!(page(address).contains(ADDED), "{}", page(address));

    let ids = ["appdb", "todo"].map(|service| scenario.id(service));
    scenario.stop(&[]).code(0);
    assert!(!scenario.is_running("appdb") && !scenario.is_running("todo"));
    scenario.start(&[]).code(0).stderr_lacks(INITIALISING);

    assert_eq!(["appdb", "todo"].map(|service| scenario.id(service)), ids);
    // The port was chosen, and is the same.
    let page = page(address);
    assert_eq!(page.matches("<li>").count(), 2, "{page}");
    assert!(page.contains(FIRST) && page.contains(ADDED), "{page}");
}

#[test]
fn the_list_outlives_its_containers_and_its_first_item_is_not_added_again() {
    let scenario = example();
    let _ = first_start(&scenario, &[]);
    let old = scenario.id("appdb");
    scenario.stop(&["--remove"]).code(0);
    scenario.start(&[]).code(0);
    assert_ne!(scenario.id("appdb"), old);
    assert_eq!(page(scenario.address("todo", 8080)).matches(FIRST).count(), 1);
}
