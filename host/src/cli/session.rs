//! What every changing command begins with: the group's lock, its context, and what is there.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::component::LogSink;
use crate::context::Context;
use crate::docker::Docker;
use crate::engine::Engine;
use crate::group::GroupName;
use crate::plan::Observed;
use crate::project::{Lock, StateDirectory};
use crate::report::Lines;
use crate::run::{Definitions, Event, EventSink, Tools};

use super::arguments;
use super::fault::Fault;
use super::interrupt;
use super::print::tell;

/// How often the report looks whether something has been silent for too long.
const TICK: Duration = Duration::from_secs(1);

/// The screen of a command: lines on stderr, so that stdout holds only results.
#[derive(Clone)]
pub(super) struct Screen(Arc<Lines<anstream::AutoStream<std::io::Stderr>>>);

impl Screen {
    pub(super) fn new(verbose: bool) -> Self {
        let lines = Arc::new(Lines::new(anstream::stderr(), verbose));
        let ticking = Arc::downgrade(&lines);
        tokio::spawn(async move {
            while let Some(lines) = ticking.upgrade() {
                lines.tick();
                drop(lines);
                tokio::time::sleep(TICK).await;
            }
        });
        Self(lines)
    }

    pub(super) fn events(&self) -> EventSink {
        let lines = Arc::clone(&self.0);
        Arc::new(move |event| lines.show(event))
    }

    /// Where a definition's log goes outside a run.
    pub(super) fn log(&self) -> LogSink {
        let events = self.events();
        Arc::new(move |line| events(Event::Log(line)))
    }
}

/// A group that this command alone may change, as long as this value lives.
pub(super) struct Session {
    pub(super) engine: Arc<dyn Engine>,
    pub(super) context: Arc<Context>,
    pub(super) observed: Observed,
    pub(super) cancel: CancellationToken,
    _lock: Lock,
}

impl Session {
    /// Takes the group's lock and looks at what is there. Nothing is changed yet: an interruption ends it at once.
    pub(super) async fn begin(
        docker: Docker,
        group: &GroupName,
        command: &str,
        lock: &arguments::Locking,
    ) -> Result<Self, Fault> {
        let cancel = interrupt::watch();
        tokio::select! {
            () = cancel.cancelled() => Err(Fault::Interrupted),
            begun = Self::look(docker, group, command, lock, cancel.clone()) => begun,
        }
    }

    async fn look(
        mut docker: Docker,
        group: &GroupName,
        command: &str,
        locking: &arguments::Locking,
        cancel: CancellationToken,
    ) -> Result<Self, Fault> {
        let state = StateDirectory::of(&docker.identity().await?, group).map_err(Fault::local)?;
        state.make().map_err(Fault::local)?;
        let waiting = |owner: &str| tell(&format!("waiting for {owner}, which is changing group {group}"));
        let lock = Lock::take(&state.lock(), command, (!locking.no_wait_lock).then_some(waiting)).await;
        let lock = lock.map_err(Fault::local)?;
        let context = Context::open(&state.context()).map_err(Fault::local)?;
        // What is seen before the engine is done with it would not stay so.
        docker.settle(&state.pending()).await?;
        let engine: Arc<dyn Engine> = Arc::new(docker);
        let observed = engine.observe(group).await?;
        // Values go with their containers, also with those that somebody removed behind our back.
        context.keep_only(&observed.instances()).map_err(Fault::local)?;
        Ok(Self { engine, context: Arc::new(context), observed, cancel, _lock: lock })
    }

    /// What running a plan takes.
    pub(super) fn tools(&self, hooks: Definitions, screen: &Screen) -> Tools {
        Tools {
            engine: Arc::clone(&self.engine),
            hooks: Arc::new(hooks),
            context: Arc::clone(&self.context),
            events: screen.events(),
            cancel: self.cancel.clone(),
        }
    }
}

/// What is there and what the context holds, for a command that changes nothing: it needs no lock and writes nothing.
pub(super) async fn look(docker: &Docker, group: &GroupName) -> Result<(Observed, BTreeMap<String, String>), Fault> {
    let (identity, observed) = tokio::try_join!(docker.identity(), docker.observe(group))?;
    let state = StateDirectory::of(&identity, group).map_err(Fault::local)?;
    let context = Context::open(&state.context()).map_err(Fault::local)?;
    let values = context.values_of(&observed.instances());
    Ok((observed, values))
}
