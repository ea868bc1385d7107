//! One of everything that a group can have in Docker, made without `drillmaster`.

use std::collections::HashMap;

use bollard::models::{ContainerCreateBody, NetworkCreateRequest, VolumeCreateRequest};
use bollard::query_parameters::{CreateContainerOptionsBuilder, StartContainerOptions, TagImageOptionsBuilder};
use drillmaster_tests::engine::{Engine, GROUP, SERVICE, block};
use drillmaster_tests::images;

/// Makes a running container `GROUP-db`, a network, a volume and an image's tag.
pub(crate) fn make(engine: &Engine, group: &str) {
    let labels = HashMap::from([(GROUP.to_owned(), group.to_owned()), (SERVICE.to_owned(), "db".to_owned())]);
    let docker = engine.docker();
    let name = format!("{group}-db");
    let options = CreateContainerOptionsBuilder::new().name(&name).build();
    let body = ContainerCreateBody {
        image: Some(images::SERVICE.to_owned()),
        labels: Some(labels.clone()),
        ..ContainerCreateBody::default()
    };
    block("create a container", docker.create_container(Some(options), body)).unwrap();
    block("start it", docker.start_container(&name, None::<StartContainerOptions>)).unwrap();
    let network = NetworkCreateRequest {
        name: format!("drillmaster-{group}"),
        labels: Some(labels.clone()),
        ..NetworkCreateRequest::default()
    };
    block("create a network", docker.create_network(network)).unwrap();
    let volume = VolumeCreateRequest {
        name: Some(format!("{group}-data")),
        labels: Some(labels),
        ..VolumeCreateRequest::default()
    };
    block("create a volume", docker.create_volume(volume)).unwrap();
    let tag = TagImageOptionsBuilder::new().repo(&format!("{group}-app")).tag("latest").build();
    block("tag an image", docker.tag_image(images::SERVICE, Some(tag))).unwrap();
}

/// What the engine has of a group, a word each.
pub(crate) fn found(engine: &Engine, group: &str) -> Vec<String> {
    let mut found = Vec::new();
    found.extend(engine.containers(group).unwrap().iter().map(|_| "container".to_owned()));
    let networks = engine.networks().unwrap();
    found.extend(networks.iter().filter_map(|network| network.name.clone()).filter(|name| name.contains(group)));
    let volumes = engine.volumes().unwrap();
    found.extend(volumes.into_iter().map(|volume| volume.name).filter(|name| name.contains(group)));
    let images = engine.images().unwrap();
    found.extend(images.into_iter().flat_map(|image| image.repo_tags).filter(|tag| tag.contains(group)));
    found
}

/// What [`found`] gives after [`make`].
pub(crate) fn all(group: &str) -> Vec<String> {
    ["container", &format!("drillmaster-{group}"), &format!("{group}-data"), &format!("{group}-app:latest")]
        .map(str::to_owned)
        .to_vec()
}
