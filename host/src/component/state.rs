//! What one call's store holds.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::time::Instant;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::random::Deterministic;
use wasmtime_wasi::sockets::SocketAddrUse;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::context::Context;
use crate::grants::Asked;
use crate::group::Declaration;

use super::access::HookCall;
use super::allowed::Allowed;
use super::clock::{FixedWallClock, SteppingClock};
use super::denials::{Denials, Teller};
use super::limits::{HANDLES, Limits, RANDOM, WASI_HANDLES};
use super::log::{CallLog, Level};
use super::network::{Network, Outgoing, Zone};
use super::stdio::LogStream;

/// The most bytes of headers that a request or answer of `wasi:http` can have.
const MAX_HTTP_FIELDS: usize = 32 * 1024;

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
    Group { hook: String, context: Arc<Context> },
}

impl Role {
    /// What is called, and what is there for it to connect to.
    fn zone(&self) -> (String, Zone) {
        match self {
            Role::Fields { .. } => ("fields".to_owned(), Zone::Fields),
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
    pub(super) teller: Teller,
    pub(super) network: Network,
    /// The address that each socket asked to be connected to, by the socket's handle.
    pub(super) connections: BTreeMap<u32, SocketAddr>,
    wasi: WasiCtx,
    wasi_handles: ResourceTable,
    http: WasiHttpCtx,
    outgoing: Outgoing,
}

impl State {
    /// # Errors
    /// If a granted directory is not to be had any more.
    pub(super) fn new(role: Role, log: CallLog, allowed: &Allowed, denials: &Denials) -> wasmtime::Result<Self> {
        let (called, zone) = role.zone();
        let teller = Teller::new(called, denials.clone(), log.clone());
        let network = Network::new(zone, allowed.clone(), teller.clone());
        let mut wasi = WasiCtx::builder();
        let check = network.clone();
        wasi.stdout(LogStream::new(log.clone(), Level::Info))
            .stderr(LogStream::new(log.clone(), Level::Warn))
            .allow_tcp(true)
            .allow_udp(false)
            .allow_ip_name_lookup(false)
            .socket_addr_check(move |address, what| {
                let may = match what {
                    SocketAddrUse::TcpConnect => check.is_cleared(address),
                    SocketAddrUse::TcpBind => {
                        check.may_bind(address) || {
                            // Nobody takes an address who does not want to be found there, but to connect.
                            check.deny(Asked::Listen);
                            false
                        }
                    }
                    _ => false,
                };
                Box::pin(std::future::ready(may))
            })
            .max_random_size(RANDOM);
        if matches!(role, Role::Fields { .. }) {
            // The same parameters have to give the same services.
            wasi.wall_clock(FixedWallClock)
                .monotonic_clock(SteppingClock::default())
                .secure_random(Deterministic::new(vec![0]))
                .insecure_random(Deterministic::new(vec![0]))
                .insecure_random_seed(0);
        }
        allowed.give(&mut wasi)?;
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(MAX_HTTP_FIELDS);
        Ok(Self {
            role,
            log,
            limits: Limits::new(allowed.grants.memory.unwrap_or_default().bytes()),
            handles: table(HANDLES),
            outgoing: Outgoing(network.clone()),
            teller,
            network,
            connections: BTreeMap::new(),
            wasi: wasi.build(),
            wasi_handles: table(WASI_HANDLES),
            http,
        })
    }
}

fn table(most: usize) -> ResourceTable {
    let mut table = ResourceTable::new();
    table.set_max_capacity(most);
    table
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.wasi_handles }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.outgoing, table: &mut self.wasi_handles, ctx: &mut self.http }
    }
}
