//! Why a service failed.

use std::path::PathBuf;
use std::time::Duration;

use crate::component::{CallError, Hook};
use crate::context::ContextError;
use crate::engine::EngineError;
use crate::group::MissingKey;
use crate::plan::ExposedMount;

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
    #[error("its container exited with code {code} before the service was ready")]
    Exited { code: i64 },
    #[error("it was not ready within {} s: {last}; --timeout gives more", .within.as_secs_f64())]
    NotReady { within: Duration, last: String },
    #[error("env {variable}: {key}; the hook of a service it depends on has to set it in the context")]
    MissingKey { variable: String, key: MissingKey },
    #[error("mounts: {} has changed since it was checked: {reason}", .path.display())]
    MountMoved { path: PathBuf, reason: String },
    #[error("mounts: {0}")]
    ExposedMount(ExposedMount),
    #[error("interrupted")]
    Interrupted,
}

/// The option that would help, if there is one. How long `pre-stop` may take is the service's own time to stop, or more.
fn option(hook: Hook, error: &CallError) -> &'static str {
    match (hook, error) {
        (Hook::PreStart | Hook::PostStartInit, CallError::TookTooLong(_)) => "; --timeout gives more",
        _ => "",
    }
}
