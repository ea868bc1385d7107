//! What a test leaves in Docker and on the disk, and removing it.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::{Context, Result};
use bollard::models::{ImageSummary, Network};

use crate::engine::{Engine, GROUP, IMAGE};
use crate::group::GroupName;
use crate::process;

/// What an engine lists for the tag of an image that has none.
const NO_TAG: &str = "<none>:<none>";

type Labels = std::collections::HashMap<String, String>;

/// Where the directories of all scenarios lie.
#[must_use]
pub fn directories() -> PathBuf {
    env::temp_dir().join("drillmaster-e2e")
}

/// Removes everything of a group: containers, networks, volumes, the images that were built for it, its directory. It
/// is no error if there is nothing, or another process removes it at the same time.
///
/// # Errors
///
/// When something cannot be removed; the rest is removed nevertheless.
pub fn remove(engine: &Engine, group: GroupName) -> Result<()> {
    let group = group.to_string();
    let mut results = Vec::new();
    for container in engine.containers(&group)? {
        results.push(engine.remove_container(&container.id.unwrap_or_default()));
    }
    // After the containers, which use them.
    for network in engine.networks()? {
        if network_group(&network).is_some_and(|owner| owner == group) {
            results.push(remove_network(engine, &network.id.unwrap_or_default()));
        }
    }
    for volume in engine.volumes()? {
        if volume.labels.get(GROUP) == Some(&group) {
            results.push(engine.remove_volume(&volume.name));
        }
    }
    for image in engine.images()? {
        // A tag of the group's may stand beside another's on the same image, which then stays.
        let tags = image.repo_tags.iter().filter(|tag| tag_group(tag).as_ref() == Some(&group));
        results.extend(tags.map(|tag| engine.remove_image(tag)));
        let other_tags = image.repo_tags.iter().any(|tag| tag != NO_TAG && tag_group(tag).as_ref() != Some(&group));
        if image_group(&image).as_ref() == Some(&group) && !other_tags {
            results.push(engine.remove_image(&image.id));
        }
    }
    let directory = directories().join(&group);
    results.push(match fs::remove_dir_all(&directory) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", directory.display()))
        }
        _ => Ok(()),
    });
    results.into_iter().collect()
}

/// Removes a network. Docker 20.10 now and then takes a network for used for ever that no container is in, after one that
/// ended while it was started: such a network is left, and that is said.
fn remove_network(engine: &Engine, id: &str) -> Result<()> {
    match engine.remove_network(id) {
        Err(error) if format!("{error:#}").contains("has active endpoints") && engine.network_is_empty(id)? => {
            eprintln!("a network stays, since the engine does not let go of it: {error:#}");
            Ok(())
        }
        removed => removed,
    }
}

/// Removes what belongs to groups whose processes have ended without doing so: first the `drillmaster`s that still
/// work on them. Gives their names. A person's groups, and those of tests that are running, are left alone.
///
/// # Errors
///
/// When something cannot be removed; the rest is removed nevertheless.
pub fn sweep(engine: &Engine) -> Result<BTreeSet<GroupName>> {
    let abandoned: BTreeSet<GroupName> = groups(engine)?.into_iter().filter(|group| group.is_abandoned()).collect();
    let mut results = BTreeMap::new();
    for group in &abandoned {
        let _killed = process::kill_those_on(&group.to_string());
        results.insert(*group, remove(engine, *group));
    }
    for (group, result) in results {
        result.with_context(|| format!("cannot sweep {group}"))?;
    }
    Ok(abandoned)
}

/// The groups of tests, living or dead, that have left anything.
fn groups(engine: &Engine) -> Result<BTreeSet<GroupName>> {
    let mut names = Vec::new();
    for container in engine.all_containers()? {
        names.extend(label(container.labels.as_ref()));
    }
    names.extend(engine.networks()?.iter().filter_map(network_group));
    names.extend(engine.volumes()?.iter().filter_map(|volume| label(Some(&volume.labels))));
    for image in engine.images()? {
        names.extend(image_group(&image).filter(|_| image.repo_tags.iter().all(|tag| tag == NO_TAG)));
        names.extend(image.repo_tags.iter().filter_map(|tag| tag_group(tag)));
    }
    for entry in fs::read_dir(directories()).into_iter().flatten().flatten() {
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    Ok(names.iter().filter_map(|name| GroupName::parse(name)).collect())
}

fn label(labels: Option<&Labels>) -> Option<String> {
    labels?.get(GROUP).cloned()
}

/// The group that a network belongs to: by its label, or else by its name, `drillmaster-GROUP`.
fn network_group(network: &Network) -> Option<String> {
    label(network.labels.as_ref()).or_else(|| Some(network.name.as_ref()?.strip_prefix("drillmaster-")?.to_owned()))
}

/// The group that an image was built for or committed in, going by its labels.
fn image_group(image: &ImageSummary) -> Option<String> {
    let built = image.labels.get(IMAGE).and_then(|label| serde_json::from_str::<serde_json::Value>(label).ok());
    let group = built.and_then(|label| Some(label["group"].as_str()?.to_owned()));
    group.or_else(|| label(Some(&image.labels)))
}

/// The group that an image was built for, going by its tag, a part of which is the group's name or begins with it.
fn tag_group(tag: &str) -> Option<String> {
    tag.split('/').find_map(GroupName::find).map(|group| group.to_string())
}
