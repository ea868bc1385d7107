//! A loaded definition and its calls.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tracing::instrument;
use wasmtime::Engine;
use wasmtime::component::InstancePre;

use crate::group::{Declaration, Digest};

use super::access::{GroupCall, GroupHook, Hook, HookCall};
use super::bindings::exports::drillmaster::plugin::{group_hooks, lifecycle, service_hooks};
use super::call::{CallError, fenced};
use super::log::{CallLog, LogSink};
use super::script::{INIT, Script};
use super::state::{ContainerHandle, GroupHandle, Role, State};
use super::wasi::{Allowed, Denials};

/// How long `fields` may take: it only declares.
const FIELDS_TIMEOUT: Duration = Duration::from_secs(10);

/// A definition, compiled and checked, of which nothing has run yet.
pub struct Definition {
    engine: Engine,
    pre: InstancePre<State>,
    exports: Exports,
    /// What each call begins with, if it is in JavaScript.
    script: Option<Script>,
    digest: Digest,
    path: PathBuf,
    allowed: Allowed,
    denials: Denials,
}

/// Where in the component the interfaces are.
pub(super) struct Exports {
    pub(super) lifecycle: lifecycle::GuestIndices,
    pub(super) service_hooks: Option<service_hooks::GuestIndices>,
    pub(super) group_hooks: Option<group_hooks::GuestIndices>,
}

impl Definition {
    pub(super) fn new(
        engine: Engine,
        pre: InstancePre<State>,
        exports: Exports,
        digest: Digest,
        path: PathBuf,
        allowed: Allowed,
    ) -> Self {
        Self { engine, pre, exports, script: None, digest, path, allowed, denials: Denials::default() }
    }

    /// The definition that this one runs from its source.
    pub(super) fn of_source(self, path: PathBuf, digest: Digest, allowed: Allowed) -> Self {
        Self { digest, path, allowed, ..self }
    }

    /// The same, with the script that imports the source first.
    pub(super) fn with_script(self) -> Self {
        Self { script: Script::of(self.pre.component(), INIT), ..self }
    }

    /// What a call begins with.
    fn state(&self, role: Role, log: CallLog) -> Result<State, CallError> {
        let log = log.counted_in(&self.allowed.log_total);
        let state = State::new(role, log, &self.allowed, &self.denials);
        state.map_err(|error| CallError::Crashed(format!("{error:#}")))
    }

    /// The file it was loaded from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The digest of the component's bytes.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// How many lines of their logs were not shown, by service: those of all definitions that were loaded with this one. What
    /// belongs to no service is that of `fields` and of hooks of the group.
    #[must_use]
    pub fn not_shown(&self) -> Vec<(Option<String>, usize)> {
        self.allowed.log_total.not_shown()
    }

    /// Calls `fields`.
    ///
    /// # Errors
    /// If it returns an error, traps, or takes longer than ten seconds.
    #[instrument(target = "hook", name = "fields", level = "debug", skip_all, fields(file = %self.path.display()), err)]
    pub async fn fields(&self, parameters: BTreeMap<String, String>, log: LogSink) -> Result<Declaration, CallError> {
        let known = parameters.clone();
        let role = Role::Fields { parameters, declaration: Declaration::default() };
        let state = self.state(role, CallLog::new(log, None))?;
        let call = async |store: &mut wasmtime::Store<State>, instance: &wasmtime::component::Instance| {
            let group = store.data_mut().handles.push(GroupHandle)?;
            self.exports.lifecycle.load(&mut *store, instance)?.call_fields(store, group).await
        };
        fenced(&self.engine, &self.pre, self.script.as_ref(), state, FIELDS_TIMEOUT, call, |state, ()| {
            match state.role {
                Role::Fields { declaration, .. } => declaration,
                Role::Build | Role::Hook { .. } | Role::Group { .. } => unreachable!("a call keeps its role"),
            }
        })
        .await
        .map_err(|error| error.without(&known))
    }

    /// Calls a hook. The answer of `ping`; true for every other hook that succeeded or that the definition does not
    /// have.
    ///
    /// # Errors
    /// If it returns an error, traps, or takes longer than the call allows.
    #[instrument(target = "hook", name = "hook", level = "debug", skip_all, fields(hook = %call.hook, service = call.service), ret, err)]
    pub async fn hook(&self, call: HookCall) -> Result<bool, CallError> {
        let hooks = match (call.hook, &self.exports.service_hooks) {
            (Hook::PreStart | Hook::PreStop, None) => return Ok(true),
            (_, hooks) => hooks.as_ref(),
        };
        let HookCall { hook, timeout, .. } = call;
        let (service, context) = (call.service.clone(), Arc::clone(&call.context));
        let log = CallLog::new(call.log.clone(), Some(service.clone()));
        let deadline = Instant::now() + timeout;
        let state = self.state(Role::Hook { call, deadline }, log)?;
        let run = async |store: &mut wasmtime::Store<State>, instance: &wasmtime::component::Instance| {
            if let (Hook::PreStart, Some(hooks)) = (hook, hooks) {
                let done = hooks.load(&mut *store, instance)?.call_pre_start(store, &service).await?;
                return Ok(done.map(|()| true));
            }
            let container = store.data_mut().handles.push(ContainerHandle { service })?;
            if let (Hook::PreStop, Some(hooks)) = (hook, hooks) {
                let done = hooks.load(&mut *store, instance)?.call_pre_stop(store, container).await?;
                return Ok(done.map(|()| true));
            }
            let lifecycle = self.exports.lifecycle.load(&mut *store, instance)?;
            if hook == Hook::Ping {
                lifecycle.call_ping(store, container).await
            } else {
                let done = lifecycle.call_post_start_init(store, container).await?;
                Ok(done.map(|()| true))
            }
        };
        let answer = fenced(&self.engine, &self.pre, self.script.as_ref(), state, timeout, run, |_, answer| answer);
        answer.await.map_err(|error| error.without(&context.values()))
    }

    /// Calls a hook of the group, if the definition has it.
    ///
    /// # Errors
    /// If it returns an error, traps, or takes longer than the call allows.
    #[instrument(target = "hook", name = "hook", level = "debug", skip_all, fields(hook = %call.hook), err)]
    pub async fn group_hook(&self, call: GroupCall) -> Result<(), CallError> {
        let Some(hooks) = &self.exports.group_hooks else { return Ok(()) };
        let context = Arc::clone(&call.context);
        let role = Role::Group { hook: call.hook.to_string(), context: call.context };
        let state = self.state(role, CallLog::new(call.log, None))?;
        let run = async |store: &mut wasmtime::Store<State>, instance: &wasmtime::component::Instance| {
            let hooks = hooks.load(&mut *store, instance)?;
            match &call.hook {
                GroupHook::OnStart(services) => hooks.call_on_start(store, services).await,
                GroupHook::OnStop(services) => hooks.call_on_stop(store, services).await,
                GroupHook::OnReload(service) => hooks.call_on_reload(store, service).await,
            }
        };
        let done = fenced(&self.engine, &self.pre, self.script.as_ref(), state, call.timeout, run, |_, ()| ());
        done.await.map_err(|error| error.without(&context.values()))
    }
}
