//! What a definition may call, one file an interface.

mod container;
mod context;
mod definition;
mod log;
