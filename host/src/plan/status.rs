//! What is there, service by service, against what is declared.

use std::collections::BTreeSet;

use super::{Action, Change, Container, Health, Observed, Plan, Reason, Stage, State, Uncompared};

/// How a service stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The service.
    pub service: String,
    /// How far it came.
    pub standing: Standing,
    /// Its container: the committed one, else one that never became ready.
    pub container: Option<Container>,
    /// How the container differs from what is declared; nothing if that is not known.
    pub drift: Vec<Change>,
    /// What of it could not be compared with what is declared.
    pub uncompared: Option<Uncompared>,
}

/// How far a service came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Its container became ready and runs, and its health check, if it has one, does not say otherwise.
    Ready,
    /// Its container became ready once and runs, and its health check has not answered since its last start.
    Starting,
    /// Its container became ready once and runs, and its health check fails.
    Unhealthy,
    /// Its container became ready once, and is in this state now.
    NotRunning(State),
    /// A start of it is going on, or has failed, or was interrupted.
    Unfinished,
    /// It has no container.
    NotStarted,
}

impl Standing {
    /// The standing in a word or two.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Standing::Ready => "ready",
            Standing::Starting => "starting",
            Standing::Unhealthy => "unhealthy",
            Standing::NotRunning(state) => state.word(),
            Standing::Unfinished => "unfinished",
            Standing::NotStarted => "not started",
        }
    }
}

/// The services of a group in alphabetical order: those that have containers and, with a plan of what `start` would do,
/// all that are declared.
#[must_use]
pub fn status(observed: &Observed, plan: Option<&Plan>) -> Vec<Status> {
    let mut services: BTreeSet<String> = observed.containers.iter().map(|found| found.service.clone()).collect();
    services.extend(plan.iter().flat_map(|plan| plan.group.services.keys().cloned()));
    services.into_iter().map(|service| of(service, observed, plan)).collect()
}

fn of(service: String, observed: &Observed, plan: Option<&Plan>) -> Status {
    let committed = observed.committed(&service);
    let container = committed.or_else(|| observed.of(&service).max_by_key(|found| found.created));
    let standing = match container {
        None => Standing::NotStarted,
        Some(found) if found.stage == Stage::Starting => Standing::Unfinished,
        Some(found) => match (found.state, found.health) {
            (State::Running, Health::None | Health::Healthy) => Standing::Ready,
            (State::Running, Health::Starting) => Standing::Starting,
            (State::Running, Health::Unhealthy) => Standing::Unhealthy,
            (state, _) => Standing::NotRunning(state),
        },
    };
    let step = plan.and_then(|plan| plan.steps.iter().find(|step| step.service.name == service));
    let drift = match step.map(|step| (&step.action, &step.reason)) {
        Some((Action::Replace(_), Reason::Changed(changes))) => changes.clone(),
        _ => Vec::new(),
    };
    let uncompared = step.and_then(|step| step.uncompared.clone());
    Status { container: container.cloned(), service, standing, drift, uncompared }
}
