//! Where things lie.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::child;
use crate::failure::Failure;
use crate::narration;

/// The workspace's root, as cargo says it when it runs us: a checkout can have moved since we were compiled.
pub(crate) fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let package = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        // This package lies at tests/xtask.
        Path::new(&package).ancestors().nth(2).unwrap_or(Path::new(".")).to_owned()
    });
    &ROOT
}

/// The target directory, wherever the person keeps it.
pub(crate) fn target() -> Result<PathBuf, Failure> {
    let mut command = cargo();
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    let metadata = child::ask(&mut command)
        .ok_or_else(|| Failure::step(format!("{} failed; run it to see why", child::shown(&command))))?;
    let (_, rest) = metadata
        .split_once("\"target_directory\":\"")
        .ok_or_else(|| Failure::step("`cargo metadata` names no target directory"))?;
    Ok(PathBuf::from(rest.split('"').next().unwrap_or_default()))
}

/// The cargo that runs us, in the workspace. On a terminal it draws its progress bar, though it writes to a pipe.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.current_dir(root());
    // What cargo tells us about our own package is not for its next run: some build scripts (ring's) run again, with
    // all that follows, when it changes, and a person's own cargo does not say it.
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    if narration::on_terminal() {
        command.envs([
            ("CARGO_TERM_COLOR", "always"),
            ("CARGO_TERM_PROGRESS_WHEN", "always"),
            ("CARGO_TERM_PROGRESS_WIDTH", "80"),
        ]);
    }
    command
}
