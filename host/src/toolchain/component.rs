//! From a core module to a component.

use anyhow::Context as _;
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

/// What the names of the sections begin with in which a module says which world it was made for.
const DESCRIPTION: &str = "component-type";

/// Makes a component of a core module: of one that says for which world it was made, as wit-bindgen's guests do, for that,
/// else for the SDKs' own. What a module has of WASI's first preview is adapted. A component stays as it is.
///
/// # Errors
/// If it is neither, or does not have what its world demands.
pub fn component_of(mut wasm: Vec<u8>) -> anyhow::Result<Vec<u8>> {
    match kind(&wasm)? {
        Kind::Component => return Ok(wasm),
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
    Component,
    /// A core module.
    Module,
    /// A core module that says for which world it was made.
    DescribedModule,
}

fn kind(wasm: &[u8]) -> anyhow::Result<Kind> {
    let mut kind = Kind::Module;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.context("it is not WebAssembly")? {
            Payload::Version { encoding: Encoding::Component, .. } => return Ok(Kind::Component),
            Payload::CustomSection(section) if section.name().starts_with(DESCRIPTION) => kind = Kind::DescribedModule,
            _ => {}
        }
    }
    Ok(kind)
}
