//! The languages that definitions are written in beside Rust: their tools, the tests of their SDKs, and the tests' own
//! definitions, which `drillmaster build` makes components of.
//!
//! A tool that is missing is installed from the Python package index, below the target directory. A language whose tools
//! cannot be had is left out, and told by name.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::SystemTime;

use crate::build;
use crate::child;
use crate::debian;
use crate::failure::Failure;
use crate::narration;
use crate::python;
use crate::workspace;

/// A language, as directories and the modules of tests are called after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Language(&'static str);

const PYTHON: Language = Language("python");
const JAVASCRIPT: Language = Language("javascript");
const C: Language = Language("c");
const GO: Language = Language("go");
/// Rust for its other target.
const RUST_WASIP2: Language = Language("rust_wasip2");

/// A tool of a language.
struct Tool {
    of: Language,
    /// Commands of which one says that it is there.
    probes: &'static [&'static [&'static str]],
    from: From,
}

/// Where a tool comes from that is missing.
enum From {
    /// The Python package index, as this file of `tests/tools` pins it.
    PyPi(&'static str),
    /// Debian's package of this name.
    Debian(&'static str),
}

const TOOLS: [Tool; 4] = [
    Tool { of: C, probes: &[&["make", "--version"]], from: From::Debian("make") },
    Tool { of: C, probes: &[&["zig", "version"], &["python3", "-m", "ziglang", "version"]], from: From::PyPi("zig") },
    Tool { of: GO, probes: &[&["go", "version"]], from: From::PyPi("go") },
    // Only the SDK's own tests need it.
    Tool { of: JAVASCRIPT, probes: &[&["node", "--version"]], from: From::PyPi("node") },
];

/// The tests that are those of one language, up to its name.
const MODULES: [&str; 4] = ["conformance::", "crashing::", "examples::", "scaffold::"];

/// What of the languages can be had here.
pub(crate) struct Languages {
    /// Those left out, and why.
    missing: Vec<(Language, String)>,
    /// Where programs are looked for.
    path: OsString,
    /// What tools keep.
    cache: PathBuf,
}

impl Languages {
    /// Looks for the tools, and installs what is missing.
    pub(crate) fn find(target: &Path) -> Result<Self, Failure> {
        let tools = target.join("tools");
        let own = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths([tools.join("bin")].into_iter().chain(env::split_paths(&own)))
            .map_err(|error| Failure::step(format!("cannot put {} on the path: {error}", tools.display())))?;
        let mut languages = Self { missing: Vec::new(), path, cache: target.join("e2e/cache") };
        for tool in &TOOLS {
            if !languages.has(tool) && !languages.lacks(tool.of) {
                languages.install(tool, &tools)?;
            }
        }
        Ok(languages)
    }

    /// One more that is left out.
    pub(crate) fn without_wasip2(&mut self, why: &str) {
        self.missing.push((RUST_WASIP2, why.to_owned()));
    }

    fn has(&self, tool: &Tool) -> bool {
        tool.probes.iter().any(|words| child::ask(self.command(words[0]).args(&words[1..])).is_some())
    }

    fn lacks(&self, language: Language) -> bool {
        self.missing.iter().any(|(missing, _)| *missing == language)
    }

    fn install(&mut self, tool: &Tool, tools: &Path) -> Result<(), Failure> {
        let installed = match tool.from {
            From::PyPi(name) => {
                let pins = workspace::root().join("tests/tools").join(name).with_extension("txt");
                python::install(&pins, tools)
            }
            From::Debian(package) => debian::install(&[package], "definitions in C are built by make", ""),
        };
        match installed {
            // That is no answer to whether it can be had.
            Err(failure) if failure.is_interruption() => return Err(failure),
            Err(why) => self.missing.push((tool.of, why.to_string())),
            Ok(()) if !self.has(tool) => {
                self.missing.push((tool.of, format!("`{}` does not run", tool.probes[0].join(" "))));
            }
            Ok(()) => {}
        }
        Ok(())
    }

    /// A program that finds the tools.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        // As a path: the program itself is looked for where we look for programs.
        let found =
            env::split_paths(&self.path).map(|directory| directory.join(program.as_ref())).find(|path| path.is_file());
        let mut command = Command::new(found.unwrap_or_else(|| program.as_ref().into()));
        self.name_to(&mut command);
        command
    }

    /// Lets a command find the tools.
    pub(crate) fn name_to(&self, command: &mut Command) {
        command.env("PATH", &self.path);
    }

    /// What keeps `cargo test` from running the tests of the languages that are left out.
    pub(crate) fn skipped(&self) -> Vec<String> {
        let of = |(language, _): &(Language, String)| {
            let name = language.0;
            MODULES.map(|module| ["--skip".to_owned(), format!("{module}{name}::")]).concat()
        };
        self.missing.iter().flat_map(of).collect()
    }

    /// Names those that are left out, if there are some.
    pub(crate) fn tell_missing(&self) {
        for (language, why) in &self.missing {
            narration::line(&format!("not run: the tests of {}: {why}", language.0));
        }
        if !self.missing.is_empty() {
            narration::line("These tests are not complete.");
        }
    }

    /// Runs the SDKs' own tests: those whose names contain one of the filters, where the language can choose; all when
    /// there is none.
    pub(crate) fn test_sdks(&self, filters: &[&str]) -> Result<Vec<ExitStatus>, Failure> {
        let mut statuses = vec![python::test(filters)?];
        if !filters.is_empty() {
            return Ok(statuses);
        }
        let sdk = |language: Language| workspace::root().join("guest-sdk").join(language.0);
        let commands: [(Language, &[&str]); 4] = [
            (JAVASCRIPT, &["node", "--test"]),
            (C, &["make", "--silent", "--directory", "tests", "test"]),
            (GO, &["go", "vet", "./..."]),
            (GO, &["go", "test", "./..."]),
        ];
        for (language, words) in commands {
            if !self.lacks(language) {
                let mut command = self.command(words[0]);
                command.current_dir(sdk(language)).args(&words[1..]);
                statuses.push(child::run_to_stdout(&mut command, &format!("testing the SDK for {}", language.0))?);
            }
        }
        Ok(statuses)
    }

    /// Builds the tests' definitions, each into the directory of its language, if its sources, its SDK, the contract or
    /// what builds it have changed.
    pub(crate) fn build_definitions(&self, target: &Path, definitions: &Path) -> Result<(), Failure> {
        for language in [PYTHON, JAVASCRIPT, C, GO] {
            if self.lacks(language) {
                continue;
            }
            let sources = workspace::root().join("tests/definitions").join(language.0);
            let directory = definitions.join(language.0);
            fs::create_dir_all(&directory)
                .map_err(|error| Failure::system(format_args!("make {}", directory.display()), &error))?;
            for source in directories(&sources)? {
                let component = directory.join(source.file_name().unwrap_or_default()).with_extension("wasm");
                let made_of = [&source, &workspace::root().join("guest-sdk").join(language.0)];
                if is_newer(&component, &made_of.map(PathBuf::as_path))? {
                    narration::line(&format!("{}: up to date", component.display()));
                    continue;
                }
                let mut build = self.command(build::binary(target, "drillmaster"));
                build.env("XDG_CACHE_HOME", &self.cache).arg("build").arg(&source).arg("--output").arg(&component);
                child::succeed(&mut build, "building a definition")?;
            }
        }
        Ok(())
    }
}

/// The directories in one, in an order that does not change.
fn directories(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failure = |error| Failure::system(format_args!("list {}", directory.display()), &error);
    let entries = fs::read_dir(directory).map_err(failure)?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>().map_err(failure)?;
    paths.retain(|path| path.is_dir());
    paths.sort();
    Ok(paths)
}

/// Whether a file is newer than all in these directories, and than the contract and what builds components.
fn is_newer(file: &Path, directories: &[&Path]) -> Result<bool, Failure> {
    let Ok(made) = fs::metadata(file).and_then(|file| file.modified()) else { return Ok(false) };
    let ours = ["wit", "host/src/toolchain"].map(|path| workspace::root().join(path));
    for directory in directories.iter().copied().chain(ours.iter().map(PathBuf::as_path)) {
        let newest = newest(directory)
            .map_err(|error| Failure::system(format_args!("look at {}", directory.display()), &error))?;
        if newest >= made {
            return Ok(false);
        }
    }
    Ok(true)
}

/// When the newest file in a directory was written.
fn newest(directory: &Path) -> io::Result<SystemTime> {
    let mut newest = SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name() == "__pycache__" {
            continue;
        }
        let written =
            if entry.path().is_dir() { self::newest(&entry.path())? } else { entry.metadata()?.modified()? };
        newest = newest.max(written);
    }
    Ok(newest)
}
