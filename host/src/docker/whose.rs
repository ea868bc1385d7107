//! Whose something in Docker is.

use std::collections::HashMap;

use crate::engine::EngineError;
use crate::group::{GroupName, Owner};
use crate::plan::{Claim, Marks, NotOurs};

use super::labels::{GROUP, INSTANCE, OWNER, PROJECT, PROJECT_ID, SERVICE};

/// Whose something is, as its labels say. Anybody can have written them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Whose {
    pub(super) group: Option<String>,
    pub(super) service: String,
    pub(super) instance: String,
    pub(super) owner: Option<Owner>,
}

impl Whose {
    pub(super) fn read(labels: &HashMap<String, String>) -> Self {
        let text = |name| labels.get(name).cloned().unwrap_or_default();
        let owner = || Owner { id: text(PROJECT_ID), account: text(OWNER), project: text(PROJECT) };
        Self {
            group: labels.get(GROUP).filter(|group| !group.is_empty()).cloned(),
            service: text(SERVICE),
            instance: text(INSTANCE),
            owner: Some(owner()).filter(|owner| !owner.id.is_empty()),
        }
    }

    /// Whether it is this group.
    pub(super) fn is(&self, group: &GroupName) -> bool {
        self.group.as_deref() == Some(group.as_str())
    }

    /// Whether it is this group, and an owner that the claim allows.
    pub(super) fn is_claimed(&self, group: &GroupName, claim: &Claim) -> bool {
        self.is(group) && claim.may_use(self.owner.as_ref())
    }

    /// What tells whether a container of this name is a group's.
    pub(super) fn marks<'a>(&'a self, name: &'a str, image_instance: Option<&'a str>) -> Marks<'a> {
        Marks { name, service: &self.service, instance: &self.instance, image_instance }
    }

    /// That it has a name which a group wants for something, as an error. `why` says why it does not belong to the group that
    /// its labels name, if it does not.
    pub(super) fn taken(
        self,
        what: &'static str,
        name: &str,
        group: Option<&GroupName>,
        why: Option<NotOurs>,
    ) -> EngineError {
        let name = name.to_owned();
        if let (Some(group), Some(owner), None) = (group.filter(|group| self.is(group)), &self.owner, why) {
            return EngineError::AnotherOwner { what, name, group: group.clone(), owner: Box::new(owner.clone()) };
        }
        let owner = match (&self.group, why) {
            (None, _) => "none of drillmaster's groups".to_owned(),
            (Some(group), Some(why)) => {
                format!("none of drillmaster's groups, although it is labelled with group `{group}`: {why}")
            }
            (Some(group), None) if self.service.is_empty() => format!("group `{group}`"),
            (Some(group), None) => format!("service `{}` of group `{group}`", self.service),
        };
        EngineError::NameTaken { what, name, owner }
    }
}
