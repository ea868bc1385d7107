//! Whose things are, as their labels say.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Digest;

/// The project that made something: a directory of an account on a machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owner {
    /// What is compared: a digest of the machine, the account and the directory.
    pub id: String,
    /// The account, for people: `USER@HOST`.
    pub account: String,
    /// The project directory.
    pub project: String,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the project in {} of {}", self.project, self.account)
    }
}

impl Owner {
    /// What is kept of it on this machine.
    #[must_use]
    pub fn known(&self) -> KnownProject {
        KnownProject { id: self.id.clone(), directory: self.project.clone() }
    }
}

/// An owner, as this machine keeps it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KnownProject {
    /// The id of the [`Owner`].
    pub id: String,
    /// The project directory.
    pub directory: String,
}

/// That a group is a project's although what there is of it carries another one's labels, or none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Adoption {
    /// The project that has it.
    pub by: KnownProject,
    /// Whose labels they are; none if drillmaster 0.1 made it, which did not say so.
    pub of: Option<KnownProject>,
    /// Whether it was that project's own, which has moved: what comes to its old place does not have it any more.
    pub moved: bool,
}

/// An account on a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// What the machine is told apart by.
    pub machine: String,
    /// The number of the user.
    pub user: u32,
    /// For people: `USER@HOST`.
    pub name: String,
}

impl Account {
    /// The owner of what is made for a project directory of this account.
    #[must_use]
    pub fn owner(&self, project: &str) -> Owner {
        let id = Digest::of_json(&("drillmaster project", &self.machine, self.user, project)).to_string();
        Owner { id, account: self.name.clone(), project: project.to_owned() }
    }

    /// Whether an owner is this account on this machine, with whichever directory.
    #[must_use]
    pub fn is_of(&self, owner: &Owner) -> bool {
        self.owner(&owner.project).id == owner.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(machine: &str, user: u32) -> Account {
        Account { machine: machine.to_owned(), user, name: "alice@laptop".to_owned() }
    }

    #[test]
    fn an_owner_is_a_machine_an_account_and_a_directory_and_not_what_they_are_called() {
        let own = account("m1", 1000).owner("/home/alice/shop");
        let renamed = Account { name: "alice@new-name".to_owned(), ..account("m1", 1000) };
        assert_eq!(renamed.owner("/home/alice/shop").id, own.id);
        for other in [
            account("m2", 1000).owner("/home/alice/shop"),
            account("m1", 1001).owner("/home/alice/shop"),
            account("m1", 1000).owner("/home/alice/shop2"),
        ] {
            assert_ne!(other.id, own.id);
        }
    }

    #[test]
    fn an_account_knows_its_own_owners_and_no_label_can_pretend_to_be_one() {
        let mine = account("m1", 1000);
        assert!(mine.is_of(&mine.owner("/home/alice/shop")));
        assert!(!mine.is_of(&account("m2", 1000).owner("/home/alice/shop")));
        assert!(!mine.is_of(&account("m1", 0).owner("/home/alice/shop")));
        let another_directory = Owner { project: "/gone".to_owned(), ..mine.owner("/home/alice/shop") };
        assert!(!mine.is_of(&another_directory));
    }
}
