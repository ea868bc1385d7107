//! Why a service failed.

use std::path::PathBuf;
use std::time::Duration;

use crate::component::{CallError, Hook};
use crate::context::ContextError;
use crate::engine::{EngineError, PortOwner};
use crate::group::MissingKey;
use crate::plan::{Exit, ExposedMount, State};

/// Why a service failed, in the user's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "each variant's text says what it is")]
pub enum Failure {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Context(#[from] ContextError),
    #[error("{hook} failed: {error}{}", option(*hook, error))]
    Hook { hook: Hook, error: CallError },
    #[error("its container {0} before the service was ready")]
    Exited(Exit),
    #[error("its container is {0} and cannot become ready")]
    NotRunning(State),
    #[error("it was ready and is not any more: {0}")]
    ReadyNoMore(String),
    #[error("it was not ready within {} s: {last}; --timeout gives more", .within.as_secs_f64())]
    NotReady { within: Duration, last: String },
    #[error(
        "env {variable}: {key}; the hook of a service it depends on has to set it in the context; if it is no key of it, \
         {{{{{0}}}}} is the text {{{0}}}",
        .key.0
    )]
    MissingKey { variable: String, key: MissingKey },
    #[error("mounts: {} has changed since it was checked: {reason}", .path.display())]
    MountMoved { path: PathBuf, reason: String },
    #[error("mounts: {0}")]
    ExposedMount(ExposedMount),
    #[error(
        "host port {port}, which its container has had since it was created, is in use{owner}, or `drillmaster start \
         --recreate {service}` gives it another one"
    )]
    OwnPortTaken { service: String, port: u16, owner: PortOwner },
    #[error("interrupted")]
    Interrupted,
}

/// Who wrote a text that is not drillmaster's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// A definition.
    Definition,
    /// The engine, with its builder and what that runs.
    Engine,
}

impl Failure {
    /// The part of it that others wrote, word for word, and who.
    #[must_use]
    pub fn quotes(&self) -> Option<(Author, &str)> {
        match self {
            Failure::Hook { error, .. } => Some((Author::Definition, error.quotes()?)),
            Failure::Engine(error) => Some((Author::Engine, error.quotes()?)),
            _ => None,
        }
    }
}

/// The option that would help, if there is one. How long `pre-stop` may take is the service's own time to stop, or more.
fn option(hook: Hook, error: &CallError) -> &'static str {
    match (hook, error) {
        (Hook::PreStart | Hook::PostStartInit, CallError::TookTooLong(_)) => "; --timeout gives more",
        _ => "",
    }
}
