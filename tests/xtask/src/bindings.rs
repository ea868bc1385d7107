//! The SDKs' bindings, which are generated and committed.

use std::process::ExitCode;

use crate::build;
use crate::child;
use crate::failure::Failure;
use crate::steps::Steps;
use crate::workspace;

/// Writes them, or with `--check` compares them.
pub(crate) fn run(arguments: &[&str]) -> Result<ExitCode, Failure> {
    let mut steps = Steps::of(2);
    let target = workspace::target()?;
    steps.next("Compiling the generator");
    build::harness_alone()?;
    steps.next("Generating the SDKs' bindings from wit/");
    let status = child::run(build::harness(&target).arg("bindings").args(arguments), "generating")?;
    Ok(ExitCode::from(child::code(status)))
}
