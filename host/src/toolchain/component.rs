//! From a core module to a component.

use anyhow::{Context as _, bail};
use include_dir::{Dir, include_dir};
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wasmparser::{Encoding, Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, SourceMap, WorldId};

/// The contract.
pub(super) static CONTRACT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../wit");

/// The world that the SDKs build for.
const WORLD: &str = "plugin-with-hooks";

/// What every definition exports.
const LIFECYCLE: &str = "drillmaster:plugin/lifecycle";

/// What the names of the sections begin with in which a module says which world it was made for.
const DESCRIPTION: &str = "component-type";

/// Makes a component of a core module: of one that says for which world it was made, as wit-bindgen's guests do, for that,
/// else for the SDKs' own. What a module has of WASI's first preview is adapted. A component stays as it is.
///
/// # Errors
/// If it is neither, or does not have what its world demands.
pub fn component_of(mut wasm: Vec<u8>) -> anyhow::Result<Vec<u8>> {
    match kind(&wasm)? {
        Kind::Component { is_definition: true } => return Ok(wasm),
        Kind::Component { .. } => bail!("what was built is no definition: it does not export {LIFECYCLE}"),
        Kind::DescribedModule => {}
        Kind::Module => {
            let (resolve, world) = contract()?;
            embed_component_metadata(&mut wasm, &resolve, world, StringEncoding::UTF8, false)?;
        }
    }
    ComponentEncoder::default()
        .validate(true)
        .module(&wasm)?
        .adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER)?
        .encode()
}

/// The contract, and the world that the SDKs build for.
pub(super) fn contract() -> anyhow::Result<(Resolve, WorldId)> {
    let mut sources = SourceMap::default();
    for file in CONTRACT.files() {
        sources.push(file.path(), file.contents_utf8().context("the contract is not UTF-8")?);
    }
    let group = sources.parse().map_err(|(_, error)| anyhow::anyhow!("the contract has a mistake: {error}"))?;
    let mut resolve = Resolve::default();
    let package = resolve.push_group(group)?;
    let world = resolve.select_world(&[package], Some(WORLD))?;
    Ok((resolve, world))
}

enum Kind {
    Component {
        /// Whether it exports what every definition does.
        is_definition: bool,
    },
    /// A core module.
    Module,
    /// A core module that says for which world it was made.
    DescribedModule,
}

fn kind(wasm: &[u8]) -> anyhow::Result<Kind> {
    let mut kind = Kind::Module;
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.context("it is not WebAssembly")? {
            Payload::Version { encoding, .. } => {
                if depth == 0 && encoding == Encoding::Component {
                    kind = Kind::Component { is_definition: false };
                }
                depth += 1;
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            // What is nested is not what it exports itself.
            Payload::ComponentExportSection(exports) if depth == 1 => {
                for export in exports {
                    let is_definition = export?.name.name.starts_with(LIFECYCLE);
                    if let (true, Kind::Component { is_definition: found }) = (is_definition, &mut kind) {
                        *found = true;
                    }
                }
            }
            Payload::CustomSection(section) if section.name().starts_with(DESCRIPTION) => {
                if matches!(kind, Kind::Module) {
                    kind = Kind::DescribedModule;
                }
            }
            _ => {}
        }
    }
    Ok(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made_of(text: &str) -> Result<Vec<u8>, String> {
        component_of(wat::parse_str(text).unwrap()).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn a_definition_stays_as_it_is() {
        let text = r#"(component (component $inner) (instance $i (instantiate $inner))
            (export "drillmaster:plugin/lifecycle@0.1.0" (instance $i)))"#;
        let wasm = wat::parse_str(text).unwrap();
        assert_eq!(made_of(text), Ok(wasm));
    }

    #[test]
    fn what_is_no_definition_is_told_so() {
        let error = made_of("(component)").unwrap_err();
        assert!(error.contains("does not export drillmaster:plugin/lifecycle"), "{error}");
        let error = made_of("(module)").unwrap_err();
        assert!(error.contains("drillmaster:plugin/"), "{error}");
        let error = component_of(b"no wasm".to_vec()).unwrap_err().to_string();
        assert!(error.contains("it is not WebAssembly"), "{error}");
    }
}
