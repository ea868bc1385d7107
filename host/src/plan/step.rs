//! The steps of a plan.

use std::collections::BTreeSet;
use std::fmt;

use crate::group::{Group, ImageName, Service};

use super::{Container, Foreign, Health, HeldPort, Image, Network, Stage, State};

/// What `start`, `reload` or `restart` will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The group as declared.
    pub group: Group,
    /// One step for each service that the plan is about, each after those of its dependencies.
    pub steps: Vec<Step>,
    /// The group's networks as they were found, the oldest first.
    pub networks: Vec<Network>,
    /// Services with containers of this group that no definition declares. They are left alone.
    pub orphans: Vec<String>,
    /// What carries the group's label and is not the group's. It is left alone.
    pub foreign: Vec<Foreign>,
    /// A host port that a step needs and another service's container does not let go.
    pub held_port: Option<HeldPort>,
}

impl Plan {
    /// Whether carrying it out changes nothing.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.steps.iter().all(Step::is_nothing) && self.spare_networks().next().is_none()
    }

    /// The networks that have the name of an older one. Only one of a name is of use: containers on different ones do
    /// not reach each other.
    pub fn spare_networks(&self) -> impl Iterator<Item = &Network> {
        let older = |index: usize, name: &str| self.networks[..index].iter().any(|network| network.name == name);
        self.networks
            .iter()
            .enumerate()
            .filter(move |(index, network)| older(*index, &network.name))
            .map(|(_, spare)| spare)
    }

    /// The names in Docker that the new containers get, one after the other, and those of the containers that they replace
    /// meanwhile.
    #[must_use]
    pub fn needed_names(&self) -> BTreeSet<String> {
        self.steps.iter().flat_map(|step| step.needed_names(&self.group)).collect()
    }

    /// The images that are pulled.
    pub fn pulled_images(&self) -> impl Iterator<Item = &ImageName> {
        let pulled = self.steps.iter().filter(|step| matches!(step.image, ImageAction::Pull(_)) && !step.has_image());
        pulled.map(|step| &step.service.image)
    }

    /// A volume that a step would give to a container, and a foreign container that runs with it: a database must not run
    /// twice on the same files.
    #[must_use]
    pub fn volume_in_use(&self) -> Option<(String, &Foreign)> {
        let begun = self.steps.iter().filter(|step| !matches!(step.action, Action::Keep(_)));
        let volumes = begun.flat_map(|step| step.service.volumes.values());
        volumes.map(|volume| self.group.name.volume(&volume.name)).find_map(|volume| {
            let user = self.foreign.iter().find(|foreign| foreign.volumes.contains(&volume))?;
            Some((volume, user))
        })
    }

    /// The names of the networks that the steps need, the group's own first.
    #[must_use]
    pub fn needed_networks(&self) -> Vec<String> {
        let mut names = Vec::new();
        for step in self.steps.iter().filter(|step| !matches!(step.action, Action::Keep(_))) {
            for name in self.group.networks_of(&step.service) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    }
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
    /// Containers of other services that run with a host port that it needs, and are replaced or removed later.
    pub stopped_first: Vec<Container>,
    /// What could not be compared with the declaration, of a container that stays.
    pub uncompared: Option<Uncompared>,
}

/// Fields of a container of which it cannot be known whether they are as declared. They are taken to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uncompared {
    /// The key is not here with which these were hashed.
    WithoutKey(Vec<String>),
    /// The label that holds them cannot be read.
    Unreadable,
}

impl fmt::Display for Uncompared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Uncompared::WithoutKey(fields) => write!(
                f,
                "not compared: {}; the container was made with another state directory, whose key that takes",
                fields.join(", ")
            ),
            Uncompared::Unreadable => {
                f.write_str("not compared: what its label says of its fields cannot be read by this version")
            }
        }
    }
}

impl Step {
    /// The names in Docker that its new container gets, and the one that it replaces; none if no container is created.
    #[must_use]
    pub fn needed_names(&self, group: &Group) -> BTreeSet<String> {
        let stages: &[Stage] = match &self.action {
            Action::Create => &[Stage::Starting, Stage::Committed],
            Action::Replace(old) if old.stage == Stage::Old => &[Stage::Starting, Stage::Committed],
            Action::Replace(_) => &Stage::ALL,
            Action::StartAgain(found) if found.stage == Stage::Old => &[Stage::Committed],
            Action::Keep(_) | Action::StartAgain(_) | Action::Restart(_) => &[],
        };
        stages.iter().map(|stage| group.name.container(&self.service.name) + stage.suffix()).collect()
    }

    /// Whether the image is there, as far as the step needs one.
    #[must_use]
    pub fn has_image(&self) -> bool {
        match self.image {
            ImageAction::Use(_) => true,
            // It was asked for, whether a container is made from it or not.
            ImageAction::Pull(ImageReason::Asked) | ImageAction::Build(ImageReason::Asked) => false,
            _ => matches!(self.action, Action::Keep(_) | Action::StartAgain(_) | Action::Restart(_)),
        }
    }

    /// The other services whose containers are stopped first, since they have a host port that it needs.
    #[must_use]
    pub fn stopped_services(&self) -> BTreeSet<&str> {
        self.stopped_first.iter().map(|container| container.service.as_str()).collect()
    }

