//! `start`: every service of a plan, side by side, each one as soon as its dependencies are ready.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;

use crate::component::GroupHook;
use crate::engine::{self, Engine, EngineError};
use crate::grants::{NetGrant, denied_registry};
use crate::group::{Dependencies, ImageName, Paths};
use crate::plan::{Action, Claim, Image, ImageAction, NetworkId, Plan, Published, Step, recheck, recheck_image};

use super::images::Images;
use super::last_look::look_again;
use super::life::Life;
use super::reach::Reach;
use super::shared::{Afterwards, Shared, StartOptions, Stops};
use super::{Event, Failure, Tools};

/// What came of a service.
#[derive(Debug, Clone)]
pub enum ServiceOutcome {
    /// It is ready.
    Ready {
        /// Where its ports are published.
        published: Vec<Published>,
        /// How long it took; none if it was ready before.
        took: Option<Duration>,
    },
    /// It failed.
    Failed(Failure),
    /// It was not started because this service failed.
    NotStarted {
        /// The service that failed.
        because: String,
    },
    /// The person interrupted the run before it was ready.
    Interrupted,
}

/// What came of a start: one outcome for each service of the plan.
#[derive(Debug, Clone, Default)]
pub struct StartOutcome(pub BTreeMap<String, ServiceOutcome>);

impl StartOutcome {
    /// Whether every service is ready.
    #[must_use]
    pub fn all_ready(&self) -> bool {
        self.0.values().all(|outcome| matches!(outcome, ServiceOutcome::Ready { .. }))
    }

    /// Without the services that were ready before and stayed as they were.
    #[must_use]
    pub fn touched(mut self) -> Self {
        self.0.retain(|_, outcome| !matches!(outcome, ServiceOutcome::Ready { took: None, .. }));
        self
    }

    /// The services that became ready, in alphabetical order; not those that were ready before.
    #[must_use]
    pub fn started(&self) -> Vec<String> {
        let started = |outcome: &ServiceOutcome| matches!(outcome, ServiceOutcome::Ready { took: Some(_), .. });
        self.0.iter().filter(|(_, outcome)| started(outcome)).map(|(service, _)| service.clone()).collect()
    }
}

/// Carries out a plan, whose paths were found by `paths`.
///
/// A service that fails takes down what depends on it, directly or not, and nothing else. When the run is cancelled,
/// what is ready stays, what is half-started is stopped, and nothing more is started.
///
/// # Errors
/// If something of somebody else's is in the way, or the group's networks cannot be had, without which no
/// service can start.
pub async fn start(
    plan: Plan,
    paths: Arc<dyn Paths>,
    options: StartOptions,
    tools: Tools,
) -> engine::Result<StartOutcome> {
    let plan = Arc::new(plan);
    tools.emit(Event::Planned(Arc::clone(&plan)));
    ensure_nothing_in_the_way(&plan, &*tools.engine, &tools.claim).await?;
    let networks = networks(&plan, &tools).await?;
    let reach = Arc::new(Reach::new(Arc::clone(&tools.engine)));
    let images = Images::new(options.net.clone());
    let (untried_since, stops) = (Mutex::default(), Stops::default());
    let plan_of_all = Arc::clone(&plan);
    let shared =
        Arc::new(Shared { tools, plan: plan_of_all, options, paths, networks, reach, images, untried_since, stops });
    let mut outcome = Schedule::new(Arc::clone(&shared)).run().await;
    for hook in afterwards(&shared.options.afterwards, outcome.started()) {
        if !shared.tools.cancel.is_cancelled() {
            shared.tools.group_hook(hook, shared.options.timeout).await;
        }
    }
    if !outcome.started().is_empty() {
        look_again(&shared, &mut outcome).await;
    }
    shared.tools.tell_not_shown();
    Ok(outcome)
}

/// Makes sure that the person allows each registry from which a plan pulls, where one is needed.
///
/// # Errors
/// With the first image that may not be pulled.
pub fn ensure_may_pull(plan: &Plan, net: &BTreeSet<NetGrant>) -> engine::Result<()> {
    plan.pulled_images().try_for_each(|image| may_pull(image, net))
}

/// The same of one image.
pub(super) fn may_pull(image: &ImageName, net: &BTreeSet<NetGrant>) -> engine::Result<()> {
    let denied = denied_registry(image.registry(), net);
    denied.map_or(Ok(()), |reason| Err(EngineError::NoImage { image: image.to_string(), reason }))
}

