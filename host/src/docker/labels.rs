//! The labels by which everything is found again.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::engine::{NewContainer, NewImage};
use crate::group::{Digest, GroupName, Owner, Service, is_own_label, tool_of_label};

pub(super) const GROUP: &str = "dev.drillmaster.group";
pub(super) const SERVICE: &str = "dev.drillmaster.service";
/// The account of the project that made something, for people: `USER@HOST`.
pub(super) const OWNER: &str = "dev.drillmaster.owner";
/// The directory of that project.
pub(super) const PROJECT: &str = "dev.drillmaster.project";
/// The digest of machine, account and directory, by which projects are compared.
pub(super) const PROJECT_ID: &str = "dev.drillmaster.project-id";
/// The hash of the fields that shape the container.
pub(super) const FIELDS: &str = "dev.drillmaster.fields";
/// The fields themselves, to say later which of them changed. Values of the context are not in it.
pub(super) const DECLARED: &str = "dev.drillmaster.declared";
/// The hash of the environment with the context filled in, where it refers to the context.
pub(super) const ENVIRONMENT: &str = "dev.drillmaster.environment";
/// The services it depends on, so that `stop` needs no definition.
pub(super) const DEPENDENCIES: &str = "dev.drillmaster.dependencies";
/// The digest of the component that declared it.
pub(super) const DEFINITION: &str = "dev.drillmaster.definition";
/// What the values that its hooks left in the context are kept under. Each container that is created has another one, so
/// that one that has its image's was not created by us.
pub(super) const INSTANCE: &str = "dev.drillmaster.instance";
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
        (FIELDS, service.fields_hash().to_string()),
        (DEPENDENCIES, dependencies),
        (DEFINITION, container.definition.to_string()),
        (INSTANCE, container.instance.clone()),
    ];
    let declared = serde_json::to_string(service).ok().map(|json| (DECLARED, json));
    let environment = container.environment.as_ref().map(|hash| (ENVIRONMENT, hash.to_string()));
    let own = service.labels.iter().map(|(name, value)| (name.clone(), value.clone()));
    let emptied = container.emptied_labels.iter().map(|name| (name.clone(), String::new()));
    let ours = ours.into_iter().chain(of_owner(&container.owner)).chain(declared).chain(environment);
    emptied.chain(own).chain(named(ours)).collect()
}

/// What the labels of a container of the group say.
pub(super) struct Read {
    pub(super) fields: Digest,
    pub(super) declared: Option<Service>,
    pub(super) environment: Option<Digest>,
    pub(super) dependencies: BTreeSet<String>,
}

pub(super) fn read(labels: &HashMap<String, String>) -> Read {
    // What would be the image's has been emptied.
    let text = |name| labels.get(name).map(String::as_str).filter(|text| !text.is_empty());
    Read {
        fields: Digest::from_text(text(FIELDS).unwrap_or_default()),
        declared: text(DECLARED).and_then(|json| serde_json::from_str(json).ok()),
        environment: text(ENVIRONMENT).map(Digest::from_text),
        dependencies: text(DEPENDENCIES)
            .unwrap_or_default()
            .split(',')
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
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
