//! A test's own world.
//!
//! ```no_run
//! use drillmaster_tests::scenario::Scenario;
//!
//! let scenario = Scenario::new("basic");
//! scenario.start(&["--exclude", "web"]).code(0).stderr_has("db");
//! assert!(scenario.is_running("db"));
//! ```

mod evidence;
mod history;
mod invocation;
mod run;
mod running;
mod state;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::thread;
use std::time::Duration;

use crate::definitions;
use crate::engine::Engine;
use crate::group::GroupName;
use crate::inner::InnerEngine;
use crate::leftovers;
use crate::workspace;

pub use crate::inner::Ending;
use history::History;
pub use invocation::Invocation;
pub use run::Run;
pub use running::Running;
pub use rustix::process::Signal;

/// How long a command may take unless a test says otherwise.
const DEADLINE: Duration = Duration::from_mins(1);
/// The commands that take `--set`.
const PARAMETRIC: [&str; 8] = ["start", "stop", "plan", "reload", "restart", "check", "inspect", "ps"];

/// A group of its own, with a project directory that holds the definition as `app.wasm`, a state directory and a home.
///
/// Dropping it removes all that it has in Docker and on the disk. If the test has failed, everything that helps to see
/// why is first kept below `target/e2e`.
#[derive(Debug)]
pub struct Scenario {
    group: GroupName,
    engine: Engine,
    inner: Option<InnerEngine>,
    parameters: Vec<String>,
    environment: Vec<(String, String)>,
    deadline: Duration,
    history: History,
}

impl Scenario {
    /// A world with one of the definitions of `tests/definitions`.
    ///
    /// # Panics
    ///
    /// When the definition was not built, Docker does not answer, or its directory cannot be made.
    #[must_use]
    pub fn new(definition: &str) -> Self {
        Self::of(&definitions::path(definition))
    }

    /// A world with a component.
    ///
    /// # Panics
    ///
    /// When there is no such file, Docker does not answer, or the directory cannot be made.
    #[must_use]
    pub fn of(component: &Path) -> Self {
        Self::empty().with_copy(component, "app.wasm")
    }

    /// A world without a definition. The first of a process also removes what killed test runs have left.
    ///
    /// # Panics
    ///
    /// When Docker does not answer, or the directory cannot be made.
    #[must_use]
    pub fn empty() -> Self {
        static SWEEP: Once = Once::new();
        let engine = Engine::connect().unwrap_or_else(|error| panic!("{error:#}"));
        SWEEP.call_once(|| {
            // That is no fault of this test.
            if let Err(error) = leftovers::sweep(&engine) {
                eprintln!("what killed test runs have left could not be removed: {error:#}");
            }
        });
        let scenario = Self {
            group: GroupName::unique(),
            engine,
            inner: None,
            parameters: Vec::new(),
            environment: Vec::new(),
            deadline: DEADLINE,
            history: History::default(),
        };
        for directory in [scenario.project(), scenario.state(), scenario.home()] {
            fs::create_dir_all(&directory)
                .unwrap_or_else(|error| panic!("cannot make {}: {error}", directory.display()));
        }
        scenario
    }

    /// Copies a file into the project directory under another name, and makes the directories on the way to it.
    ///
    /// # Panics
    ///
    /// When it cannot be copied.
    #[must_use]
    pub fn with_copy(self, file: &Path, name: &str) -> Self {
        let content = fs::read(file).unwrap_or_else(|error| panic!("cannot read {}: {error}", file.display()));
        self.with_file(name, content)
    }

