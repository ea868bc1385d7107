//! What another group has, and a definition that would like to have it.

use std::collections::HashMap;

use bollard::models::{ContainerCreateBody, NetworkCreateRequest, VolumeCreateRequest};
use bollard::query_parameters::CreateContainerOptionsBuilder;
use drillmaster_tests::engine::{GROUP, SERVICE, block};
use drillmaster_tests::images;
use drillmaster_tests::scenario::Scenario;

/// The labels of what belongs to a service of another group.
fn labels(other: &Scenario) -> HashMap<String, String> {
    HashMap::from([(GROUP.to_owned(), other.group()), (SERVICE.to_owned(), "its".to_owned())])
}

#[test]
fn a_volume_is_named_within_the_group_and_no_name_leads_out_of_it() {
    let (scenario, other) = (Scenario::new("kite"), Scenario::new("single").set("app.volume", "counts"));
    other.start(&[]).code(0);
    let theirs = format!("drillmaster-{}-counts", other.group());
    for wrong in ["../counts", "/etc", "/var/run/docker.sock", &format!("../{theirs}")] {
        let run = scenario.start(&["--set", &format!("aside.volume={wrong}")]).code(2);
        run.says("service `aside`, volumes: ").says("cannot be a volume's name");
    }
    scenario.start(&["--set", &format!("aside.volume={theirs}")]).code(0);
    let volumes: Vec<_> = scenario.volumes().into_iter().map(|volume| volume.name).collect();
    assert_eq!(volumes, [format!("drillmaster-{}-{theirs}", scenario.group())]);
    assert_eq!(scenario.get("aside", "/peek/init").text(), "1");
    scenario.stop(&["--remove", "--volumes"]).code(0);
    assert_eq!(other.volumes().len(), 1);
    assert_eq!(other.running(), ["app"]);
}

#[test]
fn a_volume_that_another_group_has_under_the_same_name_is_not_used() {
    let (scenario, other) = (Scenario::new("kite"), Scenario::empty());
    let name = format!("drillmaster-{}-data", scenario.group());
    let volume = VolumeCreateRequest {
        name: Some(name.clone()),
        labels: Some(labels(&other)),
        ..VolumeCreateRequest::default()
    };
    block("create a volume", scenario.engine().docker().create_volume(volume)).unwrap();
    let run = scenario.start(&["--set", "aside.volume=data"]).code(1);
    run.says(&format!("there is a volume {name} already, and it belongs to"))
        .says(&format!("group `{}`", other.group()))
        .says("--group");
    assert_eq!(scenario.running(), ["db", "left", "right", "top"]);
    assert_eq!(other.volumes().len(), 1);
    assert_eq!(scenario.volumes(), []);
}

#[test]
fn a_network_that_another_group_has_under_the_same_name_is_not_joined() {
    let (scenario, other) = (Scenario::new("kite"), Scenario::empty());
    let name = format!("drillmaster-{}-back", scenario.group());
    let network =
        NetworkCreateRequest { name: name.clone(), labels: Some(labels(&other)), ..NetworkCreateRequest::default() };
    block("create a network", scenario.engine().docker().create_network(network)).unwrap();
    let run = scenario.start(&["--set", "aside.network=back"]).code(3);
    run.says(&format!("there is a network {name} already, and it belongs to"))
        .says(&format!("group `{}`", other.group()));
    assert_eq!(scenario.names(), [""; 0]);
    let theirs = other.networks().into_iter().map(|network| network.id.unwrap()).collect::<Vec<_>>();
    assert_eq!(theirs.len(), 1);
    assert!(scenario.engine().network_is_empty(&theirs[0]).unwrap());
    for wrong in ["../back", "", "host!"] {
        scenario.start(&["--set", &format!("aside.network={wrong}")]).code(2).says("cannot be a network's name");
    }
}

#[test]
fn a_container_that_another_group_has_under_the_same_name_is_left_alone() {
    for suffix in ["", ".starting"] {
        let (scenario, other) = (Scenario::new("kite"), Scenario::empty());
        let name = format!("{}-aside{suffix}", scenario.group());
        let options = CreateContainerOptionsBuilder::new().name(&name).build();
        let body = ContainerCreateBody {
            image: Some(images::SERVICE.to_owned()),
            labels: Some(labels(&other)),
            ..ContainerCreateBody::default()
        };
        let docker = scenario.engine().docker();
        let theirs = block("create a container", docker.create_container(Some(options), body)).unwrap().id;
        let run = scenario.start(&[]).code(3);
        run.says(&format!("there is a container {name} already"))
            .says(&format!("none of drillmaster's groups, although it is labelled with group `{}`", other.group()));
        // Before anything was made.
        assert_eq!(scenario.names(), [""; 0]);
        let found = scenario.engine().inspect(&theirs).unwrap().expect("it is still there");
        assert_eq!(found.name, Some(format!("/{name}")));
    }
}
