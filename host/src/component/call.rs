//! One call: a fresh store, a deadline, and what came of it.

use std::collections::BTreeMap;
use std::time::Duration;

use wasmtime::component::{Instance, InstancePre};
use wasmtime::{AsContextMut as _, Engine, Store, Trap};

use crate::group::{mask_known, quoted};

use super::budget::Share;
use super::limits::{HANDLES, HOST_CALL};
use super::modules::SCRIPT;
use super::script::Script;
use super::state::State;

/// Why a call did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The definition returned an error: its text.
    #[error("{}", quoted(.0))]
    Returned(String),
    /// It wanted more than a call may have: a sentence about it.
    #[error("{0}")]
    Exceeded(String),
    /// The definition trapped: a panic, an uncaught exception, something that is not allowed.
    #[error("the definition crashed: {}", quoted(.0))]
    Crashed(String),
    /// It did not return in time.
    #[error("it did not return within {} s", .0.as_secs_f64())]
    TookTooLong(Duration),
}

impl CallError {
    /// The definition's own words in it, if it has some.
    #[must_use]
    pub fn quotes(&self) -> Option<&str> {
        match self {
            Self::Returned(text) | Self::Crashed(text) => Some(text),
            Self::Exceeded(_) | Self::TookTooLong(_) => None,
        }
    }

    /// The same without those of these values that are secret, by name: parameters, or values of the context.
    pub(super) fn without(self, values: &BTreeMap<String, String>) -> Self {
        let hide = |text: String| mask_known(&text, values.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        match self {
            Self::Returned(text) => Self::Returned(hide(text)),
            Self::Crashed(text) => Self::Crashed(hide(text)),
            other => other,
        }
    }
}

/// Instantiates a component, lets it run its script if there is one, and calls it, all within `timeout`, in which it does
/// not count how long the call had to wait for memory. The store is dropped afterwards, whatever happened; its data goes
/// to `finish` if the call returned.
pub(super) async fn fenced<T, R>(
    engine: &Engine,
    component: &InstancePre<State>,
    script: Option<&Script>,
    state: State,
    timeout: Duration,
    call: impl AsyncFnOnce(&mut Store<State>, &Instance) -> wasmtime::Result<Result<T, String>>,
    finish: impl FnOnce(State, T) -> R,
) -> Result<R, CallError> {
    // Given back only when the store, and its memory with it, is gone: locals go in the reverse order.
    let share = state.limits.share().clone();
    let mut store = store(engine, state);
    let outcome = within(timeout, &share, async {
        share.begin().await;
        let instance = component.instantiate_async(store.as_context_mut()).await?;
        if let Some(script) = script
            && let Err(text) = script.run(&mut store, &instance, SCRIPT).await?
        {
            return Ok(Err(text));
        }
        call(&mut store, &instance).await
    })
    .await;
    match outcome {
        Err(TookTooLong) => Err(CallError::TookTooLong(timeout)),
        Ok(Err(trap)) => Err(trapped(&trap, store.data())),
        Ok(Ok(Err(text))) => Err(CallError::Returned(store.data().log.error(&text))),
        Ok(Ok(Ok(value))) => Ok(finish(store.into_data(), value)),
    }
}

struct TookTooLong;

/// Does something, unless it takes longer than this beside what it has waited for memory.
async fn within<T>(timeout: Duration, share: &Share, work: impl Future<Output = T>) -> Result<T, TookTooLong> {
    let mut work = std::pin::pin!(work);
    let (mut left, mut granted) = (timeout, share.waited());
    loop {
        if let Ok(done) = tokio::time::timeout(left, &mut work).await {
            return Ok(done);
        }
        let waited = share.waited();
        left = waited.saturating_sub(granted);
        if left.is_zero() {
            return Err(TookTooLong);
        }
        granted = waited;
    }
}

/// A store in which a guest has no more than a call may have.
pub(super) fn store(engine: &Engine, state: State) -> Store<State> {
    let mut store = Store::new(engine, state);
    store.limiter_async(|state| &mut state.limits);
    store.set_hostcall_fuel(HOST_CALL);
    store.set_max_component_handles(HANDLES);
    // The engine's epoch goes on all the time; at each step the guest yields, so that a time-out can end it.
    store.set_epoch_deadline(1);
    store.epoch_deadline_async_yield_and_update(1);
    store
}

/// Why a call trapped.
pub(super) fn trapped(trap: &wasmtime::Error, state: &State) -> CallError {
    match state.limits.reason(trap) {
        Some(exceeded) => CallError::Exceeded(exceeded.0),
        None => CallError::Crashed(state.log.error(&reason(trap, state))),
    }
}

/// Why a call crashed: what it said when it gave up, else the trap.
fn reason(trap: &wasmtime::Error, state: &State) -> String {
    match trap.downcast_ref::<Trap>() {
        // A panic ends so, and has told why in its last line.
        Some(Trap::UnreachableCodeReached) => {
            let told = state.log.last_error();
            told.unwrap_or_else(|| "it gave up without a word (wasm trap: unreachable)".to_owned())
        }
        Some(trap) => trap.to_string(),
        // The outermost message is the backtrace; the cause is what happened.
        None => trap.root_cause().to_string(),
    }
}

#[cfg(test)]
mod tests;
