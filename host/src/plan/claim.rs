//! Whether a project may have a group.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::group::{Account, Adoption, GroupName, Owner};

use super::Observed;

/// On whose behalf a group is looked at or changed, and what speaks for it.
///
/// A definition chooses the name of its group, and could choose the name of somebody else's group, to get its containers
/// and volumes. So a group belongs to the project that its containers and networks are labelled with. It belongs to another
/// project as well once a person has said so. It belongs to nobody when nothing is left of it, or when the project's
/// directory is gone, because the project was moved.
#[derive(Clone)]
pub struct Claim {
    account: Account,
    owner: Owner,
    named: bool,
    adoptions: BTreeSet<Adoption>,
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
            "group {group} belongs to {other} ({evidence} is labelled so), and the definitions in {project} use the same \
             group name; use --group {group} if this is the same group, or --group with another name for a separate one"
        )
    }
}

impl Claim {
    /// A claim of a project directory; `exists` tells whether a directory of this machine is there.
    #[must_use]
    pub fn new(account: Account, project: &str, exists: Arc<dyn Fn(&Path) -> bool + Send + Sync>) -> Self {
        let owner = account.owner(project);
        Self { account, owner, named: false, adoptions: BTreeSet::new(), exists }
    }

    /// The same, and whether a person named the group, which makes it this project's whatever else speaks against it.
    #[must_use]
    pub fn named(self, named: bool) -> Self {
        Self { named, ..self }
    }

    /// The same with what this machine remembers of the group.
    #[must_use]
    pub fn remembering(self, adoptions: BTreeSet<Adoption>) -> Self {
        Self { adoptions, ..self }
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
                Some(other) if other.id == self.owner.id => self.moved_to().is_none(),
                Some(other) => self.has_adopted(Some(other)) || self.is_abandoned(other),
                None => self.has_adopted(None) || self.other_adopter().is_none(),
            }
    }

    /// Whether a group may be had of which this was found. If so, what has to be remembered of it.
    ///
    /// # Errors
    /// If it is somebody else's.
    pub fn check(&self, group: &GroupName, observed: &Observed) -> Result<BTreeSet<Adoption>, NotYours> {
        let mut adoptions = BTreeSet::new();
        for (evidence, labelled) in found(observed) {
            if !self.may_use(labelled) {
                let other = match labelled {
                    Some(other) if other.id != self.owner.id => other.to_string(),
                    Some(_) => {
                        format!("the project in {}, which moved there from here", self.moved_to().unwrap_or_default())
                    }
                    None => format!("the project in {}", self.other_adopter().unwrap_or_default()),
                };
                let (group, project) = (group.clone(), self.owner.project.clone());
                return Err(NotYours { group, other, evidence, project });
            }
            if labelled.is_none_or(|other| other.id != self.owner.id) && !self.has_adopted(labelled) {
                let moved = labelled.is_some_and(|other| self.is_abandoned(other));
                adoptions.insert(Adoption { by: self.owner.known(), of: labelled.map(Owner::known), moved });
            }
        }
        Ok(adoptions)
    }

    /// Whether it is remembered that what carries these labels is this project's.
    fn has_adopted(&self, labelled: Option<&Owner>) -> bool {
        let is_this = |adoption: &Adoption| {
            adoption.by.id == self.owner.id
                && adoption.of.as_ref().map(|of| of.id.as_str()) == labelled.map(|other| other.id.as_str())
        };
        self.adoptions.iter().any(is_this)
    }

    /// The directory to which the project has moved that was where this one is now, if it is there.
    fn moved_to(&self) -> Option<&str> {
        let is_this = |adoption: &&Adoption| {
            let of = adoption.of.as_ref().is_some_and(|of| of.id == self.owner.id);
            of && adoption.moved && (self.exists)(Path::new(&adoption.by.directory))
        };
        self.adoptions.iter().find(is_this).map(|adoption| adoption.by.directory.as_str())
    }

    /// Whether an owner is the same account on this machine, and has moved or removed its directory.
    fn is_abandoned(&self, other: &Owner) -> bool {
        self.account.is_of(other) && !(self.exists)(Path::new(&other.project))
    }

    /// The directory of the project that has what carries no owner's label, if there is one.
    fn other_adopter(&self) -> Option<&str> {
        let adopters = self.adoptions.iter().filter(|adoption| adoption.of.is_none());
        let mut directories = adopters.map(|adoption| adoption.by.directory.as_str());
        directories.find(|directory| (self.exists)(Path::new(directory)))
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
        let Self { owner, named, adoptions, .. } = self;
        f.debug_struct("Claim").field("owner", owner).field("named", named).field("adoptions", adoptions).finish()
    }
}
