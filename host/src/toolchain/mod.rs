//! From sources to what runs: what a definition that is not a component needs, and what makes one of it.

mod build;
mod c;
mod component;
mod go;
mod javascript;
mod keeping;
mod language;
mod making;
mod output;
mod python;
mod rewrite;
mod rust;

pub use build::{COMPONENT, Sources};
pub use component::component_of;
pub use javascript::{is_javascript, javascript_interpreter};
pub use language::{Language, NotTold};
pub use making::{ToolError, Tools};
pub use output::Output;
pub use python::{interpreter, is_python};
