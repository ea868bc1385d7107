//! One service's life, from nothing to ready.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::component::{CallError, Hook, HookCall};
use crate::engine::{self, EngineError, NewContainer, Turn};
use crate::group::{Fingerprints, Mount, is_own_label, short, tool_of_label};
use crate::plan::{
    Action, Container, ContainerId, Exit, Image, ImageAction, NetworkId, OwnVolumes, Published, Stage, State, Step,
    check_exposure, environment_fingerprints,
};

use super::removing::Data;
use super::shared::Shared;
use super::{Event, Failure, Phase};

mod free_ports;
mod making_way;
mod readiness;
mod volumes;

use readiness::Look;
pub(super) use readiness::not_running;

/// How long a container may take to stop when nothing says otherwise.
pub(super) const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// How long `pre-stop` may take at least, however little time the container itself has: on a busy machine a hook has its turn
/// late.
pub(super) const PRE_STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a half-started container may take to stop once the person has interrupted the run.
const INTERRUPTED_STOP_TIMEOUT: Duration = Duration::from_secs(1);

/// How many lines of a failed container's log are shown.
pub(super) const SHOWN_LOG_LINES: u32 = 20;

/// The most bytes that are shown of the names of an image's labels.
const SHOWN_NAMES: usize = 1000;

/// The life of one service in one run.
pub(super) struct Life<'a> {
    shared: &'a Shared,
    step: Step,
    /// When its container was started; none if it ran before.
    started: Mutex<Option<Instant>>,
    /// How its container ended last, if the engine has started it again.
    last_exit: Mutex<Option<Exit>>,
}

impl<'a> Life<'a> {
    pub(super) fn new(shared: &'a Shared, step: Step) -> Self {
        Self { shared, step, started: Mutex::default(), last_exit: Mutex::default() }
    }

    /// Does what the step says and returns where the service's ports are published, now that it is ready.
    pub(super) async fn bring_up(self) -> Result<Vec<Published>, Failure> {
        let mut half_started = None;
        let result = self.act(&mut half_started).await;
        if let Err(failure) = &result {
            self.tell_and_stop(failure, half_started).await;
        }
        result
    }

    /// Puts the container that it starts into `half_started`, from when on a failure has to stop it.
    async fn act(&self, half_started: &mut Option<ContainerId>) -> Result<Vec<Published>, Failure> {
        let committed = self.step.action.found().map(|found| found.volumes.values().cloned().collect());
        let committed: BTreeSet<String> = committed.unwrap_or_default();
        for litter in &self.step.litter {
            self.remove(litter, Data::Stays(committed.clone())).await?;
        }
        match &self.step.action {
            Action::Keep(container) => {
                self.shared.reach.put(self.name(), container.id.clone());
                Ok(container.published.clone())
            }
            Action::StartAgain(container) => self.start_again(container, half_started).await,
            Action::Restart(container) => {
                self.phase(Phase::Stopping);
                self.stop_old(container).await?;
                self.start_again(container, half_started).await
            }
            Action::Create => self.start_new(None, half_started).await,
            Action::Replace(old) => self.start_new(Some(old), half_started).await,
        }
    }

    async fn start_again(
        &self,
        container: &Container,
        half_started: &mut Option<ContainerId>,
    ) -> Result<Vec<Published>, Failure> {
        self.phase(Phase::Starting);
        if container.stage != Stage::Committed {
            self.engine().rename(&container.id, &self.committed_name()).await?;
        }
        if !self.goes_on(container).await? {
            self.start(&container.id, half_started).await.map_err(|failure| self.own_port(failure))?;
        }
        let id = &container.id;
        Ok(self.while_it_runs(id, self.until_ready(id, &container.instance)).await?.published)
    }

    /// Whether a container that is to be ready is up already; a paused one then goes on. It was there before this run, and
    /// is no half-started one: should it not become ready, it is left as it is.
    async fn goes_on(&self, container: &Container) -> Result<bool, Failure> {
        if !container.state.is_up() || matches!(self.step.action, Action::Restart(_)) {
            return Ok(false);
        }
        let id = &container.id;
        // Meanwhile others were waited for.
        let state = self.engine().inspect(id).await?.state;
        if state == State::Paused {
            self.engine().unpause(id).await?;
        }
        self.shared.reach.put(self.name(), id.clone());
        Ok(state.is_up())
    }

