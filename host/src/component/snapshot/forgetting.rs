//! What a component remembers of the host when it has run, and has to forget before it is kept: the handles of its
//! directories and of standard output, which another instance does not have.
//!
//! In C, for which Python is written, two core functions do that, and the component does not export them. Exporting is
//! added to the component only that imports the definition, not to what is kept of it.

use anyhow::{Context as _, Result};
use wasm_encoder::{
    Alias, CanonicalFunctionSection, CanonicalOption, ComponentAliasSection, ComponentExportKind,
    ComponentExportSection, ComponentSection as _, ComponentTypeSection, ComponentValType, ExportKind,
};
use wasmparser::{
    CanonicalFunction, ComponentAlias, ComponentExternalKind, ComponentOuterAliasKind, ExternalKind,
    Instance as CoreInstance, Parser, Payload,
};
use wasmtime::Store;
use wasmtime::component::Instance;

use crate::component::state::State;

/// The functions: of the adapter for WASI's first preview, and of the C library.
const FUNCTIONS: [&str; 2] = ["reset_adapter_state", "__wasilibc_reset_preopens"];

/// What they are exported as.
fn exported_as(function: &str) -> String {
    format!("forget-{}", function.trim_start_matches('_').replace('_', "-"))
}

/// The component, with exports of these functions.
pub(super) fn added(mut component: Vec<u8>) -> Result<Vec<u8>> {
    let found = Counted::in_component(&component)?;
    let mut aliases = ComponentAliasSection::new();
    let mut functions = CanonicalFunctionSection::new();
    let mut exports = ComponentExportSection::new();
    for (number, name) in (0..).zip(FUNCTIONS) {
        let missing = || format!("it has no function `{name}`, with which it would forget this host");
        let instance = found.instance_with(name).with_context(missing)?;
        aliases.alias(Alias::CoreInstanceExport { instance, kind: ExportKind::Func, name });
        functions.lift(found.core_functions + number, found.types, [] as [CanonicalOption; 0]);
        // Each export is one more function.
        let index = found.functions + number;
        exports.export(exported_as(name), ComponentExportKind::Func, index, None);
    }
    let mut types = ComponentTypeSection::new();
    types.function().params([] as [(&str, ComponentValType); 0]).result(None);
    aliases.append_to_component(&mut component);
    types.append_to_component(&mut component);
    functions.append_to_component(&mut component);
    exports.append_to_component(&mut component);
    Ok(component)
}

/// Calls them.
pub(super) async fn call(store: &mut Store<State>, instance: &Instance) -> wasmtime::Result<()> {
    for name in FUNCTIONS {
        let forget = instance.get_typed_func::<(), ()>(&mut *store, exported_as(name).as_str())?;
        forget.call_async(&mut *store, ()).await?;
    }
    Ok(())
}

/// What has numbers in a component, and which core modules export one of the functions.
#[derive(Debug, Default)]
struct Counted {
    core_functions: u32,
    functions: u32,
    types: u32,
    /// The module of each core instance, if it is one of a module.
    instances: Vec<Option<u32>>,
    modules: Vec<Vec<&'static str>>,
}

impl Counted {
    fn in_component(component: &[u8]) -> Result<Self> {
        let mut found = Self::default();
        // What is nested has its own numbers.
        let mut depth = 0_u32;
        for payload in Parser::new(0).parse_all(component) {
            match payload? {
                Payload::ModuleSection { .. } if depth == 1 => found.modules.push(Vec::new()),
                Payload::Version { .. } => depth += 1,
                Payload::End(_) => depth -= 1,
                Payload::ExportSection(exports) if depth == 2 => {
                    for export in exports {
                        let export = export?;
                        if let (ExternalKind::Func, Some(module)) = (export.kind, found.modules.last_mut()) {
                            module.extend(FUNCTIONS.iter().find(|name| **name == export.name));
                        }
                    }
                }
                section if depth == 1 => found.count(section)?,
                _ => {}
            }
        }
        Ok(found)
    }

