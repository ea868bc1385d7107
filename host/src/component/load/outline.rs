//! What a component imports and exports, by name. It can be told before the component is compiled, and also if it
//! cannot be; and of compiled code alone.

use wasmparser::{Chunk, Parser, Payload};
use wasmtime::Engine;
use wasmtime::component::Component;

use super::error::LoadProblem;

/// The names of what a component imports and exports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Outline {
    pub(super) imports: Vec<String>,
    pub(super) exports: Vec<String>,
}

impl Outline {
    /// The names that compiled code has kept, the same and in the same order.
    pub(super) fn of_compiled(engine: &Engine, component: &Component) -> Self {
        let types = component.component_type();
        let imports = types.imports(engine).map(|(name, _)| name.to_owned()).collect();
        let exports = types.exports(engine).map(|(name, _)| name.to_owned()).collect();
        Self { imports, exports }
    }

    /// Reads the names in a binary component. Nothing else of it is looked at.
    pub(super) fn of(component: &[u8]) -> Result<Self, LoadProblem> {
        let damaged = |error: wasmparser::BinaryReaderError| LoadProblem::NotCompiled(error.to_string());
        let mut outline = Self::default();
        let (mut parser, mut rest) = (Parser::new(0), component);
        while !rest.is_empty() {
            let (consumed, payload) = match parser.parse(rest, false).map_err(damaged)? {
                Chunk::NeedMoreData(_) => return Err(LoadProblem::CutOff),
                Chunk::Parsed { consumed, payload } => (consumed, payload),
            };
            let mut length = consumed;
            match payload {
                Payload::ComponentImportSection(imports) => {
                    for import in imports {
                        outline.imports.push(name(import.map_err(damaged)?.name.name)?);
                    }
                }
                Payload::ComponentExportSection(exports) => {
                    for export in exports {
                        outline.exports.push(name(export.map_err(damaged)?.name.name)?);
                    }
                }
                // What is inside is skipped; the parser goes on behind it.
                Payload::ModuleSection { unchecked_range: inside, .. }
                | Payload::ComponentSection { unchecked_range: inside, .. } => length += inside.len(),
                _ => {}
            }
            rest = rest.get(length..).ok_or(LoadProblem::CutOff)?;
        }
        Ok(outline)
    }
}

/// A name as a component can have it: nothing that has not been checked is shown.
fn name(name: &str) -> Result<String, LoadProblem> {
    if name.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        Ok(name.to_owned())
    } else {
        Err(LoadProblem::NotCompiled("an import or export of it has no valid name".to_owned()))
    }
}