    /// Writes a file into the project directory, and the directories on the way to it.
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    #[must_use]
    pub fn with_file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        self.write(name, content);
        self
    }

    /// Writes a file into the project directory, and the directories on the way to it.
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.project().join(name);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, content));
        written.unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
    }

    /// Trusts the project directory, or the `drillmaster.toml` that lies there by now, as a person does who wrote it.
    ///
    /// # Panics
    ///
    /// When that fails.
    #[must_use]
    pub fn trusted(self) -> Self {
        self.raw(&["trust"]).code(0);
        self
    }

    /// Adds a parameter, `--set NAME=VALUE`, to every command that takes parameters.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.parameters.extend(["--set".to_owned(), format!("{name}={value}")]);
        self
    }

    /// Sets a variable for every command.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Gives it an engine of its own, started with these options besides, which can be restarted: its commands use that
    /// one, and what it is asked about Docker is asked of that one. Ports that are published there are out of reach.
    ///
    /// # Panics
    ///
    /// When no engine can run in a container of the machine's.
    #[must_use]
    pub fn with_own_engine(mut self, options: &[&str]) -> Self {
        let inner = InnerEngine::start(&self.engine, self.group, self.directory().join("engine"), options);
        let inner = inner.unwrap_or_else(|error| panic!("{error:#}"));
        let address = inner.address();
        self.inner = Some(inner);
        self.env("DOCKER_HOST", &address)
    }

    /// How long each command may take: one minute unless it is said here.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The group's name.
    #[must_use]
    pub fn group(&self) -> String {
        self.group.to_string()
    }

    /// The engine, for what this type does not ask.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        self.inner.as_ref().map_or(&self.engine, InnerEngine::engine)
    }

    /// Ends its own engine, and waits until it is back.
    ///
    /// # Panics
    ///
    /// When it has none, or it does not come back.
    #[track_caller]
    pub fn restart_engine(&self, ending: Ending) {
        let inner = self.inner.as_ref().expect("it has an engine of its own");
        inner.restart(ending).unwrap_or_else(|error| panic!("{error:#}"));
    }

    /// The project directory, in which commands run.
    #[must_use]
    pub fn project(&self) -> PathBuf {
        self.directory().join("project")
    }

    /// What `XDG_STATE_HOME` is for every command.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.directory().join("state")
    }

    /// What `HOME` is for every command.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.directory().join("home")
    }

    /// `drillmaster start app.wasm`, with the parameters and these arguments, to its end.
    #[must_use]
    pub fn start(&self, arguments: &[&str]) -> Run {
        self.run(&[&["start", "app.wasm"], arguments].concat())
    }

    /// `drillmaster stop app.wasm`, with these arguments, to its end.
    #[must_use]
    pub fn stop(&self, arguments: &[&str]) -> Run {
        self.run(&[&["stop", "app.wasm"], arguments].concat())
    }

    /// `drillmaster` with a subcommand and its arguments, in this group, to its end.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Run {
        self.spawn(arguments).wait()
    }

    /// The same, without waiting for the end.
    #[must_use]
    pub fn spawn(&self, arguments: &[&str]) -> Running {
        self.invocation(arguments).spawn()
    }

    /// `drillmaster` with exactly these arguments, naming no group, and these variables besides, to its end. What it
    /// makes in Docker is not removed unless its group's name is this scenario's.
    #[must_use]
    pub fn run_raw(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Run {
        self.raw_invocation(arguments).envs(environment).spawn().wait()
    }

    /// A command of this group that a test wants to change before it is run.
    ///
    /// # Panics
    ///
    /// When no subcommand is named.
    #[must_use]
    pub fn invocation(&self, arguments: &[&str]) -> Invocation {
        let arguments = self.with_group(arguments);
        self.raw_invocation(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// A command of this group in a terminal of so many columns and rows. All that stands on it is the command's stdout;
    /// line ends are `\r\n`.
    ///
    /// # Panics
    ///
    /// When no subcommand is named.
    #[must_use]
    pub fn in_terminal(&self, columns: u16, rows: u16, arguments: &[&str]) -> Invocation {
        let quoted = |word: &str| format!("'{}'", word.replace('\'', r"'\''"));
        let program = workspace::binary("drillmaster").display().to_string();
        let words: Vec<_> = self.with_group(arguments).iter().map(|word| quoted(word)).collect();
        let command = format!("stty columns {columns} rows {rows}; exec {} {}", quoted(&program), words.join(" "));
        let script = ["--quiet", "--return", "--flush", "--command", &command, "/dev/null"];
        self.surrounded(Invocation::new(Path::new("script"), &script, &self.project()))
    }

    /// `drillmaster` with exactly these arguments, able to do no more to files than their modes allow their owner, also if
    /// root runs the tests.
    #[must_use]
    pub fn unprivileged(&self, arguments: &[&str]) -> Invocation {
        if !rustix::process::geteuid().is_root() {
            return self.raw_invocation(arguments);
        }
        let program = workspace::binary("drillmaster").display().to_string();
        let setpriv = ["--bounding-set=-dac_override,-dac_read_search", &program];
        self.surrounded(Invocation::new(Path::new("setpriv"), &[&setpriv, arguments].concat(), &self.project()))
    }

    /// Arguments that name this group and its parameters.
    fn with_group(&self, arguments: &[&str]) -> Vec<String> {
        let (subcommand, rest) = arguments.split_first().expect("a subcommand is named");
        let group = self.group();
        // Right behind the subcommand, as everything after a `--` is another's.
        let mut all = vec![*subcommand, "--group", &group];
        if PARAMETRIC.contains(subcommand) {
            all.extend(self.parameters.iter().map(String::as_str));
        }
        all.extend(rest);
        all.into_iter().map(str::to_owned).collect()
    }

    /// `drillmaster` with exactly these arguments, naming no group, in this world's directories, that a test wants to
    /// change before it is run.
    #[must_use]
    pub fn raw_invocation(&self, arguments: &[&str]) -> Invocation {
        self.surrounded(Invocation::new(&workspace::binary("drillmaster"), arguments, &self.project()))
    }

    /// Another program with the environment that this world's commands have.
    #[must_use]
    pub fn command(&self, program: &Path, arguments: &[&str]) -> Invocation {
        self.surrounded(Invocation::new(program, arguments, &self.project()))
    }

    /// `drillmaster` with exactly these arguments, naming no group, to its end.
    #[must_use]
    pub fn raw(&self, arguments: &[&str]) -> Run {
        self.raw_invocation(arguments).spawn().wait()
    }

    /// A command with this world's environment.
    fn surrounded(&self, invocation: Invocation) -> Invocation {
        let state = self.state().display().to_string();
        let home = self.home().display().to_string();
        // Compiled definitions are the same for all, and the person's own cache is left alone.
        let cache = workspace::target().join("e2e/cache").display().to_string();
        let mut invocation = invocation.deadline(self.deadline).history(&self.history).env_clear().envs(&[
            ("XDG_STATE_HOME", &state),
            ("XDG_CACHE_HOME", &cache),
            ("HOME", &home),
        ]);
        // Nothing that a person has set changes what a test sees, but where the engine is.
        for name in ["PATH", "TMPDIR", "DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"] {
            if let Ok(value) = env::var(name) {
                invocation = invocation.envs(&[(name, &value)]);
            }
        }
        for (name, value) in &self.environment {
            invocation = invocation.envs(&[(name, value)]);
        }
        invocation
    }

    fn directory(&self) -> PathBuf {
        leftovers::directories().join(self.group())
    }
}

impl Drop for Scenario {
    fn drop(&mut self) {
        if thread::panicking() {
            evidence::keep(self);
        }
        if let Err(error) = leftovers::remove(&self.engine, self.group) {
            let text = format!("the clean-up after {} failed: {error:#}", self.group);
            // A second panic would end the process, and every other test with it.
            if thread::panicking() { eprintln!("{text}") } else { panic!("{text}") }
        }
    }
}
