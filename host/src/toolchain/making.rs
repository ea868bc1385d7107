//! Running the programs that make something, each for a bounded time, with its output in a file or told as it comes.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::component::{Cache, LogSink};
use crate::group::{QUOTE, quoted};

use super::keeping::UNFINISHED;
use super::output::{Output, told_until};

/// How many bytes at the end of an output are looked at, and how many lines of them shown.
const LOOKED_AT: u64 = 8 * 1024;
const SHOWN_LINES: usize = 10;

/// The most bytes of a program's answer.
const ANSWER: u64 = 64 * 1024 * 1024;

/// How long a program may take to say its version.
const PROBE: Duration = Duration::from_secs(20);

/// Why something could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// A tool is missing; the text says which, and how it is installed.
    #[error("{0}")]
    Missing(String),
    /// There is no place for it.
    #[error(
        "there is no place to keep what runs definitions from their source: set XDG_CACHE_HOME or HOME to a directory"
    )]
    NoPlace,
    /// The sources are not as they have to be.
    #[error("{0}")]
    Sources(String),
    /// The JavaScript engine and the contract do not fit.
    #[error("cannot make what runs definitions in JavaScript: {0}")]
    NotLinked(String),
    /// A definition in Python or JavaScript cannot be built.
    #[error("cannot build {file}: {}", quoted(&format!("{error:#}")))]
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
    #[error("{step} failed ({status}){output}{advice}")]
    Failed {
        /// What it was to do.
        step: &'static str,
        /// How it ended.
        status: String,
        /// The last lines that it wrote; none if the person has seen them.
        output: String,
        /// What the person can do.
        advice: &'static str,
    },
    /// What the tools made cannot be a definition.
    #[error("{}", quoted(&format!("{_0:#}")))]
    Component(anyhow::Error),
}

impl ToolError {
    pub(super) fn system(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |error| Self::System { what, error }
    }
}

/// Where tools are kept, and whom each step is told.
pub struct Tools<'a> {
    /// A directory for the person alone, which need not be there, and what is compiled.
    pub cache: &'a Cache,
    /// Told what is done, where it takes long.
    pub tell: &'a (dyn Fn(&str) + Send + Sync),
    /// Takes what a native tool writes.
    pub output: Output<'a>,
    /// Takes what a definition in Python or JavaScript has for the person, which runs while it is built.
    pub log: LogSink,
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
        let what = || self.cannot_begin();
        let output = File::create(&path).map_err(what())?;
        let errors = output.try_clone().map_err(what())?;
        command.current_dir(directory).stdin(Stdio::null()).stdout(output).stderr(errors).kill_on_drop(true);
        let mut child = command.spawn().map_err(what())?;
        match self.end(&mut child).await? {
            None => Ok(()),
            Some(status) => Err(self.failed(status, last_lines(&path).unwrap_or_default())),
        }
    }

    /// Runs a program in the person's directory, who is told each line that it writes as it comes.
    pub(super) async fn run_aloud(
        &self,
        mut command: Command,
        directory: &Path,
        output: Output<'_>,
    ) -> Result<(), ToolError> {
        command.stdout(Stdio::piped());
        self.aloud(command, directory, output).await
    }

    /// The same but for its stdout, which it gives.
    pub(super) async fn ask_aloud(
        &self,
        mut command: Command,
        directory: &Path,
        output: Output<'_>,
    ) -> Result<String, ToolError> {
        let mut answer = tempfile::tempfile().map_err(self.cannot_begin())?;
        command.stdout(answer.try_clone().map_err(self.cannot_begin())?);
        self.aloud(command, directory, output).await?;
        let mut text = String::new();
        answer.rewind().and_then(|()| answer.take(ANSWER).read_to_string(&mut text)).map_err(self.cannot_begin())?;
        Ok(text)
    }

    async fn aloud(&self, mut command: Command, directory: &Path, output: Output<'_>) -> Result<(), ToolError> {
        command.current_dir(directory).stdin(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(self.cannot_begin())?;
        let pipes = (child.stdout.take(), child.stderr.take());
        let ended = told_until(self.end(&mut child), pipes, |line| output(self.name, line)).await?;
        ended.map_or(Ok(()), |status| Err(self.failed(status, String::new())))
    }

    /// Waits for a program; how it failed, if it did.
    async fn end(&self, child: &mut Child) -> Result<Option<String>, ToolError> {
        match timeout(self.limit, child.wait()).await {
            Ok(ended) => {
                let status = ended.map_err(self.cannot_begin())?;
                Ok((!status.success()).then(|| status.to_string()))
            }
            Err(_) => Ok(Some(format!("it took longer than {} s", self.limit.as_secs()))),
        }
    }

    fn cannot_begin(&self) -> impl FnOnce(io::Error) -> ToolError {
        ToolError::system(format!("begin {}", self.name))
    }

    fn failed(&self, status: String, output: String) -> ToolError {
        ToolError::Failed { step: self.name, status, output, advice: self.advice }
    }
}

/// Whether a program runs and ends well, which says that it is there.
pub(super) async fn works(mut command: Command) -> bool {
    // Away from the person's directory: what lies there may be a stranger's.
    command.current_dir(std::env::temp_dir());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    matches!(timeout(PROBE, command.status()).await, Ok(Ok(status)) if status.success())
}

/// Writes a file that is there whole or not at all.
pub(super) fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(directory)?;
    file.write_all(content)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    file.persist(path)?;
    Ok(())
}

/// The end of what was written, each line marked as a quotation.
fn last_lines(path: &Path) -> io::Result<String> {
    let length = fs::metadata(path)?.len();
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(length.saturating_sub(LOOKED_AT)))?;
    let mut end = Vec::new();
    file.take(LOOKED_AT).read_to_end(&mut end)?;
    let text = String::from_utf8_lossy(&end);
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let shown = &lines[lines.len().saturating_sub(SHOWN_LINES)..];
    Ok(shown.iter().flat_map(|line| ["\n", QUOTE, line]).collect())
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
        assert!(told.contains("trying failed (exit status: 3)\n  | 4\n  | 5\n"), "{told}");
        assert!(told.ends_with("\n  | 12\n  | no\nTry again."), "{told}");
    }

    #[tokio::test]
    async fn what_takes_too_long_is_ended() {
        let error = run("echo waiting; sleep 60", Duration::from_millis(200)).await;
        let told = error.unwrap_err().to_string();
        assert!(told.contains("it took longer than 0 s)\n  | waiting"), "{told}");
    }
}
