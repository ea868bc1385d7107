//! Plans compared as text with literals; observations are built by hand.

mod again;
mod claims;
mod fields;
mod found;
mod json;
mod ports;
mod starting;
mod stopping;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Container, ContainerId, Health, Image, ImageId, Images, Network, NetworkId, Observed, Recorded, Stage, State,
};
use crate::group::{
    Declaration, Digest, FingerprintKey, Fingerprints, Group, GroupName, ImageName, MemoryPaths, ServiceDeclaration,
    Source, check,
};

/// A service of the image `image` that depends on others.
fn service(name: &str, dependencies: &[&str]) -> ServiceDeclaration {
    ServiceDeclaration {
        name: name.to_owned(),
        image: "image".to_owned(),
        dependencies: dependencies.iter().map(ToString::to_string).collect(),
        ..ServiceDeclaration::default()
    }
}

fn group(services: Vec<ServiceDeclaration>) -> Group {
    let paths = MemoryPaths::default();
    let digest = Digest::of(b"definition");
    let declaration = Declaration { services, ..Declaration::default() };
    let sources = vec![Source { file: "app.wasm".to_owned(), digest, declaration }];
    check(sources, paths.check(&GroupName::new("g").unwrap())).unwrap()
}

/// The container that a start of this declaration would have left: committed and running.
fn container(declared: &ServiceDeclaration) -> Container {
    let name = declared.name.clone();
    let declared = ServiceDeclaration { dependencies: Vec::new(), ..declared.clone() };
    let mut checked = group(vec![declared]).services.remove(&name).unwrap();
    checked.dependencies = BTreeSet::new();
    of(&checked)
}

/// The same for a service that was checked with its group.
fn of(service: &crate::group::Service) -> Container {
    Container {
        id: ContainerId(format!("{}-1", service.name)),
        name: format!("g-{}", service.name),
        owner: None,
        service: service.name.clone(),
        instance: format!("{}-instance-1", service.name),
        stage: Stage::Committed,
        state: State::Running,
        health: Health::None,
        recorded: recorded(service),
        stop_timeout: service.stop_timeout,
        dependencies: service.dependencies.clone(),
        image: ImageId("image-1".to_owned()),
        published: Vec::new(),
        volumes: BTreeMap::new(),
        created: 1,
    }
}

fn observed(containers: Vec<Container>) -> Observed {
    Observed {
        containers,
        networks: vec![Network {
            id: NetworkId("network-1".to_owned()),
            name: "drillmaster-g".to_owned(),
            owner: None,
        }],
        images: images(&[("image", "image-1")]),
        foreign: Vec::new(),
        key: Some(FingerprintKey::of_tests()),
    }
}

/// What the labels of the container of a service say that refers to nothing in the context.
fn recorded(service: &crate::group::Service) -> Recorded {
    let instance = format!("{}-instance-1", service.name);
    let fields = Fingerprints::of_fields(service, &instance, &FingerprintKey::of_tests());
    Recorded::Fingerprints { fields, environment: None }
}

fn image(id: &str) -> Image {
    Image { id: ImageId(id.to_owned()), context: None, platform: None, labels: BTreeSet::new() }
}

fn images(known: &[(&str, &str)]) -> Images {
    known.iter().map(|(name, id)| (ImageName::new(name).unwrap(), image(id))).collect()
}
