//! What `cargo xtask` lets do that needs more than the standard library.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use drillmaster_tests::engine::Engine;
use drillmaster_tests::images::{self, Base};
use drillmaster_tests::{bindings, componentize, leftovers};

const USAGE: &str = "\
usage: harness COMMAND

  componentize MODULE COMPONENT […]  makes components of core modules
  bindings [--check]                 generates the Rust SDK's bindings
  images base [--from ARCHIVE]       pulls the base image, exits 4 when it cannot; or imports it
  images service BINARY              builds the image of the tests' service
  sweep                              removes what killed test runs have left in Docker
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
        ["images", "service", binary] => with_engine(|engine| service(engine, Path::new(binary))),
        ["sweep"] => with_engine(sweep),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
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
    let changed = bindings::write()?;
    println!("{}: {}", bindings::path().display(), if changed { "written" } else { "up to date" });
    Ok(ExitCode::SUCCESS)
}

fn check_bindings() -> Result<ExitCode> {
    bindings::check()?;
    println!("{}: up to date", bindings::path().display());
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
    let built = images::service(engine, binary)?;
    println!("{} {}", images::SERVICE, if built { "was built" } else { "is up to date" });
    Ok(ExitCode::SUCCESS)
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
