//! What Docker refuses or cannot do.

use std::net::{Ipv4Addr, TcpListener};
use std::process;

use drillmaster_tests::images;
use drillmaster_tests::scenario::Scenario;

/// A scenario whose service is built from the directory `oven` with this in it.
fn building(file: &str, content: &str) -> Scenario {
    let scenario = Scenario::new("single").set("app.build", "oven").with_file(&format!("oven/{file}"), content);
    scenario.set("app.image", "oven")
}

#[test]
fn an_image_that_is_not_there_and_cannot_be_pulled_is_named() {
    // Nothing listens at port 1.
    let image = "127.0.0.1:1/no-such-image:2";
    let scenario = Scenario::new("single").set("app.image", image);
    scenario.start(&["--allow-net", "127.0.0.1:1"]).code(1).says(image).says("connection refused");
    assert_eq!(scenario.names(), [""; 0]);
}

#[test]
fn a_build_that_fails_shows_what_the_builder_said() {
    let dockerfile = format!("FROM {}\nRUN [\"/service\", \"fail\", \"the oven is cold\"]\n", images::SERVICE);
    let scenario = building("Dockerfile", &dockerfile);
    scenario.start(&[]).code(1).says("oven").says("the oven is cold").says("code: 1");
    assert_eq!(scenario.names(), [""; 0]);
}

#[test]
fn a_build_without_a_dockerfile_says_so() {
    let scenario = building("bread.txt", "");
    scenario.start(&[]).code(2).says("oven").says("Dockerfile: there is no such file");
    assert_eq!(scenario.names(), [""; 0]);
}

#[test]
fn an_entrypoint_that_is_not_there_is_named() {
    let scenario = Scenario::new("single").set("app.entrypoint", "/no/such/program");
    scenario.start(&[]).code(1).says("/no/such/program");
    assert_eq!(scenario.running(), [""; 0]);
}

#[test]
fn a_port_that_another_container_has_is_reported_with_that_containers_name() {
    let other = Scenario::new("single");
    other.start(&[]).code(0);
    let port = other.address("app", 8080).port().to_string();
    let scenario = Scenario::new("single").set("app.port", &port);
    scenario.start(&[]).code(1).says(&format!("host port {port}")).says(&format!("{}-app", other.group()));
    assert_eq!(scenario.running(), [""; 0]);
    assert_eq!(other.running(), ["app"]);
}

#[test]
fn a_port_that_a_process_has_is_reported_with_that_processs_name_and_id() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let scenario = Scenario::new("single").set("app.port", &port);
    let run = scenario.start(&[]).code(1).says(&format!("host port {port}"));
    run.says("process e2e").says(&format!("pid {}", process::id()));
    assert_eq!(scenario.running(), [""; 0]);
}

#[test]
fn once_the_port_is_free_the_next_start_succeeds() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let scenario = Scenario::new("single").set("app.port", &port.to_string());
    scenario.start(&[]).code(1);
    drop(listener);
    scenario.start(&[]).code(0);
    assert_eq!(scenario.names(), ["app"]);
    assert_eq!(scenario.address("app", 8080).port(), port);
}
