//! Where things lie.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The workspace's root: the directory with the lock file, above the package that cargo runs. Asked when it runs, since
/// a checkout can have moved after it was compiled.
#[must_use]
pub fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let package = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let above = Path::new(&package).ancestors().find(|directory| directory.join("Cargo.lock").is_file());
        above.unwrap_or(Path::new(".")).to_owned()
    });
    &ROOT
}

/// The target directory: that of the binary which asks.
///
/// # Panics
///
/// When the binary does not lie where cargo puts binaries.
#[must_use]
pub fn target() -> PathBuf {
    let profile = profile();
    profile.parent().unwrap_or_else(|| panic!("{} lies in no target directory", profile.display())).to_owned()
}

/// A binary of the workspace, built with the same profile as the one that asks.
///
/// # Panics
///
/// When it was not built.
#[must_use]
pub fn binary(name: &str) -> PathBuf {
    let path = profile().join(name);
    assert!(path.is_file(), "{} is missing: run the tests through `cargo xtask test`, which builds it", path.display());
    path
}

/// The profile's directory, target/debug: binaries lie in it, tests in deps below it.
fn profile() -> PathBuf {
    let binary = env::current_exe().expect("the system knows where this binary lies");
    let directory = binary.parent().unwrap_or(Path::new("/"));
    if directory.ends_with("deps") { directory.parent().unwrap_or(directory) } else { directory }.to_owned()
}
