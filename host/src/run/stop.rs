//! `stop`: every service of a teardown, side by side, each one once what depends on it has stopped.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::component::{GroupHook, Hook, HookCall};
use crate::engine::{EngineError, RemovedVolumes};
use crate::group::GroupName;
use crate::plan::{Container, Network, Stage, StopStep, Teardown, left_alone};

use super::life::{PRE_STOP_TIMEOUT, STOP_TIMEOUT, can_be_asked};
use super::reach::Reach;
use super::removing::Data;
use super::{Event, Failure, Phase, Tools};

/// How `stop` goes about it.
#[derive(Debug, Clone)]
pub struct StopOptions {
    /// The group.
    pub group: GroupName,
    /// How long each container may take to stop before it is killed; each service's own time if none.
    pub timeout: Option<Duration>,
    /// Whether containers are removed as well.
    pub remove: bool,
    /// Whether the group's volumes are removed as well.
    pub volumes: bool,
}

/// What came of a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopOutcome {
    /// Everything is stopped that should be.
    Done,
    /// Something could not be stopped or removed.
    Failed,
    /// The person interrupted it.
    Interrupted,
}

/// Carries out a teardown. What cannot be stopped is reported and keeps nothing else up.
pub async fn stop(teardown: Teardown, options: StopOptions, tools: Tools) -> StopOutcome {
    let reach = Arc::new(Reach::new(Arc::clone(&tools.engine)));
    for container in teardown.steps.iter().flat_map(|step| &step.containers) {
        if container.state.is_up() {
            reach.put(&container.service, container.id.clone());
        }
    }
    let containers = teardown.steps.iter().flat_map(|step| step.containers.iter().chain(&step.litter));
    let nameless = containers.flat_map(Container::anonymous_volumes).map(|(_, name)| name.clone()).collect();
    let stopping = Arc::new(Stopping { tools, options, reach });
    let mut waiting = teardown.steps;
    let mut stopped = BTreeSet::new();
    let mut changed = Vec::new();
    let mut failed = false;
    let mut tasks = JoinSet::new();
    loop {
        for step in std::mem::take(&mut waiting) {
            let still_needed = teardown.dependencies.dependents(&step.service).any(|user| !stopped.contains(user));
            if still_needed {
                waiting.push(step);
            } else if !stopping.tools.cancel.is_cancelled() {
                let stopping = Arc::clone(&stopping);
                tasks.spawn(async move { (step.service.clone(), stopping.service(step).await) });
            }
        }
        match tasks.join_next().await {
            Some(Ok((service, done))) => {
                match done {
                    Done::Stopped => changed.push(service.clone()),
                    Done::WasStopped => {}
                    Done::Failed => failed = true,
                }
                stopped.insert(service);
            }
            Some(Err(panic)) => std::panic::resume_unwind(panic.into_panic()),
            None => break,
        }
    }
    if stopping.tools.cancel.is_cancelled() {
        return StopOutcome::Interrupted;
    }
    if !changed.is_empty() {
        changed.sort();
        let timeout = stopping.options.timeout.unwrap_or(STOP_TIMEOUT).max(PRE_STOP_TIMEOUT);
        stopping.tools.group_hook(GroupHook::OnStop(changed), timeout).await;
    }
    stopping.tools.tell_not_shown();
    failed |= !stopping.networks_and_volumes(teardown.networks, nameless).await;
    if failed { StopOutcome::Failed } else { StopOutcome::Done }
}

struct Stopping {
    tools: Tools,
    options: StopOptions,
    reach: Arc<Reach>,
}

/// What came of one service.
enum Done {
    Stopped,
    WasStopped,
    Failed,
}

