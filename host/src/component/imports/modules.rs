//! What runs a definition in JavaScript imports beside the contract: the modules that it is made of.

use wasmtime::component::Linker;
use wasmtime::{Result, StoreContextMut};

use crate::component::modules::{Modules, NoModule};
use crate::component::state::State;
use crate::grants::Asked;

pub(in crate::component) const LOADER: &str = "local:init/module-loader";

type Answer = (std::result::Result<String, String>,);

/// Links what only drillmaster's own loader imports.
pub(in crate::component) fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    let mut loader = linker.instance(LOADER)?;
    loader.func_wrap_async("resolve", |store, (referrer, specifier): (String, String)| {
        Box::new(answer(store, move |modules| modules.resolve(&referrer, &specifier)))
    })?;
    loader.func_wrap_async("load", |store, (name,): (String,)| {
        Box::new(answer(store, move |modules| modules.load(&name)))
    })
}

/// Asks for a module off the async threads: a file may lie where reading takes its time.
async fn answer(
    store: StoreContextMut<'_, State>,
    ask: impl FnOnce(&Modules) -> std::result::Result<String, NoModule> + Send + 'static,
) -> Result<Answer> {
    let Some(modules) = store.data().modules.clone() else {
        return Ok((Err("there are no modules".to_owned()),));
    };
    let answer = tokio::task::spawn_blocking(move || ask(&modules)).await?;
    Ok((answer.map_err(|error| {
        if let Some(path) = &error.outside {
            store.data().wasi.teller.deny(Asked::Import(path.clone()));
        }
        error.to_string()
    }),))
}
