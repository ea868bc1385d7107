//! The harness of the end-to-end tests.
//!
//! A test makes a [`Scenario`](scenario::Scenario), a world of its own: a group name, a project directory with a
//! definition, a state directory. It runs `drillmaster` there, and asks the engine, not the output, what came of it.
//! Whatever a scenario leaves in Docker is removed when it is dropped, and by the next run if the process was killed.
//!
//! Everything blocks, and everything is bounded.

pub mod bindings;
pub mod clock;
pub mod componentize;
pub mod definitions;
pub mod engine;
pub mod faults;
pub mod group;
pub mod http;
pub mod images;
pub mod inner;
pub mod leftovers;
pub mod process;
pub mod proxy;
mod random;
pub mod registry;
pub mod scenario;
pub mod soak;
pub mod wait;
pub mod workspace;
