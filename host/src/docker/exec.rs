//! Commands in a container.

use std::time::Duration;

use bollard::container::LogOutput;
use bollard::errors::Error;
use bollard::exec::{CreateExecOptions, StartExecOptions, StartExecResults};
use futures_util::TryStreamExt as _;

use crate::engine::{EngineError, ExecOutput, Result};
use crate::group::short;
use crate::plan::ContainerId;

use super::error::failed;
use super::{Docker, keep_tail};

/// The most bytes of a command that an error repeats.
pub(super) const SHOWN: usize = 200;

impl Docker {
    pub(super) async fn run_in_container(
        &self,
        id: &ContainerId,
        argv: &[String],
        timeout: Duration,
    ) -> Result<ExecOutput> {
        let action = || format!("run `{}` in the container", short(&argv.join(" "), SHOWN));
        match tokio::time::timeout(timeout, self.run(id, argv)).await {
            Err(_) => Err(EngineError::Refused {
                action: action(),
                reason: format!("it took longer than {} ms", timeout.as_millis()),
            }),
            Ok(Err(error)) => Err(failed(self, action(), error)),
            Ok(Ok(output)) => Ok(output),
        }
    }

    async fn run(&self, id: &ContainerId, argv: &[String]) -> Result<ExecOutput, Error> {
        let options = CreateExecOptions {
            cmd: Some(argv.to_vec()),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            ..CreateExecOptions::default()
        };
        let exec = self.client.create_exec(&id.0, options).await?;
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let started = self.client.start_exec(&exec.id, None::<StartExecOptions>).await?;
        if let StartExecResults::Attached { mut output, .. } = started {
            while let Some(piece) = output.try_next().await? {
                let stream = if matches!(piece, LogOutput::StdErr { .. }) { &mut stderr } else { &mut stdout };
                keep_tail(stream, &piece.into_bytes());
            }
        }
        let exit_code = self.client.inspect_exec(&exec.id).await?.exit_code.unwrap_or_default();
        Ok(ExecOutput { exit_code: i32::try_from(exit_code).unwrap_or(-1), stdout, stderr })
    }
}
