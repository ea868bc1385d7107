//! What a definition makes the engine download, in the network of the engine's own machine.

use drillmaster_tests::images;
use drillmaster_tests::registry::Registry;
use drillmaster_tests::scenario::Scenario;

use crate::support::tag_service;

/// A service of this machine that nobody has granted.
fn service() -> Registry {
    let service = Registry::start();
    service.offer_file("/secret", "of this machine");
    service
}

/// A definition whose image is built with these lines of a Dockerfile.
fn building(lines: &str) -> Scenario {
    let dockerfile = format!("FROM {} AS chosen\n{lines}\n", images::SERVICE);
    Scenario::new("building").set("image", "own").with_file("context/docker/Chosen.dockerfile", dockerfile)
}

/// Each command that would build.
const BUILDING: [&[&str]; 3] = [&["plan", "app.wasm"], &["start", "app.wasm"], &["check", "app.wasm"]];

#[test]
fn add_does_not_reach_this_machine() {
    let service = service();
    let (address, port) = (service.address(), service.address().port());
    for (add, granted) in [
        (format!("ADD http://{address}/secret /context/"), address.to_string()),
        (format!("ADD [\"HTTP://localhost:{port}/secret\", \"/context/\"]"), format!("localhost:{port}")),
        (format!("ADD \\\n  --chown=1:1 http://a:b@127.1:{port}/secret /context/"), format!("127.1:{port}")),
        (format!("ONBUILD ADD http://2130706433:{port}/secret /context/"), format!("2130706433:{port}")),
        (format!("ADD git@{address}:a/b.git /context/"), "127.0.0.1:22".to_owned()),
    ] {
        let scenario = building(&add);
        for command in BUILDING {
            scenario.run(command).code(2).says("`built`").says(&format!("--allow-net {granted} would allow it"));
        }
        assert_eq!((service.connections(), scenario.names()), (0, vec![]), "{add}");
    }
}

#[test]
fn add_of_what_a_variable_says_is_refused_whatever_is_granted() {
    let service = service();
    let address = service.address().to_string();
    let scenario = building(&format!("ARG WHERE=http://{address}/secret\nADD $WHERE /context/"));
    for command in BUILDING {
        let command = [command, &["--allow-net", &address]].concat();
        scenario.run(&command).code(2).says("`ADD $WHERE /context/`").says("COPY");
    }
    assert_eq!((service.connections(), scenario.names()), (0, vec![]));
}

#[test]
fn add_downloads_what_is_granted_and_the_project_file_can_grant_it() {
    let service = service();
    let address = service.address();
    let scenario = building(&format!("ADD http://{address}/secret /context/"));
    scenario.start(&["--allow-net", &address.to_string()]).code(0);
    assert_eq!(scenario.get("built", "/file/context/secret").text(), "of this machine");
    let file = format!("definitions = [\"app.wasm\"]\n[grants]\nnet = [\"{address}\"]\n");
    let scenario = scenario.with_file("drillmaster.toml", file).trusted();
    scenario.run(&["reload", "built"]).code(0);
    assert_eq!(scenario.get("built", "/file/context/secret").text(), "of this machine");
}

#[test]
fn an_image_of_a_registry_of_this_machine_is_not_pulled() {
    let (service, other) = (service(), Scenario::new("single"));
    service.offer(other.engine(), images::SERVICE, &other.group()).unwrap();
    let port = service.address().port();
    for registry in [service.address().to_string(), format!("localhost:{port}"), format!("127.1:{port}")] {
        let scenario = Scenario::new("single").set("app.image", &format!("{registry}/{}", other.group()));
        for command in [&["plan", "app.wasm"], &["start", "app.wasm"]] {
            scenario.run(command).code(2).says(&format!("--allow-net {registry} would allow it"));
        }
        assert_eq!((service.connections(), scenario.names()), (0, vec![]), "{registry}");
    }
}

#[test]
fn a_build_pulls_no_image_of_a_registry_of_this_machine() {
    let service = service();
    let image = service.image("base");
    for lines in
        [format!("FROM {image}"), format!("COPY --from={image} /x /x"), format!("ONBUILD COPY --from={image} /x /x")]
    {
        let scenario = building(&lines);
        scenario.start(&[]).code(1).says("built  failed").says(&image).says("would allow it");
        assert_eq!((service.connections(), scenario.running()), (0, vec![]), "{lines}");
    }
}

#[test]
fn an_image_that_is_here_needs_no_grant_whatever_its_name() {
    let (service, scenario) = (Registry::start(), Scenario::new("single"));
    let image = service.image(&scenario.group());
    tag_service(&scenario, &image);
    let dockerfile = format!("FROM {image} AS chosen\n");
    let building = building("").with_file("context/docker/Chosen.dockerfile", dockerfile);
    let scenario = scenario.set("app.image", &image);
    scenario.start(&[]).code(0);
    building.start(&[]).code(0);
    assert_eq!(service.connections(), 0);
}