/// Makes sure that nothing is in the way of a plan: what is not the group's but has a name that a new container gets, or runs
/// with a volume of the group; nor a container of the group that has a host port of another one's and goes on. A plan that creates nothing asks the engine nothing.
///
/// # Errors
/// With what is in the way.
pub async fn ensure_nothing_in_the_way(plan: &Plan, engine: &dyn Engine, claim: &Claim) -> engine::Result<()> {
    if let Some((volume, user)) = plan.volume_in_use() {
        return Err(EngineError::VolumeInUse { volume, container: user.name.clone(), why: user.why });
    }
    if let Some(held) = &plan.held_port {
        return Err(EngineError::HeldPort(held.clone()));
    }
    let names = plan.needed_names();
    if names.is_empty() { Ok(()) } else { engine.ensure_names(&plan.group.name, claim, &names).await }
}

/// The hooks of the group that are called once these services were started.
fn afterwards(afterwards: &Afterwards, started: Vec<String>) -> Vec<GroupHook> {
    match afterwards {
        Afterwards::Started if !started.is_empty() => vec![GroupHook::OnStart(started)],
        Afterwards::Reloaded(services) => {
            let reloaded = services.iter().filter(|service| started.contains(service));
            reloaded.cloned().map(GroupHook::OnReload).collect()
        }
        Afterwards::Started | Afterwards::Nothing => Vec::new(),
    }
}

/// The networks that the containers to be created need, by name. Those that are one too many are removed.
async fn networks(plan: &Plan, tools: &Tools) -> engine::Result<BTreeMap<String, NetworkId>> {
    let mut networks = BTreeMap::new();
    for name in plan.needed_networks() {
        if tools.cancel.is_cancelled() {
            return Ok(networks);
        }
        let found = plan.networks.iter().find(|network| network.name == name);
        let id = match found {
            Some(network) => network.id.clone(),
            None => tools.engine.ensure_network(&plan.group.name, &tools.claim, &name).await?,
        };
        networks.insert(name, id);
    }
    for spare in plan.spare_networks() {
        if tools.cancel.is_cancelled() {
            break;
        }
        let name = spare.name.clone();
        tools.emit(match tools.engine.remove_network(&spare.id).await {
            Ok(()) => Event::Removed { what: "network", name },
            Err(error) => Event::Warning(format!(
                "there are two networks {name}, and the newer one cannot be removed: {error}\nServices on one do not reach \
                 those on the other; `drillmaster stop --remove` and `drillmaster start` put it right."
            )),
        });
    }
    Ok(networks)
}

/// Who waits for whom, and what came of those that are done.
struct Schedule {
    shared: Arc<Shared>,
    dependencies: Dependencies,
    waiting: Vec<Waiting>,
    tasks: JoinSet<Finished>,
    done: StartOutcome,
}

/// A step whose turn has not come.
struct Waiting {
    step: Step,
    image: ImageState,
}

/// How far the image of a step is.
enum ImageState {
    /// It is there, or not needed.
    Here,
    /// This task is getting it.
    Coming(AbortHandle),
}

/// A task that has ended.
enum Finished {
    Image { service: String, result: Result<Image, Failure> },
    Life { service: String, result: Result<Vec<Published>, Failure>, took: Duration },
}

impl Schedule {
    fn new(shared: Arc<Shared>) -> Self {
        Self {
            dependencies: shared.plan.group.dependencies(),
            waiting: Vec::new(),
            shared,
            tasks: JoinSet::new(),
            done: StartOutcome::default(),
        }
    }

    async fn run(mut self) -> StartOutcome {
        for step in self.shared.plan.steps.clone() {
            let image = if step.has_image() { ImageState::Here } else { self.get_image(&step) };
            self.waiting.push(Waiting { step, image });
        }
        loop {
            self.start_what_can();
            match self.tasks.join_next().await {
                Some(Ok(Finished::Image { service, result: Ok(image) })) => self.has_image(&service, image),
                Some(Ok(Finished::Image { service, result: Err(failure) })) => {
                    self.waiting.retain(|waiting| waiting.step.service.name != service);
                    self.finish(service, Err(failure), None);
                }
                Some(Ok(Finished::Life { service, result, took })) => self.finish(service, result, Some(took)),
                Some(Err(ended)) if ended.is_cancelled() => {}
                // A task that panicked would be a bug of ours; it must not be taken for success.
                Some(Err(panic)) => std::panic::resume_unwind(panic.into_panic()),
                None => return self.done,
            }
        }
    }

