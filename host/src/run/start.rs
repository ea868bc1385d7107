//! `start`: every service of a plan, side by side, each one as soon as its dependencies are ready.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::engine;
use crate::group::{Dependencies, Digest};
use crate::plan::{Action, NetworkId, Plan, Published, Step, recheck};

use super::images::Images;
use super::life::Life;
use super::reach::Reach;
use super::{Event, Failure, Tools};

/// How `start` goes about it.
#[derive(Debug, Clone)]
pub struct StartOptions {
    /// How long each service may take to become ready, and each call of its hooks.
    pub timeout: Duration,
    /// The digest of the component that declared the services.
    pub definition: Digest,
}

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
}

/// What the lives of all services share.
pub(super) struct Shared {
    pub(super) tools: Tools,
    pub(super) plan: Arc<Plan>,
    pub(super) options: StartOptions,
    pub(super) networks: BTreeMap<String, NetworkId>,
    pub(super) reach: Arc<Reach>,
    pub(super) images: Images,
}

/// Carries out a plan.
///
/// A service that fails takes down what depends on it, directly or not, and nothing else. When the run is cancelled,
/// what is ready stays, what is half-started is stopped, and nothing more is started.
///
/// # Errors
/// If the group's networks cannot be had, without which no service can start.
pub async fn start(plan: Plan, options: StartOptions, tools: Tools) -> engine::Result<StartOutcome> {
    let plan = Arc::new(plan);
    tools.emit(Event::Planned(Arc::clone(&plan)));
    let networks = networks(&plan, &tools).await?;
    let reach = Arc::new(Reach::new(Arc::clone(&tools.engine)));
    let shared =
        Arc::new(Shared { tools, plan: Arc::clone(&plan), options, networks, reach, images: Images::default() });
    Ok(Schedule::new(shared).run().await)
}

/// The networks that the containers to be created need, by name.
async fn networks(plan: &Plan, tools: &Tools) -> engine::Result<BTreeMap<String, NetworkId>> {
    let group = &plan.group.name;
    let mut networks = BTreeMap::new();
    for step in plan.steps.iter().filter(|step| !matches!(step.action, Action::Keep(_))) {
        let further = step.service.networks.iter().map(|name| group.further_network(name));
        for name in std::iter::once(group.network()).chain(further) {
            if networks.contains_key(&name) {
                continue;
            }
            let found = plan.networks.iter().find(|network| network.name == name);
            let id = match found {
                Some(network) => network.id.clone(),
                None => tools.engine.ensure_network(group, &name).await?,
            };
            networks.insert(name, id);
        }
    }
    Ok(networks)
}

/// Who waits for whom, and what came of those that are done.
struct Schedule {
    shared: Arc<Shared>,
    dependencies: Dependencies,
    waiting: Vec<Step>,
    lives: JoinSet<(String, Result<Vec<Published>, Failure>, Option<Duration>)>,
    done: StartOutcome,
}

impl Schedule {
    fn new(shared: Arc<Shared>) -> Self {
        Self {
            dependencies: shared.plan.group.dependencies(),
            waiting: shared.plan.steps.clone(),
            shared,
            lives: JoinSet::new(),
            done: StartOutcome::default(),
        }
    }

    async fn run(mut self) -> StartOutcome {
        loop {
            self.start_what_can();
            match self.lives.join_next().await {
                Some(Ok((service, result, took))) => self.finish(service, result, took),
                // A life that panicked would be a bug of ours; it must not be taken for success.
                Some(Err(panic)) => std::panic::resume_unwind(panic.into_panic()),
                None => return self.done,
            }
        }
    }

    /// Starts every service whose dependencies are ready, and gives up those one of whose dependencies failed. The
    /// steps stand in order, so one pass sees everything that follows from what is done.
    fn start_what_can(&mut self) {
        for step in std::mem::take(&mut self.waiting) {
            let service = step.service.name.clone();
            let mut ready = true;
            let mut lost = None;
            for dependency in self.dependencies.of(&service) {
                match self.done.0.get(dependency) {
                    Some(ServiceOutcome::Ready { .. }) => {}
                    Some(ServiceOutcome::Failed(_)) => lost = Some(dependency.to_owned()),
                    Some(ServiceOutcome::NotStarted { because }) => lost = Some(because.clone()),
                    Some(ServiceOutcome::Interrupted) | None => ready = false,
                }
            }
            if let Some(because) = lost {
                self.emit(Event::NotStarted { service: service.clone(), because: because.clone() });
                self.done.0.insert(service, ServiceOutcome::NotStarted { because });
            } else if self.shared.tools.cancel.is_cancelled() {
                self.done.0.insert(service, ServiceOutcome::Interrupted);
            } else if ready {
                self.begin(step);
            } else {
                self.waiting.push(step);
            }
        }
    }

    fn begin(&mut self, step: Step) {
        let values = self.shared.tools.context.values();
        let step = recheck(step, &|key| values.get(key).map(String::as_str));
        let service = step.service.name.clone();
        if let (true, Action::Keep(container)) = (step.is_nothing(), &step.action) {
            // Nothing to do and nothing to wait for: not even a task.
            self.shared.reach.put(&service, container.id.clone(), container.published.clone());
            let published = container.published.clone();
            self.finish(service, Ok(published), None);
            return;
        }
        let shared = Arc::clone(&self.shared);
        self.lives.spawn(async move {
            let began = Instant::now();
            let result = Life::new(&shared, step).bring_up().await;
            (service, result, Some(began.elapsed()))
        });
    }

    fn finish(&mut self, service: String, result: Result<Vec<Published>, Failure>, took: Option<Duration>) {
        let outcome = match result {
            Ok(published) => {
                self.emit(Event::Ready { service: service.clone(), took, published: published.clone() });
                ServiceOutcome::Ready { published, took }
            }
            Err(Failure::Interrupted) => {
                self.emit(Event::Interrupted { service: service.clone() });
                ServiceOutcome::Interrupted
            }
            // Its own life has told of it, with the container's last lines.
            Err(failure) => ServiceOutcome::Failed(failure),
        };
        self.done.0.insert(service, outcome);
    }

    fn emit(&self, event: Event) {
        self.shared.tools.emit(event);
    }
}
