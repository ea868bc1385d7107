//! The titles of what is done, in order, with the time that has passed.

use std::time::{Duration, Instant};

use crate::narration;

/// A command's steps, numbered as they begin.
pub(crate) struct Steps {
    total: usize,
    begun: usize,
    start: Instant,
}

impl Steps {
    pub(crate) fn of(total: usize) -> Self {
        Self { total, begun: 0, start: Instant::now() }
    }

    /// Begins the next step.
    pub(crate) fn next(&mut self, title: &str) {
        self.begun += 1;
        let elapsed = seconds(self.start.elapsed());
        narration::line(&format!("[{}/{}] {title} ({elapsed} so far)", self.begun, self.total));
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A duration as people read it: `40 s`, `12 min 5 s`.
pub(crate) fn seconds(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}
