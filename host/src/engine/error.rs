//! Why the engine did not do something.

use std::fmt;

use crate::group::{GroupName, Owner, mask_text, quoted, short};
use crate::plan::{HeldPort, NotOurs};

/// Why the engine did not do something, in the user's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// There is no engine at the other end.
    #[error("cannot reach Docker at {}: {}\n{}", mask_text(.endpoint), words(&mask_text(.reason)), mask_text(.advice))]
    Unreachable {
        /// Where it was looked for.
        endpoint: String,
        /// What happened.
        reason: String,
        /// What the person can do.
        advice: String,
    },
    /// It did not answer in time.
    #[error("Docker did not answer in time when asked to {action}")]
    TimedOut {
        /// What was tried.
        action: String,
    },
    /// Its answer ended early: what it has done is not known.
    #[error(
        "the engine's answer was cut when it was asked to {action}: {missing}. Is Docker still running, and whatever \
         connects you to it? Repeat the command."
    )]
    Cut {
        /// What was tried.
        action: String,
        /// What the answer lacks.
        missing: String,
    },
    /// It refused.
    #[error("Docker refused to {action}: {}", words(.reason))]
    Refused {
        /// What was tried.
        action: String,
        /// Its reason.
        reason: String,
    },
    /// What was asked for is not there (any more).
    #[error("cannot {action}: {what} is gone")]
    Gone {
        /// What was tried.
        action: String,
        /// What is not there.
        what: String,
    },
    /// A network that a container joined is not there (any more).
    #[error("cannot {action}: its network is gone")]
    NetworkGone {
        /// What was tried.
        action: String,
    },
    /// Another group has something of this name, or somebody else.
    #[error(
        "there is a {what} {name} already, and it belongs to {}; rename or remove it, or use --group with another name \
         for this group",
        quoted(.owner)
    )]
    NameTaken {
        /// A container, volume or network.
        what: &'static str,
        /// The name in Docker.
        name: String,
        /// Whose it is.
        owner: String,
    },
    /// Another project has something of this name in a group of the same name.
    #[error(
        "there is a {what} {name} already, and it belongs to {}; use --group {group} if this is the same group, or \
         --group with another name for a separate one",
        quoted(&.owner.to_string())
    )]
    AnotherOwner {
        /// A container, volume or network.
        what: &'static str,
        /// The name in Docker.
        name: String,
        /// The name of both groups.
        group: GroupName,
        /// Whose it is.
        owner: Box<Owner>,
    },
    /// A container that is not the group's runs with a volume of the group.
    #[error(
        "container {container} is running with volume {volume}, but does not belong to the group ({why}); stop it first, \
         so that no two containers use the same files"
    )]
    VolumeInUse {
        /// The volume.
        volume: String,
        /// The container.
        container: String,
        /// Why it is not the group's.
        why: NotOurs,
    },
    /// A host port that a service is to get is another service's of the group, and stays so.
    #[error("{0}")]
    HeldPort(HeldPort),
    /// An image is not there and cannot be pulled.
    #[error("image {image} is not here and cannot be pulled: {}", words(.reason))]
    NoImage {
        /// The image.
        image: String,
        /// Why it cannot be pulled.
        reason: String,
    },
    /// An image cannot be built.
    #[error("building {image} from {directory} failed: {}", words(.reason))]
    BuildFailed {
        /// The image.
        image: String,
        /// The build context.
        directory: String,
        /// The builder's word.
        reason: String,
    },
    /// A host port is in use.
    #[error("host port {port} is in use{owner}, or publish another host port")]
    PortTaken {
        /// The port.
        port: u16,
        /// By whom, as far as it can be known.
        owner: PortOwner,
    },
}

/// The most bytes of what the engine says that are told.
const LONG: usize = 16 * 1024;

/// What the engine says, within a sentence about it.
fn words(reason: &str) -> String {
    quoted(&short(reason, LONG)).into_owned()
}

impl EngineError {
    /// Whether the engine may have done what it was asked to, or still do it, and nobody has heard of it.
    #[must_use]
    pub fn is_lost_answer(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::TimedOut { .. } | Self::Cut { .. })
    }

    /// The engine's own words in it, if it has some.
    #[must_use]
    pub fn quotes(&self) -> Option<&str> {
        match self {
            Self::Refused { reason, .. } | Self::NoImage { reason, .. } | Self::BuildFailed { reason, .. } => {
                Some(reason)
            }
            _ => None,
        }
    }
}

/// Who uses a host port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortOwner {
    /// A container, by name.
    Container(String),
    /// A process of this machine.
    Process {
        /// Its name.
        name: String,
        /// Its id.
        pid: u32,
    },
    /// The engine says that one of its containers does, and none that runs does.
    NoContainer,
    /// It cannot be known: another user's process, or one on another machine.
    Unknown,
}

impl fmt::Display for PortOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PortOwner::Container(name) => write!(f, " by container {name}; stop that"),
            PortOwner::Process { name, pid } => write!(f, " by process {} (pid {pid}); stop that", quoted(name)),
            PortOwner::NoContainer => f.write_str(
                " as Docker has it, but by no container that runs: Docker forgets to let go of a port when it is \
                 killed while a container starts; restart Docker",
            ),
            PortOwner::Unknown => f.write_str(" by another program; stop that"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_engine_says_in_more_lines_is_marked_and_bounded() {
        let refused =
            |reason: &str| EngineError::Refused { action: "start db".into(), reason: reason.into() }.to_string();
        assert_eq!(refused("busy\nerror: forged"), "Docker refused to start db: busy\n  | error: forged");
        assert!(refused(&"x".repeat(10 * LONG)).len() < 2 * LONG);
    }

    #[test]
    fn the_password_of_an_engine_is_not_told() {
        let at = |endpoint: &str| EngineError::Unreachable {
            endpoint: format!("{endpoint} (from DOCKER_HOST)"),
            reason: format!("{endpoint} makes no sense"),
            advice: format!("ssh -L 2375 {endpoint}"),
        };
        for endpoint in ["tcp://ada:hunter2@engine:2375", "ssh://ada:hunter2@engine", "ada:hunter2@engine"] {
            let told = at(endpoint).to_string();
            assert!(!told.contains("hunter2") && told.contains("@engine"), "{told}");
        }
        assert!(at("ssh://ada@engine").to_string().contains("ssh://ada@engine"));
    }
}
