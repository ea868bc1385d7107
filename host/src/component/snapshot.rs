//! A component with a definition in JavaScript inside: what runs it, as it is once it has imported the definition.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use wasmtime::Store;
use wasmtime::component::{Component, Instance, Lift, WasmList};
use wasmtime_wizer::{ComponentInstanceState, Wizer};

use crate::group::Declaration;

use super::call::{CallError, store, trapped};
use super::log::{CallLog, LogSink};
use super::modules;
use super::runtime::Runtime;
use super::script::Script;
use super::state::{Role, State};
use super::wasi::Denials;

/// How long importing the definition may take.
const TIMEOUT: Duration = Duration::from_mins(1);

impl Runtime {
    /// Lets a component that runs definitions import one, and keeps it as it then is. It still imports what modules
    /// come from, but no longer exports what runs a script, which is `begin`. Importing is done as in `fields`, where
    /// the clock and the random numbers are fixed: the same files give the same component.
    ///
    /// # Errors
    /// If the definition cannot be imported: what a person is told of it. Or if the component is none that can be kept.
    pub(crate) async fn snapshot(
        &self,
        component: &[u8],
        begin: &str,
        definition: &Path,
        log: LogSink,
    ) -> anyhow::Result<Vec<u8>> {
        let mut wizer = Wizer::new();
        wizer.init_func(begin);
        let (context, instrumented) = wizer.instrument_component(component)?;
        let engine = self.engine.clone();
        let instrumented =
            tokio::task::spawn_blocking(move || Component::from_binary(&engine, &instrumented)).await??;
        let script = Script::of(&instrumented, begin).context("it runs no script")?;
        let allowed = self.allowed.with_modules(definition)?;
        let role = Role::Fields { parameters: BTreeMap::new(), declaration: Declaration::default() };
        let state = State::new(role, CallLog::new(log, None), &allowed, &Denials::default())?;
        let mut store = store(&self.engine, state);
        // What is looked at afterwards is all of its memory at once.
        store.set_hostcall_fuel(usize::MAX);
        let linker = self.with_loader()?;
        let imported = tokio::time::timeout(TIMEOUT, async {
            let instance = linker.instantiate_async(&mut store, &instrumented).await?;
            Ok::<_, wasmtime::Error>(script.run(&mut store, &instance, modules::BUILDING).await?.map(|()| instance))
        });
        let imported = imported.await.map_err(|_| CallError::TookTooLong(TIMEOUT))?;
        let imported = imported.map_err(|trap| trapped(&trap, store.data()))?;
        let instance = imported.map_err(CallError::Returned)?;
        Ok(wizer.snapshot_component(&context, &mut Imported { store, instance }).await?)
    }
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
