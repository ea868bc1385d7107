//! Carrying out a plan: each service as soon as its dependencies are ready, failures contained, interruption honoured.
//!
//! `run` stands between the engine and the definitions and knows neither Docker nor Wasm: it sees an
//! [`Engine`] and [`Hooks`].

mod event;
mod failure;
mod hooks;
mod images;
mod life;
mod reach;
mod shared;
mod start;
mod stop;
#[cfg(test)]
mod tests;

pub use event::{Event, EventSink, Phase};
pub use failure::Failure;
pub use hooks::{Hooks, NoHooks};
pub use shared::StartOptions;
pub use start::{ServiceOutcome, StartOutcome, start};
pub use stop::{StopOptions, StopOutcome, stop};

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::context::Context;
use crate::engine::Engine;

/// What running a plan takes.
#[derive(Clone)]
pub struct Tools {
    /// The engine.
    pub engine: Arc<dyn Engine>,
    /// The definition's hooks; without a definition there are none.
    pub hooks: Arc<dyn Hooks>,
    /// The values that hooks leave.
    pub context: Arc<Context>,
    /// Where events go.
    pub events: EventSink,
    /// Says when the person wants to stop.
    pub cancel: CancellationToken,
}

impl Tools {
    fn emit(&self, event: Event) {
        (self.events)(event);
    }
}
