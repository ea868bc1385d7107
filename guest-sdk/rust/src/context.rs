//! Values that hooks leave for the services that start after them.
//!
//! They are kept across commands. A service reads them here, or as `{key}` in its environment variables. A value
//! belongs to the container whose hook set it and goes when that container is removed.
//!
//! In a test the values are kept in memory, one set a thread; see [`testing::clear`](crate::testing::clear).

use crate::Result;
#[cfg(target_family = "wasm")]
use crate::bindings::drillmaster::plugin::context as kept;
#[cfg(not(target_family = "wasm"))]
use crate::testing::memory::context as kept;

/// The value under a key, or none. In `fields` there are no values yet.
#[must_use]
pub fn get(key: impl AsRef<str>) -> Option<String> {
    kept::get(key.as_ref())
}

/// Saves a value before it returns.
///
/// A key is a letter or `_`, then letters, digits, `_`, `.` or `-`, at most 256 bytes. A value is at most 64 KiB.
///
/// # Errors
///
/// When the key or the value is not like that, when the value cannot be saved, and in `fields` and `ping`, which
/// must not change anything.
pub fn set(key: impl AsRef<str>, value: impl AsRef<str>) -> Result<()> {
    Ok(kept::set(key.as_ref(), value.as_ref())?)
}
