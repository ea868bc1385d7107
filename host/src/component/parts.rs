//! What a component is made of, before it is compiled: how many core instances, and what they take.
//!
//! Memories and tables are counted as they grow. What else an instance takes is counted nowhere while it is made: room
//! for each global, and for each function that somebody can refer to. And components instantiate each other, so that a
//! few lines can come to more instances than there is time to compile.

use wasmparser::{
    BinaryReaderError, ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind, Instance,
    Parser, Payload,
};

use super::limits::INSTANCES;

/// The most bytes that all core instances together take, memories and tables aside.
const BYTES: u64 = 64 * 1024 * 1024;

/// The most that wasmtime keeps in an instance of a global, and of a function or something imported.
const GLOBAL: u64 = 16;
const FUNCTION: u64 = 32;

/// What instantiating something takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Cost {
    instances: u64,
    bytes: u64,
}

impl Cost {
    /// That of something that comes from elsewhere. Nobody builds definitions so.
    const UNKNOWN: Self = Self { instances: u64::MAX, bytes: u64::MAX };

    fn add(&mut self, other: Self) {
        self.instances = self.instances.saturating_add(other.instances);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

/// A module or component that is being read.
#[derive(Debug, Default)]
struct Frame {
    is_module: bool,
    cost: Cost,
    /// What its instances can be of, by their numbers in it.
    modules: Vec<Cost>,
    components: Vec<Cost>,
}

/// Says why a component is made of too much, if it is. One that is not well-formed is left to the compiler to refuse.
pub(super) fn too_many_parts(component: &[u8]) -> Option<String> {
    let cost = cost(component).ok()?;
    if cost.instances > INSTANCES as u64 {
        Some(format!("more than {INSTANCES} core instances, or of some that cannot be counted"))
    } else if cost.bytes > BYTES {
        Some(format!("core instances that take more than {} MiB without their memories", BYTES / 1024 / 1024))
    } else {
        None
    }
}

fn cost(component: &[u8]) -> Result<Cost, BinaryReaderError> {
    let mut outer: Vec<Frame> = Vec::new();
    let mut frame = Frame::default();
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::ModuleSection { .. } => {
                let cost = Cost { instances: 1, bytes: 0 };
                outer.push(std::mem::replace(&mut frame, Frame { is_module: true, cost, ..Frame::default() }));
            }
            Payload::ComponentSection { .. } => outer.push(std::mem::take(&mut frame)),
            Payload::End(_) => {
                let Some(next) = outer.pop() else { break };
                let ended = std::mem::replace(&mut frame, next);
                let numbered = if ended.is_module { &mut frame.modules } else { &mut frame.components };
                numbered.push(ended.cost);
            }
            section => frame.read(section, &outer)?,
        }
    }
    Ok(frame.cost)
}

