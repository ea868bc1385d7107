//! A command in a container with a person at its other end.

use std::pin::Pin;

use bollard::container::LogOutput;
use bollard::exec::{CreateExecOptions, ResizeExecOptions, StartExecOptions, StartExecResults};
use futures_util::{Stream, StreamExt as _};
use tokio::io::AsyncWrite;

use crate::engine::{EngineError, Result};
use crate::plan::ContainerId;

use super::Docker;
use super::error::failed;
use super::exec::running;

/// A command that runs in a container.
pub struct Attached {
    /// The engine's id of it.
    pub id: String,
    /// What it writes.
    pub output: Pin<Box<dyn Stream<Item = Result<Output>> + Send>>,
    /// What it reads.
    pub input: Pin<Box<dyn AsyncWrite + Send>>,
}

/// A piece of what a command or a container wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// To its standard output, or to its terminal.
    Stdout(Vec<u8>),
    /// To its standard error.
    Stderr(Vec<u8>),
}

impl From<LogOutput> for Output {
    fn from(piece: LogOutput) -> Self {
        match piece {
            LogOutput::StdErr { message } => Self::Stderr(message.to_vec()),
            other => Self::Stdout(other.into_bytes().to_vec()),
        }
    }
}

impl Docker {
    /// Runs a command in a container, with a terminal of its own if `tty`.
    ///
    /// # Errors
    /// If the container does not run, or the engine refuses.
    pub async fn attach(&self, id: &ContainerId, argv: &[String], tty: bool) -> Result<Attached> {
        let action = running(argv);
        let options = CreateExecOptions {
            cmd: Some(argv.to_vec()),
            attach_stdin: Some(true),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            tty: Some(tty),
            ..CreateExecOptions::default()
        };
        let failed = |error| failed(self, action.clone(), error);
        let exec = self.client.ask(|docker| docker.create_exec(&id.0, options)).await.map_err(failed)?;
        let start = StartExecOptions { tty, ..StartExecOptions::default() };
        let started = self.client.ask(|docker| docker.start_exec(&exec.id, Some(start))).await;
        let StartExecResults::Attached { output, input } = started.map_err(failed)? else {
            let reason = "the engine did not attach to it".to_owned();
            return Err(EngineError::Refused { action, reason });
        };
        let endpoint = self.endpoint.to_string();
        let output = output.map(move |piece| match piece {
            Ok(piece) => Ok(Output::from(piece)),
            Err(error) => Err(EngineError::Unreachable {
                endpoint: endpoint.clone(),
                reason: error.to_string(),
                advice: "The command may go on in the container.".to_owned(),
            }),
        });
        Ok(Attached { id: exec.id, output: Box::pin(output), input })
    }

    /// Tells a command's terminal how large it is.
    ///
    /// # Errors
    /// If the command has ended, or the engine refuses.
    pub async fn resize(&self, attached: &str, columns: u16, rows: u16) -> Result<()> {
        let options = ResizeExecOptions { height: rows, width: columns };
        let resized = self.client.ask(|docker| docker.resize_exec(attached, options)).await;
        resized.map_err(|error| failed(self, "resize the command's terminal", error))
    }
}
