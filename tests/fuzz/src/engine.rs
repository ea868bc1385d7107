//! What an engine says is there.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use drillmaster::docker::fuzzing;
use drillmaster::engine::NewContainer;
use drillmaster::group::{Account, FingerprintKey, Fingerprints, Group, GroupName};
use drillmaster::plan::{ImageId, Observed, environment_fingerprints};
use serde_json::{Value, json};

/// What is seen when each service of a group has just been started.
pub(crate) fn made(group: &Group) -> Observed {
    let labels = labels(group);
    let containers = group.services.keys().zip(&labels);
    let containers: Vec<Value> = containers
        .map(|(name, labels)| found(name, &format!("/{}", group.name.container(name)), labels, "running"))
        .collect();
    observed(&group.name, &containers, &[])
}

/// The labels that the containers of a group's services are given.
pub(crate) fn labels(group: &Group) -> Vec<HashMap<String, String>> {
    group.services.keys().map(|name| fuzzing::labels(&new_container(group, name))).collect()
}

fn new_container(group: &Group, name: &str) -> NewContainer {
    let service = &group.services[name];
    let value = |_: &str| Some("a value");
    let account = Account { machine: "machine".to_owned(), user: 1000, name: "alice@laptop".to_owned() };
    let instance = format!("{name}-1");
    let key = key();
    NewContainer {
        group: group.name.clone(),
        owner: account.owner("/project"),
        image: ImageId("sha256:0".to_owned()),
        emptied_labels: BTreeSet::new(),
        name: group.name.container(name),
        service: service.clone(),
        env: service.env.keys().map(|name| (name.clone(), String::new())).collect(),
        fingerprints: Fingerprints::of_fields(service, &instance, &key),
        environment: environment_fingerprints(service, &value, &instance, &key),
        instance,
        definition: group.definitions[name].clone(),
        networks: Vec::new(),
        own_volumes: BTreeMap::new(),
    }
}

fn key() -> FingerprintKey {
    FingerprintKey::new([7; FingerprintKey::LENGTH])
}

/// A container as an engine lists it.
pub(crate) fn found(id: &str, name: &str, labels: &HashMap<String, String>, state: &str) -> Value {
    json!({
        "Id": id, "Names": [name], "ImageID": "sha256:0", "Labels": labels, "State": state, "Created": id.len(),
        "Ports": [{ "IP": "127.0.0.1", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp" }],
    })
}

/// What is seen where these are all there is.
pub(crate) fn observed(group: &GroupName, containers: &[Value], networks: &[Value]) -> Observed {
    let text = |list: &[Value]| Value::from(list.to_vec()).to_string();
    let observed =
        fuzzing::observed(group, &text(containers), &text(networks), "[]").expect("this is how an engine answers");
    Observed { key: Some(key()), ..observed }
}
