#![doc = include_str!("../README.md")]

mod address;
#[cfg(target_family = "wasm")]
#[doc(hidden)] // public only for what `export_group!` expands to
#[rustfmt::skip]
#[allow(missing_docs, unreachable_pub, unsafe_code, clippy::all, clippy::pedantic)]
pub mod bindings;
mod build;
mod container;
pub mod context;
mod declaration;
mod error;
mod export;
mod fields;
mod group;
#[cfg(target_family = "wasm")]
mod guest;
mod health;
pub mod log;
mod mount;
mod output;
mod parameters;
mod port;
mod response;
mod restart_policy;
mod service;
mod stop_signal;
#[cfg(not(target_family = "wasm"))]
pub mod testing;
mod time_out;

pub use address::Address;
pub use build::Build;
pub use container::Container;
pub use declaration::{Declaration, DeclaredService};
pub use error::{Error, Result};
pub use fields::{Fields, HealthCheck};
pub use group::Group;
#[cfg(target_family = "wasm")]
#[doc(hidden)] // for `export_group!`
pub use guest::Definition;
pub use health::Health;
pub use mount::Mount;
pub use output::Output;
pub use parameters::Parameters;
pub use port::{Port, Transport};
pub use response::Response;
pub use restart_policy::RestartPolicy;
pub use service::Service;
pub use stop_signal::StopSignal;
