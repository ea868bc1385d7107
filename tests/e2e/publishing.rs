//! Where ports are published.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use drillmaster_tests::http;
use drillmaster_tests::scenario::Scenario;
use serde_json::{Value, json};

use crate::support::{free_port, see};

/// Where the engine publishes the port of `app`.
#[track_caller]
fn published(scenario: &Scenario) -> Value {
    let container = serde_json::to_value(scenario.container("app").unwrap()).unwrap();
    container["NetworkSettings"]["Ports"]["8080/tcp"].clone()
}

fn on(address: &str, port: u16) -> Value {
    json!([{ "HostIp": address, "HostPort": port.to_string() }])
}

#[test]
fn ports_are_published_where_the_person_says_and_another_address_is_a_change() {
    let port = free_port();
    let scenario = Scenario::new("single").set("app.port", &port.to_string());
    scenario.start(&[]).code(0);
    assert_eq!(published(&scenario), on("127.0.0.1", port));
    let app = see(&scenario, "app");

    let everywhere = ["--publish-on", "0.0.0.0"];
    let change = format!("port 8080/tcp: 127.0.0.1:{port} → 0.0.0.0:{port}");
    scenario.run(&[&["plan", "app.wasm"], &everywhere[..]].concat()).code(0).stdout_has(&change);
    let plan = scenario.run(&[&["plan", "app.wasm", "--json"], &everywhere[..]].concat()).code(0);
    let plan: Value = serde_json::from_str(&plan.stdout).unwrap();
    assert_eq!(plan["steps"][0]["fields"]["port 8080/tcp"], format!("0.0.0.0:{port}"));
    assert_eq!(see(&scenario, "app"), app);

    scenario.start(&everywhere).code(0).stdout_has(&format!("0.0.0.0:{port} -> 8080/tcp"));
    assert_eq!(published(&scenario), on("0.0.0.0", port));
    let app = see(&scenario, "app");
    scenario.start(&everywhere).code(0);
    assert_eq!(see(&scenario, "app"), app);

    // Without the option it is back where it was.
    scenario.start(&[]).code(0);
    assert_eq!(published(&scenario), on("127.0.0.1", port));
}

#[test]
fn an_ipv6_address_works_for_hooks_and_for_people() {
    let port = free_port();
    let scenario = Scenario::new("single").set("app.port", &port.to_string());
    scenario.start(&["--publish-on", "::1"]).code(0).stdout_has(&format!("[::1]:{port} -> 8080/tcp"));
    assert_eq!(published(&scenario), on("::1", port));
    let answer = http::get(SocketAddr::from((Ipv6Addr::LOCALHOST, port)), "/peek/init").unwrap();
    assert_eq!(answer.text(), "1");
}

#[test]
fn the_project_file_says_where_for_all_definitions_of_a_group() {
    let scenario = Scenario::empty()
        .with_copy(&drillmaster_tests::definitions::path("single"), "db.wasm")
        .with_copy(&drillmaster_tests::definitions::path("front"), "front.wasm")
        .with_file(
            "drillmaster.toml",
            "definitions = [\"db.wasm\", \"front.wasm\"]\n[grants]\npublish-on = \"0.0.0.0\"\n",
        )
        .trusted();
    let run = scenario.run(&["start"]).code(0);
    assert_eq!(run.stdout.matches("0.0.0.0:").count(), 2, "{}", run.stdout);
}

#[test]
fn an_address_that_this_machine_does_not_have_is_refused_before_anything_is_stopped() {
    let scenario = Scenario::new("single");
    scenario.start(&[]).code(0);
    let app = see(&scenario, "app");
    // One for documentation, which nobody has.
    for command in ["start", "plan"] {
        let run = scenario.run(&[command, "app.wasm", "--publish-on", "203.0.113.77"]).code(2);
        run.says("--publish-on 203.0.113.77: this machine has no such address");
    }
    assert_eq!(see(&scenario, "app"), app);
    scenario.start(&["--publish-on", "everywhere"]).code(2).says("--publish-on");
}

#[test]
fn a_port_below_1024_is_published_as_docker_does_it() {
    let free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    let port = (600..1024).rev().find(free).expect("one of them is free, and we may have it");
    let scenario = Scenario::new("single").set("app.port", &port.to_string());
    scenario.start(&[]).code(0);
    assert_eq!(published(&scenario), on("127.0.0.1", port));
    assert_eq!(scenario.get("app", "/peek/init").text(), "1");
}

/// A service that ends after two seconds, and that the engine starts again. It is ready once that has happened and it answers
/// at its published port.
const STARTED_AGAIN: &str = r#"
import { defineGroup } from "drillmaster";

export default defineGroup({
  services: {
    app: {
      image: "drillmaster-test-service:latest",
      ports: { 8080: null },
      env: { EXIT_AFTER_MS: "2000" },
      restartPolicy: "always",
      ping(container) {
        try {
          return container.logTail().split("listening on").length > 2 && container.httpGet(8080, "/ready").ok;
        } catch {
          return false;
        }
      },
    },
  },
});
"#;

#[test]
fn a_free_port_that_changes_while_a_service_is_pinged_is_followed() {
    let scenario = Scenario::empty().with_file("app.js", STARTED_AGAIN);
    scenario.run(&["start", "app.js"]).code(0).says("ready");
}
