//! What of WASI is not as wasmtime has it: its functions here stand before wasmtime's own.

mod files;
mod names;
mod sockets;

use wasmtime::component::Linker;

use crate::component::state::State;

/// Links all of WASI.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
    linker.allow_shadowing(true);
    sockets::add_to_linker(linker)?;
    names::add_to_linker(linker)?;
    files::add_to_linker(linker)?;
    files::add_looking_to_linker(linker)?;
    linker.allow_shadowing(false);
    Ok(())
}