impl Stopping {
    /// Removes what is asked for once the containers are gone; whether all of it could be.
    async fn networks_and_volumes(&self, networks: Vec<Network>, nameless: BTreeSet<String>) -> bool {
        let mut all = true;
        for network in networks {
            match self.tools.engine.remove_network(&network.id).await {
                Ok(()) => self.tools.emit(Event::Removed { what: "network", name: network.name }),
                // Somebody else's container has joined it, or Docker has lost count. All that is the group's is gone, and
                // another stop would find the same.
                Err(error @ EngineError::Refused { .. }) => {
                    self.tools.emit(Event::Warning(format!("network {} is still there: {error}", network.name)));
                }
                Err(error) => {
                    all = false;
                    self.tools.emit(Event::Warning(error.to_string()));
                }
            }
        }
        if !self.options.volumes {
            return all;
        }
        for name in nameless {
            // The engine removes those that it has made for the container itself, and no others.
            if let Err(error) = self.tools.engine.remove_volume(&self.options.group, &self.tools.claim, &name).await {
                all = false;
                self.tools.emit(Event::Warning(error.to_string()));
            }
        }
        match self.tools.engine.remove_volumes(&self.options.group, &self.tools.claim).await {
            Ok(RemovedVolumes { removed, left, failed }) => {
                for name in removed {
                    self.tools.emit(Event::Removed { what: "volume", name });
                }
                if !left.is_empty() {
                    self.tools.emit(Event::Warning(left_alone(&self.options.group, &left)));
                }
                for error in &failed {
                    self.tools.emit(Event::Warning(error.to_string()));
                }
                all && failed.is_empty()
            }
            Err(error) => {
                self.tools.emit(Event::Warning(error.to_string()));
                false
            }
        }
    }

    async fn service(&self, step: StopStep) -> Done {
        let began = Instant::now();
        let service = step.service.clone();
        let ran = step.containers.iter().any(|container| container.state.is_up());
        match self.containers(step).await {
            Ok(()) => {
                let removed = self.options.remove;
                self.tools.emit(Event::Stopped { service, ran, removed, took: began.elapsed() });
                if ran { Done::Stopped } else { Done::WasStopped }
            }
            Err(failure) => {
                self.tools.emit(Event::NotStopped { service, failure });
                Done::Failed
            }
        }
    }

    async fn containers(&self, step: StopStep) -> Result<(), Failure> {
        let volumes = step.containers.iter().flat_map(|container| container.volumes.values().cloned());
        let volumes: BTreeSet<String> = volumes.collect();
        for container in &step.litter {
            self.remove(container, volumes.clone()).await?;
        }
        for container in &step.containers {
            if container.state.is_up() {
                self.stop(container).await?;
            }
            if self.options.remove {
                self.remove(container, BTreeSet::new()).await?;
            }
        }
        Ok(())
    }

    async fn stop(&self, container: &Container) -> Result<(), Failure> {
        self.tools.emit(Event::Phase { service: container.service.clone(), phase: Phase::Stopping });
        let timeout = self.options.timeout.or(container.stop_timeout).unwrap_or(STOP_TIMEOUT);
        self.tools.let_go_on(container).await;
        if container.stage != Stage::Starting && can_be_asked(container.state) {
            tokio::select! {
                // It is as ready as it was, and stays so.
                () = self.tools.cancel.cancelled() => return Err(Failure::Interrupted),
                () = self.pre_stop(container, timeout) => {}
            }
        }
        Ok(self.tools.engine.stop(self.tools.turn().await?, &container.id, timeout).await?)
    }

    async fn pre_stop(&self, container: &Container, timeout: Duration) {
        let service = container.service.clone();
        let hook = Hook::PreStop;
        let call = HookCall {
            hook,
            service: service.clone(),
            dependencies: container.dependencies.clone(),
            containers: Arc::clone(&self.reach) as _,
            context: Arc::clone(&self.tools.context),
            instance: container.instance.clone(),
            log: self.tools.log(),
            timeout: timeout.max(PRE_STOP_TIMEOUT),
        };
        if let Err(error) = self.tools.hooks.call(call).await {
            self.tools.emit(Event::HookFailed { service, hook, error });
        }
    }

    async fn remove(&self, container: &Container, elsewhere: BTreeSet<String>) -> Result<(), Failure> {
        let data = if self.options.volumes { Data::Goes } else { Data::Stays(elsewhere) };
        self.tools.remove(&self.options.group, container, data).await
    }
}
