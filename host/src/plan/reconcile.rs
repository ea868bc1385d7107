//! The plan of `start`.

use std::collections::BTreeSet;

use crate::group::{Digest, Group, Service};

use super::{Action, Container, ImageAction, Observed, Plan, Reason, Stage, State, Step};

/// Looks up a value of the context.
pub type ContextValue<'a> = &'a dyn Fn(&str) -> Option<&'a str>;

/// What has to be done so that the selected services of a group are ready.
///
/// `selected` comes from [`to_start`](crate::group::to_start); a service outside it is not touched, nor is one
/// that is not declared.
///
/// # Panics
/// If the group's dependencies have no order, which a checked group's always have.
#[must_use]
pub fn reconcile(group: Group, selected: &BTreeSet<String>, observed: &Observed, context: ContextValue<'_>) -> Plan {
    let dependencies = group.dependencies();
    let steps = dependencies
        .order()
        .expect("a checked group has no circle of dependencies")
        .into_iter()
        .filter(|name| selected.contains(*name))
        .map(|name| step(&group.services[name], observed, context))
        .collect();
    let orphans =
        observed.dependencies().services().filter(|name| !dependencies.has(name)).map(str::to_owned).collect();
    Plan { group, steps, networks: observed.networks.clone(), orphans }
}

fn step(service: &Service, observed: &Observed, context: ContextValue<'_>) -> Step {
    let committed = observed.committed(&service.name);
    let litter = observed
        .of(&service.name)
        .filter(|container| committed.is_none_or(|committed| committed.id != container.id))
        .cloned()
        .collect();
    let image = match (&service.build, observed.images.get(&service.image)) {
        (_, Some(_)) => ImageAction::Use,
        (Some(_), None) => ImageAction::Build,
        (None, None) => ImageAction::Pull,
    };
    let (action, reason) = match committed {
        None if observed.of(&service.name).next().is_some() => (Action::Create, Reason::Unfinished),
        None => (Action::Create, Reason::New),
        Some(found) => with_committed(service, found, observed, context),
    };
    Step { service: service.clone(), action, reason, image, litter }
}

fn with_committed(
    service: &Service,
    found: &Container,
    observed: &Observed,
    context: ContextValue<'_>,
) -> (Action, Reason) {
    let mut changed = changed_fields(service, found);
    if observed.images.get(&service.image).is_some_and(|id| *id != found.image) && !changed.contains(&"image".into()) {
        changed.push("image".to_owned());
    }
    if changed.is_empty() && environment_changed(service, found, context) {
        changed.push("env".to_owned());
    }
    match found.state {
        _ if !changed.is_empty() => (Action::Replace(found.clone()), Reason::Changed(changed)),
        // A committed container that was about to be replaced was stopped for it, so this is one too that is as
        // declared again: it is started under its own name.
        State::Running if found.stage == Stage::Committed => (Action::Keep(found.clone()), Reason::AlreadyRunning),
        State::Running => (Action::StartAgain(found.clone()), Reason::Unfinished),
        State::Stopped if service.always_start_new => (Action::Replace(found.clone()), Reason::AlwaysStartNew),
        State::Stopped => (Action::StartAgain(found.clone()), Reason::Stopped),
    }
}

/// The names of the fields that differ from those a container was made from.
fn changed_fields(service: &Service, found: &Container) -> Vec<String> {
    if found.fields == service.fields_hash() {
        return Vec::new();
    }
    let changed = found.declared.as_ref().map(|declared| service.changed_fields(declared)).unwrap_or_default();
    if changed.is_empty() { vec!["fields".to_owned()] } else { changed }
}

/// Whether values of the context are known that a container's environment was not made with. A key that has no value
/// now is no evidence: the values may be lost, and the container is as it was.
fn environment_changed(service: &Service, found: &Container, context: ContextValue<'_>) -> bool {
    let Some(made_with) = &found.environment else { return false };
    environment_hash(service, context).is_some_and(|now| now != *made_with)
}

/// The hash of a service's environment with the context filled in, if every key has a value.
#[must_use]
pub fn environment_hash(service: &Service, context: ContextValue<'_>) -> Option<Digest> {
    let filled =
        service.env.iter().map(|(name, value)| Some((name, value.fill(context).ok()?))).collect::<Option<Vec<_>>>()?;
    Some(Digest::of_json(&filled))
}

/// Looks once more at a service whose dependencies have become ready in the meantime: the context may have changed.
///
/// A step that would keep or start a container made with other values becomes its replacement; every other step
/// stays.
#[must_use]
pub fn recheck(step: Step, context: ContextValue<'_>) -> Step {
    match &step.action {
        Action::Keep(found) | Action::StartAgain(found) if environment_changed(&step.service, found, context) => {
            Step { action: Action::Replace(found.clone()), reason: Reason::Changed(vec!["env".to_owned()]), ..step }
        }
        _ => step,
    }
}
