//! Every field of a service: that it reaches Docker, and what it does there.

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use drillmaster_tests::http;
use drillmaster_tests::scenario::Scenario;
use drillmaster_tests::wait;
use serde_json::{Value, json};

use crate::support::{free_port, see};

/// How the engine names the machine that it runs on, which is ours.
fn platform() -> String {
    let architecture = match env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("linux/{architecture}")
}

/// A world with the service that has every field.
fn everything() -> Scenario {
    let scenario = Scenario::new("everything")
        .with_file("written/here.txt", "from the host")
        .with_file("read/only.txt", "only to be read")
        .set("tcp_port", &free_port().to_string())
        .set("udp_port", &free_port().to_string())
        .set("platform", &platform());
    // The container's user is another one.
    fs::set_permissions(scenario.project().join("written"), Permissions::from_mode(0o777)).unwrap();
    scenario.trusted()
}

fn inspected(scenario: &Scenario, service: &str) -> Value {
    serde_json::to_value(scenario.container(service).unwrap()).unwrap()
}

/// What the service reads at a path of its own.
#[track_caller]
fn file(scenario: &Scenario, path: &str) -> String {
    scenario.get("everything", &format!("/file{path}")).text()
}

/// The line of the service's mount table that is about a target: its source, target, type and options.
#[track_caller]
fn mount(scenario: &Scenario, target: &str) -> String {
    let mounts = file(scenario, "/proc/self/mounts");
    let line = mounts.lines().find(|line| line.split(' ').nth(1) == Some(target));
    line.unwrap_or_else(|| panic!("nothing is mounted at {target}: {mounts}")).to_owned()
}

#[test]
fn every_field_reaches_docker() {
    let scenario = everything();
    scenario.start(&[]).code(0);
    let container = inspected(&scenario, "everything");

    let config = &container["Config"];
    for variable in ["GREETING=hello", "COUNT_DIR=/written"] {
        assert!(config["Env"].as_array().unwrap().contains(&json!(variable)), "{config:#}");
    }
    assert_eq!(config["StopSignal"], "SIGQUIT");
    assert_eq!(config["StopTimeout"], 3);
    assert_eq!(config["Entrypoint"], json!(["/service", "serve"]));
    assert_eq!(config["Cmd"], json!(["first", "second"]));
    assert_eq!(config["User"], "1234:2345");
    assert_eq!(config["WorkingDir"], "/work");
    assert_eq!(config["Labels"]["org.example.colour"], "green");
    assert_eq!(config["Healthcheck"]["Test"], json!(["CMD", "/service", "exit", "0"]));
    assert_eq!(config["Healthcheck"]["Interval"], 100_000_000);

    let host = &container["HostConfig"];
    assert_eq!(host["RestartPolicy"]["Name"], "on-failure");
    assert_eq!(host["ShmSize"], 48 << 20);
    assert_eq!(host["Memory"], 128 << 20);
    assert_eq!(host["NanoCpus"], 500_000_000);
    assert!(host["Tmpfs"].as_object().unwrap().contains_key("/scratch"), "{host:#}");

    let group = scenario.group();
    let networks = container["NetworkSettings"]["Networks"].as_object().unwrap();
    for network in [format!("drillmaster-{group}"), format!("drillmaster-{group}-further")] {
        let aliases = networks[&network]["Aliases"].as_array().unwrap();
        for alias in ["everything", "nickname"] {
            assert!(aliases.contains(&json!(alias)), "{network}: {aliases:?}");
        }
    }
    assert_eq!(networks.len(), 2, "{networks:?}");
    assert_eq!(scenario.networks().len(), 2);
}

#[test]
fn every_mount_reaches_docker() {
    let scenario = everything();
    scenario.start(&[]).code(0);
    let container = inspected(&scenario, "everything");
    let mut mounts: Vec<_> = container["Mounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mount| {
            let text = |key: &str| mount[key].as_str().unwrap_or_default().to_owned();
            // A volume's source is a directory of the engine's own.
            let source = if mount["Type"] == "volume" { text("Name") } else { text("Source") };
            (text("Destination"), text("Type"), source, mount["RW"].as_bool().unwrap())
        })
        .collect();
    mounts.sort();

    let project = scenario.project().canonicalize().unwrap();
    let path = |name: &str| project.join(name).display().to_string();
    let volume = format!("drillmaster-{}-data", scenario.group());
    let expected = [
        ("/data", "volume", volume.clone(), true),
        ("/read-only-data", "volume", volume.clone(), false),
        ("/read-only.txt", "bind", path("read/only.txt"), false),
        ("/written", "bind", path("written"), true),
    ];
    assert_eq!(mounts, expected.map(|(target, kind, source, rw)| (target.to_owned(), kind.to_owned(), source, rw)));
    let volumes: Vec<_> = scenario.volumes().into_iter().map(|volume| volume.name).collect();
    assert_eq!(volumes, [volume]);
}

#[test]
fn ports_are_published_on_this_machine_alone() {
    let (tcp, udp) = (free_port(), free_port());
    let scenario = everything().set("tcp_port", &tcp.to_string()).set("udp_port", &udp.to_string());
    scenario.start(&[]).code(0);
    let ports = &inspected(&scenario, "everything")["NetworkSettings"]["Ports"];
    let published: Vec<_> = ["8080/tcp", "9090/tcp", "9053/udp", "9054/udp"]
        .into_iter()
        .map(|port| {
            let bindings = ports[port].as_array().unwrap_or_else(|| panic!("{port} is not published: {ports:#}"));
            assert_eq!(bindings.len(), 1, "{ports:#}");
            assert_eq!(bindings[0]["HostIp"], "127.0.0.1", "{port}");
            bindings[0]["HostPort"].as_str().unwrap().parse::<u16>().unwrap()
        })
        .collect();
    assert_eq!(published[1..3], [tcp, udp]);
    assert!(published[0] > 0 && published[3] > 0, "{ports:#}");
}

