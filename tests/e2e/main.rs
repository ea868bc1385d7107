//! The end-to-end tests: `drillmaster` as a person runs it, on Docker.
//!
//! One module a topic. They run through `cargo xtask test`, which builds what they need.

mod bindings;
mod connecting;
mod context;
mod errors;
mod excluding;
mod failures;
mod fields;
mod harness;
mod hooks;
mod interrupting;
mod litter;
mod looking;
mod requests;
mod reusing;
mod showing;
mod starting;
mod steering;
mod stopping;
mod support;
mod sweeping;
mod todo;
mod usage;
