//! What the component of a definition has otherwise than the one that it is made of. All else of it stays as it is,
//! byte by byte.

use std::convert::Infallible;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use wasm_encoder::reencode::{Reencode, ReencodeComponent, RoundtripReencoder};
use wasm_encoder::{
    Component, ComponentExportSection, ComponentImportSection, ComponentInstanceSection, ComponentSectionId, RawSection,
};
use wasmparser::{Chunk, Parser, Payload};
use wast::Wat;
use wast::parser::{self, ParseBuffer};

/// What exports the import of a definition while a component is built. Afterwards that is removed, with whatever else in
/// the component exports something of this name: not those that its modules export to each other.
pub(super) const BEGINNING: &str = "begin-with-the-definition";

/// How long that may take.
pub(super) const IMPORTING: Duration = Duration::from_mins(1);

const LOADER: &str = "local:init/module-loader";

/// What takes the place of the loader of modules. It is not called: when a component is built, all has been imported.
const NOTHING: &str = r#"(component
    (core module $none
        (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (unreachable))
        (func (export "resolve") (param i32 i32 i32 i32) (result i32) (unreachable))
        (func (export "load") (param i32 i32) (result i32) (unreachable)))
    (core instance $none (instantiate $none))
    (alias core export $none "memory" (core memory $memory))
    (alias core export $none "realloc" (core func $realloc))
    (func (export "resolve")
        (param "referrer" string) (param "specifier" string) (result (result string (error string)))
        (canon lift (core func $none "resolve") (memory $memory) (realloc $realloc)))
    (func (export "load")
        (param "path" string) (result (result string (error string)))
        (canon lift (core func $none "load") (memory $memory) (realloc $realloc))))"#;

/// The binary form of a text.
pub(super) fn encoded(text: &str) -> Result<Vec<u8>> {
    let buffer = ParseBuffer::new(text)?;
    Ok(parser::parse::<Wat>(&buffer)?.encode()?)
}

/// A component with the name [`BEGINNING`] for the export by which it imports a definition.
pub(super) fn beginning_with(component: &[u8], export: &str) -> Result<Vec<u8>> {
    renamed(component, export, BEGINNING)
}

/// Gives an export another name, which nothing else in the component has.
fn renamed(component: &[u8], from: &str, to: &str) -> Result<Vec<u8>> {
    let mut renamed = Component::new();
    for (payload, raw) in sections(component)? {
        let Payload::ComponentExportSection(exports) = payload else {
            renamed.section(&raw);
            continue;
        };
        let mut section = ComponentExportSection::new();
        for export in exports {
            let mut export = export?;
            if export.name.name == from {
                export.name.name = to;
            }
            RoundtripReencoder.parse_component_export(&mut section, export)?;
        }
        renamed.section(&section);
    }
    Ok(renamed.finish())
}

/// Puts an instance of the component's own in the place of the one that it imports as the loader of modules. The
/// components inside then have the next numbers, since one more stands before them.
pub(super) fn without_loader(component: &[u8]) -> Result<Vec<u8>> {
    let mut closed = Component::new();
    let (mut is_closed, mut components) = (false, 0);
    for (payload, raw) in sections(component)? {
        match payload {
            Payload::ComponentImportSection(imports) => {
                for import in imports {
                    let import = import?;
                    if import.name.name == LOADER {
                        ensure!(components == 0, "there are components before its imports");
                        closed.section(&RawSection {
                            id: ComponentSectionId::Component.into(),
                            data: &encoded(NOTHING)?,
                        });
                        closed.section(ComponentInstanceSection::new().instantiate::<_, &str>(0, []));
                        is_closed = true;
                    } else {
                        let mut section = ComponentImportSection::new();
                        section.import(import.name, RoundtripReencoder.component_type_ref(import.ty)?);
                        closed.section(&section);
                    }
                }
            }
            Payload::ComponentInstanceSection(instances) if is_closed => {
                let mut section = ComponentInstanceSection::new();
                OneBefore.parse_component_instance_section(&mut section, instances)?;
                closed.section(&section);
            }
            payload => {
                components += usize::from(matches!(payload, Payload::ComponentSection { .. }));
                closed.section(&raw);
            }
        }
    }
    ensure!(is_closed, "it imports no loader of modules");
    Ok(closed.finish())
}

/// Writes what it reads, but that components have the next number.
struct OneBefore;

impl Reencode for OneBefore {
    type Error = Infallible;
}

impl ReencodeComponent for OneBefore {
    fn component_index(&mut self, index: u32) -> u32 {
        index + 1
    }
}

/// The sections of a component, without those of the modules and components inside.
fn sections(component: &[u8]) -> Result<Vec<(Payload<'_>, RawSection<'_>)>> {
    let mut sections = Vec::new();
    let (mut parser, mut at) = (Parser::new(0), 0);
    while at < component.len() {
        let Chunk::Parsed { consumed, payload } = parser.parse(&component[at..], true)? else { bail!("it breaks off") };
        at += consumed;
        if let Payload::ModuleSection { unchecked_range: inside, .. }
        | Payload::ComponentSection { unchecked_range: inside, .. } = &payload
        {
            at = inside.end;
        }
        if let Some((id, range)) = payload.as_section() {
            sections.push((payload, RawSection { id, data: component.get(range).context("it breaks off")? }));
        }
    }
    Ok(sections)
}

#[cfg(test)]
mod tests {
    use wasmtime::Engine;

    use super::*;

    fn names(component: &[u8]) -> (Vec<String>, Vec<String>) {
        let engine = Engine::default();
        let component = wasmtime::component::Component::new(&engine, component).unwrap();
        let types = component.component_type();
        let names = |all: &mut dyn Iterator<Item = &str>| all.map(str::to_owned).collect::<Vec<_>>();
        (
            names(&mut types.imports(&engine).map(|(name, _)| name)),
            names(&mut types.exports(&engine).map(|(name, _)| name)),
        )
    }

    const IMPORTING: &str = r#"(component
        (import "before" (func))
        (type $loader (instance
            (export "resolve" (func (param "referrer" string) (param "specifier" string)
                (result (result string (error string)))))
            (export "load" (func (param "path" string) (result (result string (error string)))))))
        (import "local:init/module-loader" (instance $loader (type $loader)))
        (import "after" (func))
        (component $inner
            (import "load" (func (param "path" string) (result (result string (error string)))))
            (core module $m (func (export "f")))
            (core instance $i (instantiate $m))
            (func (export "f") (canon lift (core func $i "f"))))
        (instance $inner (instantiate $inner (with "load" (func $loader "load"))))
        (export "init" (func $inner "f"))
        (export "other" (func $inner "f")))"#;

    #[test]
    fn without_its_loader_a_component_has_all_else_that_it_had() {
        let closed = without_loader(&encoded(IMPORTING).unwrap()).unwrap();
        assert_eq!(names(&closed), (vec!["before".into(), "after".into()], vec!["init".into(), "other".into()]));
        assert!(without_loader(&closed).unwrap_err().to_string().contains("no loader"));
    }

    #[test]
    fn an_export_alone_is_renamed() {
        let renamed = renamed(&encoded(IMPORTING).unwrap(), "init", "start-it").unwrap();
        assert_eq!(names(&renamed).1, ["start-it", "other"]);
        assert_eq!(super::renamed(&renamed, "start-it", "init").unwrap(), encoded(IMPORTING).unwrap());
    }
}
