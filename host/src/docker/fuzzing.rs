//! What is private to this room and read by it from others, for `tests/fuzz`. It is part of no interface.
#![allow(missing_docs, clippy::missing_errors_doc, reason = "it is for one caller, and not for good")]

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::PathBuf;

use crate::engine::{EngineError, ImageProgress, NewContainer, Result};
use crate::group::GroupName;
use crate::plan::Observed;

use super::connect::client;
use super::endpoint::{self, Address, Machine};
use super::{image, labels, observe};

/// The engine that would be used on a machine with these variables and files, as the person is told of it.
pub fn endpoint(variables: &BTreeMap<String, String>, files: &BTreeMap<PathBuf, String>) -> Result<String> {
    let endpoint = endpoint::resolve(&Machine {
        variable: &|name| variables.get(name).cloned(),
        read: &|path| files.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into()),
        exists: &|path| files.contains_key(path),
    })?;
    // The others would look for files.
    if let Address::Http(host) = &endpoint.address {
        client(&endpoint.address).map_err(|error| EngineError::Unreachable {
            endpoint: host.clone(),
            reason: error.to_string(),
            advice: endpoint.source.advice(),
        })?;
    }
    Ok(endpoint.to_string())
}

/// What is seen of a group where the engine answers with these lists, in JSON.
pub fn observed(group: &GroupName, containers: &str, networks: &str, images: &str) -> serde_json::Result<Observed> {
    let containers = serde_json::from_str(containers)?;
    let (networks, images) = (serde_json::from_str(networks)?, serde_json::from_str(images)?);
    Ok(observe::observed(group, containers, networks, images, HashMap::new()))
}

/// The labels that a container is given.
#[must_use]
pub fn labels(container: &NewContainer) -> HashMap<String, String> {
    labels::of_container(container)
}

/// What a line of a builder's output says of its progress.
#[must_use]
pub fn build_progress(line: &str) -> Option<ImageProgress> {
    image::step_of_build(line)
}

/// What the engine says of a pull's progress, in JSON.
pub fn pull_progress(told: &str) -> serde_json::Result<ImageProgress> {
    serde_json::from_str(told).map(image::step_of_pull)
}
