//! The tests: everything built, then those of the SDKs of other languages and one `cargo test` over the workspace, or
//! starts killed as often as one likes.

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
use crate::languages::Languages;
use crate::steps::Steps;
use crate::wasm::{self, Toolchain};
use crate::workspace;

/// Runs the tests whose names contain one of the filters; all when there is none. What the tests need and cannot be
/// had is a failure, but for the tools of languages other than Rust and Python: their tests are left out then, and the last
/// words say so.
pub(crate) fn run(filters: &[&str]) -> Result<ExitCode, Failure> {
    let mut steps = Steps::of(9);
    let (docker, toolchain, languages) = prepare(&mut steps)?;
    steps.next("Testing the SDKs of other languages");
    let mut statuses = languages.test_sdks(filters)?;
    steps.next("Running the tests");
    let mut test = workspace::cargo();
    test.args(["test", "--workspace", "--no-fail-fast", "--"]).args(filters).args(languages.skipped());
    languages.name_to(&mut test);
    toolchain.name_to(&mut test);
    if io::stdout().is_terminal() {
        test.arg("--color=always");
    }
    // Most tests wait for Docker most of the time.
    if env::var_os("RUST_TEST_THREADS").is_none() {
        let cores = thread::available_parallelism().map_or(2, usize::from);
        test.env("RUST_TEST_THREADS", (cores * 2).to_string());
    }
    statuses.push(child::run_to_stdout(docker.name_to(&mut test), "testing")?);
    languages.tell_missing();
    // Whichever of them has failed.
    let failed = statuses.into_iter().find(|status| !status.success());
    Ok(ExitCode::from(failed.map_or(0, child::code)))
}

/// Kills starts at random moments, as the harness's options say; see there.
pub(crate) fn again_and_again(what: &str, options: &[&str]) -> Result<ExitCode, Failure> {
    let mut steps = Steps::of(8);
    let (docker, ..) = prepare(&mut steps)?;
    steps.next("Disturbing commands, and looking whether the next one puts it right");
    let mut harness = build::harness(&workspace::target()?);
    let status = child::run_to_stdout(docker.name_to(harness.arg(what).args(options)), "disturbing")?;
    Ok(ExitCode::from(child::code(status)))
}

/// Builds everything that running the tests takes, in seven steps.
fn prepare(steps: &mut Steps) -> Result<(Docker, Toolchain, Languages), Failure> {
    steps.next("Looking for Docker");
    let docker = Docker::find()?;
    steps.next("Looking for a Rust toolchain that builds Wasm");
    let toolchain = Toolchain::find()?;
    let wasip2 = wasm::has_wasip2()?;
    steps.next("Looking for the tools of other languages");
    let target = workspace::target()?;
    let mut languages = Languages::find(&target)?;
    steps.next("Compiling drillmaster and the tests (the first time takes minutes)");
    build::programs_and_tests()?;
    steps.next("Building the definitions");
    definitions::build(Which::All, &toolchain, &target)?;
    languages.build_definitions(&target, &target.join("definitions"))?;
    if wasip2 {
        definitions::build_for_wasip2(&target)?;
    } else {
        languages
            .without_wasip2("the toolchain has no standard library for wasm32-wasip2, and rustup could not get it");
    }
    steps.next("Building the images that the tests use");
    images::base(&docker, &target)?;
    images::service(&docker, &target)?;
    images::engine(&docker, &target)?;
    steps.next("Removing what killed test runs have left");
    child::succeed(docker.name_to(build::harness(&target).arg("sweep")), "sweeping")?;
    Ok((docker, toolchain, languages))
}
