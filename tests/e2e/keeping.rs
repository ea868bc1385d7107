//! What a service keeps, whatever is done with its containers: what is in the volumes of its image, and its addresses.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};

use bollard::models::{ContainerCreateBody, HostConfig, PortBinding};
use bollard::query_parameters::{CreateContainerOptionsBuilder, RestartContainerOptions};
use drillmaster_tests::engine::{block, status};
use drillmaster_tests::images;
use drillmaster_tests::scenario::{Run, Scenario};

use crate::support::{counter, free_port, see};

/// A world whose `app` counts in a volume that its image declares.
fn counting() -> Scenario {
    let scenario = Scenario::new("single").set("app.build", "image").set("app.image", "own");
    scenario.write("image/Dockerfile", dockerfile("1"));
    scenario
}

fn dockerfile(version: &str) -> String {
    format!("FROM {}\nENV VERSION={version}\nVOLUME /counts\n", images::SERVICE)
}

/// The name of the volume that `app` counts in.
#[track_caller]
fn volume(scenario: &Scenario) -> String {
    let mounts = scenario.container("app").unwrap().mounts.unwrap_or_default();
    mounts.into_iter().find(|mount| mount.destination.as_deref() == Some("/counts")).unwrap().name.unwrap()
}

/// Whether there is a volume of this name, whoever's it is.
fn is_there(scenario: &Scenario, volume: &str) -> bool {
    let found = block("inspect a volume", async { Ok(scenario.engine().docker().inspect_volume(volume).await) });
    match found.unwrap() {
        Err(error) if status(&error) == Some(404) => false,
        found => found.unwrap().name == volume,
    }
}

#[test]
fn what_is_in_a_volume_of_the_image_goes_along_until_it_is_asked_to_go() {
    let scenario = counting();
    scenario.start(&[]).code(0);
    let volume = volume(&scenario);
    assert!(volume.starts_with(&format!("drillmaster-{}-app-", scenario.group())), "{volume}");
    let commands: [&[&str]; 4] = [
        &["start", "app.wasm", "--set", "app.SAY=new"],
        &["start", "app.wasm", "--set", "app.SAY=new", "--recreate", "app"],
        &["reload", "app.wasm", "app", "--set", "app.SAY=new"],
        &["start", "app.wasm"],
    ];
    for (before, command) in (1..).zip(commands) {
        let old = scenario.id("app");
        scenario.run(command).code(0);
        assert_ne!(scenario.id("app"), old, "{command:?}");
        assert_eq!(counter(&scenario, "app", "init"), before + 1, "{command:?}");
    }
    scenario.write("image/Dockerfile", dockerfile("2"));
    scenario.start(&[]).code(0);
    assert_eq!(counter(&scenario, "app", "init"), 6);

    scenario.stop(&["--remove"]).code(0);
    assert!(scenario.names().is_empty() && is_there(&scenario, &volume));
    scenario.start(&[]).code(0);
    assert_eq!(counter(&scenario, "app", "init"), 7);
    assert_eq!(scenario.volumes().len(), 1);

    scenario.stop(&["--remove", "--volumes"]).code(0).says(&volume);
    assert!(scenario.volumes().is_empty() && !is_there(&scenario, &volume));
    scenario.start(&[]).code(0);
    assert_eq!(counter(&scenario, "app", "init"), 1);
}

#[test]
fn what_is_in_a_volume_of_a_container_that_was_never_ready_is_not_found() {
    let scenario = counting();
    scenario.start(&["--set", "app.INIT=error"]).code(1);
    assert_eq!(scenario.names(), ["app.starting"]);
    // Once more, and in vain: there is nothing that was initialised before.
    scenario.start(&["--set", "app.INIT=error-once"]).code(1);
    scenario.start(&[]).code(0);
    assert_eq!(counter(&scenario, "app", "init"), 1);
    assert_eq!(scenario.volumes().len(), 1);
    // What it was handed stays.
    scenario.start(&["--set", "app.INIT=error"]).code(1);
    scenario.stop(&["--remove"]).code(0);
    scenario.start(&[]).code(0);
    assert_eq!(counter(&scenario, "app", "init"), 3);
    scenario.start(&["--set", "app.INIT=error"]).code(1);
    scenario.stop(&["--remove", "--volumes"]).code(0);
    assert!(scenario.volumes().is_empty());
}

