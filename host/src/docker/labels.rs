//! The labels by which everything is found again.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::engine::{NewContainer, NewImage};
use crate::group::{Digest, Fingerprints, GroupName, Owner, is_own_label, tool_of_label};
use crate::plan::{MadeFor, Recorded};

pub(super) const GROUP: &str = "dev.drillmaster.group";
pub(super) const SERVICE: &str = "dev.drillmaster.service";
/// The account of the project that made something, for people: `USER@HOST`.
pub(super) const OWNER: &str = "dev.drillmaster.owner";
/// The directory of that project.
pub(super) const PROJECT: &str = "dev.drillmaster.project";
/// The digest of machine, account and directory, by which projects are compared.
pub(super) const PROJECT_ID: &str = "dev.drillmaster.project-id";
/// The fingerprints of the fields, to say later which of them changed. Whoever may list containers can read labels, so that
/// no value is in them. 0.1 wrote the fields themselves.
pub(super) const DECLARED: &str = "dev.drillmaster.declared";
/// Those of the variables that refer to the context, filled in. 0.1 wrote a hash of all variables.
pub(super) const ENVIRONMENT: &str = "dev.drillmaster.environment";
/// How many milliseconds it may take to stop, where its service says so.
const STOP_TIMEOUT: &str = "dev.drillmaster.stop-timeout";
/// The services it depends on, so that `stop` needs no definition.
pub(super) const DEPENDENCIES: &str = "dev.drillmaster.dependencies";
/// The digest of the component that declared it.
pub(super) const DEFINITION: &str = "dev.drillmaster.definition";
/// What the values that its hooks left in the context are kept under. Each container that is created has another one, so
/// that one that has its image's was not created by us.
pub(super) const INSTANCE: &str = "dev.drillmaster.instance";
/// On a volume that was made for one container: where that has it.
const TARGET: &str = "dev.drillmaster.target";
/// On an image: what it was built from and for whom, as JSON. One label, since each is a step of the build; and none that
/// containers have, which get their image's labels too.
const IMAGE: &str = "dev.drillmaster.image";

/// What the label [`IMAGE`] holds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct ImageLabel {
    /// The digest of what it was built from.
    context: String,
    group: String,
    owner: String,
    project: String,
    project_id: String,
}

/// The filter that finds what belongs to a group.
pub(super) fn of_group(group: &GroupName) -> HashMap<String, Vec<String>> {
    HashMap::from([("label".to_owned(), vec![format!("{GROUP}={group}")])])
}

/// The labels of networks and volumes.
pub(super) fn of_object(group: &GroupName, owner: &Owner) -> HashMap<String, String> {
    named([(GROUP, group.to_string())].into_iter().chain(of_owner(owner))).collect()
}

/// The filter that finds what belongs to a service of a group.
pub(super) fn of_service(group: &GroupName, service: &str) -> HashMap<String, Vec<String>> {
    HashMap::from([("label".to_owned(), vec![format!("{GROUP}={group}"), format!("{SERVICE}={service}")])])
}

/// The labels of a volume, and whom it is made for if that is one container.
pub(super) fn of_volume(group: &GroupName, owner: &Owner, made_for: Option<&MadeFor>) -> HashMap<String, String> {
    let mut labels = of_object(group, owner);
    if let Some(MadeFor { service, instance, target }) = made_for {
        labels.extend(named([(SERVICE, service.clone()), (INSTANCE, instance.clone()), (TARGET, target.clone())]));
    }
    labels
}

/// Whom a volume was made for, as its labels say.
pub(super) fn made_for(labels: &HashMap<String, String>) -> Option<MadeFor> {
    let text = |name| labels.get(name).cloned();
    Some(MadeFor { service: text(SERVICE)?, instance: text(INSTANCE)?, target: text(TARGET)? })
}

/// The labels of an image that is built.
pub(super) fn of_image(new: &NewImage, context: &Digest) -> HashMap<String, String> {
    let Owner { id, account, project } = new.owner.clone();
    let (context, group) = (context.to_string(), new.group.to_string());
    let label = ImageLabel { context, group, owner: account, project, project_id: id };
    let json = serde_json::to_string(&label).unwrap_or_default();
    HashMap::from([(IMAGE.to_owned(), json)])
}