    /// Whether nothing at all is done.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        matches!(self.action, Action::Keep(_)) && self.litter.is_empty() && self.has_image()
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.service.name)?;
        if !self.has_image() {
            write!(f, "{}, ", self.image)?;
        }
        write!(f, "{} ({})", self.action.word(), self.reason)?;
        for service in self.stopped_services() {
            write!(f, ", stopping {service} first")?;
        }
        match self.litter.len() {
            0 => Ok(()),
            left => write!(f, ", removing {left} left over"),
        }
    }
}

/// What is done with a service's container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    Keep(Container),
    /// Start the same container again and ping it.
    StartAgain(Container),
    /// Stop the same container, start it again and ping it.
    Restart(Container),
    /// Create, start, ping, initialise and commit a new one.
    Create,
    /// The same, and then remove the old one.
    Replace(Container),
}

impl Action {
    /// What is done, in a word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Action::Keep(_) => "keep",
            Action::StartAgain(_) => "start again",
            Action::Restart(_) => "restart",
            Action::Create => "create",
            Action::Replace(_) => "replace",
        }
    }

    /// The container that is there.
    #[must_use]
    pub fn found(&self) -> Option<&Container> {
        match self {
            Action::Keep(found) | Action::StartAgain(found) | Action::Restart(found) | Action::Replace(found) => {
                Some(found)
            }
            Action::Create => None,
        }
    }
}

/// How the image of a new container is got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageAction {
    /// It is there: this one, whatever has its name by then.
    Use(Image),
    /// It is pulled from its registry.
    Pull(ImageReason),
    /// It is built.
    Build(ImageReason),
    /// It is not there, and must not be pulled: the service will fail.
    Refuse,
}

impl fmt::Display for ImageAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImageAction::Use(_) => f.write_str("use its image"),
            ImageAction::Pull(reason) => write!(f, "pull its image ({reason})"),
            ImageAction::Build(reason) => write!(f, "build its image ({reason})"),
            ImageAction::Refuse => f.write_str("fail, because its image is not here and must not be pulled"),
        }
    }
}

/// Why an image is pulled or built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageReason {
    /// There is none of this name.
    Absent,
    /// What it is built from has changed.
    ContextChanged,
    /// The person asked for it.
    Asked,
}

impl fmt::Display for ImageReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ImageReason::Absent => "not here",
            ImageReason::ContextChanged => "its build context changed",
            ImageReason::Asked => "asked for",
        })
    }
}

/// Why a step is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// There is no container of the service.
    New,
    /// Its container runs and is as declared.
    AlreadyRunning,
    /// Its container is as declared, and is in this state.
    NotRunning(State),
    /// Its container is as declared and runs, and its health check says this.
    Health(Health),
    /// Its container does not run, and the service wants a new one then.
    AlwaysStartNew,
    /// What its container was made from differs from what is declared.
    Changed(Vec<Change>),
    /// An earlier start did not finish.
    Unfinished,
    /// The person asked for it by name.
    Asked,
    /// It depends on this service, which was asked for by name.
    DependsOn(String),
    /// The command is not about it; others depend on it.
    NotAsked,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::New => f.write_str("new"),
            Reason::AlreadyRunning => f.write_str("already running"),
            Reason::NotRunning(state) => write!(f, "{state}"),
            Reason::Health(Health::Starting) => f.write_str("starting (health)"),
            Reason::Health(health) => f.write_str(health.word()),
            Reason::AlwaysStartNew => f.write_str("stopped, and always_start_new"),
            Reason::Changed(changes) => {
                f.write_str("changed: ")?;
                for (index, change) in changes.iter().enumerate() {
                    write!(f, "{}{change}", if index == 0 { "" } else { "; " })?;
                }
                Ok(())
            }
            Reason::Unfinished => f.write_str("an earlier start did not finish"),
            Reason::Asked => f.write_str("asked for"),
            Reason::DependsOn(service) => write!(f, "depends on {service}"),
            Reason::NotAsked => f.write_str("left alone"),
        }
    }
}

/// A field that differs. What is secret has been masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The field: `image`, `env MODE`, `port 80/tcp`.
    pub field: String,
    /// What the container was made with.
    pub old: Old,
    /// What is declared now; none if the field is not set any more.
    pub new: Option<String>,
}

/// What a field of a container was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Old {
    /// It was not set.
    NotSet,
    /// It was something else than what is declared: what, only the engine may know.
    Unknown,
    /// This, with secrets masked.
    Shown(String),
}

impl Old {
    /// What was shown; none if the field was not set.
    #[must_use]
    pub fn of(shown: Option<String>) -> Self {
        shown.map_or(Old::NotSet, Old::Shown)
    }

    /// The text, where there is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Old::Shown(text) => Some(text),
            Old::NotSet | Old::Unknown => None,
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NOT_SET: &str = "(not set)";
        let old = match &self.old {
            Old::NotSet => NOT_SET,
            Old::Unknown => "(changed)",
            Old::Shown(text) => text,
        };
        write!(f, "{}: {old} → {}", self.field, self.new.as_deref().unwrap_or(NOT_SET))?;
        let is_same = self.old.text().is_some() && self.old.text() == self.new.as_deref();
        if is_same { f.write_str(" (another value)") } else { Ok(()) }
    }
}
