//! Python: its SDK's own tests, and what is installed from the Python package index.

use std::path::Path;
use std::process::{Command, ExitStatus};

use crate::child;
use crate::debian;
use crate::failure::Failure;
use crate::workspace;

const SDK_TESTS: &str = "guest-sdk/python/tests";
const WHY: &str = "the Python SDK is tested, and definitions in Python are built, by a Python from 3.10 on with `venv` and \
    `pip`, and there is none";
const INSTEAD: &str = "On Fedora that is `sudo dnf install python3`, on macOS `brew install python3`.";
/// Fails if no virtual environment can be made, or it is too old.
const PROBE: &str = "import ensurepip, sys, venv; assert sys.version_info >= (3, 10)";

/// Runs the SDK's own tests whose names contain one of the filters; all when there is none.
pub(crate) fn test(filters: &[&str]) -> Result<ExitStatus, Failure> {
    let mut command = Command::new(find()?);
    // Nothing comes to lie beside the sources.
    command.current_dir(workspace::root()).args(["-B", SDK_TESTS]).args(filters);
    child::run_to_stdout(&mut command, "testing the SDK for python")
}

/// Installs what a file pins into a virtual environment, which is made if it is not there.
pub(crate) fn install(pins: &Path, environment: &Path) -> Result<(), Failure> {
    let python = environment.join("bin/python");
    if !python.is_file() {
        let mut command = Command::new(find()?);
        command.args(["-m", "venv", "--clear"]).arg(environment);
        child::succeed(&mut command, "making a virtual environment of Python")?;
    }
    let mut command = Command::new(python);
    command.args(["-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--progress-bar", "off"]);
    command.args(["--require-hashes", "--only-binary", ":all:", "--requirement"]).arg(pins);
    child::succeed(&mut command, "installing a tool from PyPI")
}

/// A Python that can make virtual environments. Where there is none, Debian's is installed.
fn find() -> Result<&'static str, Failure> {
    let works = |python: &&str| child::ask(Command::new(python).args(["-c", PROBE])).is_some();
    let any = || ["python3", "/usr/bin/python3"].into_iter().find(works);
    if let Some(found) = any() {
        return Ok(found);
    }
    debian::install(&["python3-venv"], WHY, INSTEAD)?;
    any().ok_or_else(|| Failure::step(format!("{WHY}, even with Debian's python3-venv. {INSTEAD}")))
}
