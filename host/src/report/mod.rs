//! Showing what happens: each way of showing draws the same events.

mod lines;
mod plan;
mod status;
mod summary;
mod visible;

pub use lines::{Lines, log_json, prefixed};
pub use plan::{plan_json, plan_text, step_lines};
pub use status::{StatusRow, status_json, status_text};
pub use summary::summary;
pub use visible::visible;
