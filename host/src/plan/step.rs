//! The steps of a plan.

use std::fmt;

use crate::group::{Group, Service};

use super::{Container, Network};

/// What `start` will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The group as declared.
    pub group: Group,
    /// One step for each service that was not excluded, each after those of its dependencies.
    pub steps: Vec<Step>,
    /// The group's networks as they were found.
    pub networks: Vec<Network>,
    /// Services with containers of this group that no definition declares. They are left alone.
    pub orphans: Vec<String>,
}

/// What happens to one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The service.
    pub service: Service,
    /// What is done.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// How the image is got, should a container be created.
    pub image: ImageAction,
    /// Containers that interrupted runs left, removed first.
    pub litter: Vec<Container>,
}

impl Step {
    /// Whether the image is there, as far as the step needs one.
    #[must_use]
    pub fn has_image(&self) -> bool {
        self.image == ImageAction::Use || matches!(self.action, Action::Keep(_) | Action::StartAgain(_))
    }

    /// Whether nothing at all is done.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        matches!(self.action, Action::Keep(_)) && self.litter.is_empty()
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let image = match self.image {
            _ if self.has_image() => "",
            ImageAction::Build => "build its image, ",
            ImageAction::Use | ImageAction::Pull => "pull its image, ",
        };
        write!(f, "{}: {image}{} ({})", self.service.name, self.action.word(), self.reason)?;
        match self.litter.len() {
            0 => Ok(()),
            left => write!(f, ", removing {left} left over"),
        }
    }
}

/// What is done with a service's container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Nothing: it runs, as declared.
    Keep(Container),
    /// Start the same container again and ping it.
    StartAgain(Container),
    /// Create, start, ping, initialise and commit a new one.
    Create,
    /// The same, and then remove the old one.
    Replace(Container),
}

/// How the image of a new container is got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageAction {
    /// It is there.
    Use,
    /// It is pulled from its registry.
    Pull,
    /// It is built.
    Build,
}

/// Why a step is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// There is no container of the service.
    New,
    /// Its container runs and is as declared.
    AlreadyRunning,
    /// Its container is as declared and does not run.
    Stopped,
    /// Its container does not run, and the service wants a new one then.
    AlwaysStartNew,
    /// Fields differ from those the container was made from: their names.
    Changed(Vec<String>),
    /// An earlier start did not finish.
    Unfinished,
}

impl Action {
    /// What is done, in a word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Action::Keep(_) => "keep",
            Action::StartAgain(_) => "start again",
            Action::Create => "create",
            Action::Replace(_) => "replace",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::New => f.write_str("new"),
            Reason::AlreadyRunning => f.write_str("already running"),
            Reason::Stopped => f.write_str("stopped"),
            Reason::AlwaysStartNew => f.write_str("stopped, and always_start_new"),
            Reason::Changed(fields) => write!(f, "changed: {}", fields.join(", ")),
            Reason::Unfinished => f.write_str("an earlier start did not finish"),
        }
    }
}
