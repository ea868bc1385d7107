//! A component with a definition inside: what runs definitions from their source, as it is once it has imported one.

mod forgetting;

use std::path::Path;
use std::time::Duration;

use anyhow::ensure;
use wasmtime::component::{Component, Instance, Lift, Linker, WasmList};
use wasmtime::{Result, Store, format_err};
use wasmtime_wizer::{ComponentInstanceState, Wizer};

use crate::group::Digest;

use super::budget::Budget;
use super::call::{CallError, store, trapped};
use super::limits::{Limits, short_error};
use super::load::{MAX_SIZE, compile, turn};
use super::log::{CallLog, LogSink};
use super::modules;
use super::runtime::Runtime;
use super::script::Script;
use super::state::{Role, State};
use super::wasi::{Allowed, Denials};

/// A definition to be imported, by what runs definitions in its language.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Importing<'a> {
    /// It is given the modules that the definition's file imports, which lie beside it.
    JavaScript(&'a Path),
    /// It reads the directory of the definition's file itself, and that of the packages which the definition requires.
    Python {
        /// The file.
        definition: &'a Path,
        /// The directory, if it requires some.
        packages: Option<&'a Path>,
    },
}

impl Runtime {
    /// Lets a component that runs definitions import one, and keeps it as it then is. It still imports what modules
    /// come from, but no longer exports what imports a definition, which is `begin`. Importing is done as in `fields`:
    /// with no grants, the clock and the random numbers fixed, and what it reads to read only. The same files give the
    /// same component.
    ///
    /// # Errors
    /// If the definition cannot be imported, or not within a time: what a person is told of it. Or if the component is
    /// none that can be kept.
    pub(crate) async fn snapshot(
        &self,
        component: &[u8],
        begin: &str,
        importing: Importing<'_>,
        within: Duration,
        log: LogSink,
    ) -> anyhow::Result<Vec<u8>> {
        let mut wizer = Wizer::new();
        wizer.init_func(begin);
        let (context, instrumented) = wizer.instrument_component(component)?;
        let instrumented = match importing {
            Importing::JavaScript(_) => instrumented,
            Importing::Python { .. } => forgetting::added(instrumented)?,
        };
        let component = self.compiled_once(instrumented).await?;
        let (allowed, linker) = self.lent(importing)?;
        let state = State::new(Role::Build, CallLog::new(log, None), &allowed, &Denials::default())?;
        let mut store = store(&self.engine, state);
        let imported = tokio::time::timeout(within, async {
            let instance = linker.instantiate_async(&mut store, &component).await?;
            let imported = importing.import(begin, &mut store, &component, &instance).await?;
            Ok::<_, wasmtime::Error>(imported.map(|()| instance))
        });
        let imported = imported.await.map_err(|_| CallError::TookTooLong(within))?;
        let imported = imported.map_err(|trap| trapped(&trap, store.data()))?;
        let instance = imported.map_err(|text| CallError::Returned(short_error(&text)))?;
        // What is looked at is all of its memory at once, and takes a little more of it than the definition could have.
        store.set_hostcall_fuel(usize::MAX);
        store.data_mut().limits = Limits::new(usize::MAX, Budget::default().share());
        let kept = wizer.snapshot_component(&context, &mut Imported { store, instance }).await?;
        let (size, most) = (kept.len() as u64, MAX_SIZE);
        ensure!(size <= most, "with what it has imported it takes {} MiB; {} MiB is the most", mib(size), mib(most));
        Ok(kept)
    }

    /// A component, compiled, if it was not before. It is drillmaster's own, so that it takes the time that it takes.
    async fn compiled_once(&self, binary: Vec<u8>) -> anyhow::Result<Component> {
        let digest = Digest::of(&binary);
        if let Some(compiled) = self.cache.as_ref().and_then(|cache| cache.load(&self.engine, &digest)) {
            return Ok(compiled);
        }
        let _turn = turn().await?;
        let (engine, cache) = (self.engine.clone(), self.cache.clone());
        Ok(tokio::task::spawn_blocking(move || compile(&engine, cache.as_ref(), &binary, &digest)).await??)
    }

    /// What a definition that is being imported has.
    fn lent(&self, importing: Importing<'_>) -> anyhow::Result<(Allowed, Linker<State>)> {
        Ok(match importing {
            Importing::JavaScript(definition) => (self.allowed.with_modules(definition)?, self.with_loader()?),
            Importing::Python { definition, packages } => {
                (self.allowed.with_source(definition)?.with_packages(packages)?, self.linker.clone())
            }
        })
    }
}

impl Importing<'_> {
    /// Lets an instance import it, or says why it cannot be imported.
    async fn import(
        self,
        begin: &str,
        store: &mut Store<State>,
        component: &Component,
        instance: &Instance,
    ) -> Result<std::result::Result<(), String>> {
        match self {
            Self::JavaScript(_) => {
                let script = Script::of(component, begin).ok_or_else(|| format_err!("it runs no script"))?;
                script.run(store, instance, modules::BUILDING).await
            }
            Self::Python { .. } => {
                let import = instance.get_typed_func::<(), (std::result::Result<(), String>,)>(&mut *store, begin)?;
                let (imported,) = import.call_async(&mut *store, ()).await?;
                forgetting::call(store, instance).await?;
                Ok(imported)
            }
        }
    }
}

fn mib(bytes: u64) -> u64 {
    bytes.div_ceil(1024 * 1024)
}

/// The instance that has imported the definition, as what keeps it looks at it.
struct Imported {
    store: Store<State>,
    instance: Instance,
}

impl Imported {
    /// Calls what was added to the component for looking at it, which cannot fail.
    async fn look<T: Lift + 'static, R>(
        &mut self,
        interface: &str,
        function: &str,
        use_it: impl FnOnce(&Store<State>, T) -> R,
    ) -> R {
        let (store, instance) = (&mut self.store, &self.instance);
        let interface = instance.get_export_index(&mut *store, None, interface);
        let function = instance.get_export_index(&mut *store, interface.as_ref(), function).expect("it was added");
        let function = instance.get_typed_func::<(), (T,)>(&mut *store, function).expect("it has this type");
        let (found,) = function.call_async(&mut *store, ()).await.expect("it only looks");
        use_it(store, found)
    }
}

impl ComponentInstanceState for Imported {
    async fn call_func_ret_list_u8(&mut self, instance: &str, func: &str, contents: impl FnOnce(&[u8]) + Send) {
        self.look(instance, func, |store, list: WasmList<u8>| contents(list.as_le_slice(store))).await;
    }

    async fn call_func_ret_s32(&mut self, instance: &str, func: &str) -> i32 {
        self.look(instance, func, |_, value| value).await
    }

    async fn call_func_ret_s64(&mut self, instance: &str, func: &str) -> i64 {
        self.look(instance, func, |_, value| value).await
    }

    async fn call_func_ret_f32(&mut self, instance: &str, func: &str) -> u32 {
        self.look(instance, func, |_, value: f32| value.to_bits()).await
    }

    async fn call_func_ret_f64(&mut self, instance: &str, func: &str) -> u64 {
        self.look(instance, func, |_, value: f64| value.to_bits()).await
    }
}
