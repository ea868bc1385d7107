//! Definitions: loading a Wasm component, checking it, and calling its hooks behind fences.
//!
//! Each call runs in a fresh store of one pre-instantiated component, with a deadline and a bound on memory. What a
//! hook may ask of the world reaches it through [`Containers`], [`Context`](crate::context::Context) and a log.

mod access;
mod bindings;
mod budget;
mod cache;
mod call;
mod capability;
mod definition;
mod facts;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod http;
mod imports;
mod limits;
mod load;
mod log;
mod modules;
mod parts;
mod runtime;
mod script;
mod signature;
mod snapshot;
mod state;
mod wasi;

pub use access::{Containers, ExecOutput, GroupCall, GroupHook, Hook, HookCall, PublishedPort};
pub use cache::Cache;
pub use call::CallError;
pub use capability::Capability;
pub use definition::Definition;
pub use facts::Facts;
pub use load::{Interpreter, LoadError, LoadProblem, Looked};
pub use log::{Level, LogEvent, LogLine, LogSink};
pub use runtime::Runtime;
pub(crate) use snapshot::Importing;
pub use wasi::{Allowed, GrantError};
