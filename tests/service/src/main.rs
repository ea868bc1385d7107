//! A service whose behaviour its environment picks, for the tests.
//!
//! Without arguments, or with `serve` as the first, it is a server (see [`server`] for what it answers):
//!
//! | variable | meaning |
//! |---|---|
//! | `LISTEN` | the port, 8080 by default; it listens on every address |
//! | `LISTEN_AFTER_MS` | nothing listens before |
//! | `READY_AFTER_MS` | `/ready` answers 503 before |
//! | `EXIT_AFTER_MS`, `EXIT_CODE` | it exits then, with this code (0 by default) |
//! | `IGNORE_SIGTERM` | when set and not empty, SIGTERM is logged and nothing more |
//! | `SAY` | logged at the start, as it is |
//! | `SAY_LINES` | then so many numbered lines, `line 1` and on |
//! | `COUNT_DIR` | where counters are kept, `/counts` by default |
//!
//! SIGTERM, SIGINT and SIGQUIT are logged (`received SIGTERM`), and it exits with 128 and the signal's number.
//!
//! With another first argument it is a command for `exec`, since the image holds no shell: see [`command`].

mod clock;
mod command;
mod counter;
mod server;
mod signals;

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        None | Some("serve") => serve(),
        Some(name) => command::run(name, &arguments[1..]),
    }
}

fn serve() -> ExitCode {
    // First of all, as a signal that meets no handler is lost on process 1.
    if let Err(error) = signals::handle(set("IGNORE_SIGTERM")) {
        eprintln!("cannot handle signals: {error}");
        return ExitCode::FAILURE;
    }
    if let Ok(text) = env::var("SAY") {
        println!("{text}");
    }
    for number in 1..=clock::number("SAY_LINES").unwrap_or(0) {
        println!("line {number}");
    }
    clock::exit_later();
    match server::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot serve: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether a variable is set to anything but the empty text.
fn set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}