#[test]
fn the_process_is_what_the_fields_say() {
    let scenario = everything();
    scenario.start(&[]).code(0);
    let get = |path| scenario.get("everything", path).text();
    assert_eq!(get("/env/GREETING"), "hello");
    assert_eq!(get("/argv"), "/service\nserve\nfirst\nsecond");
    assert_eq!(get("/user"), "1234:2345");
    assert_eq!(get("/cwd"), "/work");
    assert_eq!(get("/get/nickname:8080/ready"), "ready");
}

#[test]
fn mounts_are_what_the_fields_say() {
    let scenario = everything();
    scenario.start(&[]).code(0);
    assert_eq!(file(&scenario, "/written/here.txt"), "from the host");
    assert_eq!(scenario.get("everything", "/count/there").text(), "1");
    assert_eq!(fs::read_to_string(scenario.project().join("written/there")).unwrap(), "1");
    assert_eq!(file(&scenario, "/read-only.txt"), "only to be read");

    let is_read_only = |target| {
        let line = mount(&scenario, target);
        line.split(' ').nth(3).unwrap().split(',').any(|option| option == "ro")
    };
    assert!(is_read_only("/read-only.txt") && is_read_only("/read-only-data"));
    assert!(!is_read_only("/written") && !is_read_only("/data"));
    assert!(mount(&scenario, "/scratch").contains(" tmpfs "), "{}", mount(&scenario, "/scratch"));
    let memory = mount(&scenario, "/dev/shm");
    assert!(memory.contains(&format!("size={}k", 48 << 10)), "{memory}");
}

#[test]
fn a_container_is_stopped_with_its_own_signal() {
    let scenario = everything();
    scenario.start(&[]).code(0);
    scenario.stop(&[]).code(0);
    assert!(scenario.logs("everything").contains("received SIGQUIT"), "{}", scenario.logs("everything"));
    assert!(!scenario.is_running("everything"));
}

#[test]
fn a_container_that_fails_is_started_again_when_its_policy_says_so() {
    let scenario = everything();
    scenario.start(&[]).code(0);
    let before = see(&scenario, "everything");
    // It exits instead of answering.
    let _ = http::get(scenario.address("everything", 8080), "/exit/1");
    wait::until("the container to be started again", Duration::from_secs(20), || {
        scenario.is_running("everything") && scenario.started_at("everything") > before.started_at
    });
    assert_eq!(scenario.id("everything"), before.id);
}

#[test]
fn an_image_of_another_platform_is_refused() {
    let scenario = everything().set("platform", "linux/s390x");
    let _ = scenario.start(&[]).code(1);
    assert_eq!(scenario.names(), [""; 0]);
}

/// A world whose image is built.
fn building() -> Scenario {
    let dockerfile = "
        FROM drillmaster-test-service:latest AS chosen
        ARG GREETING=none
        ENV GREETING=$GREETING STAGE=chosen
        COPY notes/note.txt /note.txt
        FROM chosen
        ENV STAGE=last
    ";
    let scenario = Scenario::new("building")
        .with_file("context/Dockerfile", "FROM scratch\nENV THIS=is the wrong file\n")
        .with_file("context/docker/Chosen.dockerfile", dockerfile)
        .with_file("context/notes/note.txt", "from the context");
    scenario.set("image", "own")
}

/// The id of the image that the scenario has built.
fn built_image(scenario: &Scenario) -> String {
    scenario.image(&scenario.built("own")).expect("it was built")
}

#[test]
fn an_image_is_built_from_a_directory_with_its_dockerfile_arguments_and_target() {
    let scenario = building();
    scenario.start(&[]).code(0);
    assert_eq!(scenario.get("built", "/env/GREETING").text(), "hello");
    assert_eq!(scenario.get("built", "/env/STAGE").text(), "chosen");
    assert_eq!(scenario.get("built", "/file/note.txt").text(), "from the context");
    assert_eq!(scenario.container("built").unwrap().image, Some(built_image(&scenario)));
}

#[test]
fn an_image_that_was_built_is_used_by_the_next_start() {
    let scenario = building();
    scenario.start(&[]).code(0);
    let (image, container) = (built_image(&scenario), see(&scenario, "built"));
    scenario.start(&[]).code(0);
    assert_eq!(built_image(&scenario), image);
    assert_eq!(see(&scenario, "built"), container);
}

#[test]
fn a_volume_outlives_its_containers_until_volumes_are_removed_too() {
    let scenario = building();
    scenario.start(&[]).code(0);
    assert_eq!(scenario.get("built", "/count/data").text(), "1");

    scenario.stop(&["--remove"]).code(0);
    assert_eq!(scenario.names(), [""; 0]);
    scenario.start(&[]).code(0);
    assert_eq!(scenario.get("built", "/count/data").text(), "2");

    scenario.stop(&["--remove", "--volumes"]).code(0);
    assert_eq!(scenario.volumes(), []);
    scenario.start(&[]).code(0);
    assert_eq!(scenario.get("built", "/count/data").text(), "1");
}
