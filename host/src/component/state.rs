//! What one call's store holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::time::Instant;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::random::Deterministic;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::context::Context;
use crate::group::Declaration;

use super::access::HookCall;
use super::clock::{FixedWallClock, SteppingClock};
use super::limits::Limits;
use super::log::{CallLog, Level};
use super::stdio::LogStream;

/// The most handles that a call can hold at a time.
const MAX_HANDLES: usize = 10_000;

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
    /// A hook of a service.
    Hook { call: HookCall, deadline: Instant },
    /// A hook of the group, which has no container.
    Group { context: Arc<Context> },
}

/// The data of a store.
pub(super) struct State {
    pub(super) role: Role,
    pub(super) log: CallLog,
    pub(super) limits: Limits,
    /// Our own handles, apart from WASI's: a guest's numbers for one mean nothing for the other.
    pub(super) handles: ResourceTable,
    wasi: WasiCtx,
    wasi_handles: ResourceTable,
}

impl State {
    pub(super) fn new(role: Role, log: CallLog) -> Self {
        let mut wasi = WasiCtx::builder();
        wasi.stdout(LogStream::new(log.clone(), Level::Info))
            .stderr(LogStream::new(log.clone(), Level::Warn))
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false)
            .max_random_size(64 * 1024);
        if matches!(role, Role::Fields { .. }) {
            // The same parameters have to give the same services.
            wasi.wall_clock(FixedWallClock)
                .monotonic_clock(SteppingClock::default())
                .secure_random(Deterministic::new(vec![0]))
                .insecure_random(Deterministic::new(vec![0]))
                .insecure_random_seed(0);
        }
        Self { role, log, limits: Limits::default(), handles: table(), wasi: wasi.build(), wasi_handles: table() }
    }
}

fn table() -> ResourceTable {
    let mut table = ResourceTable::new();
    table.set_max_capacity(MAX_HANDLES);
    table
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.wasi_handles }
    }
}
