//! `wasi:sockets/ip-name-lookup`: the names of a call's own services, and what was granted.

use std::net::IpAddr;
use std::vec;

use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi::WasiView as _;
use wasmtime_wasi::p2::bindings::sockets::network::{ErrorCode, IpAddress, Network};
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};

use crate::component::state::State;

use super::sockets::VERSION;

/// Addresses that were found and have not been taken yet.
struct Found(vec::IntoIter<IpAddr>);

/// They were found before the guest got them.
#[wasmtime_wasi::async_trait]
impl Pollable for Found {
    async fn ready(&mut self) {}
}

type Answer<T> = (std::result::Result<T, ErrorCode>,);

/// Replaces what wasmtime has linked.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    let mut lookup = linker.instance(&format!("wasi:sockets/ip-name-lookup@{VERSION}"))?;
    lookup.resource("resolve-address-stream", ResourceType::host::<Found>(), |mut store, handle| {
        store.data_mut().ctx().table.delete(Resource::<Found>::new_own(handle))?;
        Ok(())
    })?;
    lookup.func_wrap_async("resolve-addresses", |store, parameters| Box::new(resolve(store, parameters)))?;
    lookup.func_wrap("[method]resolve-address-stream.resolve-next-address", next_address)?;
    lookup.func_wrap(
        "[method]resolve-address-stream.subscribe",
        |mut store: StoreContextMut<'_, State>, (found,): (Resource<Found>,)| -> Result<(Resource<DynPollable>,)> {
            Ok((subscribe(store.data_mut().ctx().table, found)?,))
        },
    )
}

async fn resolve(
    mut store: StoreContextMut<'_, State>,
    (network, name): (Resource<Network>, String),
) -> Result<Answer<Resource<Found>>> {
    store.data_mut().ctx().table.get(&network)?;
    let policy = store.data().wasi.network.clone();
    Ok((match policy.look_up(&name).await {
        Ok(addresses) => Ok(store.data_mut().ctx().table.push(Found(addresses.into_iter()))?),
        Err(refused) => Err(refused),
    },))
}

fn next_address(
    mut store: StoreContextMut<'_, State>,
    (found,): (Resource<Found>,),
) -> Result<Answer<Option<IpAddress>>> {
    let next = store.data_mut().ctx().table.get_mut(&found)?.0.next();
    Ok((Ok(next.map(Into::into)),))
}
