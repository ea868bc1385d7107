//! A command about to be run.

use std::io::{PipeReader, PipeWriter, Write as _, pipe};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::DEADLINE;
use super::history::History;
use super::running::Running;

/// A program with arguments, a directory, an environment and a deadline.
#[derive(Debug)]
pub struct Invocation {
    command: Command,
    shown: String,
    input: Option<String>,
    unread: Option<PipeReader>,
    deadline: Duration,
    history: History,
}

impl Invocation {
    /// A program to be run in a directory, with our environment, for at most a minute.
    #[must_use]
    pub fn new(program: &Path, arguments: &[&str], directory: &Path) -> Self {
        let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut command = Command::new(program);
        command.args(arguments).current_dir(directory);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let shown = [&[name.as_str()], arguments].concat().join(" ");
        Self { command, shown, input: None, unread: None, deadline: DEADLINE, history: History::default() }
    }

    /// Sets variables.
    #[must_use]
    pub fn envs(mut self, variables: &[(&str, &str)]) -> Self {
        self.command.envs(variables.iter().copied());
        self
    }

    /// Forgets our environment, and the variables that were set so far.
    #[must_use]
    pub fn env_clear(mut self) -> Self {
        self.command.env_clear();
        self
    }

    /// Runs it in another directory.
    #[must_use]
    pub fn within(mut self, directory: &Path) -> Self {
        self.command.current_dir(directory);
        self
    }

    /// What it reads from its standard input; nothing unless it is said here.
    #[must_use]
    pub fn input(mut self, text: &str) -> Self {
        self.command.stdin(Stdio::piped());
        self.input = Some(text.to_owned());
        self
    }

    /// Leaves its standard input open for what [`Running::types`] writes there.
    #[must_use]
    pub fn typing(mut self) -> Self {
        self.command.stdin(Stdio::piped());
        self
    }

    /// Nobody reads what it writes, and there is no room for a byte of it.
    ///
    /// # Panics
    ///
    /// When no pipe can be made.
    #[must_use]
    pub fn unread(mut self) -> Self {
        let (reader, writer) = pipe().expect("a pipe can be made");
        fill(&writer);
        self.command.stdout(writer.try_clone().expect("it can be shared")).stderr(writer);
        self.unread = Some(reader);
        self
    }

    /// How long it may take.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    pub(super) fn history(mut self, history: &History) -> Self {
        self.history = history.clone();
        self
    }

    /// Starts it.
    ///
    /// # Panics
    ///
    /// When it cannot be started, or does not take its input.
    #[must_use]
    pub fn spawn(mut self) -> Running {
        let mut child = self.command.spawn().unwrap_or_else(|error| panic!("cannot run {}: {error}", self.shown));
        if let Some(text) = &self.input
            && let Some(mut stdin) = child.stdin.take()
        {
            stdin.write_all(text.as_bytes()).unwrap_or_else(|error| panic!("{} reads nothing: {error}", self.shown));
        }
        Running::new(child, self.shown, self.deadline, self.history, self.unread)
    }
}

/// Writes to a pipe until it is full. Whoever writes to it then waits.
fn fill(mut writer: &PipeWriter) {
    rustix::io::ioctl_fionbio(writer, true).expect("it need not be waited for");
    while writer.write(b"x").is_ok() {}
    rustix::io::ioctl_fionbio(writer, false).expect("it can be waited for again");
}
