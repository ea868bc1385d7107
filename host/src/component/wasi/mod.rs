//! WASI as a definition has it: what wasmtime has, of that only what was granted, and a line for the person about
//! anything else that is asked for.

mod allowed;
mod clock;
mod denials;
mod files;
mod network;
mod stdio;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use wasmtime::component::{Linker, ResourceTable};
use wasmtime_wasi::random::Deterministic;
use wasmtime_wasi::sockets::SocketAddrUse;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::grants::Asked;

use super::limits::{RANDOM, WASI_HANDLES};
use super::log::{CallLog, Level};
use super::state::{State, table};

pub use allowed::{Allowed, GrantError};
use clock::{FixedWallClock, SteppingClock};
pub(super) use denials::Denials;
use denials::Teller;
pub(super) use network::Zone;
use network::{Network, Outgoing};
use stdio::LogStream;

/// The most bytes of headers that a request or answer of `wasi:http` can have.
const MAX_HTTP_FIELDS: usize = 32 * 1024;

/// Links all of WASI: what wasmtime has, and before it what decides or tells otherwise.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
    linker.allow_shadowing(true);
    network::add_to_linker(linker)?;
    files::add_to_linker(linker)?;
    linker.allow_shadowing(false);
    Ok(())
}

/// What one call has of WASI.
pub(super) struct Wasi {
    teller: Teller,
    network: Network,
    /// The address that each socket asked to be connected to, by the socket's handle.
    connections: BTreeMap<u32, SocketAddr>,
    ctx: WasiCtx,
    handles: ResourceTable,
    http: WasiHttpCtx,
    outgoing: Outgoing,
}

impl Wasi {
    /// What a call of this name has.
    ///
    /// # Errors
    /// If a granted directory is not to be had any more.
    pub(super) fn new(
        called: String,
        zone: Zone,
        log: &CallLog,
        allowed: &Allowed,
        denials: &Denials,
    ) -> wasmtime::Result<Self> {
        let mut ctx = WasiCtx::builder();
        if matches!(zone, Zone::Fields) {
            // The same parameters have to give the same services.
            ctx.wall_clock(FixedWallClock)
                .monotonic_clock(SteppingClock::default())
                .secure_random(Deterministic::new(vec![0]))
                .insecure_random(Deterministic::new(vec![0]))
                .insecure_random_seed(0);
        }
        let teller = Teller::new(called, denials.clone(), log.clone());
        let network = Network::new(zone, allowed.clone(), teller.clone());
        let check = network.clone();
        ctx.stdout(LogStream::new(log.clone(), Level::Info))
            .stderr(LogStream::new(log.clone(), Level::Warn))
            .allow_tcp(true)
            .allow_udp(false)
            .allow_ip_name_lookup(false)
            .socket_addr_check(move |address, what| Box::pin(std::future::ready(may_use(&check, address, what))))
            .max_random_size(RANDOM);
        allowed.give(&mut ctx)?;
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(MAX_HTTP_FIELDS);
        Ok(Self {
            outgoing: Outgoing(network.clone()),
            teller,
            network,
            connections: BTreeMap::new(),
            ctx: ctx.build(),
            handles: table(WASI_HANDLES),
            http,
        })
    }
}

/// Whether a socket may have to do with an address.
fn may_use(network: &Network, address: SocketAddr, what: SocketAddrUse) -> bool {
    match what {
        SocketAddrUse::TcpConnect => network.is_cleared(address),
        SocketAddrUse::TcpBind => {
            let may = network.may_bind(address);
            if !may {
                // Nobody takes an address who does not want to be found there, but to connect.
                network.deny(Asked::Listen);
            }
            may
        }
        _ => false,
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi.ctx, table: &mut self.wasi.handles }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        let Wasi { outgoing, handles, http, .. } = &mut self.wasi;
        WasiHttpCtxView { hooks: outgoing, table: handles, ctx: http }
    }
}
