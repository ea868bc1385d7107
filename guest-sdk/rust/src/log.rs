//! Lines for the person at the terminal, each shown with the service whose hook wrote it.
//!
//! In a test they are kept in memory; see [`testing::log_lines`](crate::testing::log_lines).

#[cfg(target_family = "wasm")]
use crate::bindings::drillmaster::plugin::log as lines;
#[cfg(not(target_family = "wasm"))]
use crate::testing::memory::log as lines;

/// Shown with `--verbose` only.
pub fn debug(message: impl AsRef<str>) {
    lines::debug(message.as_ref());
}

/// Something worth knowing.
pub fn info(message: impl AsRef<str>) {
    lines::info(message.as_ref());
}

/// Something that is odd, but does not stop the service.
pub fn warn(message: impl AsRef<str>) {
    lines::warn(message.as_ref());
}

/// Something that went wrong. To fail the service, return an error instead.
pub fn error(message: impl AsRef<str>) {
    lines::error(message.as_ref());
}
