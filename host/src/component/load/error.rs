//! Why a file cannot be loaded as a definition.

use std::io;

use crate::group::quoted;

use super::{COMPILE_MEMORY, COMPILE_TIMEOUT, CONTRACT, MAX_SIZE};

/// A file cannot be loaded as a definition.
#[derive(Debug, thiserror::Error)]
#[error("cannot load {}: {}", quoted(.file), quoted(&.problem.to_string()))]
pub struct LoadError {
    /// The file, as the person named it.
    pub file: String,
    /// Why.
    pub problem: LoadProblem,
}

/// Why: a sentence about the file, which it calls "it", and what to do.
#[derive(Debug, thiserror::Error)]
pub enum LoadProblem {
    /// There is none.
    #[error("there is no such file")]
    NotThere,
    /// This user may not read it.
    #[error("you may not read it (permission denied); if it is yours, `chmod u+r` changes that")]
    NotAllowed,
    /// It cannot be read for another reason.
    #[error("it cannot be read: {0}")]
    Unreadable(io::Error),
    /// It is a directory.
    #[error("it is a directory; name the file of the component")]
    Directory,
    /// It is something else than a file, which could go on without an end.
    #[error("it is {0} and not a file; save the component to a file first")]
    NotAFile(&'static str),
    /// It is larger than any definition should be.
    #[error(
        "it is larger than {} MiB, which is more than a definition can have; build it optimised and without debug \
         information",
        MAX_SIZE / 1024 / 1024
    )]
    TooLarge,
    /// There is nothing in it.
    #[error("it is empty; build or download it again")]
    Empty,
    /// It ends before its end.
    #[error("it is not a whole Wasm component: it breaks off; build or download it again")]
    CutOff,
    /// It is neither Wasm nor the text form of it.
    #[error("it is not a Wasm component: it is neither Wasm nor the text form of it")]
    NotWasm,
    /// It is a program for a processor.
    #[error("it is not a Wasm component but a program for a machine; build it for the target wasm32-wasip2")]
    Program,
    /// It is what wasmtime makes of a component. Whoever runs that has to trust every byte of it.
    #[error(
        "it is not a Wasm component but what a compiler has made of one (a .cwasm), which no sandbox could hold; name \
         the component itself"
    )]
    CompiledCode,
    /// It is a core module.
    #[error(
        "it is a core Wasm module and not a component; build it for the target wasm32-wasip2, or make it a component \
         with wit-component"
    )]
    CoreModule,
    /// It is in another version of the format.
    #[error("it is in another version of the format of Wasm components; build it again with tools of today")]
    OtherFormat,
    /// It begins as the text form does, but is not UTF-8.
    #[error("it is not a Wasm component: it begins as the text form does, but byte {0} is not UTF-8")]
    NotText(usize),
    /// The text form of it is wrong.
    #[error("it is not a Wasm component: line {line}, column {column}: {reason}")]
    Text {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// It cannot be compiled.
    #[error(
        "it is not a Wasm component that can be compiled: {0}; it is damaged, or uses what drillmaster does not have"
    )]
    NotCompiled(String),
    /// Compiling it takes too long.
    #[error("compiling it took longer than {} s", COMPILE_TIMEOUT.as_secs())]
    CompilingTookTooLong,
    /// Compiling it takes too much memory.
    #[error("compiling it took more than {} MiB of memory", COMPILE_MEMORY / 1024 / 1024)]
    CompilingTookTooMuch,
    /// Another one takes too long or too much, and goes on.
    #[error("it was not compiled, since drillmaster still compiles another definition that takes too much; see there")]
    CompilerBusy,
    /// It is made of more than any definition should be: of what.
    #[error("it is made of {0}")]
    TooManyParts(String),
    /// It was made for another version of the contract.
    #[error(
        "it was made for version {0} of drillmaster's interface, and this drillmaster speaks {CONTRACT}; build it \
         again with the SDK of this version"
    )]
    OtherVersion(String),
    /// It calls what a later version of the contract has.
    #[error(
        "it calls {function} of {interface}, and this drillmaster speaks version {CONTRACT} of its interface, which \
         does not have that; a newer drillmaster may"
    )]
    NewerVersion {
        /// The function.
        function: String,
        /// The interface, with its version.
        interface: String,
    },
    /// It imports a version of WASI that this host does not have.
    #[error("it imports {0}, and drillmaster has only WASI 0.2; build it for the target wasm32-wasip2")]
    OtherWasi(String),
    /// It imports an interface that this host does not have.
    #[error("it imports {0}, which drillmaster does not have; a definition has WASI 0.2 and drillmaster:plugin")]
    UnknownImport(String),
    /// It imports something of an interface that this host has otherwise or not at all.
    #[error(
        "it imports {item} of {interface}, which drillmaster {}; build it again with tools of today",
        if *.is_missing { "does not have" } else { "has with another type" }
    )]
    UnknownItem {
        /// The function or type.
        item: String,
        /// The interface, with its version.
        interface: String,
        /// Whether it is not there at all, rather than of another type.
        is_missing: bool,
    },
    /// It is a component and not a definition.
    #[error("it is a Wasm component but not a definition: {0}")]
    NotADefinition(String),
}

impl From<io::Error> for LoadProblem {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotThere,
            io::ErrorKind::PermissionDenied => Self::NotAllowed,
            io::ErrorKind::IsADirectory => Self::Directory,
            _ => Self::Unreadable(error),
        }
    }
}
