//! Commands in a container.

use std::time::Duration;

use bollard::container::LogOutput;
use bollard::errors::Error;
use bollard::exec::{CreateExecOptions, StartExecOptions, StartExecResults};
use futures_util::TryStreamExt as _;

use crate::engine::{EngineError, ExecOutput, Result};
use crate::group::{mask_text, short};
use crate::plan::ContainerId;

use super::error::failed;
use super::{Docker, keep_tail};

/// The most bytes of a program's name that an error repeats.
const SHOWN: usize = 100;

impl Docker {
    pub(super) async fn run_in_container(
        &self,
        id: &ContainerId,
        argv: &[String],
        timeout: Duration,
    ) -> Result<ExecOutput> {
        let action = || format!("run {} in the container", summary(argv));
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

/// What errors say of a command: its program and how many arguments it has. There may be a password among those.
pub(super) fn summary(argv: &[String]) -> String {
    let (program, arguments) = (program(argv), argv.len().saturating_sub(1));
    match arguments {
        0 => format!("`{program}`"),
        1 => format!("`{program}` (1 argument)"),
        _ => format!("`{program}` ({arguments} arguments)"),
    }
}

/// The program of a command: its first word, should somebody have put a whole command line there.
pub(super) fn program(argv: &[String]) -> String {
    let first = argv.first().map(|program| program.trim()).unwrap_or_default();
    match first.split_once(char::is_whitespace) {
        None => short(&mask_text(first), SHOWN).into_owned(),
        Some((word, _)) => format!("{}…", short(&mask_text(word), SHOWN)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_command_the_program_and_the_number_of_its_arguments_are_told() {
        let table: [(&[&str], &str); 7] = [
            (&["true"], "`true`"),
            (&["psql", "postgres://ada:hunter2@db"], "`psql` (1 argument)"),
            (&["sh", "-c", "sleep 5 # hunter2"], "`sh` (2 arguments)"),
            (&["mysql -phunter2 db"], "`mysql…`"),
            (&["PGPASSWORD=hunter2", "psql"], "`PGPASSWORD=***` (1 argument)"),
            (&[" \n"], "``"),
            (&[], "``"),
        ];
        for (argv, told) in table {
            let argv: Vec<String> = argv.iter().map(ToString::to_string).collect();
            assert_eq!(summary(&argv), told);
        }
        assert!(summary(&["x".repeat(10_000)]).len() < 2 * SHOWN);
    }
}
