//! drillmaster starts dependent Docker services that a Wasm component declares, pings and initialises.
//!
//! One way leads through the rooms: a [`component`] (if need be one that runs a source: [`toolchain`]) is loaded and
//! declares a [`group`], as far as its [`grants`] go; a [`plan`] says what has to be done, given what was observed;
//! [`run`] carries it out through the [`engine`] trait, behind which [`docker`] is; and [`report`] shows the events.
//! [`cli`] puts them together. Beside that way, [`toolchain`] builds components of sources, and [`scaffold`] writes
//! groups to begin with.

pub mod cli;
pub mod component;
pub mod context;
pub mod docker;
pub mod engine;
mod files;
pub mod grants;
pub mod group;
pub mod plan;
pub mod project;
pub mod report;
pub mod run;
pub mod scaffold;
pub mod toolchain;
