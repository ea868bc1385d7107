//! The time as `fields` sees it: always the same.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use wasmtime_wasi::{HostMonotonicClock, HostWallClock};

/// A calendar that stands still: on 18 May 2033, at 2,000,000,000 seconds since 1970.
pub(super) struct FixedWallClock;

impl HostWallClock for FixedWallClock {
    fn resolution(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn now(&self) -> Duration {
        Duration::from_secs(2_000_000_000)
    }
}

/// A stopwatch that goes on by a microsecond at each look, so that a loop that waits for it ends.
#[derive(Default)]
pub(super) struct SteppingClock(AtomicU64);

impl HostMonotonicClock for SteppingClock {
    fn resolution(&self) -> u64 {
        1_000
    }

    fn now(&self) -> u64 {
        self.0.fetch_add(1_000, Ordering::Relaxed)
    }
}
