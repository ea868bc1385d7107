//! The definitions' hooks as a run sees them.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use crate::component::{CallError, Definition, GroupCall, GroupHook, HookCall};

/// The hooks of a group's services.
#[async_trait]
pub trait Hooks: Send + Sync {
    /// Calls a hook; it returns within the call's time-out. The answer of `ping`, true for any other hook.
    async fn call(&self, call: HookCall) -> Result<bool, CallError>;

    /// Calls a hook of the group; it returns within the call's time-out.
    async fn call_group(&self, call: GroupCall) -> Vec<CallError>;

    /// How many lines of their logs were not shown, by service, since there were too many.
    fn not_shown(&self) -> Vec<(Option<String>, usize)> {
        Vec::new()
    }
}

/// The definitions of a group and which services each of them declares.
///
/// A service that none of them declares has no hooks: every call succeeds and does nothing.
#[derive(Default)]
pub struct Definitions {
    all: Vec<Arc<Definition>>,
    by_service: BTreeMap<String, usize>,
}

impl Definitions {
    /// Adds a definition with the services that it declares.
    pub fn add(&mut self, definition: Definition, services: impl IntoIterator<Item = String>) {
        let index = self.all.len();
        self.all.push(Arc::new(definition));
        self.by_service.extend(services.into_iter().map(|service| (service, index)));
    }

    /// Those of some services that a definition declares.
    fn of(&self, index: usize, services: &[String]) -> Vec<String> {
        services.iter().filter(|service| self.by_service.get(*service) == Some(&index)).cloned().collect()
    }

    /// What one of the definitions is told of a hook of the group: it hears of its own services only.
    fn share(&self, index: usize, hook: &GroupHook) -> Option<GroupHook> {
        let own = |services: &[String]| Some(self.of(index, services)).filter(|own| !own.is_empty());
        match hook {
            GroupHook::OnStart(services) => own(services).map(GroupHook::OnStart),
            GroupHook::OnStop(services) => own(services).map(GroupHook::OnStop),
            GroupHook::OnReload(service) => own(std::slice::from_ref(service)).map(|_| hook.clone()),
        }
    }
}

#[async_trait]
impl Hooks for Definitions {
    async fn call(&self, call: HookCall) -> Result<bool, CallError> {
        match self.by_service.get(&call.service) {
            Some(index) => self.all[*index].hook(call).await,
            None => Ok(true),
        }
    }

    async fn call_group(&self, call: GroupCall) -> Vec<CallError> {
        let mut failures = Vec::new();
        for (index, definition) in self.all.iter().enumerate() {
            let Some(hook) = self.share(index, &call.hook) else { continue };
            // One definition's failure keeps nothing from the others.
            failures.extend(definition.group_hook(GroupCall { hook, ..call.clone() }).await.err());
        }
        failures
    }

    fn not_shown(&self) -> Vec<(Option<String>, usize)> {
        // They are loaded together.
        self.all.first().map(|definition| definition.not_shown()).unwrap_or_default()
    }
}
