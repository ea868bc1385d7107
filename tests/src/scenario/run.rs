//! A command that has ended.

// The assertions give the run back so that they can be chained; a chain may end anywhere.
#![allow(clippy::must_use_candidate, clippy::return_self_not_must_use)]

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use super::history::History;

/// What a command left. A failed assertion shows all of it.
#[derive(Debug, Clone)]
pub struct Run {
    /// What was run.
    pub command: String,
    /// How it ended.
    pub status: ExitStatus,
    /// From start to end.
    pub duration: Duration,
    /// All of stdout.
    pub stdout: String,
    /// All of stderr.
    pub stderr: String,
}

impl Run {
    pub(super) fn new(
        command: String,
        status: ExitStatus,
        duration: Duration,
        stdout: String,
        stderr: String,
        history: &History,
    ) -> Self {
        let run = Self { command, status, duration, stdout, stderr };
        history.add(&format!("{}\n\n", run.report()));
        run
    }

    /// The exit code; none if a signal ended it.
    #[must_use]
    pub fn exit_code(&self) -> Option<i32> {
        self.status.code()
    }

    /// The signal that ended it; none if it exited.
    #[must_use]
    pub fn ending_signal(&self) -> Option<i32> {
        self.status.signal()
    }

    /// Asserts the exit code.
    ///
    /// # Panics
    ///
    /// When it is another.
    #[track_caller]
    pub fn code(self, code: i32) -> Self {
        let holds = self.exit_code() == Some(code);
        self.assert(holds, &format!("the exit code is not {code}"))
    }

    /// Asserts that a text stands in stdout.
    ///
    /// # Panics
    ///
    /// When it does not.
    #[track_caller]
    pub fn stdout_has(self, text: &str) -> Self {
        let holds = self.stdout.contains(text);
        self.assert(holds, &format!("stdout has no {text:?}"))
    }

    /// Asserts that a text stands in stderr.
    ///
    /// # Panics
    ///
    /// When it does not.
    #[track_caller]
    pub fn stderr_has(self, text: &str) -> Self {
        let holds = self.stderr.contains(text);
        self.assert(holds, &format!("stderr has no {text:?}"))
    }

    /// Asserts that a text does not stand in stdout.
    ///
    /// # Panics
    ///
    /// When it does.
    #[track_caller]
    pub fn stdout_lacks(self, text: &str) -> Self {
        let holds = !self.stdout.contains(text);
        self.assert(holds, &format!("stdout has {text:?}"))
    }

    /// Asserts that a text does not stand in stderr.
    ///
    /// # Panics
    ///
    /// When it does.
    #[track_caller]
    pub fn stderr_lacks(self, text: &str) -> Self {
        let holds = !self.stderr.contains(text);
        self.assert(holds, &format!("stderr has {text:?}"))
    }

    /// Asserts that a text stands in stdout or stderr.
    ///
    /// # Panics
    ///
    /// When it does not.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        let holds = self.stdout.contains(text) || self.stderr.contains(text);
        self.assert(holds, &format!("neither stdout nor stderr has {text:?}"))
    }

    /// Asserts that it took at most so long.
    ///
    /// # Panics
    ///
    /// When it took longer.
    #[track_caller]
    pub fn within(self, limit: Duration) -> Self {
        let holds = self.duration <= limit;
        self.assert(holds, &format!("it took longer than {limit:?}"))
    }

    #[track_caller]
    fn assert(self, holds: bool, otherwise: &str) -> Self {
        assert!(holds, "{otherwise}\n{}", self.report());
        self
    }

    fn report(&self) -> String {
        let Self { command, status, duration, stdout, stderr } = self;
        format!("$ {command}\n--- {status} after {duration:.2?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
    }
}
