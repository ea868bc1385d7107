//! One component of three parts: the JavaScript engine, what makes the contract known to it, and what stands for those
//! interfaces of WASI that no definition has a use for.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use wit_component::{Linker, StringEncoding, embed_component_metadata};

use crate::group::Digest;
use crate::toolchain::component::{CONTRACT, contract};
use crate::toolchain::rewrite::encoded;

/// The engine; `quickjs/README.md` says where it is from.
const ENGINE: &[u8] = include_bytes!("../quickjs/runtime-opt-size-sync.wasm");
const ENGINE_DIGEST: &str = "82ad7fa8463f26abd85d5356fee7e452f05dc0695b70318669f2dc5a9b604bbe";

/// What is done in place of a function of WASI: it gives nothing, which is zeros at the address that is its parameter …
const NOTHING: &str = "(i64.store (local.get 0) (i64.const 0))";
/// … or it is never called, since there is nothing to call it with.
const NEVER: &str = "(unreachable)";

/// The name of a function, the types of its parameters, and what it does.
type Function = (&'static str, &'static str, &'static str);

/// Interfaces that the engine's C library imports, and what their functions do instead: there is no directory, no
/// variable and no terminal.
const STANDING_IN: [(&str, &[Function]); 10] = [
    ("wasi_snapshot_preview1", &[("reset_adapter_state", "", "")]),
    ("wasi:cli/environment@0.2.0", &[("get-environment", "i32", NOTHING)]),
    ("wasi:cli/exit@0.2.0", &[("exit", "i32", NEVER)]),
    ("wasi:cli/terminal-input@0.2.0", &[("[resource-drop]terminal-input", "i32", NEVER)]),
    ("wasi:cli/terminal-output@0.2.0", &[("[resource-drop]terminal-output", "i32", NEVER)]),
    ("wasi:cli/terminal-stdin@0.2.0", &[("get-terminal-stdin", "i32", NOTHING)]),
    ("wasi:cli/terminal-stdout@0.2.0", &[("get-terminal-stdout", "i32", NOTHING)]),
    ("wasi:cli/terminal-stderr@0.2.0", &[("get-terminal-stderr", "i32", NOTHING)]),
    ("wasi:filesystem/preopens@0.2.0", &[("get-directories", "i32", NOTHING)]),
    (
        "wasi:filesystem/types@0.2.0",
        &[
            ("[resource-drop]descriptor", "i32", NEVER),
            ("[method]descriptor.read-via-stream", "i32 i64 i32", NEVER),
            ("[method]descriptor.write-via-stream", "i32 i64 i32", NEVER),
            ("[method]descriptor.append-via-stream", "i32 i32", NEVER),
            ("[method]descriptor.get-flags", "i32 i32", NEVER),
            ("[method]descriptor.stat", "i32 i32", NEVER),
            ("[method]descriptor.metadata-hash", "i32 i32", NEVER),
        ],
    ),
];

/// A component that runs whatever script it is given by its export `init`, and imports from `local:init/module-loader`
/// what that script imports. After that its other exports are those of the contract, which the script has to have.
pub(super) fn linked() -> Result<Vec<u8>> {
    let (contract, world) = contract()?;
    let (mut glue, _) = wit_dylib::create_with_metadata(&contract, world, None)?;
    embed_component_metadata(&mut glue, &contract, world, StringEncoding::UTF8, false)?;
    let mut linker = Linker::default();
    linker.encoder().validate(true);
    linker.library("engine.wasm", ENGINE, false)?.library("contract.wasm", &glue, false)?;
    for (interface, functions) in STANDING_IN {
        linker.encoder().adapter(interface, &stand_in(functions)?)?;
    }
    linker.encode().context("cannot link the JavaScript engine with the contract")
}

/// The digest of all that it is linked of, but for the crates that link it: those are of this version of drillmaster.
pub(super) fn linked_of() -> Digest {
    let contract: Vec<_> = CONTRACT.files().map(|file| (file.path(), file.contents_utf8())).collect();
    Digest::of_json(&(env!("CARGO_PKG_VERSION"), ENGINE_DIGEST, contract, STANDING_IN))
}

/// A module that exports these functions.
fn stand_in(functions: &[Function]) -> Result<Vec<u8>> {
    let mut text = r#"(module (import "env" "memory" (memory 0))"#.to_owned();
    for (name, parameters, body) in functions {
        write!(text, r#"(func (export "{name}") (param {parameters}) {body})"#)?;
    }
    text.push(')');
    encoded(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_is_the_one_that_its_readme_tells_of() {
        assert_eq!(Digest::of(ENGINE).to_string(), ENGINE_DIGEST);
        assert!(include_str!("../quickjs/README.md").contains(ENGINE_DIGEST));
    }

    #[test]
    fn the_same_is_linked_each_time() {
        assert_eq!(Digest::of(&linked().unwrap()), Digest::of(&linked().unwrap()));
    }
}
