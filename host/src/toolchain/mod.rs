//! From sources to what runs: what a definition that is not a component needs.

mod javascript;
mod making;
mod python;

pub use javascript::{is_javascript, javascript_component, javascript_interpreter};
pub use making::ToolError;
pub use python::{interpreter, is_python};
