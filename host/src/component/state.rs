//! What one call's store holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::time::Instant;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtxView, WasiHttpView};

use crate::context::Context;
use crate::grants::Denied;
use crate::group::Declaration;

use super::access::HookCall;
use super::limits::{HANDLES, Limits, table};
use super::log::CallLog;
use super::modules::Modules;
use super::wasi::{Allowed, Denials, Wasi, Zone};

/// The group being declared.
#[allow(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct GroupHandle;

/// The service of this place in the declaration.
#[allow(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct ServiceHandle(pub(super) usize);

/// The container of a service.
#[allow(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct ContainerHandle {
    pub(super) service: String,
}

/// What a call is for, and what it may use.
pub(super) enum Role {
    /// `fields`: declares services. What is declared lives here and not in the handles, which a guest can drop.
    Fields { parameters: BTreeMap<String, String>, declaration: Declaration },
    /// None: a definition is imported, for a component with it inside.
    Build,
    /// A hook of a service. It must end by its deadline, or as much later as it had to wait for memory.
    Hook { call: HookCall, deadline: Instant },
    /// A hook of the group, which has no container.
    Group { hook: String, context: Arc<Context> },
}

impl Role {
    /// What is called, and what is there for it to connect to.
    fn zone(&self) -> (String, Zone) {
        match self {
            Role::Fields { .. } => ("fields".to_owned(), Zone::Fields),
            Role::Build => (Denied::BUILD.to_owned(), Zone::Fields),
            Role::Group { hook, .. } => (hook.clone(), Zone::Group),
            Role::Hook { call, .. } => {
                let services = std::iter::once(&call.service).chain(&call.dependencies).cloned().collect();
                (call.hook.to_string(), Zone::Service { containers: Arc::clone(&call.containers), services })
            }
        }
    }
}

/// The data of a store.
pub(super) struct State {
    pub(super) role: Role,
    pub(super) log: CallLog,
    pub(super) limits: Limits,
    /// Our own handles, apart from WASI's: a guest's numbers for one mean nothing for the other.
    pub(super) handles: ResourceTable,
    pub(super) wasi: Wasi,
    /// What a definition in JavaScript can import.
    pub(super) modules: Option<Arc<Modules>>,
}

impl State {
    /// # Errors
    /// If a granted directory is not to be had any more.
    pub(super) fn new(role: Role, log: CallLog, allowed: &Allowed, denials: &Denials) -> wasmtime::Result<Self> {
        let (called, zone) = role.zone();
        Ok(Self {
            role,
            wasi: Wasi::new(called, zone, &log, allowed, denials)?,
            log,
            limits: Limits::new(allowed.grants.memory.unwrap_or_default().bytes(), allowed.budget.share()),
            handles: table(HANDLES),
            modules: allowed.modules()?,
        })
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.wasi.view()
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        self.wasi.http_view()
    }
}
