//! Which engine is found: by a variable, by the Docker client's context, or not at all.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use bytes::Bytes;
use drillmaster_tests::proxy::Proxy;
use drillmaster_tests::scenario::Scenario;
use sha2::{Digest, Sha256};

/// A world in which nothing but the files in its home says where the engine is.
fn unsaid() -> Scenario {
    // An empty variable says as little as none.
    Scenario::new("single").env("DOCKER_HOST", "")
}

fn write(path: &Path, content: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// Gives the Docker client of a home a context.
fn add_context(scenario: &Scenario, name: &str, host: &str) {
    let digest = format!("{:x}", Bytes::copy_from_slice(&Sha256::digest(name)));
    let meta = format!(
        r#"{{"Name":"{name}","Metadata":{{}},"Endpoints":{{"docker":{{"Host":"{host}","SkipTLSVerify":false}}}}}}"#
    );
    write(&scenario.home().join(".docker/contexts/meta").join(digest).join("meta.json"), &meta);
}

fn choose(scenario: &Scenario, name: &str) {
    write(&scenario.home().join(".docker/config.json"), &format!(r#"{{"auths":{{}},"currentContext":"{name}"}}"#));
}

#[test]
fn the_engine_of_the_current_context_is_used() {
    let proxy = Proxy::start();
    let scenario = unsaid();
    add_context(&scenario, "mine", &proxy.address());
    choose(&scenario, "mine");
    scenario.start(&[]).code(0);
    assert!(scenario.is_running("app"));
    assert!(proxy.requests().iter().any(|request| request.contains("/containers/create")), "{:#?}", proxy.requests());
}

#[test]
fn docker_context_wins_over_the_current_context_and_docker_host_over_both() {
    let (by_context, by_host) = (Proxy::start(), Proxy::start());
    let scenario = unsaid();
    add_context(&scenario, "current", "unix:///nowhere.sock");
    add_context(&scenario, "mine", &by_context.address());
    choose(&scenario, "current");

    let plan = |variables: &[(&str, &str)]| scenario.invocation(&["plan", "app.wasm"]).envs(variables).spawn().wait();
    plan(&[("DOCKER_CONTEXT", "mine")]).code(0);
    assert!(!by_context.requests().is_empty());

    by_context.forget();
    plan(&[("DOCKER_CONTEXT", "mine"), ("DOCKER_HOST", &by_host.address())]).code(0);
    assert!(!by_host.requests().is_empty());
    assert_eq!(by_context.requests(), [""; 0]);
}

#[test]
fn an_engine_that_is_not_there_is_told_with_who_named_it() {
    let scenario = unsaid();
    add_context(&scenario, "far", "unix:///nowhere.sock");
    choose(&scenario, "far");
    let file = scenario.home().join(".docker/config.json").display().to_string();
    scenario.start(&[]).code(3).says("unix:///nowhere.sock").says("context `far`").says(&file);

    let plan = |variables: &[(&str, &str)]| scenario.invocation(&["plan", "app.wasm"]).envs(variables).spawn().wait();
    plan(&[("DOCKER_CONTEXT", "gone")]).code(3).says("context `gone`").says("DOCKER_CONTEXT").says("no such context");
    plan(&[("DOCKER_HOST", "ssh://me@far")]).code(3).says("ssh://me@far").says("ssh -NL").says("DOCKER_HOST");
    plan(&[("DOCKER_HOST", "tcp://far:2376"), ("DOCKER_TLS_VERIFY", "1")]).code(3).says("ca.pem");
}

/// A service that publishes a given port, and asks there once it is initialised.
const ASKING: &str = r#"
import { defineGroup } from "drillmaster";

export default defineGroup({
  services: {
    app: {
      image: "drillmaster-test-service:latest",
      ports: (parameters) => ({ 8080: parameters.number("port") }),
      ping: (container) => container.exec(["/service", "get", "ready"]).success,
      postStartInit(container) {
        for (const ask of [() => container.httpGet(8080, "/"), () => container.address(8080)]) {
          try {
            ask();
            console.log("it answers");
          } catch (error) {
            console.log("refused:", error.message);
          }
        }
        console.log("it listens:", container.probeTcp(8080));
      },
    },
  },
});
"#;

#[test]
fn the_ports_of_an_engine_elsewhere_are_not_taken_for_this_machines() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    // Its socket is on this machine, and it is not.
    let scenario = Scenario::empty().with_file("app.js", ASKING).with_own_engine(&[]).set("port", &port);
    let run = scenario.run(&["start", "app.js"]).code(0);
    run.says("refused: the engine does not run service `app` on this machine")
        .says("it listens: false")
        .stderr_lacks("it answers");
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "nobody has connected");
}
