//! Names of groups and services, and the names in Docker that come from them.

use std::fmt;

use super::{mask_value, short};

/// The most bytes that are shown of a name that cannot be one.
const SHOWN: usize = 100;

/// The longest name of a group.
const MAX_LENGTH: usize = 63;

/// A group's name: a letter or digit, then letters, digits, `_`, `.` or `-`; at most 63 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupName(String);

/// A name that a group cannot have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} cannot be a group's name: it must begin with a letter or digit and hold only letters, digits, `_`, `.` \
     and `-`, at most 63 characters; choose one with --group"
)]
pub struct InvalidGroupName(pub String);

impl GroupName {
    /// Checks a name.
    ///
    /// # Errors
    /// If the name is not made as described at [`GroupName`].
    pub fn new(name: &str) -> Result<Self, InvalidGroupName> {
        let sound = name.len() <= MAX_LENGTH
            && name.starts_with(|first: char| first.is_ascii_alphanumeric())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'));
        if sound {
            Ok(Self(name.to_owned()))
        } else {
            Err(InvalidGroupName(short(&mask_value("", name), SHOWN).into_owned()))
        }
    }

    /// The name that resembles a text most: with a `-` for each run of what no name may hold, and none of it at the ends.
    /// None if nothing is left.
    #[must_use]
    pub fn resembling(text: &str) -> Option<Self> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        let words: Vec<_> = text.split(|c: char| !allowed(c)).filter(|word| !word.is_empty()).collect();
        let joined = words.join("-");
        let name = joined.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        Self::new(name.get(..name.len().min(MAX_LENGTH))?.trim_end_matches(['-', '.', '_'])).ok()
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in Docker of the network that all services of the group share.
    #[must_use]
    pub fn network(&self) -> String {
        format!("drillmaster-{self}")
    }

    /// Whether a network or volume of the group could have this name in Docker.
    #[must_use]
    pub fn names_object(&self, name: &str) -> bool {
        name.strip_prefix(&self.network()).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }

    /// The name in Docker of a further network of the group.
    #[must_use]
    pub fn further_network(&self, name: &str) -> String {
        format!("drillmaster-{self}-{name}")
    }

    /// The name in Docker of a volume of the group.
    #[must_use]
    pub fn volume(&self, name: &str) -> String {
        format!("drillmaster-{self}-{name}")
    }

    /// The name in Docker of a volume that was made for one container, whose instance this is, and no definition names: the
    /// n-th of them.
    #[must_use]
    pub fn own_volume(&self, instance: &str, n: usize) -> String {
        format!("{}.{n}", self.volume(instance))
    }

    /// The name in Docker of what says that the volumes made for a container have never been those of a ready one: a volume
    /// as well, as they have labels and nothing else that lasts as long.
    #[must_use]
    pub fn unready_mark(&self, instance: &str) -> String {
        format!("{}.unready", self.volume(instance))
    }

    /// Whether a volume of this name was made for a container of the service.
    #[must_use]
    pub fn is_own_volume(&self, service: &str, name: &str) -> bool {
        let is_hex = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_hexdigit());
        let rest = name.strip_prefix(&self.volume(service)).and_then(|rest| rest.strip_prefix('-'));
        let parts =
            rest.and_then(|rest| rest.split_once('.')).and_then(|(instance, n)| Some((instance.split_once('-')?, n)));
        parts.is_some_and(|((time, process), n)| {
            is_hex(time) && is_hex(process) && !n.is_empty() && n.chars().all(|c| c.is_ascii_digit())
        })
    }

    /// The name in Docker of a service's committed container.
    #[must_use]
    pub fn container(&self, service: &str) -> String {
        format!("{self}-{service}")
    }
}

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a name is an RFC 1123 hostname label: letters, digits and inner hyphens, 1 to 63 characters.
pub(super) fn is_hostname_label(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// Whether a name can be that of a volume or further network: as a group's name.
pub(super) fn is_object_name(name: &str) -> bool {
    GroupName::new(name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostname_labels_are_letters_digits_and_inner_hyphens() {
        for sound in ["a", "app-db", "A1", "9lives", &"x".repeat(63)] {
            assert!(is_hostname_label(sound), "{sound}");
        }
        for wrong in ["", "-a", "a-", "a_b", "a.b", "ä", "a b", &"x".repeat(64)] {
            assert!(!is_hostname_label(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_directory_gives_the_name_that_resembles_it() {
        let of = |text: &str| GroupName::resembling(text).map(|name| name.to_string());
        for (directory, name) in [
            ("shop", "shop"),
            ("My Shop (2)", "My-Shop-2"),
            (".config", "config"),
            ("-x_y.z-", "x_y.z"),
            ("café", "caf"),
            ("проект 7", "7"),
        ] {
            assert_eq!(of(directory).as_deref(), Some(name), "{directory}");
        }
        assert_eq!(of(&"x".repeat(70)).map(|name| name.len()), Some(63));
        for nothing in ["", "проект", "...", "- -"] {
            assert_eq!(of(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn networks_and_volumes_are_named_after_their_group() {
        let group = GroupName::new("a.b").unwrap();
        assert!(group.names_object("drillmaster-a.b") && group.names_object("drillmaster-a.b-data"));
        for other in ["a.b", "drillmaster-a.bc", "drillmaster-a", "drillmaster-a.b_data", "x-drillmaster-a.b", ""] {
            assert!(!group.names_object(other), "{other}");
        }
    }

    #[test]
    fn volumes_that_were_made_for_a_service_are_known_by_their_names() {
        let group = GroupName::new("shop").unwrap();
        let name = group.own_volume("db-18ab-1f", 0);
        assert_eq!(name, "drillmaster-shop-db-18ab-1f.0");
        assert!(group.names_object(&name) && group.is_own_volume("db", &name));
        assert!(group.names_object(&group.unready_mark("db-18ab-1f")));
        let others =
            ["db-data", "db-18ab-1f", "db-18ab.0", "db-18ab-1f.unready", "db-18ab-1f.", "web-18ab-1f.0", "db-x-1f.0"];
        for other in others {
            assert!(!group.is_own_volume("db", &group.volume(other)), "{other}");
        }
        assert!(!group.is_own_volume("d", &name) && !group.is_own_volume("db", "db-18ab-1f.0"));
    }

    #[test]
    fn a_group_name_that_docker_could_not_take_is_refused() {
        assert!(GroupName::new("todo").is_ok());
        for wrong in ["", "-todo", "my app", "../up", "a/b", &"x".repeat(64)] {
            assert!(GroupName::new(wrong).is_err(), "{wrong}");
        }
    }
}
