//! The labels by which everything is found again.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use crate::engine::NewContainer;
use crate::group::{Digest, GroupName, Service};

pub(super) const GROUP: &str = "dev.drillmaster.group";
pub(super) const SERVICE: &str = "dev.drillmaster.service";
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
/// What the values that its hooks left in the context are kept under.
pub(super) const INSTANCE: &str = "dev.drillmaster.instance";
/// On an image: the digest of what it was built from.
pub(super) const CONTEXT: &str = "dev.drillmaster.context";

/// The filter that finds what belongs to a group.
pub(super) fn of_group(group: &GroupName) -> HashMap<String, Vec<String>> {
    HashMap::from([("label".to_owned(), vec![format!("{GROUP}={group}")])])
}

/// The label of networks and volumes.
pub(super) fn group_label(group: &GroupName) -> HashMap<String, String> {
    HashMap::from([(GROUP.to_owned(), group.to_string())])
}

/// The labels of a new container: the definition's own and ours, which win.
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
    own.chain(ours.into_iter().chain(declared).chain(environment).map(|(name, value)| (name.to_owned(), value)))
        .collect()
}

/// What a container's labels say; none if it is not one of ours.
pub(super) struct Read {
    pub(super) service: String,
    pub(super) fields: Digest,
    pub(super) declared: Option<Service>,
    pub(super) environment: Option<Digest>,
    pub(super) dependencies: BTreeSet<String>,
    pub(super) instance: String,
}

pub(super) fn read(labels: &HashMap<String, String>) -> Option<Read> {
    let text = |name| labels.get(name).map(String::as_str);
    Some(Read {
        service: text(SERVICE)?.to_owned(),
        fields: Digest::from_text(text(FIELDS).unwrap_or_default()),
        declared: text(DECLARED).and_then(|json| serde_json::from_str(json).ok()),
        environment: text(ENVIRONMENT).map(Digest::from_text),
        dependencies: text(DEPENDENCIES)
            .unwrap_or_default()
            .split(',')
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
        instance: text(INSTANCE).unwrap_or_default().to_owned(),
    })
}

/// Whose something is, as its labels say.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Owner {
    group: Option<String>,
    service: Option<String>,
}

impl Owner {
    pub(super) fn of(labels: &HashMap<String, String>) -> Self {
        Self { group: labels.get(GROUP).cloned(), service: labels.get(SERVICE).cloned() }
    }

    /// Whether it is this group.
    pub(super) fn is(&self, group: &GroupName) -> bool {
        self.group.as_deref() == Some(group.as_str())
    }

    /// Whether it is this service of a group.
    pub(super) fn is_service(&self, group: &GroupName, service: &str) -> bool {
        self.is(group) && self.service.as_deref() == Some(service)
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.group, &self.service) {
            (Some(group), Some(service)) => write!(f, "service `{service}` of group `{group}`"),
            (Some(group), None) => write!(f, "group `{group}`"),
            (None, _) => f.write_str("none of drillmaster's groups"),
        }
    }
}
