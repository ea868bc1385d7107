//! The plans of `start`, `reload` and `restart`.

use std::collections::{BTreeMap, BTreeSet};

use crate::group::{Digest, FingerprintKey, Group, Service};

use super::drift::{Drift, another_context, another_image, drift, environment_drift};
use super::platform::is_for;
use super::ports::settle_ports;
use super::{Action, Change, Container, Image, ImageAction, ImageReason, Observed, Plan, Reason, Stage, State, Step};

/// Looks up a value of the context.
pub type ContextValue<'a> = &'a dyn Fn(&str) -> Option<&'a str>;

/// What the person asked `start` for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The services that are looked after, from [`to_start`](crate::group::to_start). Others are not touched.
    pub selected: BTreeSet<String>,
    /// Those that get a new container in any case.
    pub recreate: BTreeSet<String>,
    /// When images are pulled.
    pub pull: PullPolicy,
    /// For each service with a build, the digest of all that its image is built from.
    pub contexts: BTreeMap<String, Digest>,
}

/// When images are pulled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PullPolicy {
    /// In any case.
    Always,
    /// When they are not there.
    #[default]
    Missing,
    /// Never.
    Never,
}

/// What has to be done so that the selected services of a group are ready.
///
/// # Panics
/// If the group's dependencies have no order, which a checked group's always have.
#[must_use]
pub fn reconcile(group: Group, request: &Request, observed: &Observed, context: ContextValue<'_>) -> Plan {
    plan(group, observed, |group, service| {
        request.selected.contains(&service.name).then(|| step(group, service, request, observed, context))
    })
}

/// A plan whose steps, in order of dependency, are those that `step` gives for a service.
pub(super) fn plan(group: Group, observed: &Observed, step: impl Fn(&Group, &Service) -> Option<Step>) -> Plan {
    let dependencies = group.dependencies();
    let order = dependencies.order().expect("a checked group has no circle of dependencies");
    let mut steps: Vec<_> = order.into_iter().filter_map(|name| step(&group, &group.services[name])).collect();
    let held_port = settle_ports(&group, &mut steps, observed);
    let orphans =
        observed.dependencies().services().filter(|name| !dependencies.has(name)).map(str::to_owned).collect();
    Plan { group, steps, networks: observed.networks.clone(), orphans, foreign: observed.foreign.clone(), held_port }
}

/// The step of one service.
pub(super) fn step(
    group: &Group,
    service: &Service,
    request: &Request,
    observed: &Observed,
    context: ContextValue<'_>,
) -> Step {
    let image = image_of(group, service, observed);
    let builder = group.build_of(service).map(|(builder, _)| builder);
    let how = match image {
        // No registry knows it.
        None if service.image.is_id() => ImageAction::Refuse,
        Some(image) if service.image.is_id() => ImageAction::Use(image.clone()),
        image => image_action(builder, request, image),
    };
    let mut uncompared = None;
    let (action, reason) = match observed.committed(&service.name) {
        None if observed.of(&service.name).next().is_some() => (Action::Create, Reason::Unfinished),
        None => (Action::Create, Reason::New),
        Some(found) if request.recreate.contains(&service.name) => (Action::Replace(found.clone()), Reason::Asked),
        Some(found) => {
            let Drift { mut changes, uncompared: unknown } =
                drift(service, found, image, context, observed.key.as_ref());
            if how == ImageAction::Build(ImageReason::ContextChanged) {
                let old = image.and_then(|image| image.context.as_ref());
                let new = builder.and_then(|builder| request.contexts.get(builder));
                changes.extend(new.map(|new| another_context(old, new)));
            }
            uncompared = unknown.filter(|_| changes.is_empty());
            with_committed(service, found, changes)
        }
    };
    let (service, litter) = (service.clone(), litter(service, observed));
    Step { service, action, reason, image: how, litter, stopped_first: Vec::new(), uncompared }
}

/// The image of a service, if it is there. What has the name of one that the group builds, and was not built for it, is
/// none; nor is what is for another platform than the service declares.
pub(super) fn image_of<'a>(group: &Group, service: &Service, observed: &'a Observed) -> Option<&'a Image> {
    let image = observed.images.get(&group.image_of(service));
    let image = image.filter(|image| group.build_of(service).is_none() || image.context.is_some());
    image.filter(|image| is_for(image.platform.as_deref(), service.platform.as_deref()))
}

