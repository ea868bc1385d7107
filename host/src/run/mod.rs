//! Carrying out a plan: each service as soon as its dependencies are ready, failures contained, interruption honoured.
//!
//! `run` stands between the engine and the definitions and knows neither Docker nor Wasm: it sees an
//! [`Engine`] and [`Hooks`].

mod event;
mod failure;
mod hooks;
mod images;
mod last_look;
mod life;
mod old;
mod platforms;
mod reach;
mod removing;
mod shared;
mod start;
mod stop;
#[cfg(test)]
mod tests;

pub use event::{Event, EventSink, GrantSource, Phase};
pub use failure::{Author, Failure};
pub use hooks::{Definitions, Hooks};
pub use old::with_old_fields;
pub use platforms::with_platforms;
pub use shared::{Afterwards, StartOptions};
pub use start::{ServiceOutcome, StartOutcome, ensure_may_pull, ensure_nothing_in_the_way, start};
pub use stop::{StopOptions, StopOutcome, stop};

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::component::{GroupCall, GroupHook, LogSink};
use crate::context::Context;
use crate::engine::{Engine, Turn};
use crate::plan::{Claim, Container, State};

/// What running a plan takes.
#[derive(Clone)]
pub struct Tools {
    /// The engine.
    pub engine: Arc<dyn Engine>,
    /// The definitions' hooks.
    pub hooks: Arc<dyn Hooks>,
    /// The values that hooks leave.
    pub context: Arc<Context>,
    /// On whose behalf it runs, and whose things it may use.
    pub claim: Arc<Claim>,
    /// Where events go.
    pub events: EventSink,
    /// Says when the person wants to stop.
    pub cancel: CancellationToken,
}

impl Tools {
    fn emit(&self, event: Event) {
        (self.events)(event);
    }

    /// Forgets the values of a container that is gone.
    fn forget(&self, container: &Container) {
        if let Err(error) = self.context.forget(&container.instance) {
            self.emit(Event::Warning(format!(
                "{}: {error}; the values of its container are forgotten by the next command",
                container.service
            )));
        }
    }

    /// Lets a paused container that is about to be stopped go on: its hook needs it, and it cannot follow its stop signal
    /// otherwise. Some engines refuse to stop one.
    async fn let_go_on(&self, container: &Container) {
        if container.state == State::Paused
            && let Err(error) = self.engine.unpause(&container.id).await
        {
            self.emit(Event::Warning(format!("{}: its container is paused, and stays so: {error}", container.service)));
        }
    }

    fn not_interrupted(&self) -> Result<(), Failure> {
        if self.cancel.is_cancelled() { Err(Failure::Interrupted) } else { Ok(()) }
    }

    /// The right to give the engine hard work; none once the person has interrupted the run: then nothing more is begun,
    /// however many were waiting for their turn.
    async fn turn(&self) -> Result<Turn, Failure> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Failure::Interrupted),
            turn = self.engine.turn() => Ok(turn),
        }
    }

    /// Says how much of the logs of hooks was not shown.
    fn tell_not_shown(&self) {
        for (service, lines) in self.hooks.not_shown() {
            let whose = service.unwrap_or_else(|| "fields and hooks of the group".to_owned());
            self.emit(Event::Warning(format!("{whose}: {lines} lines of the log were not shown")));
        }
    }

    /// Where goes what hooks have for the person.
    fn log(&self) -> LogSink {
        let events = Arc::clone(&self.events);
        Arc::new(move |event| events(event.into()))
    }

    /// Calls a hook of the group. That it fails is told, and undoes nothing.
    async fn group_hook(&self, hook: GroupHook, timeout: Duration) {
        let call = GroupCall { hook: hook.clone(), context: Arc::clone(&self.context), log: self.log(), timeout };
        // A person who does not want to wait for it does not have to.
        let called = tokio::select! {
            () = self.cancel.cancelled() => Vec::new(),
            failures = self.hooks.call_group(call) => failures,
        };
        for error in called {
            self.emit(Event::GroupHookFailed { hook: hook.clone(), error });
        }
    }
}
