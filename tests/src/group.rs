//! The names of the tests' groups, which tell whose they are.

use std::fmt::{self, Display, Formatter};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::process::Identity;

const PREFIX: &str = "e2e-";

/// A group's name, `e2e-PID-STARTED-NUMBER`: what it left can be removed once that process has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupName {
    owner: Identity,
    number: u32,
}

impl GroupName {
    /// A name that no other test has, in this process or another.
    #[must_use]
    pub fn unique() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        Self::of(Identity::own(), NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// A process's name of this number.
    #[must_use]
    pub fn of(owner: Identity, number: u32) -> Self {
        Self { owner, number }
    }

    /// Reads a name; none if no test made it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let mut parts = name.strip_prefix(PREFIX)?.splitn(3, '-');
        let owner = Identity { pid: parts.next()?.parse().ok()?, started: parts.next()?.parse().ok()? };
        let group = Self { owner, number: parts.next()?.parse().ok()? };
        // What is not written as we write it is not ours.
        (group.to_string() == name).then_some(group)
    }

    /// Finds a name at the beginning of a longer one, as `e2e-1-2-3-db`; none if no test made it.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        let digits = |part: &str| part.chars().take_while(char::is_ascii_digit).collect::<String>();
        let mut parts = name.strip_prefix(PREFIX)?.splitn(3, '-');
        let (pid, started, number) = (parts.next()?, parts.next()?, digits(parts.next()?));
        Self::parse(&format!("{PREFIX}{pid}-{started}-{number}"))
    }

    /// Whether the process that made it is gone.
    #[must_use]
    pub fn is_abandoned(self) -> bool {
        !self.owner.is_alive()
    }
}

impl Display for GroupName {
    fn fmt(&self, formatter: &mut Formatter) -> fmt::Result {
        write!(formatter, "{PREFIX}{}-{}-{}", self.owner.pid, self.owner.started, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_was_written() {
        let name = GroupName::unique();
        assert_eq!(GroupName::parse(&name.to_string()), Some(name));
    }

    #[test]
    fn a_persons_group_is_never_taken_for_a_tests() {
        for name in ["todo", "e2e", "e2e-", "e2e-1-2", "e2e-1-2-x", "e2e-01-2-3", "e2e-1-2-3-4", "my-e2e-1-2-3"] {
            assert_eq!(GroupName::parse(name), None, "{name}");
        }
    }

    #[test]
    fn a_group_is_abandoned_once_its_process_is_gone_even_if_another_has_its_number() {
        let own = Identity::own();
        assert!(!GroupName::of(own, 1).is_abandoned());
        let earlier = Identity { started: own.started - 1, ..own };
        assert!(GroupName::of(earlier, 1).is_abandoned());
    }

    #[test]
    fn a_name_is_found_before_a_service() {
        assert_eq!(GroupName::find("e2e-1-2-3-db").map(|name| name.to_string()).as_deref(), Some("e2e-1-2-3"));
        assert_eq!(GroupName::find("e2e-1-2-3:latest").map(|name| name.to_string()).as_deref(), Some("e2e-1-2-3"));
        assert_eq!(GroupName::find("e2e-1-db"), None);
    }
}