fn of_owner(owner: &Owner) -> [(&'static str, String); 3] {
    [(OWNER, owner.account.clone()), (PROJECT, owner.project.clone()), (PROJECT_ID, owner.id.clone())]
}

fn named<'a>(labels: impl IntoIterator<Item = (&'a str, String)>) -> impl Iterator<Item = (String, String)> {
    labels.into_iter().map(|(name, value)| (name.to_owned(), value))
}

/// The labels of a new container: the definition's own and ours, which win over them and over the image's.
pub(super) fn of_container(container: &NewContainer) -> HashMap<String, String> {
    let service = &container.service;
    let dependencies = service.dependencies.iter().map(String::as_str).collect::<Vec<_>>().join(",");
    let ours = [
        (GROUP, container.group.to_string()),
        (SERVICE, service.name.clone()),
        (DECLARED, container.fingerprints.label()),
        (DEPENDENCIES, dependencies),
        (DEFINITION, container.definition.to_string()),
        (INSTANCE, container.instance.clone()),
    ];
    let environment = container.environment.as_ref().map(|prints| (ENVIRONMENT, prints.label()));
    let stop_timeout = service.stop_timeout.map(|time| (STOP_TIMEOUT, time.as_millis().to_string()));
    let own = service.labels.iter().map(|(name, value)| (name.clone(), value.clone()));
    let emptied = container.emptied_labels.iter().map(|name| (name.clone(), String::new()));
    let ours = ours.into_iter().chain(of_owner(&container.owner)).chain(environment).chain(stop_timeout);
    emptied.chain(own).chain(named(ours)).collect()
}

/// What the labels of a container of the group say.
pub(super) struct Read {
    pub(super) recorded: Recorded,
    pub(super) stop_timeout: Option<Duration>,
    pub(super) dependencies: BTreeSet<String>,
}

pub(super) fn read(labels: &HashMap<String, String>) -> Read {
    // What would be the image's has been emptied.
    let text = |name| labels.get(name).map(String::as_str).filter(|text| !text.is_empty());
    let recorded = recorded(text(DECLARED).unwrap_or_default(), text(ENVIRONMENT));
    let in_fields = match &recorded {
        Recorded::Fields { service, .. } => service.stop_timeout,
        _ => None,
    };
    Read {
        recorded,
        stop_timeout: stop_timeout(labels).or(in_fields),
        dependencies: text(DEPENDENCIES)
            .unwrap_or_default()
            .split(',')
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
    }
}

/// How long a container may take to stop, as its labels say.
pub(super) fn stop_timeout(labels: &HashMap<String, String>) -> Option<Duration> {
    labels.get(STOP_TIMEOUT)?.parse().ok().map(Duration::from_millis)
}

/// What labels say of the fields of a container, as this version or 0.1 wrote them.
fn recorded(declared: &str, environment: Option<&str>) -> Recorded {
    if let Some(fields) = Fingerprints::from_label(declared) {
        return Recorded::Fingerprints { fields, environment: environment.and_then(Fingerprints::from_label) };
    }
    match serde_json::from_str(declared) {
        Ok(service) => Recorded::Fields { service, environment: environment.map(Digest::from_text) },
        Err(_) => Recorded::Unreadable,
    }
}

/// The label of an image that tells what is its container's own.
pub(super) fn image_instance(labels: &HashMap<String, String>) -> Option<&str> {
    labels.get(INSTANCE).map(String::as_str)
}

/// What an image was built from, if it was built for a group.
pub(super) fn image_context(labels: &HashMap<String, String>, group: &GroupName) -> Option<Digest> {
    let label: ImageLabel = serde_json::from_str(labels.get(IMAGE)?).ok()?;
    (label.group == group.as_str()).then(|| Digest::from_text(&label.context))
}

/// The names of the labels of an image that would mean something on a container.
pub(super) fn telling(labels: &HashMap<String, String>) -> BTreeSet<String> {
    let tells = |name: &&String| is_own_label(name) || tool_of_label(name).is_some();
    labels.keys().filter(tells).cloned().collect()
}

#[cfg(test)]
mod tests;
