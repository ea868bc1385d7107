//! The plans of `reload` and `restart`: some services by name, and what depends on them.

use std::collections::BTreeSet;

use crate::group::{Group, Service};

use super::reconcile::{image_action, image_of, litter, plan, step};
use super::{
    Action, Container, ContextValue, ImageAction, ImageReason, Observed, Plan, PullPolicy, Reason, Request, Stage,
    State, Step,
};

/// What the person asked `reload` or `restart` for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again {
    /// The services, by name.
    pub services: Vec<String>,
    /// Whether what depends on them, directly or not, and runs is restarted afterwards.
    pub dependents: bool,
}

/// Why services cannot be reloaded or restarted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AgainError {
    /// No service has that name.
    #[error("there is no service `{name}`; the services are: {known}")]
    Unknown {
        /// The name that was given.
        name: String,
        /// All names there are.
        known: String,
    },
    /// It has no container that could be restarted.
    #[error("`{service}` has not been started: there is no container to restart; `drillmaster start` makes one")]
    NotStarted {
        /// The service.
        service: String,
    },
    /// Something it needs is not there.
    #[error("`{service}` depends on `{dependency}`, which is {state}; `drillmaster start` starts both")]
    DependencyNotRunning {
        /// The service that was asked for.
        service: String,
        /// What does not run.
        dependency: String,
        /// What it is instead, in a word.
        state: &'static str,
    },
}

/// New containers for some services, from images built again; nothing else is touched, but for what depends on them if
/// that was asked for.
///
/// # Errors
/// If a name is unknown, or something that one of the services depends on does not run.
pub fn reload(
    group: Group,
    request: &Again,
    pull: PullPolicy,
    observed: &Observed,
    context: ContextValue<'_>,
) -> Result<Plan, AgainError> {
    let scope = Scope::of(&group, request, observed)?;
    let as_new = Request { recreate: request.services.iter().cloned().collect(), pull, ..Request::default() };
    Ok(scope.plan(group, pull, observed, |group, service| {
        let step = step(group, service, &as_new, observed, context);
        match step.image {
            ImageAction::Use(_) if service.build.is_some() => {
                Step { image: ImageAction::Build(ImageReason::Asked), ..step }
            }
            _ => step,
        }
    }))
}

/// The same containers of some services, stopped and started again; nothing else is touched, but for what depends on
/// them if that was asked for.
///
/// # Errors
/// If a name is unknown, a service has no container, or something that one of the services depends on does not run.
pub fn restart(group: Group, request: &Again, observed: &Observed) -> Result<Plan, AgainError> {
    let scope = Scope::of(&group, request, observed)?;
    let without = request.services.iter().find(|service| observed.committed(service).is_none());
    if let Some(service) = without {
        return Err(AgainError::NotStarted { service: service.clone() });
    }
    let pull = PullPolicy::Missing;
    Ok(scope.plan(group, pull, observed, |group, service| restarted(group, service, Reason::Asked, pull, observed)))
}

/// The services that a plan is about.
struct Scope {
    asked: BTreeSet<String>,
    dependents: BTreeSet<String>,
    dependencies: BTreeSet<String>,
}

impl Scope {
    fn of(group: &Group, request: &Again, observed: &Observed) -> Result<Self, AgainError> {
        let graph = group.dependencies();
        if let Some(unknown) = request.services.iter().find(|name| !graph.has(name)) {
            let known = graph.services().collect::<Vec<_>>().join(", ");
            return Err(AgainError::Unknown { name: unknown.clone(), known });
        }
        let asked: BTreeSet<String> = request.services.iter().cloned().collect();
        let running = |service: &str| running(service, observed).is_some();
        let is_up = |service: &str| committed(service, observed).is_some_and(|found| found.state.is_up());
        let mut dependents = if request.dependents { graph.all_dependents(&asked) } else { BTreeSet::new() };
        // A service that does not run is no worse off afterwards.
        dependents.retain(|service| !asked.contains(service) && is_up(service));
        let touched: BTreeSet<String> = asked.union(&dependents).cloned().collect();
        let mut dependencies = BTreeSet::new();
        for service in &touched {
            for dependency in graph.of(service).filter(|dependency| !touched.contains(*dependency)) {
                if running(dependency) {
                    dependencies.insert(dependency.to_owned());
                } else if asked.contains(service) {
                    let state = committed(dependency, observed).filter(|found| found.state.is_up());
                    let state = state.map_or("not running", |found| found.state.word());
                    let (service, dependency) = (service.clone(), dependency.to_owned());
                    return Err(AgainError::DependencyNotRunning { service, dependency, state });
                }
            }
        }
        Ok(Self { asked, dependents, dependencies })
    }

    fn plan(
        &self,
        group: Group,
        pull: PullPolicy,
        observed: &Observed,
        asked: impl Fn(&Group, &Service) -> Step,
    ) -> Plan {
        let graph = group.dependencies();
        plan(group, observed, |group, service| {
            if self.asked.contains(&service.name) {
                Some(asked(group, service))
            } else if self.dependents.contains(&service.name) {
                let because = self.asked.iter().find(|asked| graph.all_dependents([*asked]).contains(&service.name));
                let because = Reason::DependsOn(because.cloned().unwrap_or_default());
                Some(restarted(group, service, because, pull, observed))
            } else if self.dependencies.contains(&service.name) {
                running(&service.name, observed).map(|found| left_alone(group, service, found, observed))
            } else {
                None
            }
        })
    }
}

/// The container of a service that became ready.
fn committed<'a>(service: &str, observed: &'a Observed) -> Option<&'a Container> {
    observed.committed(service).filter(|found| found.stage == Stage::Committed)
}

/// The same, if it runs.
fn running<'a>(service: &str, observed: &'a Observed) -> Option<&'a Container> {
    committed(service, observed).filter(|found| found.state == State::Running)
}

/// A service that is ready and is not touched; the hooks of others may reach it.
fn left_alone(group: &Group, service: &Service, found: &Container, observed: &Observed) -> Step {
    Step {
        service: service.clone(),
        action: Action::Keep(found.clone()),
        reason: Reason::NotAsked,
        image: image_if_needed(group, service, PullPolicy::Missing, observed),
        litter: Vec::new(),
        stopped_first: Vec::new(),
        uncompared: None,
    }
}

/// The same container again. Its image is got only should it turn out that the service needs another container.
fn restarted(group: &Group, service: &Service, reason: Reason, pull: PullPolicy, observed: &Observed) -> Step {
    let found = observed.committed(&service.name).expect("a service without a container is not restarted").clone();
    let (action, reason) = match found.state {
        // It never runs again.
        State::Dead => (Action::Replace(found), Reason::NotRunning(State::Dead)),
        _ => (Action::Restart(found), reason),
    };
    Step {
        service: service.clone(),
        action,
        reason,
        image: image_if_needed(group, service, pull, observed),
        litter: litter(service, observed),
        stopped_first: Vec::new(),
        uncompared: None,
    }
}

/// How the image of a service is got, should it need another container.
fn image_if_needed(group: &Group, service: &Service, pull: PullPolicy, observed: &Observed) -> ImageAction {
    let pull = if pull == PullPolicy::Never { PullPolicy::Never } else { PullPolicy::Missing };
    let builder = group.build_of(service).map(|(builder, _)| builder);
    image_action(builder, &Request { pull, ..Request::default() }, image_of(group, service, observed))
}
