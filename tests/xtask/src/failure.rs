//! Why a command ended early, and with which exit code.

use std::fmt::{self, Display, Formatter};
use std::io;
use std::process::ExitCode;

/// What was tried, why it failed, what to do: a text for people, and an exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    text: String,
    code: u8,
}

impl Failure {
    /// A step failed.
    pub(crate) fn step(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: 1 }
    }

    /// The command line makes no sense.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: 2 }
    }

    /// Docker cannot be reached.
    pub(crate) fn docker(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: 3 }
    }

    /// A signal ended it.
    pub(crate) fn interrupted(signal: i32) -> Self {
        let code = u8::try_from(128 + signal).unwrap_or(130);
        Self { text: "interrupted".to_owned(), code }
    }

    /// Something the operating system refused: `doing` says what was tried.
    pub(crate) fn system(doing: impl Display, error: &io::Error) -> Self {
        Self::step(format!("cannot {doing}: {error}"))
    }

    /// Whether a signal ended it.
    pub(crate) fn is_interruption(&self) -> bool {
        self.code > 128
    }

    pub(crate) fn code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl Display for Failure {
    fn fmt(&self, formatter: &mut Formatter) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}
