//! A definition's hooks as a run sees them.

use async_trait::async_trait;

use crate::component::{CallError, Definition, GroupCall, HookCall};

/// The hooks of a group's services.
#[async_trait]
pub trait Hooks: Send + Sync {
    /// Calls a hook; it returns within the call's time-out. The answer of `ping`, true for any other hook.
    async fn call(&self, call: HookCall) -> Result<bool, CallError>;

    /// Calls a hook of the group; it returns within the call's time-out.
    async fn call_group(&self, call: GroupCall) -> Result<(), CallError>;
}

#[async_trait]
impl Hooks for Definition {
    async fn call(&self, call: HookCall) -> Result<bool, CallError> {
        self.hook(call).await
    }

    async fn call_group(&self, call: GroupCall) -> Result<(), CallError> {
        self.group_hook(call).await
    }
}

/// The hooks of a group whose definition is not at hand: every one succeeds and does nothing.
pub struct NoHooks;

#[async_trait]
impl Hooks for NoHooks {
    async fn call(&self, _: HookCall) -> Result<bool, CallError> {
        Ok(true)
    }

    async fn call_group(&self, _: GroupCall) -> Result<(), CallError> {
        Ok(())
    }
}
