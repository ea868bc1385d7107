//! Compiling the workspace, once for the demo and the tests.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::child;
use crate::failure::Failure;
use crate::workspace;

/// Builds every package of the workspace: features are unified over all of them, and so whatever is built from here,
/// by the demo or by the tests, is built from the same compiled dependencies.
pub(crate) fn programs() -> Result<(), Failure> {
    child::succeed(workspace::cargo().args(["build", "--workspace"]), "compiling")
}

/// The same, and every test.
pub(crate) fn programs_and_tests() -> Result<(), Failure> {
    child::succeed(workspace::cargo().args(["build", "--workspace", "--all-targets"]), "compiling")
}

/// Builds the harness alone, with the same dependencies.
pub(crate) fn harness_alone() -> Result<(), Failure> {
    child::succeed(workspace::cargo().args(["build", "--workspace", "--bin", "harness"]), "compiling")
}

/// What people install, as they would build it, and what it is measured against.
pub(crate) fn release() -> Result<(), Failure> {
    let packages = ["--package", "drillmaster", "--package", "drillmaster-test-floor"];
    child::succeed(workspace::cargo().args(["build", "--release", "--locked"]).args(packages), "compiling")
}

/// A binary of the workspace, once it is built.
pub(crate) fn binary(target: &Path, name: &str) -> PathBuf {
    target.join("debug").join(name)
}

/// The harness, to be given a subcommand.
pub(crate) fn harness(target: &Path) -> Command {
    let mut command = Command::new(binary(target, "harness"));
    command.current_dir(workspace::root());
    command
}