impl Frame {
    fn read(&mut self, section: Payload<'_>, outer: &[Frame]) -> Result<(), BinaryReaderError> {
        let (modules, components) = (&mut self.modules, &mut self.components);
        let get = |costs: &[Cost], index: u32| costs.get(index as usize).copied().unwrap_or(Cost::UNKNOWN);
        match section {
            // Of a module.
            Payload::ImportSection(section) => self.takes(section.count(), FUNCTION),
            Payload::FunctionSection(section) => self.takes(section.count(), FUNCTION),
            Payload::GlobalSection(section) => self.takes(section.count(), GLOBAL),
            // Of a component: what is instantiated …
            Payload::InstanceSection(section) => {
                for instance in section {
                    if let Instance::Instantiate { module_index, .. } = instance? {
                        self.cost.add(get(modules, module_index));
                    }
                }
            }
            Payload::ComponentInstanceSection(section) => {
                for instance in section {
                    if let ComponentInstance::Instantiate { component_index, .. } = instance? {
                        self.cost.add(get(components, component_index));
                    }
                }
            }
            // … and what gives a module or component a number.
            Payload::ComponentImportSection(section) => {
                for import in section {
                    match import?.ty.kind() {
                        ComponentExternalKind::Module => modules.push(Cost::UNKNOWN),
                        ComponentExternalKind::Component => components.push(Cost::UNKNOWN),
                        _ => {}
                    }
                }
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section {
                    match alias? {
                        ComponentAlias::InstanceExport { kind: ComponentExternalKind::Module, .. } => {
                            modules.push(Cost::UNKNOWN);
                        }
                        ComponentAlias::InstanceExport { kind: ComponentExternalKind::Component, .. } => {
                            components.push(Cost::UNKNOWN);
                        }
                        ComponentAlias::Outer { kind: ComponentOuterAliasKind::CoreModule, count, index } => {
                            modules.push(match count.checked_sub(1) {
                                Some(above) => {
                                    outside(outer, above).map_or(Cost::UNKNOWN, |at| get(&at.modules, index))
                                }
                                None => get(modules, index),
                            });
                        }
                        ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
                            components.push(match count.checked_sub(1) {
                                Some(above) => {
                                    outside(outer, above).map_or(Cost::UNKNOWN, |at| get(&at.components, index))
                                }
                                None => get(components, index),
                            });
                        }
                        _ => {}
                    }
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section {
                    let export = export?;
                    match export.kind {
                        ComponentExternalKind::Module => modules.push(get(modules, export.index)),
                        ComponentExternalKind::Component => components.push(get(components, export.index)),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn takes(&mut self, count: u32, each: u64) {
        self.cost.bytes = self.cost.bytes.saturating_add(u64::from(count) * each);
    }
}

/// The component so many levels above the one round the current.
fn outside(outer: &[Frame], above: u32) -> Option<&Frame> {
    outer.len().checked_sub(1 + above as usize).and_then(|level| outer.get(level))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost_of(text: &str) -> (u64, u64) {
        let cost = cost(&wat::parse_str(text).unwrap()).unwrap();
        (cost.instances, cost.bytes)
    }

    #[test]
    fn instances_are_counted_with_their_functions_globals_and_imports() {
        let text = r#"(component
            (core module $a (func (export "f")) (func) (global i32 (i32.const 0)))
            (core module $b (import "a" "f" (func)) (func))
            (core module $unused (func))
            (core instance $one (instantiate $a))
            (core instance (instantiate $a))
            (core instance (instantiate $b (with "a" (instance $one)))))"#;
        assert_eq!(cost_of(text), (3, 2 * (2 * FUNCTION + GLOBAL) + 2 * FUNCTION));
    }

    #[test]
    fn components_count_as_often_as_they_are_instantiated() {
        let text = "(component
            (component $inner (core module $m (func)) (core instance (instantiate $m)) (core instance (instantiate $m)))
            (component $outer
                (alias outer 1 $inner (component $same))
                (instance (instantiate $same))
                (instance (instantiate $same)))
            (instance (instantiate $outer))
            (instance (instantiate $inner)))";
        assert_eq!(cost_of(text), (6, 6 * FUNCTION));
    }

    #[test]
    fn what_is_exported_has_one_more_number() {
        let text = r#"(component
            (core module $m (func))
            (export $n "n" (core module $m))
            (core module $other)
            (core instance (instantiate $n)))"#;
        assert_eq!(cost_of(text), (1, FUNCTION));
    }

    #[test]
    fn modules_of_an_outer_component_are_found() {
        let text = "(component
            (core module $m (func))
            (component $inner (component $innermost (core instance (instantiate (module $m)))) 
                (instance (instantiate $innermost)))
            (instance (instantiate $inner)))";
        assert_eq!(cost_of(text), (1, FUNCTION));
    }

    #[test]
    fn too_many_are_told() {
        let wasm = |text: String| wat::parse_str(text).unwrap();
        let many = |instances: usize| "(core instance (instantiate $m))".repeat(instances);
        let small = |instances| wasm(format!("(component (core module $m) {})", many(instances)));
        assert_eq!(too_many_parts(&small(INSTANCES)), None);
        assert!(too_many_parts(&small(INSTANCES + 1)).unwrap().contains("more than 200 core instances"));
        let globals = "(global i64 (i64.const 0))".repeat(100_000);
        let large = |instances| wasm(format!("(component (core module $m {globals}) {})", many(instances)));
        assert_eq!(too_many_parts(&large(41)), None);
        assert!(too_many_parts(&large(42)).unwrap().contains("more than 64 MiB"));
    }

    #[test]
    fn what_comes_from_elsewhere_cannot_be_counted() {
        let text = r#"(component (import "m" (core module $m)) (core instance (instantiate $m)))"#;
        assert!(too_many_parts(&wat::parse_str(text).unwrap()).is_some());
    }

    #[test]
    fn what_is_not_well_formed_is_left_to_the_compiler() {
        assert_eq!(too_many_parts(b"\0asm\x0d\0\x01\0\x07\xff"), None);
    }
}
