//! The plan of `stop`.

use std::collections::BTreeSet;

use crate::group::{Dependencies, SelectError, to_stop};

use super::{Container, Network, Observed, Stage};

/// What the person asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TeardownRequest {
    /// The services that the definition declares, if one was given; containers of others are orphans.
    pub declared: Option<BTreeSet<String>>,
    /// Services to leave alone.
    pub exclude: Vec<String>,
    /// Whether orphans are stopped too.
    pub orphans: bool,
    /// Whether containers are removed, and the networks if nothing remains.
    pub remove: bool,
}

/// What `stop` will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Teardown {
    /// One step for each service that is stopped, each after those that depend on it.
    pub steps: Vec<StopStep>,
    /// The networks that are removed at the end.
    pub networks: Vec<Network>,
    /// Services of this group that no definition declares and that are left alone.
    pub orphans: Vec<String>,
    /// Who depends on whom among the stopped services.
    pub dependencies: Dependencies,
}

/// What happens to one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopStep {
    /// The service.
    pub service: String,
    /// Its containers that are stopped, and removed if that was asked for.
    pub containers: Vec<Container>,
    /// Containers that interrupted runs left, removed in any case.
    pub litter: Vec<Container>,
}

/// What has to be done so that the services of a group are stopped.
///
/// # Errors
/// If an exclusion is refused: see [`to_stop`].
pub fn teardown(observed: &Observed, request: &TeardownRequest) -> Result<Teardown, SelectError> {
    let found = observed.dependencies();
    let is_orphan = |service: &str| request.declared.as_ref().is_some_and(|declared| !declared.contains(service));
    let (orphans, ours): (Vec<_>, Vec<_>) = found.services().partition(|service| is_orphan(service));
    let in_scope = |service: &str| request.orphans || ours.contains(&service);

    // A declared service without a container can be excluded too: it is not stopped, which is what was asked.
    let nameable: Dependencies = found
        .services()
        .filter(|service| in_scope(service))
        .map(str::to_owned)
        .chain(request.declared.iter().flatten().cloned())
        .map(|service| {
            let needs = found.of(&service).map(str::to_owned).collect();
            (service, needs)
        })
        .collect();
    let stopped = to_stop(&nameable, &request.exclude)?;

    let dependencies: Dependencies = found
        .services()
        .filter(|service| stopped.contains(*service))
        .map(|service| (service.to_owned(), found.of(service).map(str::to_owned).collect()))
        .collect();
    let dependencies = if dependencies.order().is_ok() { dependencies } else { without_edges(&dependencies) };
    let order = dependencies.order().unwrap_or_default();
    let steps = order.into_iter().rev().map(|service| stop_step(service, observed)).collect();
    let all_go = found.services().all(|service| stopped.contains(service));
    Ok(Teardown {
        steps,
        networks: if request.remove && all_go { observed.networks.clone() } else { Vec::new() },
        orphans: if request.orphans { Vec::new() } else { orphans.into_iter().map(str::to_owned).collect() },
        dependencies,
    })
}

/// The same services, none depending on another: labels can claim a circle, and it must be stopped all the same.
fn without_edges(dependencies: &Dependencies) -> Dependencies {
    dependencies.services().map(|service| (service.to_owned(), BTreeSet::new())).collect()
}

fn stop_step(service: &str, observed: &Observed) -> StopStep {
    let committed = observed.committed(service);
    // An old container beside the committed one has done its duty; an unfinished one is kept for a look at its log.
    let (litter, containers): (Vec<_>, Vec<_>) = observed.of(service).partition(|container| {
        container.stage == Stage::Old && committed.is_some_and(|committed| committed.id != container.id)
    });
    StopStep {
        service: service.to_owned(),
        containers: containers.into_iter().cloned().collect(),
        litter: litter.into_iter().cloned().collect(),
    }
}
