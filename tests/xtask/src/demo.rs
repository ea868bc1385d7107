//! The demo: the todo example, from nothing to an address.

use std::path::Path;
use std::process::{Command, ExitCode};

use crate::build;
use crate::child;
use crate::definitions::{self, Which};
use crate::docker::Docker;
use crate::failure::Failure;
use crate::images;
use crate::narration;
use crate::steps::{self, Steps};
use crate::wasm::Toolchain;
use crate::workspace;

/// Where the example answers.
const ADDRESS: &str = "http://127.0.0.1:8080";

/// Builds and starts the example. Its exit code is that of `drillmaster start`.
pub(crate) fn run() -> Result<ExitCode, Failure> {
    let mut steps = Steps::of(6);
    steps.next("Looking for Docker");
    let docker = Docker::find()?;
    steps.next("Looking for a Rust toolchain that builds Wasm");
    let toolchain = Toolchain::find()?;
    steps.next("Compiling drillmaster (the first time takes minutes)");
    let target = workspace::target()?;
    build::programs()?;
    steps.next("Building the definition examples/todo/app.wasm");
    definitions::build(Which::Example, &toolchain, &target)?;
    steps.next("Looking for the base image debian:bookworm-slim");
    images::base(&docker, &target)?;
    steps.next("Starting it: drillmaster start examples/todo/app.wasm");
    let mut start = Command::new(build::binary(&target, "drillmaster"));
    start.current_dir(workspace::root()).arg("start").arg("examples/todo/app.wasm");
    let status = child::run_inherited(docker.name_to(&mut start))?;
    if status.success() {
        let drillmaster = Path::new(start.get_program());
        let drillmaster = drillmaster.strip_prefix(workspace::root()).unwrap_or(drillmaster).display();
        narration::line(&format!(
            "\nThe todo example answers at {ADDRESS} ({} in all).\nStop it with: {drillmaster} stop \
             examples/todo/app.wasm",
            steps::seconds(steps.elapsed())
        ));
    }
    Ok(ExitCode::from(child::code(status)))
}