    async fn start_new(
        &self,
        old: Option<&Container>,
        half_started: &mut Option<ContainerId>,
    ) -> Result<Vec<Published>, Failure> {
        self.ensure_names().await?;
        let instance = new_instance(self.name());
        self.hook(Hook::PreStart, &instance, self.shared.options.timeout).await?;
        self.phase(Phase::Starting);
        let (container, volumes) = self.prepare(&instance, old).await?;
        let created = self.create(&container).await;
        if created.is_err() {
            self.discard_volumes(&volumes, &instance).await;
        }
        let id = created?;
        if let Some(old) = old {
            self.stop_old(old).await?;
        }
        let id = self.start_created(id, &container, half_started).await?;
        let found = self
            .while_it_runs(&id, async {
                self.until_ready(&id, &instance).await?;
                self.phase(Phase::Initialising);
                self.hook(Hook::PostStartInit, &instance, self.shared.options.timeout).await?;
                match self.look(&id).await? {
                    Look::Runs(found) => Ok(found),
                    // Paused, or started again by the engine: whether it is ready is open once more.
                    Look::NotNow(_) => self.until_ready(&id, &instance).await,
                }
            })
            .await?;
        self.keep_volumes(&volumes, &instance).await?;
        self.commit(&id, old, volumes).await?;
        Ok(found.published)
    }

    /// The names of the plan were looked at. One that turned out to need a new container only when its turn came has not been
    /// among them.
    async fn ensure_names(&self) -> Result<(), Failure> {
        let plan = &self.shared.plan;
        let names = self.step.needed_names(&plan.group);
        if !names.is_subset(&plan.needed_names()) {
            self.engine().ensure_names(&plan.group.name, &self.shared.tools.claim, &names).await?;
        }
        Ok(())
    }

    async fn create(&self, container: &NewContainer) -> Result<ContainerId, Failure> {
        Ok(self.engine().create(self.turn().await?, container).await?)
    }

    /// Prepares what a new container takes; its volumes are there then.
    async fn prepare(&self, instance: &str, old: Option<&Container>) -> Result<(NewContainer, OwnVolumes), Failure> {
        self.shared.tools.not_interrupted()?;
        // So that nothing is harmed: it counts when the engine follows them, which is when the container starts.
        self.mounts_are_safe().await?;
        let group = &self.shared.plan.group.name;
        let service = &self.step.service;
        let values = self.shared.tools.context.values();
        let value = |key: &str| values.get(key).map(String::as_str);
        let env = service
            .env
            .iter()
            .map(|(name, template)| match template.fill(value) {
                Ok(filled) => Ok((name.clone(), filled)),
                Err(key) => Err(Failure::MissingKey { variable: name.clone(), key }),
            })
            .collect::<Result<BTreeMap<_, _>, _>>()?;
        let claim = &self.shared.tools.claim;
        for volume in service.volumes.values() {
            self.shared.tools.not_interrupted()?;
            self.engine().ensure_volume(group, claim, &group.volume(&volume.name), None).await?;
        }
        let image = self.image()?;
        let networks = self.networks().await?;
        let volumes = self.own_volumes(image, instance, old).await?;
        let container = NewContainer {
            group: group.clone(),
            owner: claim.owner().clone(),
            name: group.container(self.name()) + Stage::Starting.suffix(),
            image: image.id.clone(),
            emptied_labels: self.emptied_labels(image),
            instance: instance.to_owned(),
            service: service.clone(),
            env,
            fingerprints: Fingerprints::of_fields(service, instance, &self.shared.options.key),
            environment: environment_fingerprints(service, &value, instance, &self.shared.options.key),
            definition: self.shared.plan.group.definitions[self.name()].clone(),
            networks,
            own_volumes: volumes.by_target.clone(),
        };
        Ok((container, volumes))
    }

    /// The image that was decided on.
    fn image(&self) -> Result<&Image, EngineError> {
        match &self.step.image {
            ImageAction::Use(image) => Ok(image),
            other => {
                let (image, reason) = (self.step.service.image.to_string(), format!("nobody did this: {other}"));
                Err(EngineError::NoImage { image, reason })
            }
        }
    }