/// The containers of a service that interrupted runs left.
pub(super) fn litter(service: &Service, observed: &Observed) -> Vec<Container> {
    let committed = observed.committed(&service.name);
    let is_litter = |container: &&Container| committed.is_none_or(|committed| committed.id != container.id);
    observed.of(&service.name).filter(is_litter).cloned().collect()
}

/// How an image is got, should it be needed. `builder` is the service that says how it is built, if it is.
pub(super) fn image_action(builder: Option<&str>, request: &Request, image: Option<&Image>) -> ImageAction {
    match (builder, image) {
        (Some(_), None) => ImageAction::Build(ImageReason::Absent),
        (Some(builder), Some(image)) => match (&image.context, request.contexts.get(builder)) {
            (Some(old), Some(new)) if old != new => ImageAction::Build(ImageReason::ContextChanged),
            _ => ImageAction::Use(image.clone()),
        },
        (None, _) if request.pull == PullPolicy::Always => ImageAction::Pull(ImageReason::Asked),
        (None, Some(image)) => ImageAction::Use(image.clone()),
        (None, None) if request.pull == PullPolicy::Never => ImageAction::Refuse,
        (None, None) => ImageAction::Pull(ImageReason::Absent),
    }
}

fn with_committed(service: &Service, found: &Container, changes: Vec<Change>) -> (Action, Reason) {
    match found.state {
        _ if !changes.is_empty() => (Action::Replace(found.clone()), Reason::Changed(changes)),
        // A committed container that was about to be replaced was stopped for it, so this is one too that is as
        // declared again: it is started under its own name.
        State::Running if found.stage != Stage::Committed => (Action::StartAgain(found.clone()), Reason::Unfinished),
        // Whether that matters, `ping` says.
        State::Running if found.health.is_in_the_way() => {
            (Action::StartAgain(found.clone()), Reason::Health(found.health))
        }
        State::Running => (Action::Keep(found.clone()), Reason::AlreadyRunning),
        State::Dead => (Action::Replace(found.clone()), Reason::NotRunning(found.state)),
        State::Stopped { .. } if service.always_start_new => (Action::Replace(found.clone()), Reason::AlwaysStartNew),
        state => (Action::StartAgain(found.clone()), Reason::NotRunning(state)),
    }
}

/// Looks once more at a service whose dependencies have become ready in the meantime: the context may have changed.
///
/// A step that would keep or start a container made with other values becomes its replacement; every other step
/// stays, and so does one that the command is not about. To restart the container is what the person asked for, but for
/// a service that is restarted because it depends on another one: it is to go along with that.
#[must_use]
pub fn recheck(step: Step, context: ContextValue<'_>, key: &FingerprintKey) -> Step {
    let changes = match &step.action {
        Action::Keep(_) if step.reason == Reason::NotAsked => Vec::new(),
        Action::Restart(_) if step.reason == Reason::Asked => Vec::new(),
        Action::Keep(found) | Action::StartAgain(found) | Action::Restart(found) => {
            environment_drift(&step.service, found, context, Some(key)).changes
        }
        _ => Vec::new(),
    };
    replaced_for(step, changes)
}

/// Looks once more at a service whose image was pulled or built although there was one: it may be another one now.
#[must_use]
pub fn recheck_image(step: Step, image: &super::ImageId) -> Step {
    let changes = match &step.action {
        Action::Keep(found) | Action::StartAgain(found) if found.image != *image => {
            vec![another_image(&step.service.image, &found.image, image)]
        }
        _ => Vec::new(),
    };
    replaced_for(step, changes)
}

/// The step, or the replacement of its container if something changed.
fn replaced_for(step: Step, changes: Vec<Change>) -> Step {
    match &step.action {
        Action::Keep(found) | Action::StartAgain(found) | Action::Restart(found) if !changes.is_empty() => {
            Step { action: Action::Replace(found.clone()), reason: Reason::Changed(changes), uncompared: None, ..step }
        }
        _ => step,
    }
}
