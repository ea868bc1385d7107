//! Showing what happens: each way of showing draws the same events.

mod board;
mod fold;
mod frame;
mod image_work;
mod inspection;
mod json;
mod json_text;
mod lines;
mod logs;
mod plan;
mod said;
mod sgr;
mod status;
mod style;
mod summary;
mod terminal;
mod trace;
mod visible;

pub use fold::folded;
pub use inspection::{Inspected, Inspection, Problem, check_json, check_text, inspection_json, inspection_text};
pub use json::Json;
pub use lines::Lines;
pub use logs::{log_json, prefixed};
pub use plan::{plan_json, plan_text, step_lines};
pub use status::{StatusRow, status_json, status_text};
pub use summary::summary;
pub use terminal::{Size, Terminal};
pub use trace::{Trace, Tracing};
pub use visible::{indented_lines, visible};

use std::time::Duration;

use crate::run::Event;

/// A way of showing a run.
pub trait Show: Send + Sync {
    /// Shows an event.
    fn show(&self, event: Event);

    /// Shows a request to the engine or a call of a hook that has ended.
    fn trace(&self, trace: &Trace);

    /// Shows a line that is about the command rather than the run.
    fn notice(&self, text: &str);

    /// Shows that time passes. To be called at each [`interval`](Self::interval).
    fn tick(&self);

    /// The time between two calls of [`tick`](Self::tick).
    fn interval(&self) -> Duration;

    /// Makes way for results on stdout; false if they are told already.
    fn make_way(&self) -> bool {
        true
    }

    /// The command has ended.
    fn finish(&self, exit_code: u8, error: Option<&str>) {
        let _ = (exit_code, error);
        self.make_way();
    }
}
