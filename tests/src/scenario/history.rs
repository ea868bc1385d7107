//! What was run in a scenario, for the case that it fails.

use std::sync::{Arc, Mutex, PoisonError};

/// A text that grows with each command. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct History(Arc<Mutex<String>>);

impl History {
    pub(super) fn add(&self, text: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
    }

    pub(super) fn text(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
