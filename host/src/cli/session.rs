//! What every changing command begins with: the group's lock, its context, and what is there.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::context::Context;
use crate::docker::Docker;
use crate::engine::Engine;
use crate::group::{FingerprintKey, Group, GroupName};
use crate::plan::{Claim, Observed};
use crate::project::{Lock, StateDirectory, make_key, read_key};
use crate::run::{Definitions, Event, Tools, with_platforms};

use super::arguments;
use super::claim;
use super::fault::Fault;
use super::interrupt;
use super::print::tell;
use super::screen::{self, Screen};

/// How the values of a group's context are come by.
pub(super) type OpenContext = fn(&StateDirectory) -> Result<Context, Fault>;

/// For a command that needs them: without them services would be started with others.
pub(super) fn needed(state: &StateDirectory) -> Result<Context, Fault> {
    Context::open(&state.context()).map_err(Fault::local)
}

/// For a command that does what it is for also without them.
#[allow(clippy::unnecessary_wraps, reason = "it stands where the other one can")]
pub(super) fn as_far_as_readable(state: &StateDirectory) -> Result<Context, Fault> {
    let file = state.context();
    Ok(Context::open(&file).unwrap_or_else(|error| {
        screen::show(Event::Warning(format!("{error}; this command goes on without them")));
        Context::unread(&file)
    }))
}

/// A group that this command alone may change, as long as this value lives.
pub(super) struct Session {
    pub(super) engine: Arc<dyn Engine>,
    pub(super) context: Arc<Context>,
    pub(super) observed: Observed,
    pub(super) cancel: CancellationToken,
    pub(super) state: StateDirectory,
    claim: Arc<Claim>,
    _lock: Lock,
}

impl Session {
    /// Takes the group's lock and looks at what is there, once it is clear that the definitions may change it. Nothing is changed yet: an interruption ends it at once.
    pub(super) async fn begin(
        docker: Docker,
        group: &GroupName,
        claim: &Claim,
        command: &str,
        lock: &arguments::Locking,
        cancel: CancellationToken,
        context: OpenContext,
    ) -> Result<Self, Fault> {
        interrupt::unless(&cancel.clone(), Self::look(docker, group, claim, command, lock, cancel, context)).await
    }

    async fn look(
        mut docker: Docker,
        group: &GroupName,
        claim: &Claim,
        command: &str,
        locking: &arguments::Locking,
        cancel: CancellationToken,
        context: OpenContext,
    ) -> Result<Self, Fault> {
        let state = StateDirectory::of(&docker.identity().await?, group).map_err(Fault::local)?;
        state.make().map_err(Fault::local)?;
        let waiting = |owner: &str| tell(&format!("waiting for {owner}, which is changing group {group}"));
        let lock = Lock::take(&state.lock(), command, (!locking.no_wait_lock).then_some(waiting)).await;
        let lock = lock.map_err(Fault::local)?;
        let claim = claim::remembering(claim, &state)?;
        let context = context(&state)?;
        // What is seen before the engine is done with it would not stay so.
        for error in docker.settle(group, &state.pending()).await? {
            screen::show(Event::Warning(format!("what the last command had begun is not done: {error}")));
        }
        let engine: Arc<dyn Engine> = Arc::new(docker);
        let observed = engine.observe(group).await?;
        claim::remember(claim::check(&claim, group, &observed)?, group, &state)?;
        // Values go with their containers, also with those that somebody removed behind our back.
        if let Err(error) = context.keep_only(&observed.instances()) {
            screen::show(Event::Warning(error.to_string()));
        }
        let (context, claim) = (Arc::new(context), Arc::new(claim));
        Ok(Self { engine, context, observed, cancel, state, claim, _lock: lock })
    }

    /// The key of the fingerprints in labels, with which what is there can be compared from now on. The first command that
    /// makes a container on this engine makes it.
    pub(super) fn key(&mut self) -> Result<FingerprintKey, Fault> {
        let key = make_key(&self.state.key()).map_err(Fault::local)?;
        self.observed.key = Some(key.clone());
        Ok(key)
    }

    /// Looks which platforms the images of services are for that declare one.
    pub(super) async fn look_at_platforms(&mut self, group: &Group) -> Result<(), Fault> {
        self.observed = with_platforms(std::mem::take(&mut self.observed), group, &*self.engine).await?;
        Ok(())
    }

    /// What running a plan takes.
    pub(super) fn tools(&self, hooks: Definitions, screen: &Screen) -> Tools {
        Tools {
            engine: Arc::clone(&self.engine),
            hooks: Arc::new(hooks),
            context: Arc::clone(&self.context),
            claim: Arc::clone(&self.claim),
            events: screen.events(),
            cancel: self.cancel.clone(),
        }
    }
}

/// What is there and what the context holds, for a command that changes nothing: it needs no lock and writes nothing. It is
/// made sure that the group may be looked at.
pub(super) async fn look(
    docker: &Docker,
    group: &GroupName,
    claim: &Claim,
    context: OpenContext,
) -> Result<(Observed, BTreeMap<String, String>), Fault> {
    let (mut observed, state) = look_at_engine(docker, group, claim).await?;
    observed.key = read_key(&state.key());
    let context = context(&state)?;
    let values = context.values_of(&observed.instances());
    Ok((observed, values))
}

/// What is there, in the same way.
pub(super) async fn look_at_engine(
    docker: &Docker,
    group: &GroupName,
    claim: &Claim,
) -> Result<(Observed, StateDirectory), Fault> {
    let (identity, observed) = tokio::try_join!(docker.identity(), docker.observe(group))?;
    let state = StateDirectory::of(&identity, group).map_err(Fault::local)?;
    state.check().map_err(Fault::local)?;
    claim::check(&claim::remembering(claim, &state)?, group, &observed)?;
    Ok((observed, state))
}
