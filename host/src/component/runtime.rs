//! The Wasm engine, shared by all definitions of a run.

use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use wasmtime::component::Linker;
use wasmtime::{Config, Engine};

use super::cache::Cache;
use super::imports;
use super::state::State;
use super::wasi::Allowed;

/// How often a running guest yields.
const EPOCH: Duration = Duration::from_millis(5);

/// Compiles and runs definitions.
pub struct Runtime {
    pub(super) engine: Engine,
    pub(super) linker: Linker<State>,
    pub(super) cache: Option<Cache>,
    pub(super) allowed: Allowed,
}

impl Runtime {
    /// A runtime, with everything in its linker that a definition may import. What it compiles it keeps in the cache,
    /// if it has one. Beyond what every definition may do, they may do what is allowed here.
    ///
    /// # Errors
    /// If this machine cannot run compiled Wasm.
    pub fn new(cache: Option<Cache>, allowed: Allowed) -> anyhow::Result<Self> {
        let mut config = Config::new();
        config.epoch_interruption(true).wasm_memory64(false).wasm_custom_page_sizes(false);
        let engine = Engine::new(&config).map_err(anyhow::Error::from).context("cannot set up the Wasm runtime")?;
        tick(&engine)?;
        let mut linker = Linker::new(&engine);
        imports::add_to_linker(&mut linker)?;
        Ok(Self { engine, linker, cache, allowed })
    }
}

/// Lets the engine's epoch go on, in a thread of its own that ends with the engine.
fn tick(engine: &Engine) -> anyhow::Result<()> {
    let engine = engine.weak();
    let ticker = move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            thread::sleep(EPOCH);
        }
    };
    thread::Builder::new().name("epoch".to_owned()).spawn(ticker).context("cannot start a thread")?;
    Ok(())
}
