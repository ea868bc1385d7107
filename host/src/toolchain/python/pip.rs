//! Python on this machine, and its pip: what makes components, and the packages that definitions require, come by it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::Command;

use crate::toolchain::making::{Step, ToolError, works};

/// Ends well if this Python can make a virtual environment with componentize-py.
const PROBE: &str = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))";

/// What is told where there is none.
const NO_PYTHON: &str = "a definition in Python needs a Python 3.10 or later, with `venv` and `pip`, for making what runs \
    it; once, and there is none here. On Debian `sudo apt install python3-venv` installs it, on Fedora `sudo dnf install \
    python3`, on macOS `brew install python3`";

const PREPARING: Step = Step { name: "making a virtual environment", limit: Duration::from_mins(3), advice: "" };

/// Makes a virtual environment in a directory, with nothing but pip in it; gives its Python.
pub(super) async fn environment(work: &Path) -> Result<PathBuf, ToolError> {
    let environment = work.join("venv");
    let mut command = isolated(find().await?);
    command.args(["-m", "venv"]).arg(&environment);
    PREPARING.run(command, work).await?;
    Ok(environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" }))
}

/// pip, about to install what further arguments say.
pub(super) fn install(python: &Path) -> Command {
    let mut command = isolated(python);
    command.args(["-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--progress-bar", "off"]);
    command
}

/// Python without the modules that lie in the working directory: they may be a stranger's, and would run unfenced.
pub(super) fn isolated(python: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(python);
    command.arg("-I");
    command
}

/// A Python that can make virtual environments.
async fn find() -> Result<&'static str, ToolError> {
    for python in ["python3", "python"] {
        let mut command = isolated(python);
        command.args(["-c", PROBE]);
        if works(command).await {
            return Ok(python);
        }
    }
    Err(ToolError::Missing(NO_PYTHON.into()))
}
