//! The tests: everything built, then those of the Python SDK and one `cargo test` over the workspace, or starts killed as
//! often as one likes.

use std::env;
use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::thread;

use crate::build;
use crate::child;
use crate::definitions::{self, Which};
use crate::docker::Docker;
use crate::failure::Failure;
use crate::images;
use crate::python;
use crate::steps::Steps;
use crate::wasm::Toolchain;
use crate::workspace;

/// Runs the tests whose names contain one of the filters; all when there is none. What the tests need and cannot be
/// had is a failure: no test is skipped for it.
pub(crate) fn run(filters: &[&str]) -> Result<ExitCode, Failure> {
    let mut steps = Steps::of(8);
    let docker = prepare(&mut steps)?;
    steps.next("Testing the Python SDK");
    let in_python = python::test(filters)?;
    steps.next("Running the tests");
    let mut test = workspace::cargo();
    test.args(["test", "--workspace", "--no-fail-fast", "--"]).args(filters);
    if io::stdout().is_terminal() {
        test.arg("--color=always");
    }
    // Most tests wait for Docker most of the time.
    if env::var_os("RUST_TEST_THREADS").is_none() {
        let cores = thread::available_parallelism().map_or(2, usize::from);
        test.env("RUST_TEST_THREADS", (cores * 2).to_string());
    }
    let status = child::run_to_stdout(docker.name_to(&mut test), "testing")?;
    // Whichever of them has failed.
    let failed = [in_python, status].into_iter().find(|status| !status.success());
    Ok(ExitCode::from(failed.map_or(0, child::code)))
}

/// Kills starts at random moments, as the harness's options say; see there.
pub(crate) fn soak(options: &[&str]) -> Result<ExitCode, Failure> {
    let mut steps = Steps::of(7);
    let docker = prepare(&mut steps)?;
    steps.next("Killing starts and replacements at random moments");
    let mut soak = build::harness(&workspace::target()?);
    let status = child::run_to_stdout(docker.name_to(soak.arg("soak").args(options)), "killing")?;
    Ok(ExitCode::from(child::code(status)))
}

/// Builds everything that running the tests takes, in six steps.
fn prepare(steps: &mut Steps) -> Result<Docker, Failure> {
    steps.next("Looking for Docker");
    let docker = Docker::find()?;
    steps.next("Looking for a Rust toolchain that builds Wasm");
    let toolchain = Toolchain::find()?;
    steps.next("Compiling drillmaster and the tests (the first time takes minutes)");
    let target = workspace::target()?;
    build::programs_and_tests()?;
    steps.next("Building the definitions");
    definitions::build(Which::All, &toolchain, &target)?;
    steps.next("Building the images that the tests use");
    images::base(&docker, &target)?;
    images::service(&docker, &target)?;
    images::engine(&docker, &target)?;
    steps.next("Removing what killed test runs have left");
    child::succeed(docker.name_to(build::harness(&target).arg("sweep")), "sweeping")?;
    Ok(docker)
}
