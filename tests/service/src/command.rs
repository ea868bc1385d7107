//! The commands for `exec`.
//!
//! | command | what it does |
//! |---|---|
//! | `exit CODE` | exits with the code |
//! | `print TEXT` | prints the text |
//! | `fail TEXT` | prints the text on stderr, exits 1 |
//! | `sleep MS` | waits, exits 0 |
//! | `count NAME` | adds one to the counter, prints its new value |
//! | `peek NAME` | prints the counter's value |
//! | `flood BYTES` | prints so many bytes, in lines of 100 |
//! | `get PATH` | asks the server in the same container; exits 0 when it answers 200, else 1 |

use std::io::{self, Write};
use std::process::ExitCode;
use std::str::FromStr;
use std::thread;
use std::time::Duration;

use crate::{counter, server};

/// Runs one command. Exits 2 when there is no such command or its argument is not what it takes.
pub(crate) fn run(name: &str, arguments: &[String]) -> ExitCode {
    let [argument] = arguments else {
        return usage(name, arguments);
    };
    let ran = match name {
        "exit" => parse(argument).map(|code: u8| Ok(ExitCode::from(code))),
        "print" => Some(print(argument)),
        "fail" => {
            eprintln!("{argument}");
            Some(Ok(ExitCode::FAILURE))
        }
        "sleep" => parse(argument).map(|milliseconds| {
            thread::sleep(Duration::from_millis(milliseconds));
            Ok(ExitCode::SUCCESS)
        }),
        "count" => Some(counter::count(argument).and_then(|value| print(&value.to_string()))),
        "peek" => Some(counter::peek(argument).and_then(|value| print(&value.to_string()))),
        "flood" => parse(argument).map(flood),
        "get" => Some(get(argument)),
        _ => None,
    };
    match ran {
        None => usage(name, arguments),
        Some(Ok(code)) => code,
        Some(Err(error)) => {
            eprintln!("{name} {argument}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn usage(name: &str, arguments: &[String]) -> ExitCode {
    eprintln!(
        "cannot run {name:?} with {arguments:?}; known are: serve, exit CODE, print TEXT, fail TEXT, sleep MS, \
         count NAME, peek NAME, flood BYTES, get PATH"
    );
    ExitCode::from(2)
}

fn parse<T: FromStr>(argument: &str) -> Option<T> {
    argument.parse().ok()
}

fn print(text: &str) -> io::Result<ExitCode> {
    writeln!(io::stdout(), "{text}")?;
    Ok(ExitCode::SUCCESS)
}

fn get(path: &str) -> io::Result<ExitCode> {
    let ok = server::ask(path)?;
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn flood(bytes: usize) -> io::Result<ExitCode> {
    let mut line = [b'x'; 100];
    line[99] = b'\n';
    let mut out = io::BufWriter::new(io::stdout());
    for _ in 0..bytes / line.len() {
        out.write_all(&line)?;
    }
    out.write_all(&line[..bytes % line.len()])?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
