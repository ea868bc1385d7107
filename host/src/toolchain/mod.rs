//! From sources to what runs: what a definition that is not a component needs.

mod making;
mod python;

pub use making::ToolError;
pub use python::{interpreter, is_python};