/// Puts a container as an earlier version made it into the place of `app`'s: the engine makes its volume, and chooses its port
/// at each start.
fn make_as_before(scenario: &Scenario) {
    let found = scenario.container("app").unwrap();
    let name = found.name.unwrap().trim_start_matches('/').to_owned();
    scenario.engine().remove_container(&found.id.unwrap()).unwrap();
    for volume in scenario.volumes() {
        scenario.engine().remove_volume(&volume.name).unwrap();
    }
    let config = found.config.unwrap();
    let any = PortBinding { host_ip: Some("127.0.0.1".to_owned()), host_port: Some("0".to_owned()) };
    let body = ContainerCreateBody {
        image: found.image,
        labels: config.labels,
        exposed_ports: Some(vec!["8080/tcp".to_owned()]),
        host_config: Some(HostConfig {
            network_mode: Some(format!("drillmaster-{}", scenario.group())),
            port_bindings: Some(HashMap::from([("8080/tcp".to_owned(), Some(vec![any]))])),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    };
    let options = CreateContainerOptionsBuilder::new().name(&name).build();
    block("create", scenario.engine().docker().create_container(Some(options), body)).unwrap();
}

#[test]
fn a_container_of_an_earlier_version_hands_over_what_the_engine_made_for_it() {
    let scenario = counting();
    scenario.start(&[]).code(0);
    make_as_before(&scenario);
    scenario.start(&[]).code(0);
    let volume = volume(&scenario);
    assert!(volume.len() == 64 && scenario.volumes().is_empty(), "{volume}");
    assert_eq!(scenario.get("app", "/count/init").text(), "1");

    scenario.start(&["--set", "app.SAY=new"]).code(0);
    assert_eq!(counter(&scenario, "app", "init"), 2);
    scenario.start(&["--set", "app.SAY=newer"]).code(0);
    assert_eq!(counter(&scenario, "app", "init"), 3);
    scenario.stop(&["--remove", "--volumes"]).code(0);
    assert!(!is_there(&scenario, &volume));
}

#[test]
fn what_has_no_name_of_the_groups_is_not_removed_without_being_asked_for() {
    let scenario = counting();
    scenario.start(&[]).code(0);
    make_as_before(&scenario);
    scenario.start(&[]).code(0);
    let volume = volume(&scenario);
    scenario.stop(&["--remove"]).code(0).says(&format!("docker volume rm {volume}"));
    assert!(is_there(&scenario, &volume));
    scenario.engine().remove_volume(&volume).unwrap();
}

/// Two services, the second of which depends on the first, with the host ports that parameters say.
const PORTS: &str = r#"
import { defineGroup } from "drillmaster";

const service = (name) => ({
  image: "drillmaster-test-service:latest",
  stopSignal: "SIGKILL",
  ports: (parameters) => ({ 8080: parameters.number(name) }),
  ping(container) {
    try {
      return container.httpGet(8080, "/ready").ok;
    } catch {
      return false;
    }
  },
});

export default defineGroup({ services: { a: service("a"), b: { ...service("b"), dependencies: ["a"] } } });
"#;

fn start_on(scenario: &Scenario, command: &str, a: u16, b: u16) -> Run {
    let (a, b) = (format!("a={a}"), format!("b={b}"));
    scenario.run(&[command, "app.js", "--set", &a, "--set", &b])
}

fn ports(scenario: &Scenario) -> (u16, u16) {
    (scenario.address("a", 8080).port(), scenario.address("b", 8080).port())
}

#[test]
fn host_ports_move_to_a_dependency_and_are_swapped() {
    let scenario = Scenario::empty().with_file("app.js", PORTS);
    let [one, two, three] = [free_port(), free_port(), free_port()];
    start_on(&scenario, "start", one, two).code(0);
    let before = (see(&scenario, "a"), see(&scenario, "b"));
    start_on(&scenario, "plan", two, three).code(0).stdout_has("stop b first, which has its host port");
    assert_eq!((see(&scenario, "a"), see(&scenario, "b")), before);

    start_on(&scenario, "start", two, three).code(0);
    assert_eq!(ports(&scenario), (two, three));
    start_on(&scenario, "start", three, two).code(0);
    assert_eq!(ports(&scenario), (three, two));
    assert_eq!(scenario.names(), ["a", "b"]);
    start_on(&scenario, "plan", three, two).code(0).stdout_has("nothing to do");
}

#[test]
fn a_host_port_that_is_not_let_go_is_refused_before_anything_is_done() {
    let scenario = Scenario::empty().with_file("app.js", PORTS);
    let [one, two] = [free_port(), free_port()];
    start_on(&scenario, "start", one, two).code(0);
    let before = (see(&scenario, "a"), see(&scenario, "b"));
    let to = format!("a={two}");
    for command in ["plan", "start"] {
        let run = scenario.run(&[command, "app.js", "--exclude", "b", "--set", &to, "--set", &format!("b={one}")]);
        assert_ne!(run.exit_code(), Some(0));
        run.says(&format!("`a` is to get host port {two}, which the running container of `b` has"));
    }
    assert_eq!((see(&scenario, "a"), see(&scenario, "b")), before);
}

/// A service with a free port, whose address its hook passes to another one.
const TELLING: &str = r#"
import { context, defineGroup } from "drillmaster";

const service = {
  image: "drillmaster-test-service:latest",
  stopSignal: "SIGKILL",
  ports: { 8080: null },
  ping(container) {
    try {
      return container.httpGet(8080, "/ready").ok;
    } catch {
      return false;
    }
  },
};

export default defineGroup({
  services: {
    a: {
      ...service,
      postStartInit(container) {
        const at = container.address(8080);
        context.set("a.url", `${at.host}:${at.port}`);
      },
    },
    b: { ...service, dependencies: ["a"], env: { A_URL: "{a.url}" } },
  },
});
"#;

/// What `b` was told of where `a` is, which has to be true.
#[track_caller]
fn told(scenario: &Scenario) -> SocketAddr {
    let told = scenario.get("b", "/env/A_URL").text().parse().unwrap();
    assert_eq!(told, scenario.address("a", 8080));
    told
}

#[test]
fn a_free_host_port_stays_what_it_was_when_others_were_told_of_it() {
    let scenario = Scenario::empty().with_file("app.js", TELLING);
    let start = || scenario.run(&["start", "app.js"]).code(0);
    start();
    let address = told(&scenario);
    scenario.run(&["stop", "app.js"]).code(0);
    start();
    assert_eq!(told(&scenario), address);
    scenario.run(&["restart", "app.js", "a"]).code(0);
    assert_eq!(told(&scenario), address);
    let id = scenario.id("a");
    block("restart", scenario.engine().docker().restart_container(&id, None::<RestartContainerOptions>)).unwrap();
    assert_eq!(told(&scenario), address);
    scenario.run(&["plan", "app.js"]).code(0).stdout_has("nothing to do");

    // Somebody else has it meanwhile.
    scenario.run(&["stop", "app.js"]).code(0);
    let other = TcpListener::bind(address).unwrap();
    let port = address.port();
    let run = scenario.run(&["start", "app.js"]).code(1);
    run.says(&format!("host port {port}, which its container has had since it was created, is in use"))
        .says("`drillmaster start --recreate a` gives it another one");
    scenario.run(&["start", "app.js", "--recreate", "a"]).code(0);
    assert_ne!(told(&scenario), address);
    drop(other);
}

/// A service of a platform that a parameter says.
const PLATFORM: &str = r#"
import { defineGroup } from "drillmaster";

export default defineGroup({
  services: {
    app: { image: "drillmaster-test-service:latest", platform: (parameters) => parameters.get("platform") },
  },
});
"#;

#[test]
fn an_image_for_another_platform_is_not_there() {
    let scenario = Scenario::empty().with_file("app.js", PLATFORM);
    let (own, other) = match std::env::consts::ARCH {
        "aarch64" => ("linux/arm64", "linux/amd64"),
        _ => ("linux/amd64", "linux/arm64"),
    };
    let run = |command: &str, platform: &str, more: &[&str]| {
        let platform = format!("platform={platform}");
        scenario.run(&[&[command, "app.js", "--set", &platform], more].concat())
    };
    run("plan", other, &[]).code(0).stdout_has("pull its image (not here)");
    run("start", other, &["--pull", "never"]).code(1).says("is not here and cannot be pulled");
    run("start", own, &["--pull", "never"]).code(0);
    let app = see(&scenario, "app");
    run("plan", own, &[]).code(0).stdout_has("nothing to do");
    // One that cannot be had leaves the one that runs as it is.
    run("start", other, &["--pull", "never"]).code(1);
    assert_eq!(see(&scenario, "app"), app);
}