    /// The labels of the image that the container must not have, or not with what is in them: drillmaster's own, and those
    /// that other tools act on.
    fn emptied_labels(&self, image: &Image) -> BTreeSet<String> {
        let Step { service, .. } = &self.step;
        let group = &self.shared.plan.group;
        let is_kept = |name: &String| !is_own_label(name) && group.may_have_label(name);
        let emptied: BTreeSet<String> =
            image.labels.iter().filter(|name| !is_kept(name) && !service.labels.contains_key(*name)).cloned().collect();
        let acted_on: Vec<_> = emptied.iter().filter_map(|name| Some((name.as_str(), tool_of_label(name)?))).collect();
        if let Some((_, tool)) = acted_on.first() {
            // Whoever made the image may have put words into its labels' names.
            let names = acted_on.iter().map(|(name, _)| format!("{name:?}")).collect::<Vec<_>>().join(", ");
            let names = short(&names, SHOWN_NAMES);
            self.emit(Event::Warning(format!(
                "{}: its image has labels that other tools act on ({names}), and the container gets them empty; \
                 --allow-label {} would keep those of {}",
                self.name(),
                tool.prefix,
                tool.name
            )));
        }
        emptied
    }

    /// The networks to join. Those that the plan foresaw are there; a service that turned out to need a new container
    /// only when its turn came can have others.
    async fn networks(&self) -> Result<Vec<NetworkId>, Failure> {
        let group = &self.shared.plan.group;
        let mut networks = Vec::new();
        for name in group.networks_of(&self.step.service) {
            if let Some(network) = self.shared.networks.get(&name) {
                networks.push(network.clone());
                continue;
            }
            self.shared.tools.not_interrupted()?;
            networks.push(self.engine().ensure_network(&group.name, &self.shared.tools.claim, &name).await?);
        }
        Ok(networks)
    }

    async fn start(&self, id: &ContainerId, half_started: &mut Option<ContainerId>) -> Result<(), Failure> {
        self.free_ports().await?;
        let turn = self.turn().await?;
        self.mounts_are_safe().await?;
        *half_started = Some(id.clone());
        match self.engine().start(turn, id).await {
            // Somebody removed it while the container did not run.
            Err(EngineError::NetworkGone { .. }) => {
                let networks = self.networks().await?;
                self.engine().rejoin(id, &self.step.service, &networks).await?;
                self.mounts_are_safe().await?;
                self.engine().start(self.turn().await?, id).await?;
            }
            started => started?,
        }
        *self.started.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        self.shared.reach.put(self.name(), id.clone());
        Ok(())
    }

    /// Looks at what the service mounts right before it counts. By now its container can be seen by others who start one
    /// at the same time: one of two that would expose each other's mounts sees the other.
    async fn mounts_are_safe(&self) -> Result<(), Failure> {
        let service = &self.step.service;
        if service.mounts.is_empty() {
            return Ok(());
        }
        let mut found = self.engine().host_mounts().await?;
        let paths = &self.shared.paths;
        for mount in &mut found {
            mount.source = paths.leads_to(&mount.source);
        }
        let name = self.committed_name();
        let own = [Stage::Committed, Stage::Old, Stage::Starting].map(|stage| name.clone() + stage.suffix());
        check_exposure(service, &own, &found, |path| paths.is_granted(path), |path| paths.is_there(path))
            .map_err(Failure::ExposedMount)?;
        self.mounts_lead_where_they_led()
    }

    /// Since a path was checked, somebody can have put a symlink in its place.
    fn mounts_lead_where_they_led(&self) -> Result<(), Failure> {
        let paths = &self.shared.paths;
        self.step.service.mounts.values().try_for_each(|Mount { source, .. }| {
            let moved = |reason| Failure::MountMoved { path: source.clone(), reason };
            paths.still_leads_there(source).map_err(moved)
        })
    }

