//! The command line: one file a subcommand.

mod again;
mod arguments;
mod build;
mod build_contexts;
mod check;
mod claim;
mod directories;
mod examine;
mod exec;
mod fault;
mod inspect;
mod interrupt;
mod logs;
mod new;
mod output;
mod parameters;
mod plan;
mod print;
mod ps;
mod screen;
mod session;
mod sources;
mod start;
mod stop;
mod target;
mod trust;

use std::io::Write as _;

use clap::{CommandFactory as _, Parser as _};

use arguments::{Arguments, Command};
use fault::Fault;

/// The command line as clap knows it, so that documentation can be checked against it.
#[must_use]
pub fn command() -> clap::Command {
    Arguments::command()
}

/// Parses the command line, does what it says, prints what went wrong, and returns the exit code.
pub async fn run() -> u8 {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(refusal) => {
            // Help and version are not refusals; clap knows which stream and code each one has.
            let text = refusal.render().ansi().to_string();
            let to_stderr = refusal.use_stderr();
            let mut stream = if to_stderr { output::styled_stderr() } else { output::styled_stdout() };
            // What cannot be written is told below.
            let _ = stream.write_all(text.as_bytes());
            output::finish();
            return written(u8::try_from(refusal.exit_code()).unwrap_or(2));
        }
    };
    let done = match arguments.command {
        Command::Exec(arguments) => return code(exec::run(arguments).await),
        Command::Logs(arguments) => return code(logs::run(arguments).await),
        Command::Start(arguments) => start::run(arguments).await,
        Command::Stop(arguments) => stop::run(arguments).await,
        Command::Reload(arguments) => again::run_reload(arguments).await,
        Command::Restart(arguments) => again::run_restart(arguments).await,
        Command::Plan(arguments) => plan::run(arguments).await,
        Command::Check(arguments) => check::run(arguments).await,
        Command::Inspect(arguments) => inspect::run(arguments).await,
        Command::Ps(arguments) => ps::run(arguments).await,
        Command::Build(arguments) => build::run(arguments).await,
        Command::New(arguments) => new::run(&arguments),
        Command::Trust(arguments) => trust::run(&arguments),
        Command::Completions(arguments) => {
            completions(arguments.shell.into());
            Ok(())
        }
    };
    code(done.map(|()| 0))
}

/// The script is made in memory first: a reader that goes away early is no reason to panic.
fn completions(shell: clap_complete::Shell) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command(), "drillmaster", &mut script);
    print::out(&String::from_utf8_lossy(&script));
}

/// The exit code, once it has been told what went wrong.
fn code(done: Result<u8, Fault>) -> u8 {
    let (exit_code, fault) = match done {
        Ok(exit_code) => (exit_code, None),
        Err(fault) => (fault.exit_code(), Some(fault)),
    };
    screen::finish(exit_code, fault.as_ref().map(ToString::to_string).as_deref());
    if let Some(fault) = fault {
        fault.print();
    }
    output::finish();
    written(exit_code)
}

/// The exit code, once it has been told if something could not be written to stdout: then it is not that of success.
fn written(exit_code: u8) -> u8 {
    let Some(reason) = output::lost() else { return exit_code };
    let fault = Fault::Failed(format!("cannot write to stdout: {reason}; what else the command did, it has done"));
    fault.print();
    output::finish();
    if exit_code == 0 { fault.exit_code() } else { exit_code }
}
