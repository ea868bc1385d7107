//! Showing what happens: each way of showing draws the same events.

mod lines;
mod plan;
mod summary;
mod visible;

pub use lines::Lines;
pub use plan::{plan_json, plan_text, step_lines};
pub use summary::summary;
pub use visible::visible;