    /// Makes the new container the service's own. Each step leaves a state that the next command understands: the old
    /// container counts until the new one has its name.
    async fn commit(&self, id: &ContainerId, old: Option<&Container>, volumes: OwnVolumes) -> Result<(), Failure> {
        let name = self.committed_name();
        if let Some(old) = old.filter(|old| old.stage == Stage::Committed) {
            match self.engine().rename(&old.id, &(name.clone() + Stage::Old.suffix())).await {
                // Somebody removed it: its name is free.
                Err(EngineError::Gone { .. }) => {}
                renamed => renamed?,
            }
        }
        self.engine().rename(id, &name).await?;
        if let Some(old) = old
            && let Err(failure) = self.remove(old, Data::Stays(volumes.by_target.into_values().collect())).await
        {
            // The service is ready all the same, and the next command removes what is left over.
            self.emit(Event::Warning(format!(
                "{}: the container it had before is still there: {failure}",
                self.name()
            )));
        }
        Ok(())
    }

    async fn remove(&self, container: &Container, data: Data) -> Result<(), Failure> {
        self.shared.tools.remove(&self.shared.plan.group.name, container, data).await
    }

    async fn hook(&self, hook: Hook, instance: &str, timeout: Duration) -> Result<(), Failure> {
        self.unless_interrupted(hook, self.call(hook, instance, timeout)).await
    }

    async fn unless_interrupted(
        &self,
        hook: Hook,
        call: impl Future<Output = Result<bool, CallError>>,
    ) -> Result<(), Failure> {
        self.shared.tools.not_interrupted()?;
        let called = tokio::select! {
            () = self.shared.tools.cancel.cancelled() => return Err(Failure::Interrupted),
            called = call => called,
        };
        called.map(|_| ()).map_err(|error| Failure::Hook { hook, error })
    }

    async fn call(&self, hook: Hook, instance: &str, timeout: Duration) -> Result<bool, CallError> {
        self.call_of(hook, &self.step.service.name, &self.step.service.dependencies, instance, timeout).await
    }

    async fn call_of(
        &self,
        hook: Hook,
        service: &str,
        dependencies: &BTreeSet<String>,
        instance: &str,
        timeout: Duration,
    ) -> Result<bool, CallError> {
        let call = HookCall {
            hook,
            service: service.to_owned(),
            dependencies: dependencies.clone(),
            containers: Arc::clone(&self.shared.reach) as _,
            context: Arc::clone(&self.shared.tools.context),
            instance: instance.to_owned(),
            log: self.shared.tools.log(),
            timeout,
        };
        self.shared.tools.hooks.call(call).await
    }

    /// Tells why the service failed and stops its container, unless it has exited; it is kept for a look.
    async fn tell_and_stop(&self, failure: &Failure, container: Option<ContainerId>) {
        let interrupted = matches!(failure, Failure::Interrupted);
        if !interrupted {
            let log_tail = match &container {
                Some(id) => self.engine().log_tail(id, SHOWN_LOG_LINES).await.unwrap_or_default(),
                None => Vec::new(),
            };
            self.emit(Event::Failed { service: self.name().to_owned(), failure: failure.clone(), log_tail });
        }
        let Some(id) = container.filter(|_| !matches!(failure, Failure::Exited(_) | Failure::NotRunning(_))) else {
            return;
        };
        let limit = if interrupted { INTERRUPTED_STOP_TIMEOUT } else { self.stop_timeout() };
        if let Err(error) = self.engine().stop(self.engine().turn().await, &id, limit).await {
            self.emit(Event::Warning(format!("{}: its container may still run: {error}", self.name())));
        }
    }

    async fn turn(&self) -> Result<Turn, Failure> {
        self.shared.tools.turn().await
    }

    fn stop_timeout(&self) -> Duration {
        self.step.service.stop_timeout.unwrap_or(STOP_TIMEOUT)
    }

    fn committed_name(&self) -> String {
        self.shared.plan.group.name.container(self.name())
    }

    fn name(&self) -> &str {
        &self.step.service.name
    }

    fn engine(&self) -> &dyn engine::Engine {
        &*self.shared.tools.engine
    }

    fn phase(&self, phase: Phase) {
        self.emit(Event::Phase { service: self.name().to_owned(), phase });
    }

    fn emit(&self, event: Event) {
        self.shared.tools.emit(event);
    }
}

/// Whether a hook can be asked about a container that is about to be stopped, once it is not paused any more.
pub(super) fn can_be_asked(state: State) -> bool {
    matches!(state, State::Running | State::Paused | State::Unknown)
}

/// A name under which the values of a new container's hooks are kept; no two containers have the same.
fn new_instance(service: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    format!("{service}-{:x}-{:x}", now.as_nanos(), std::process::id())
}
