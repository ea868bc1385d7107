//! `wasi:sockets`, as wasmtime has it but for what decides where a connection goes.
//!
//! The functions here take the place of wasmtime's own of the same names. Should they ever not (another version of the
//! interface), nothing would connect at all: the check of each socket's address knows only what was cleared here.

use std::net::SocketAddr;

use wasmtime::component::{Linker, Resource};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi::p2::bindings::sockets::network::{ErrorCode, IpAddressFamily, IpSocketAddress, Network};
use wasmtime_wasi::p2::bindings::sockets::tcp::{HostTcpSocket as _, TcpSocket};
use wasmtime_wasi::p2::{SocketError, UdpSocket};
use wasmtime_wasi::sockets::WasiSocketsView as _;

use crate::component::state::State;
use crate::grants::Asked;

/// The version of `wasi:sockets` that wasmtime links.
pub(super) const VERSION: &str = "0.2.12";

type Answer<T> = (std::result::Result<T, ErrorCode>,);

/// Replaces what wasmtime has linked.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    let mut tcp = linker.instance(&format!("wasi:sockets/tcp@{VERSION}"))?;
    tcp.func_wrap_async("[method]tcp-socket.start-connect", |store, parameters| {
        Box::new(start_connect(store, parameters))
    })?;
    tcp.func_wrap("[method]tcp-socket.remote-address", remote_address)?;
    tcp.func_wrap("[method]tcp-socket.start-listen", |store, (_,): (Resource<TcpSocket>,)| {
        Ok(denied::<()>(&store, Asked::Listen))
    })?;
    let mut udp = linker.instance(&format!("wasi:sockets/udp-create-socket@{VERSION}"))?;
    udp.func_wrap("create-udp-socket", |store, (_,): (IpAddressFamily,)| -> Result<Answer<Resource<UdpSocket>>> {
        Ok(denied(&store, Asked::Udp))
    })
}

/// Connects to where the address leads, and remembers for the socket which one was asked for.
async fn start_connect(
    mut store: StoreContextMut<'_, State>,
    (socket, network, address): (Resource<TcpSocket>, Resource<Network>, IpSocketAddress),
) -> Result<Answer<()>> {
    let asked = SocketAddr::from(address);
    let policy = store.data().wasi.network.clone();
    let address = match policy.clear(asked).await {
        Ok(address) => address,
        Err(refused) => return Ok((Err(refused),)),
    };
    let state = store.data_mut();
    state.wasi.connections.insert(socket.rep(), asked);
    answer(state.sockets().start_connect(socket, network, address.into()))
}

fn remote_address(
    mut store: StoreContextMut<'_, State>,
    (socket,): (Resource<TcpSocket>,),
) -> Result<Answer<IpSocketAddress>> {
    let state = store.data_mut();
    let asked = state.wasi.connections.get(&socket.rep()).copied();
    let connected = state.sockets().remote_address(socket);
    answer(connected.map(|address| asked.map_or(address, Into::into)))
}

fn denied<T>(store: &StoreContextMut<'_, State>, asked: Asked) -> Answer<T> {
    (Err(store.data().wasi.network.deny(asked)),)
}

fn answer<T>(done: std::result::Result<T, SocketError>) -> Result<Answer<T>> {
    Ok((match done {
        Ok(value) => Ok(value),
        Err(error) => Err(error.downcast()?),
    },))
}
