//! Loading: what a definition adds to a command's time, by the language that it is written in.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::workspace;

use super::figures::Spread;
use super::world::World;

const ROUNDS: usize = 100;

/// A definition that is run from its source.
const SOURCE: &str = r#"import drillmaster


class App(drillmaster.Service):
    name = "app"
    image = "drillmaster-test-service"
    ports = {8080: None}
"#;

/// One definition, and how long the command took with it.
struct Definition {
    language: &'static str,
    file: PathBuf,
    times: Vec<Duration>,
}

/// The same command with definitions in several languages; the first one is the smallest there is.
#[derive(Default)]
pub(super) struct Loading(Vec<Definition>);

impl Loading {
    /// Lets each have its turn, again and again, once all are compiled, and what runs sources is made.
    pub(super) fn measure(&mut self, world: &World, end: Instant) -> Result<(), Failure> {
        self.0 = definitions(world).map_err(|error| Failure::system("lay out definitions", &error))?;
        let plan =
            |definition: &Definition| world.time(world.drillmaster().args(["plan", "--offline"]).arg(&definition.file));
        for definition in &self.0 {
            plan(definition)?;
        }
        for round in 0..ROUNDS {
            if Instant::now() > end {
                break;
            }
            for offset in 0..self.0.len() {
                let index = (round + offset) % self.0.len();
                let took = plan(&self.0[index])?;
                self.0[index].times.push(took);
            }
        }
        Ok(())
    }

    /// How many milliseconds the median is above that of the smallest definition; none if it was not measured.
    pub(super) fn added(&self, language: &str) -> Option<f64> {
        let definition = self.0.iter().find(|definition| definition.language == language)?;
        Some(Spread::of(&definition.times)?.median - Spread::of(&self.0.first()?.times)?.median)
    }

    /// A row a definition: median, the fastest and the slowest, and what is above the first. Empty if nothing was
    /// measured.
    pub(super) fn table(&self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        let mut table = format!("\n{:<24}{:>12}{:>24}{:>12}", "plan --offline", "size", "milliseconds", "added");
        for Definition { language, file, times } in &self.0 {
            let size = fs::metadata(file).map_or(0, |file| file.len()) / 1024;
            let (cell, added) = Spread::of(times).map_or_else(
                || ("–".to_owned(), String::new()),
                |Spread { median, least, most, .. }| {
                    let added = self.added(language).map_or(String::new(), |added| format!("{added:+.1}"));
                    (format!("{median:.1} ({least:.1}–{most:.1})"), added)
                },
            );
            let _ = write!(table, "\n{language:<24}{:>12}{cell:>24}{added:>12}", format!("{size} KiB"));
        }
        let rounds = self.0.iter().map(|definition| definition.times.len()).min().unwrap_or_default();
        let _ = write!(
            table,
            "\n\nMedian of whole processes, in turn (fastest–slowest), compiled before; rounds: {rounds}."
        );
        table
    }
}

/// The definitions, each where what it declares is found.
fn definitions(world: &World) -> io::Result<Vec<Definition>> {
    let directory = world.directory.join("loading");
    fs::create_dir_all(directory.join("appdb"))?;
    let built = world.target.join("definitions");
    let python = directory.join("database.wasm");
    fs::copy(built.join("python/database.wasm"), &python)?;
    let source = directory.join("app.py");
    fs::write(&source, SOURCE)?;
    let all = [
        ("text", workspace::root().join("tests/e2e/by_hand.wat")),
        ("Rust", built.join("basic.wasm")),
        ("Python", python),
        ("Python source", source),
    ];
    Ok(all.into_iter().map(|(language, file)| Definition { language, file, times: Vec::new() }).collect())
}
