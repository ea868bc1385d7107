//! What `cargo xtask` lets do that needs more than the standard library.

use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::Result;
use drillmaster_tests::engine::Engine;
use drillmaster_tests::images::{self, Base};
use drillmaster_tests::soak::{self, Killed};
use drillmaster_tests::{bindings, componentize, faults, leftovers};

const USAGE: &str = "\
usage: harness COMMAND

  componentize MODULE COMPONENT […]  makes components of core modules
  bindings [--check]                 generates the SDKs' bindings
  images base [--from ARCHIVE]       pulls the base image, exits 4 when it cannot; or imports it
  images service BINARY              builds the image of the tests' service
  images engine                      builds the image of an engine that can be restarted
  sweep                              removes what killed test runs have left in Docker
  soak [--kills N] [--seed S]        kills starts and replacements at random moments, 50 of each unless it is said
  faults [--runs N] [--seed S]       runs commands while requests to the engine go wrong, 100 unless it is said
";
const NO_BASE: u8 = 4;
const NO_DOCKER: u8 = 3;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["componentize", pairs @ ..] if !pairs.is_empty() && pairs.len().is_multiple_of(2) => componentize_all(pairs),
        ["bindings"] => write_bindings(),
        ["bindings", "--check"] => check_bindings(),
        ["images", "base"] => with_engine(base),
        ["images", "base", "--from", archive] => with_engine(|engine| import(engine, Path::new(archive))),
        ["images", "engine"] => with_engine(engine),
        ["images", "service", binary] => with_engine(|engine| service(engine, Path::new(binary))),
        ["sweep"] => with_engine(sweep),
        ["soak", options @ ..] => match count_and_seed(options, "--kills", 50) {
            Some((kills, seed)) => Ok(soak(kills, seed)),
            None => return usage(),
        },
        ["faults", options @ ..] => match count_and_seed(options, "--runs", 100) {
            Some((runs, seed)) => Ok(faults(runs, seed)),
            None => return usage(),
        },
        _ => return usage(),
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn usage() -> ExitCode {
    eprint!("{USAGE}");
    ExitCode::from(2)
}

fn with_engine(command: impl FnOnce(&Engine) -> Result<ExitCode>) -> Result<ExitCode> {
    match Engine::connect() {
        Ok(engine) => command(&engine),
        Err(error) => {
            eprintln!("error: {error:#}");
            Ok(ExitCode::from(NO_DOCKER))
        }
    }
}

fn componentize_all(pairs: &[&str]) -> Result<ExitCode> {
    for pair in pairs.chunks_exact(2) {
        let changed = componentize::componentize(Path::new(pair[0]), Path::new(pair[1]))?;
        println!("{}: {}", pair[1], if changed { "written" } else { "up to date" });
    }
    Ok(ExitCode::SUCCESS)
}

fn write_bindings() -> Result<ExitCode> {
    let written = bindings::write()?;
    for path in &written {
        println!("{}: written", path.display());
    }
    if written.is_empty() {
        println!("the bindings are up to date");
    }
    Ok(ExitCode::SUCCESS)
}

fn check_bindings() -> Result<ExitCode> {
    bindings::check()?;
    println!("the bindings are up to date");
    Ok(ExitCode::SUCCESS)
}

fn base(engine: &Engine) -> Result<ExitCode> {
    match images::base(engine)? {
        Base::Present => println!("{} is there", images::BASE),
        Base::Pulled => println!("{} was pulled", images::BASE),
        Base::Unavailable(error) => {
            eprintln!("{} cannot be pulled: {error:#}", images::BASE);
            return Ok(ExitCode::from(NO_BASE));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn import(engine: &Engine, archive: &Path) -> Result<ExitCode> {
    images::import_base(engine, archive)?;
    println!("{} was imported", images::BASE);
    Ok(ExitCode::SUCCESS)
}

fn service(engine: &Engine, binary: &Path) -> Result<ExitCode> {
    Ok(tell_built(images::SERVICE, images::service(engine, binary)?))
}

fn engine(engine: &Engine) -> Result<ExitCode> {
    Ok(tell_built(images::ENGINE, images::engine(engine)?))
}

fn tell_built(image: &str, built: bool) -> ExitCode {
    println!("{image} {}", if built { "was built" } else { "is up to date" });
    ExitCode::SUCCESS
}

fn sweep(engine: &Engine) -> Result<ExitCode> {
    let swept = leftovers::sweep(engine)?;
    for group in &swept {
        println!("removed {group}");
    }
    if swept.is_empty() {
        println!("nothing was left");
    }
    Ok(ExitCode::SUCCESS)
}

/// How many, as an option says, and the seed; none when an option is wrong.
fn count_and_seed(mut options: &[&str], count_option: &str, default: u32) -> Option<(u32, u64)> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let (mut count, mut seed) = (default, now);
    while let [name, value, rest @ ..] = options {
        match *name {
            name if name == count_option => count = value.parse().ok()?,
            "--seed" => seed = value.parse().ok()?,
            _ => return None,
        }
        options = rest;
    }
    options.is_empty().then_some((count, seed))
}

fn faults(runs: u32, seed: u64) -> ExitCode {
    let report = faults::faults(runs, seed, |line| println!("{line}"));
    println!("\n{report}");
    if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn soak(kills: u32, seed: u64) -> ExitCode {
    let mut reports = Vec::new();
    for killed in [Killed::Start, Killed::Replacement] {
        println!("{killed:?}, seed {seed}");
        reports.push(soak::soak(killed, kills, seed, |line| println!("{line}")));
    }
    for report in &reports {
        println!("\n{report}");
    }
    let all_right = reports.iter().all(|report| report.failures.is_empty());
    if all_right { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
