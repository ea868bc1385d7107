//! The languages: what building a definition takes in each, how large it is, and what its first and its later calls take.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use crate::failure::Failure;
use crate::languages::Languages;

use super::figures::Spread;
use super::world::World;

/// How often a definition is loaded, and a service started for a `ping`.
const LOADS: usize = 20;
const PINGS: usize = 5;

/// A language, and where its definitions are: the file of the group that `new` writes that is edited, the directory of the
/// reference, and whether the source itself is started.
const LANGUAGES: [(&str, &str, &str, Form); 7] = [
    ("Rust", "rust", "src/lib.rs", Form::Component(".")),
    ("Python", "python", "app.py", Form::Component("python")),
    ("Python, from its source", "python", "app.py", Form::Source),
    ("JavaScript", "javascript", "app.js", Form::Component("javascript")),
    ("JavaScript, from its source", "javascript", "app.js", Form::Source),
    ("C", "c", "app.c", Form::Component("c")),
    ("Go", "go", "main.go", Form::Component("go")),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A component; where that of the reference is.
    Component(&'static str),
    /// A source that is run directly.
    Source,
}

/// What was measured of one.
#[derive(Default)]
struct Row {
    name: &'static str,
    /// From nothing, and once more after a change.
    built: Option<(Duration, Duration)>,
    size: u64,
    first: Duration,
    warm: Vec<Duration>,
    pings: Vec<Duration>,
}

/// A row a language.
#[derive(Default)]
pub(super) struct Table(Vec<Row>);

impl Table {
    /// Measures one after the other, until the end.
    pub(super) fn measure(&mut self, world: &World, languages: &Languages, end: Instant) -> Result<(), Failure> {
        for (name, word, source, form) in LANGUAGES {
            if Instant::now() > end {
                break;
            }
            let row = Measuring { world, languages, word, source, form }.row(name)?;
            self.0.push(row);
        }
        Ok(())
    }

    /// Empty if nothing was measured.
    pub(super) fn text(&self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        let mut table = format!(
            "\n{:<28}{:>12}{:>12}{:>12}{:>12}{:>20}{:>20}",
            "two services in", "build, s", "again, s", "size, KiB", "first, ms", "later, ms", "one ping, ms"
        );
        let seconds = |time: Duration| format!("{:.1}", time.as_secs_f64());
        let spread = |times: &[Duration]| {
            Spread::of(times).map_or_else(
                || "–".to_owned(),
                |Spread { median, least, most, .. }| format!("{median:.1} ({least:.1}–{most:.1})"),
            )
        };
        for Row { name, built, size, first, warm, pings } in &self.0 {
            let (once, again) =
                built.map_or_else(|| ("–".to_owned(), "–".to_owned()), |(once, again)| (seconds(once), seconds(again)));
            let (warm, pings, first) = (spread(warm), spread(pings), first.as_millis());
            let _ = write!(
                table,
                "\n{name:<28}{once:>12}{again:>12}{:>12}{first:>12}{warm:>20}{pings:>20}",
                size.div_ceil(1024)
            );
        }
        table.push_str(
            "\n\nThe group that `new` writes: built, and once more after a change, then `plan --offline` for the first time and \
             later. A ping makes a request to the service.",
        );
        table
    }
}

/// One language being measured.
struct Measuring<'a> {
    world: &'a World,
    languages: &'a Languages,
    word: &'static str,
    source: &'static str,
    form: Form,
}

impl Measuring<'_> {
    fn row(&self, name: &'static str) -> Result<Row, Failure> {
        let directory = self.world.directory.join("languages").join(name.replace([' ', ','], "-"));
        let group = directory.join("shop");
        let system = |error| Failure::system(format_args!("prepare {}", directory.display()), &error);
        fs::create_dir_all(&directory).map_err(system)?;
        self.time(&mut self.drillmaster(&["new", "--lang", self.word], &[&group]))?;
        let mut row = Row { name, ..Row::default() };
        let definition = match self.form {
            Form::Source => group.join(self.source),
            Form::Component(_) => {
                let once = self.time(&mut self.drillmaster(&["build"], &[&group]))?;
                touch(&group.join(self.source)).map_err(system)?;
                row.built = Some((once, self.time(&mut self.drillmaster(&["build"], &[&group]))?));
                group.join("app.wasm")
            }
        };
        row.size = fs::metadata(&definition).map_err(system)?.len();
        row.first = self.time(&mut self.drillmaster(&["plan", "--offline"], &[&definition]))?;
        for _ in 0..LOADS {
            row.warm.push(self.time(&mut self.drillmaster(&["plan", "--offline"], &[&definition]))?);
        }
        let reference = self.reference(&directory).map_err(system)?;
        for _ in 0..PINGS {
            row.pings.push(self.ping(&reference)?);
        }
        Ok(row)
    }

    /// The reference with all that it builds and mounts, so that it is valid.
    fn reference(&self, directory: &Path) -> io::Result<PathBuf> {
        for (file, text) in [("written/here.txt", ""), ("read/only.txt", ""), ("context/docker/Chosen.dockerfile", "")]
        {
            let file = directory.join(file);
            fs::create_dir_all(file.parent().unwrap_or(directory))?;
            fs::write(file, text)?;
        }
        let (from, to) = match self.form {
            Form::Component(language) => {
                (self.world.target.join("definitions").join(language).join("reference.wasm"), "reference.wasm")
            }
            Form::Source => {
                let sources = crate::workspace::root().join("tests/definitions").join(self.word);
                (sources.join("reference").join(self.source), self.source)
            }
        };
        let file = directory.join(to);
        fs::copy(from, &file)?;
        Ok(file)
    }

    /// Starts a service, and says how long its last `ping` took.
    fn ping(&self, reference: &Path) -> Result<Duration, Failure> {
        let group = self.world.mark('l');
        let excluded = "every,built,subject";
        let options = ["start", "--group", &group, "--exclude", excluded, "--verbose"];
        self.time(&mut self.drillmaster(&options, &[reference]))?;
        let said = fs::read_to_string(self.world.directory.join("output")).unwrap_or_default();
        self.time(&mut self.drillmaster(&["stop", "--group", &group, "--remove", "--volumes"], &[]))?;
        let ping = said.lines().rev().find_map(|line| line.split("ping helper").nth(1)?.trim().strip_suffix(" ms"));
        let milliseconds = ping.and_then(|number| number.parse().ok());
        milliseconds.map(Duration::from_millis).ok_or_else(|| Failure::step(format!("there was no ping:\n{said}")))
    }

    fn drillmaster(&self, words: &[&str], files: &[&Path]) -> Command {
        let mut command = self.world.drillmaster();
        self.languages.name_to(&mut command);
        command.args(words).args(files);
        command
    }

    fn time(&self, command: &mut Command) -> Result<Duration, Failure> {
        self.world.time(command)
    }
}

fn touch(file: &Path) -> io::Result<()> {
    File::options().write(true).open(file)?.set_modified(SystemTime::now())
}
