//! What a call has of WASI: only what was granted. The person gets a line about anything else that is asked for.

mod allowed;
mod clock;
mod denials;
mod network;
mod stdio;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::HostWallClock as _;
use wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime;
use wasmtime_wasi::random::Deterministic;
use wasmtime_wasi::sockets::SocketAddrUse;
use wasmtime_wasi::{WasiCtx, WasiCtxView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView};

use crate::grants::Asked;

use super::limits::{RANDOM, WASI_HANDLES, table};
use super::log::{CallLog, Level};

pub use allowed::{Allowed, GrantError};
use clock::{FixedWallClock, SteppingClock};
use denials::Teller;
pub(super) use denials::{BUILD, Denials};
pub(super) use network::Zone;
use network::{Network, Outgoing};
use stdio::LogStream;

/// The most bytes of headers that a request or answer of `wasi:http` can have.
const MAX_HTTP_FIELDS: usize = 32 * 1024;

/// What one call has of WASI.
pub(super) struct Wasi {
    pub(super) teller: Teller,
    pub(super) network: Network,
    /// The address that each socket asked to be connected to, by the socket's handle.
    pub(super) connections: BTreeMap<u32, SocketAddr>,
    ctx: WasiCtx,
    handles: ResourceTable,
    http: WasiHttpCtx,
    outgoing: Outgoing,
    /// The number of each file that was asked about, by what it is on the disk; none in hooks, which see that.
    files: Option<BTreeMap<(u64, u64), u64>>,
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
        let is_repeatable = matches!(zone, Zone::Fields);
        if is_repeatable {
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
            files: is_repeatable.then(BTreeMap::new),
        })
    }

    /// When files were written and read, if that is not to be known.
    pub(super) fn time_of_files(&self) -> Option<Datetime> {
        self.files.as_ref().map(|_| Datetime { seconds: FixedWallClock.now().as_secs(), nanoseconds: 0 })
    }

    /// The number of a file, if what it is on the disk is not to be known.
    pub(super) fn number_of_file(&mut self, file: (u64, u64)) -> Option<u64> {
        let files = self.files.as_mut()?;
        let next = files.len() as u64 + 1;
        Some(*files.entry(file).or_insert(next))
    }

    pub(super) fn view(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.ctx, table: &mut self.handles }
    }

    pub(super) fn http_view(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.outgoing, table: &mut self.handles, ctx: &mut self.http }
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
