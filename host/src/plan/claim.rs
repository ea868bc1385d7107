//! Whether a project may have a group.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::group::{Account, GroupName, KnownProject, Owner};

use super::Observed;

/// On whose behalf a group is looked at or changed, and what speaks for it.
///
/// A definition chooses the name of its group, and could choose that of somebody else's, whose containers and volumes
/// would then be its own. So a group belongs to the project that its things in Docker are labelled with. It is another
/// project's as well once a person has said so, and nobody's when nothing is left of it, or when its directory is gone: that
/// is how a project moves.
#[derive(Clone)]
pub struct Claim {
    account: Account,
    owner: Owner,
    named: bool,
    remembered: BTreeSet<KnownProject>,
    exists: Arc<dyn Fn(&Path) -> bool + Send + Sync>,
}

/// The group is somebody else's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotYours {
    /// The group.
    pub group: GroupName,
    /// Who else's: an owner, or a project directory.
    pub other: String,
    /// What says so, as `container shop-db`.
    pub evidence: String,
    /// The project directory of whoever wants it.
    pub project: String,
}

impl std::error::Error for NotYours {}

impl fmt::Display for NotYours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { group, other, evidence, project } = self;
        write!(
            f,
            "group {group} belongs to {other}, as {evidence} says, and the definitions in {project} name theirs so too: \
             --group {group} if they are one, --group and another name if they are not"
        )
    }
}

impl Claim {
    /// A claim of a project directory; `exists` tells whether a directory of this machine is there.
    #[must_use]
    pub fn new(account: Account, project: &str, exists: Arc<dyn Fn(&Path) -> bool + Send + Sync>) -> Self {
        let owner = account.owner(project);
        Self { account, owner, named: false, remembered: BTreeSet::new(), exists }
    }

    /// The same, and whether a person named the group, which makes it this project's whatever else speaks against it.
    #[must_use]
    pub fn named(self, named: bool) -> Self {
        Self { named, ..self }
    }

    /// The same with what this machine remembers of the group.
    #[must_use]
    pub fn remembering(self, remembered: BTreeSet<KnownProject>) -> Self {
        Self { remembered, ..self }
    }

    /// Whose the things are that are made.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// Whether something of the group with these labels may be used, changed and removed; without labels it was made by
    /// drillmaster 0.1.
    #[must_use]
    pub fn may_use(&self, labelled: Option<&Owner>) -> bool {
        self.named
            || match labelled {
                Some(other) => other.id == self.owner.id || self.is_remembered_with(other) || self.is_abandoned(other),
                None => self.other_remembered().is_none(),
            }
    }

    /// Whether a group may be had of which this was found. If so, what has to be remembered of it.
    ///
    /// # Errors
    /// If it is somebody else's.
    pub fn check(&self, group: &GroupName, observed: &Observed) -> Result<BTreeSet<KnownProject>, NotYours> {
        let mut remember = BTreeSet::new();
        for (evidence, labelled) in found(observed) {
            if !self.may_use(labelled) {
                let unlabelled = || self.other_remembered().map(|other| format!("the project in {}", other.directory));
                let other = labelled.map(ToString::to_string).or_else(unlabelled).unwrap_or_default();
                let (group, project) = (group.clone(), self.owner.project.clone());
                return Err(NotYours { group, other, evidence, project });
            }
            if labelled.is_none_or(|other| other.id != self.owner.id) {
                remember.extend(labelled.map(Owner::known));
                remember.insert(self.owner.known());
            }
        }
        remember.retain(|new| !self.remembered.contains(new));
        Ok(remember)
    }

    /// Whether it was said of both that the group is theirs.
    fn is_remembered_with(&self, other: &Owner) -> bool {
        let knows = |id: &str| self.remembered.iter().any(|remembered| remembered.id == id);
        knows(&self.owner.id) && knows(&other.id)
    }

    /// Whether an owner is the same account on this machine, and has moved or removed its directory.
    fn is_abandoned(&self, other: &Owner) -> bool {
        self.account.is_of(other) && !(self.exists)(Path::new(&other.project))
    }

    /// The project that has what carries no owner's label, if it is another one.
    fn other_remembered(&self) -> Option<&KnownProject> {
        if self.remembered.iter().any(|remembered| remembered.id == self.owner.id) {
            return None;
        }
        self.remembered.iter().find(|remembered| (self.exists)(Path::new(&remembered.directory)))
    }
}

/// What was found of a group, with whose it is.
fn found(observed: &Observed) -> impl Iterator<Item = (String, Option<&Owner>)> {
    let containers = observed.containers.iter();
    let containers = containers.map(|found| (format!("container {}", found.name), found.owner.as_ref()));
    let networks = observed.networks.iter().map(|found| (format!("network {}", found.name), found.owner.as_ref()));
    containers.chain(networks)
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { owner, named, remembered, .. } = self;
        f.debug_struct("Claim").field("owner", owner).field("named", named).field("remembered", remembered).finish()
    }
}
