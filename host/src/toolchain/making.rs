//! Running the programs that make something, each for a bounded time, with its output in a file.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

/// How many bytes at the end of an output are looked at, and how many lines of them shown.
const LOOKED_AT: u64 = 8 * 1024;
const SHOWN_LINES: usize = 10;

/// Why something could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// There is no Python that could make it.
    #[error(
        "a definition in Python needs a Python 3.10 or later, with `venv` and `pip`, for making what runs it; once, and \
         there is none here. On Debian `sudo apt install python3-venv` installs it, on Fedora `sudo dnf install python3`, \
         on macOS `brew install python3`"
    )]
    NoPython,
    /// There is no place for it.
    #[error(
        "there is no place to keep what runs definitions from their source: set XDG_CACHE_HOME or HOME to a directory"
    )]
    NoPlace,
    /// The JavaScript engine and the contract do not fit.
    #[error("cannot make what runs definitions in JavaScript: {0}")]
    NotLinked(String),
    /// A definition in JavaScript cannot be built.
    #[error("cannot build {file}: {error:#}")]
    NotBuilt {
        /// Its file.
        file: String,
        /// Why.
        error: anyhow::Error,
    },
    /// Something of the system's failed.
    #[error("cannot {what}: {error}")]
    System {
        /// What was tried.
        what: String,
        /// Why it failed.
        error: io::Error,
    },
    /// A program failed.
    #[error("cannot make what runs definitions in Python: {step} failed ({status}){output}{advice}")]
    Failed {
        /// What it was to do.
        step: &'static str,
        /// How it ended.
        status: String,
        /// The last lines that it wrote.
        output: String,
        /// What the person can do.
        advice: &'static str,
    },
}

impl ToolError {
    pub(super) fn system(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |error| Self::System { what, error }
    }
}

/// A step of making something.
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) limit: Duration,
    /// What the person can do when it fails.
    pub(super) advice: &'static str,
}

impl Step {
    /// Runs a program in a directory, never in the person's: what lies there may be a stranger's. What it writes goes into
    /// a file; of it the end is told if it fails.
    pub(super) async fn run(&self, mut command: Command, directory: &Path) -> Result<(), ToolError> {
        let path = directory.join("output");
        let what = || ToolError::system(format!("begin {}", self.name));
        let output = File::create(&path).map_err(what())?;
        let errors = output.try_clone().map_err(what())?;
        command.current_dir(directory).stdin(Stdio::null()).stdout(output).stderr(errors).kill_on_drop(true);
        let mut child = command.spawn().map_err(what())?;
        let status = match timeout(self.limit, child.wait()).await {
            Ok(ended) => match ended.map_err(what())? {
                status if status.success() => return Ok(()),
                status => status.to_string(),
            },
            Err(_) => format!("it took longer than {} s", self.limit.as_secs()),
        };
        let output = last_lines(&path).unwrap_or_default();
        Err(ToolError::Failed { step: self.name, status, output, advice: self.advice })
    }
}

/// The end of what was written, each line indented.
fn last_lines(path: &Path) -> io::Result<String> {
    let length = fs::metadata(path)?.len();
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(length.saturating_sub(LOOKED_AT)))?;
    let mut end = Vec::new();
    file.take(LOOKED_AT).read_to_end(&mut end)?;
    let text = String::from_utf8_lossy(&end);
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let shown = &lines[lines.len().saturating_sub(SHOWN_LINES)..];
    Ok(shown.iter().flat_map(|line| ["\n  ", line]).collect())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    async fn run(script: &str, limit: Duration) -> Result<(), ToolError> {
        let directory = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Step { name: "trying", limit, advice: "\nTry again." }.run(command, directory.path()).await
    }

    #[tokio::test]
    async fn what_succeeds_says_nothing() {
        run("echo hello; exit 0", LONG).await.unwrap();
    }

    #[tokio::test]
    async fn what_fails_is_told_with_its_last_words_and_what_to_do() {
        let error = run("for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo $i; done; echo no >&2; exit 3", LONG).await;
        let told = error.unwrap_err().to_string();
        assert!(told.contains("trying failed (exit status: 3)\n  4\n  5\n"), "{told}");
        assert!(told.ends_with("\n  12\n  no\nTry again."), "{told}");
    }

    #[tokio::test]
    async fn what_takes_too_long_is_ended() {
        let error = run("echo waiting; sleep 60", Duration::from_millis(200)).await;
        let told = error.unwrap_err().to_string();
        assert!(told.contains("it took longer than 0 s)\n  waiting"), "{told}");
    }
}