    /// Images are got at once, side by side: they need no service to be ready.
    fn get_image(&mut self, step: &Step) -> ImageState {
        let shared = Arc::clone(&self.shared);
        let step = step.clone();
        ImageState::Coming(self.tasks.spawn(async move {
            let result = shared.images.get(&shared.tools, &shared.plan.group, &step).await;
            Finished::Image { service: step.service.name, result }
        }))
    }

    fn has_image(&mut self, service: &str, image: Image) {
        let Some(index) = self.waiting.iter().position(|waiting| waiting.step.service.name == service) else { return };
        let Waiting { step, .. } = self.waiting.remove(index);
        let id = image.id.clone();
        let step = recheck_image(Step { image: ImageAction::Use(image), ..step }, &id);
        self.waiting.insert(index, Waiting { step, image: ImageState::Here });
    }

    /// Starts every service whose dependencies are ready, and gives up those one of whose dependencies failed. The
    /// steps stand in order, so one pass sees everything that follows from what is done.
    fn start_what_can(&mut self) {
        for Waiting { step, image } in std::mem::take(&mut self.waiting) {
            let service = step.service.name.clone();
            let mut ready = matches!(image, ImageState::Here);
            let mut lost = None;
            for dependency in self.dependencies.of(&service).filter(|dependency| self.is_planned(dependency)) {
                match self.done.0.get(dependency) {
                    Some(ServiceOutcome::Ready { .. }) => {}
                    Some(ServiceOutcome::Failed(_)) => lost = Some(dependency.to_owned()),
                    Some(ServiceOutcome::NotStarted { because }) => lost = Some(because.clone()),
                    Some(ServiceOutcome::Interrupted) | None => ready = false,
                }
            }
            if let Some(because) = lost {
                if let ImageState::Coming(task) = image {
                    task.abort();
                }
                self.emit(Event::NotStarted { service: service.clone(), because: because.clone() });
                self.done.0.insert(service, ServiceOutcome::NotStarted { because });
            } else if self.shared.tools.cancel.is_cancelled() {
                self.done.0.insert(service, ServiceOutcome::Interrupted);
            } else if ready {
                self.begin(step);
            } else {
                self.waiting.push(Waiting { step, image });
            }
        }
    }

    /// Whether the plan is about a service. One that it is not about is not waited for.
    fn is_planned(&self, service: &str) -> bool {
        self.shared.plan.steps.iter().any(|step| step.service.name == service)
    }

    fn begin(&mut self, step: Step) {
        let values = self.shared.tools.context.values();
        let planned = step.action.clone();
        let step = recheck(step, &|key| values.get(key).map(String::as_str), &self.shared.options.key);
        if step.action != planned && !step.has_image() {
            // Its container has lost its image's name, and now a new container is needed.
            let image = self.get_image(&step);
            self.waiting.push(Waiting { step, image });
            return;
        }
        let service = step.service.name.clone();
        if let (true, Action::Keep(container)) = (step.is_nothing(), &step.action) {
            // Nothing to do and nothing to wait for: not even a task.
            self.shared.reach.put(&service, container.id.clone());
            self.finish(service, Ok(container.published.clone()), None);
            return;
        }
        let shared = Arc::clone(&self.shared);
        self.tasks.spawn(async move {
            let began = Instant::now();
            let result = Life::new(&shared, step).bring_up().await;
            Finished::Life { service, result, took: began.elapsed() }
        });
    }

    /// Records what came of a service. One that is given up already stays given up: its image can come in the same
    /// moment.
    fn finish(&mut self, service: String, result: Result<Vec<Published>, Failure>, took: Option<Duration>) {
        if self.done.0.contains_key(&service) {
            return;
        }
        let outcome = match result {
            Ok(published) => {
                self.emit(Event::Ready { service: service.clone(), took, published: published.clone() });
                ServiceOutcome::Ready { published, took }
            }
            Err(Failure::Interrupted) => {
                self.emit(Event::Interrupted { service: service.clone() });
                ServiceOutcome::Interrupted
            }
            // It has been told of where it happened, with the container's last lines.
            Err(failure) => ServiceOutcome::Failed(failure),
        };
        self.done.0.insert(service, outcome);
    }

    fn emit(&self, event: Event) {
        self.shared.tools.emit(event);
    }
}
