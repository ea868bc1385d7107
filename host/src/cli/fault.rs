//! Why a command did not succeed, and the exit code that says so.

use std::fmt;

use anstyle::AnsiColor;

use crate::engine::EngineError;
use crate::report::indented_lines;
use crate::toolchain::ToolError;

use super::print::tell_lines;

/// Why a command did not succeed.
#[derive(Debug)]
pub(super) enum Fault {
    /// A service failed; that was told already, and this is what it comes to.
    Failed(String),
    /// The command line is wrong, or what was named cannot be had.
    Invalid(String),
    /// A definition is wrong, told with words of its own.
    Definition(String),
    /// The engine cannot be reached, or refused.
    Engine(EngineError),
    /// The person interrupted the command.
    Interrupted,
}

impl Fault {
    /// What `error` says makes the command line or the definition wrong.
    pub(super) fn invalid(error: impl std::fmt::Display) -> Self {
        Fault::Invalid(error.to_string())
    }

    /// What `error` says, in words that may be the definition's, makes it wrong.
    pub(super) fn definition(error: impl std::fmt::Display) -> Self {
        Fault::Definition(error.to_string())
    }

    /// Something of this machine is in the way: a file that cannot be written, a lock that somebody else has.
    #[allow(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
    pub(super) fn local(error: impl std::error::Error) -> Self {
        Fault::Failed(error.to_string())
    }

    /// What stands in the way of building: sources that are wrong, or a tool that is not there or fails.
    #[allow(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
    pub(super) fn tool(error: ToolError) -> Self {
        match error {
            ToolError::Sources(_) => Fault::Invalid(error.to_string()),
            ToolError::Component(_) | ToolError::NotBuilt { .. } => Fault::Definition(error.to_string()),
            _ => Fault::Failed(error.to_string()),
        }
    }

    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Fault::Failed(_) => 1,
            Fault::Invalid(_) | Fault::Definition(_) => 2,
            Fault::Engine(_) => 3,
            Fault::Interrupted => 130,
        }
    }

    /// Writes it to stderr. The command has no screen any more.
    pub(super) fn print(&self) {
        let error = AnsiColor::Red.on_default().bold();
        let quotes_others = match self {
            Fault::Definition(_) => true,
            Fault::Engine(error) => error.quotes().is_some(),
            Fault::Failed(_) | Fault::Invalid(_) | Fault::Interrupted => false,
        };
        let title = |(index, line)| if index == 0 { format!("{error}error:{error:#} {line}") } else { line };
        tell_lines(indented_lines(&self.to_string()).enumerate().map(title), quotes_others);
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Failed(text) | Fault::Invalid(text) | Fault::Definition(text) => f.write_str(text),
            Fault::Engine(error) => error.fmt(f),
            Fault::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl From<EngineError> for Fault {
    fn from(error: EngineError) -> Self {
        Fault::Engine(error)
    }
}
