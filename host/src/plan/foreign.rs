//! What carries a group's label and is not the group's.

use std::collections::BTreeSet;
use std::fmt;

use crate::group::GroupName;

use super::Stage;

/// How many foreign things a sentence names.
const SHOWN: usize = 20;

/// Something that carries the group's label and is not the group's. It is named to the person and left alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Foreign {
    /// What it is: `container`, `network` or `volume`.
    pub what: &'static str,
    /// Its name in Docker.
    pub name: String,
    /// How that is known.
    pub why: NotOurs,
    /// The volumes that it has mounted, if it is a container that runs.
    pub volumes: BTreeSet<String>,
}

impl Foreign {
    /// Something that is no container.
    #[must_use]
    pub fn object(what: &'static str, name: String, why: NotOurs) -> Self {
        Self { what, name, why, volumes: BTreeSet::new() }
    }
}

/// Why something that carries a group's label is not the group's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotOurs {
    /// Nothing of the group has such a name.
    AnotherName,
    /// drillmaster gives each container a label that this one does not have.
    NotCreatedByUs,
    /// It has its labels from its image: the image was committed from a container, or somebody wrote them into it.
    LabelsOfImage,
    /// It is labelled with another project, to which the group does not belong.
    AnotherOwner,
}

impl fmt::Display for NotOurs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotOurs::AnotherName => "its name is not one of the group's",
            NotOurs::NotCreatedByUs => "drillmaster did not create it",
            NotOurs::LabelsOfImage => "its labels come from its image",
            NotOurs::AnotherOwner => "it belongs to another project",
        })
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.what, self.name, self.why)
    }
}

/// A sentence for the person about what is left alone.
#[must_use]
pub fn left_alone(group: &GroupName, foreign: &[Foreign]) -> String {
    let names = foreign.iter().take(SHOWN).map(Foreign::to_string).collect::<Vec<_>>().join(", ");
    let more = foreign.len().saturating_sub(SHOWN);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("left alone, although labelled with group {group}: {names}{more}")
}

/// What tells whether a container is a group's: anybody can have written its labels, and images pass theirs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks<'a> {
    /// Its name.
    pub name: &'a str,
    /// The service that its label names.
    pub service: &'a str,
    /// Its label that no other container has; empty without one.
    pub instance: &'a str,
    /// The same label of its image, if the image has it.
    pub image_instance: Option<&'a str>,
}

impl Marks<'_> {
    /// How far the start of a container of the group came, if it is one.
    ///
    /// # Errors
    /// If it only looks like one.
    pub fn stage(&self, group: &GroupName) -> Result<Stage, NotOurs> {
        if self.image_instance.is_some_and(|instance| instance == self.instance) {
            return Err(NotOurs::LabelsOfImage);
        }
        if self.instance.is_empty() || self.service.is_empty() {
            return Err(NotOurs::NotCreatedByUs);
        }
        let own = group.container(self.service);
        let suffix = self.name.strip_prefix(&own).ok_or(NotOurs::AnotherName)?;
        Stage::ALL.into_iter().find(|stage| stage.suffix() == suffix).ok_or(NotOurs::AnotherName)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: Marks<'_> = Marks { name: "shop-db", service: "db", instance: "db-1-2", image_instance: None };

    fn stage(marks: Marks<'_>) -> Result<Stage, NotOurs> {
        marks.stage(&GroupName::new("shop").unwrap())
    }

    #[test]
    fn a_container_of_the_group_has_its_name_and_labels_of_its_own() {
        assert_eq!(stage(OURS), Ok(Stage::Committed));
        assert_eq!(stage(Marks { name: "shop-db.old", ..OURS }), Ok(Stage::Old));
        assert_eq!(stage(Marks { name: "shop-db.starting", ..OURS }), Ok(Stage::Starting));
        // An image can have such labels, as long as the container was given others.
        assert_eq!(stage(Marks { image_instance: Some("db-1-1"), ..OURS }), Ok(Stage::Committed));
        assert_eq!(stage(Marks { image_instance: Some(""), ..OURS }), Ok(Stage::Committed));
    }

    #[test]
    fn another_name_is_that_of_something_else() {
        for name in ["look", "", "db", "shop", "shop-", "shop-db2", "shop-db-1", "shop-db.new", "shop-db.old.old"] {
            assert_eq!(stage(Marks { name, ..OURS }), Err(NotOurs::AnotherName), "{name}");
        }
        assert_eq!(stage(Marks { name: "shop-web", ..OURS }), Err(NotOurs::AnotherName));
        assert_eq!(stage(Marks { name: "Shop-db", ..OURS }), Err(NotOurs::AnotherName));
    }

    #[test]
    fn labels_of_the_image_make_no_container_the_groups_whatever_its_name() {
        for name in ["shop-db", "shop-db.starting", "look"] {
            let committed = Marks { name, image_instance: Some("db-1-2"), ..OURS };
            assert_eq!(stage(committed), Err(NotOurs::LabelsOfImage), "{name}");
        }
        let written = Marks { instance: "", image_instance: Some(""), ..OURS };
        assert_eq!(stage(written), Err(NotOurs::LabelsOfImage));
    }

    #[test]
    fn without_the_label_that_each_container_is_given_it_is_not_the_groups() {
        assert_eq!(stage(Marks { instance: "", ..OURS }), Err(NotOurs::NotCreatedByUs));
        assert_eq!(stage(Marks { service: "", name: "shop-", ..OURS }), Err(NotOurs::NotCreatedByUs));
    }
}
