//! What a definition may call, one file an interface.

mod container;
mod context;
mod definition;
mod log;
pub(super) mod modules;
mod wasi;

use wasmtime::component::{HasSelf, Linker};

use super::bindings::drillmaster::plugin;
use super::state::State;

/// Links everything that a definition may import.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    wasi::add_to_linker(linker)?;
    plugin::definition::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    plugin::container::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    plugin::context::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    plugin::log::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}
