//! The command line: one file a subcommand.

mod again;
mod arguments;
mod fault;
mod interrupt;
mod plan;
mod print;
mod screen;
mod session;
mod start;
mod stop;
mod target;

use clap::{CommandFactory as _, Parser as _};

use again::Which;
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
            let _ = refusal.print();
            return u8::try_from(refusal.exit_code()).unwrap_or(2);
        }
    };
    let done = match arguments.command {
        Command::Start(arguments) => start::run(arguments).await,
        Command::Stop(arguments) => stop::run(arguments).await,
        Command::Reload(arguments) => again::run(Which::Reload, arguments).await,
        Command::Restart(arguments) => again::run(Which::Restart, arguments).await,
        Command::Plan(arguments) => plan::run(arguments).await,
    };
    let fault = done.err();
    let exit_code = fault.as_ref().map_or(0, Fault::exit_code);
    screen::finish(exit_code, fault.as_ref().map(ToString::to_string).as_deref());
    if let Some(fault) = fault {
        fault.print();
    }
    exit_code
}
