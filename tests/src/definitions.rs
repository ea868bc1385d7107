//! The tests' definitions, once they are components.

use std::path::PathBuf;

use crate::workspace;

/// The component of `tests/definitions/examples/NAME.rs`; of `LANGUAGE/NAME`, that of the directory
/// `tests/definitions/LANGUAGE/NAME`.
///
/// # Panics
///
/// When it was not built.
#[must_use]
pub fn path(name: &str) -> PathBuf {
    let path = workspace::target().join("definitions").join(name).with_extension("wasm");
    assert!(path.is_file(), "{} is missing: run the tests through `cargo xtask test`, which builds it", path.display());
    path
}

/// The component of the todo example.
///
/// # Panics
///
/// When it was not built.
#[must_use]
pub fn example() -> PathBuf {
    let path = workspace::root().join("examples/todo/app.wasm");
    assert!(path.is_file(), "{} is missing: run the tests through `cargo xtask test`, which builds it", path.display());
    path
}
