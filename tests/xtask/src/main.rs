//! `cargo xtask`: builds what the demo and the tests need, and runs them.
//!
//! Every step says what it does, and none is silent for more than ten seconds. What a step lacks it installs where
//! it can (as root on Debian); where it cannot, it ends with the command that would.

mod bench;
mod bindings;
mod build;
mod child;
mod debian;
mod definitions;
mod demo;
mod docker;
mod failure;
mod fuzz;
mod images;
mod interrupt;
mod languages;
mod narration;
mod python;
mod steps;
mod test;
mod wasm;
mod workspace;

use std::env;
use std::process::ExitCode;

use failure::Failure;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  demo                builds drillmaster and the todo example, and starts the example
  test [FILTER…]      builds everything and runs every test, or those whose names contain a FILTER
  bench [FILTER…]     measures `drillmaster` against a bare loop over bollard, Docker Compose 2 and miniboss, and what
                      building and loading a definition takes in which language: a quarter of an hour after it is
                      built. With a FILTER only the scenarios whose names contain it, as `cold start, 20`, and those in
                      more rounds. Compose is DRILLMASTER_BENCH_COMPOSE (the path of a docker-compose), else
                      `docker compose`, else `docker-compose`; miniboss is imported by the Python that
                      DRILLMASTER_BENCH_PYTHON names, else by `python3`. What is not found is not run.
  soak [--kills N] [--seed S]
                      builds everything, kills N starts of 8 services and N replacements at random moments (50 unless
                      it is said), and prints whether the next start put each right
  faults [--runs N] [--seed S]
                      builds everything, runs N commands about 8 services while requests to the engine are delayed,
                      refused, lost or answered in part (100 unless it is said), and prints whether each told the truth
                      and the next start put it right
  fuzz [TARGET…] [--seconds N]
                      makes up inputs for what reads what others wrote, each target for N seconds (20 unless it is said)
  bindings [--check]  writes the SDKs' bindings again from wit/, or only says whether they are up to date
";

fn main() -> ExitCode {
    if let Some(failure) = fuzz::compile() {
        eprintln!("error: {failure}");
        return failure.code();
    }
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = interrupt::watch().and_then(|()| match words.as_slice() {
        ["demo"] => demo::run(),
        ["test", filters @ ..] if filters.iter().all(|filter| !filter.starts_with('-')) => test::run(filters),
        ["bench", filters @ ..] if filters.iter().all(|filter| !filter.starts_with('-')) => bench::run(filters),
        ["soak" | "faults", options @ ..] => test::again_and_again(words[0], options),
        ["fuzz", words @ ..] => fuzz::run(words),
        ["bindings"] => bindings::run(&[]),
        ["bindings", "--check"] => bindings::run(&["--check"]),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        [] => Err(Failure::usage(format!("a command is missing\n\n{USAGE}"))),
        _ => Err(Failure::usage(format!("cannot run `{}`\n\n{USAGE}", words.join(" ")))),
    });
    result.unwrap_or_else(|failure| {
        narration::line(&format!("error: {failure}"));
        failure.code()
    })
}
