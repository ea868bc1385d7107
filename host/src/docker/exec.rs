//! Commands in a container.

use std::time::Duration;

use bollard::container::LogOutput;
use bollard::exec::{CreateExecOptions, StartExecOptions, StartExecResults};
use futures_util::TryStreamExt as _;

use crate::engine::{EngineError, ExecOutput, Result};
use crate::group::{mask_text, short};
use crate::plan::ContainerId;

use super::error::{cut, failed};
use super::{Docker, keep_tail};

/// How long the engine may take to notice that a command has exited whose output has ended.
const EXIT_NOTICE: Duration = Duration::from_secs(5);

/// The time between two questions whether it has.
const EXIT_INTERVAL: Duration = Duration::from_millis(20);

/// The most bytes of a program's name that an error repeats.
const SHOWN: usize = 100;

impl Docker {
    pub(super) async fn run_in_container(
        &self,
        id: &ContainerId,
        argv: &[String],
        timeout: Duration,
    ) -> Result<ExecOutput> {
        let action = || running(argv);
        match tokio::time::timeout(timeout, self.run(id, argv)).await {
            Err(_) => Err(EngineError::Refused {
                action: action(),
                reason: format!("it took longer than {} ms", timeout.as_millis()),
            }),
            Ok(ended) => ended,
        }
    }

    async fn run(&self, id: &ContainerId, argv: &[String]) -> Result<ExecOutput> {
        let failed = |error| failed(self, running(argv), error);

        let options = CreateExecOptions {
            cmd: Some(argv.to_vec()),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            ..CreateExecOptions::default()
        };
        let exec = self.client.ask(|docker| docker.create_exec(&id.0, options)).await.map_err(failed)?;
        let (mut stdout, mut stderr, mut is_cut) = (Vec::new(), Vec::new(), false);
        let started = self.client.ask(|docker| docker.start_exec(&exec.id, None::<StartExecOptions>)).await;
        if let StartExecResults::Attached { mut output, .. } = started.map_err(failed)? {
            while let Some(piece) = output.try_next().await.map_err(failed)? {
                let stream = if matches!(piece, LogOutput::StdErr { .. }) { &mut stderr } else { &mut stdout };
                is_cut |= keep_tail(stream, &piece.into_bytes());
            }
        }
        let exit_code = self.exit_code(&exec.id, argv).await?;
        Ok(ExecOutput { exit_code: i32::try_from(exit_code).unwrap_or(-1), stdout, stderr, is_cut })
    }
}

impl Docker {
    /// The exit code of a command whose output has ended. The output ends as well when its connection is cut, while the
    /// command runs: that is an error, and never a code.
    ///
    /// # Errors
    /// Also if the engine cannot tell.
    pub async fn exit_code(&self, exec: &str, argv: &[String]) -> Result<i64> {
        let exited = async {
            loop {
                let found = self.client.ask(|docker| docker.inspect_exec(exec)).await;
                let found = found.map_err(|error| failed(self, running(argv), error))?;
                match found.exit_code {
                    Some(code) if found.running != Some(true) => return Ok(code),
                    // The engine can be told of the output's end before it is told of the command's.
                    _ => tokio::time::sleep(EXIT_INTERVAL).await,
                }
            }
        };
        let missing = "its output has ended, and the command still runs, or with which code it exited is not known";
        tokio::time::timeout(EXIT_NOTICE, exited).await.map_err(|_| cut(running(argv), missing))?
    }
}

/// What is asked for when a command is run, for errors.
pub(super) fn running(argv: &[String]) -> String {
    format!("run {} in the container", summary(argv))
}

/// What errors say of a command: its program and how many arguments it has. There may be a password among those.
fn summary(argv: &[String]) -> String {
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
