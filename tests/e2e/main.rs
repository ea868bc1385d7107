//! The end-to-end tests: `drillmaster` as a person runs it, on Docker.
//!
//! One module a topic. They run through `cargo xtask test`, which builds what they need.

mod again;
mod bindings;
mod connecting;
mod context;
mod dialing;
mod errors;
mod excluding;
mod failures;
mod fields;
mod granting;
mod harness;
mod hooks;
mod hostile;
mod images;
mod inspecting;
mod interrupting;
mod javascript;
mod litter;
mod loading;
mod locking;
mod looking;
mod meddling;
mod mounting;
mod neighbours;
mod planning;
mod project;
mod publishing;
mod python;
mod requests;
mod restarting;
mod reusing;
mod several;
mod showing;
mod sources;
mod starting;
mod state;
mod steering;
mod stopping;
mod support;
mod sweeping;
mod todo;
mod usage;
mod vanishing;
