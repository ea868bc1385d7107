//! Waiting for a condition, never for a time.

use std::thread;
use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(10);

/// Asks until the answer is something, and gives it; none when there is none within the limit.
pub fn some_within<T>(limit: Duration, mut answer: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        if let Some(answer) = answer() {
            return Some(answer);
        }
        if start.elapsed() >= limit {
            return None;
        }
        thread::sleep(POLL);
    }
}

/// Asks until the condition holds.
///
/// # Panics
///
/// When it does not hold within the limit: `what` then completes "waited … for".
#[track_caller]
pub fn until(what: &str, limit: Duration, mut condition: impl FnMut() -> bool) {
    let held = some_within(limit, || condition().then_some(()));
    assert!(held.is_some(), "waited {limit:?} for {what}, in vain");
}