    /// Counts what a section of the component itself has.
    fn count(&mut self, section: Payload<'_>) -> Result<()> {
        match section {
            Payload::InstanceSection(instances) => {
                for instance in instances {
                    self.instances.push(match instance? {
                        CoreInstance::Instantiate { module_index, .. } => Some(module_index),
                        CoreInstance::FromExports(_) => None,
                    });
                }
            }
            Payload::ComponentTypeSection(types) => self.types += types.count(),
            Payload::ComponentCanonicalSection(functions) => {
                for function in functions {
                    match function? {
                        CanonicalFunction::Lift { .. } => self.functions += 1,
                        _ => self.core_functions += 1,
                    }
                }
            }
            Payload::ComponentAliasSection(aliases) => {
                for alias in aliases {
                    match alias? {
                        ComponentAlias::CoreInstanceExport { kind: ExternalKind::Func, .. } => self.core_functions += 1,
                        ComponentAlias::InstanceExport { kind, .. } => self.count_one(kind),
                        ComponentAlias::Outer { kind: ComponentOuterAliasKind::Type, .. } => self.types += 1,
                        _ => {}
                    }
                }
            }
            Payload::ComponentImportSection(imports) => {
                for import in imports {
                    self.count_one(import?.ty.kind());
                }
            }
            Payload::ComponentExportSection(exports) => {
                for export in exports {
                    self.count_one(export?.kind);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn count_one(&mut self, kind: ComponentExternalKind) {
        match kind {
            ComponentExternalKind::Func => self.functions += 1,
            ComponentExternalKind::Type => self.types += 1,
            _ => {}
        }
    }

    /// The core instance that exports a function.
    fn instance_with(&self, function: &str) -> Option<u32> {
        let has = |module: &u32| self.modules.get(*module as usize).is_some_and(|names| names.contains(&function));
        let found = self.instances.iter().position(|module| module.as_ref().is_some_and(has))?;
        u32::try_from(found).ok()
    }
}

#[cfg(test)]
mod tests {
    use wasmtime::Engine;
    use wasmtime::component::Component;

    use super::*;

    /// Everything before the functions has numbers of its own.
    const COMPONENT: &str = r#"(component
        (import "before" (func $before))
        (import "types" (instance $types (export "t" (type (sub resource)))))
        (alias export $types "t" (type $t))
        (component $inner
            (core module $m (func (export "reset_adapter_state")))
            (core instance $i (instantiate $m))
            (func (export "f") (canon lift (core func $i "reset_adapter_state"))))
        (instance $inner (instantiate $inner))
        (alias export $inner "f" (func $f))
        (core module $unused (func (export "reset_adapter_state") (param i32)))
        (core module $library (func (export "other")) (func (export "__wasilibc_reset_preopens")))
        (core module $adapter (func (export "reset_adapter_state")) (memory (export "memory") 1))
        (core func $lowered (canon lower (func $before)))
        (core instance $imports (export "f" (func $lowered)))
        (core instance $library (instantiate $library))
        (core instance $adapter (instantiate $adapter))
        (func $own (canon lift (core func $library "other")))
        (export $exported "own" (func $own)))"#;

    #[test]
    fn the_functions_of_the_instances_are_exported() {
        let engine = Engine::default();
        let component = Component::new(&engine, added(wat::parse_str(COMPONENT).unwrap()).unwrap()).unwrap();
        let types = component.component_type();
        let names: Vec<_> = types.exports(&engine).map(|(name, _)| name).collect();
        assert_eq!(names, ["own", "forget-reset-adapter-state", "forget-wasilibc-reset-preopens"]);
    }

    #[test]
    fn a_component_that_could_not_forget_is_refused() {
        for missing in FUNCTIONS {
            let text = COMPONENT.replace(&format!("\"{missing}\""), "\"else\"");
            let error = added(wat::parse_str(text).unwrap()).unwrap_err().to_string();
            assert!(error.contains(&format!("no function `{missing}`")), "{error}");
        }
    }
}
