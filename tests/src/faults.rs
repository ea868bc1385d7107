//! Commands between which and the engine something goes wrong, again and again: none hangs or says what is not so, and the
//! next start puts it right each time.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::panic::{self, AssertUnwindSafe};

use crate::proxy::Proxy;
use crate::random::Random;
use crate::scenario::{Run, Scenario};

/// The services of the definition `eight`.
const SERVICES: [&str; 8] = ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"];
/// Those that a replacement changes.
const CHANGED: [&str; 4] = ["s0", "s3", "s4", "s7"];
/// The part of all requests with which something goes wrong, in one round or another.
const RATES: [f64; 4] = [0.01, 0.03, 0.1, 0.3];
/// The exit codes of a command that could not do all: a service failed, or the engine did.
const FAILED: [i32; 2] = [1, 3];

/// What is run while things go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Command {
    /// A start of all services from nothing.
    Start,
    /// A start that replaces four of them.
    Replace,
    /// A reload of one, with those that depend on it.
    Reload,
    /// A stop of all.
    Stop,
}

/// What came of a number of rounds.
#[derive(Debug)]
pub struct Report {
    seed: u64,
    /// How often which command ended with which exit code.
    ended: BTreeMap<(Command, i32), usize>,
    /// How many requests something went wrong with.
    faults: usize,
    /// The rounds in which something was not as it should be, with what that was.
    pub failures: Vec<String>,
}

/// Runs so many commands, each with other faults.
#[must_use]
pub fn faults(rounds: u32, seed: u64, mut progress: impl FnMut(&str)) -> Report {
    let mut random = Random::new(seed);
    let mut report = Report { seed, ended: BTreeMap::new(), faults: 0, failures: Vec::new() };
    let mut group = Group::new();
    for number in 1..=rounds {
        let command = *random.choose(&[Command::Start, Command::Replace, Command::Reload, Command::Stop]);
        let rate = *random.choose(&RATES);
        let round = panic::catch_unwind(AssertUnwindSafe(|| {
            group.prepare(command);
            group.round(command, seed.wrapping_add(u64::from(number)), rate)
        }));
        let made = group.proxy.mend();
        let told = match round {
            Ok((code, faults)) => {
                *report.ended.entry((command, code)).or_default() += 1;
                report.faults += faults;
                format!("exit code {code} after {faults} faults")
            }
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                report.failures.push(format!("round {number}, {command:?}: {text}\n{}", made.join("\n")));
                // What it left would only fail the rounds that follow.
                group = Group::new();
                format!("NOT RIGHT: {text}")
            }
        };
        progress(&format!("{number}/{rounds}  {command:?}, {rate}: {told}"));
    }
    report
}

impl Display for Report {
    fn fmt(&self, formatter: &mut Formatter) -> fmt::Result {
        let Self { seed, ended, faults, failures } = self;
        let rounds = ended.values().sum::<usize>() + failures.len();
        writeln!(formatter, "8 services, seed {seed}: {rounds} commands, {faults} faults")?;
        for ((command, code), count) in ended {
            writeln!(formatter, "  {count:4} times {command:?} ended with {code}, and the next start put it right")?;
        }
        write!(formatter, "  {:4} not right", failures.len())?;
        failures.iter().try_for_each(|failure| write!(formatter, "\n{failure}"))
    }
}

/// The group that commands are about, and what stands between them and the engine.
struct Group {
    scenario: Scenario,
    proxy: Proxy,
    /// What the changed services say; another thing after each replacement.
    says: u32,
}

impl Group {
    fn new() -> Self {
        Self { scenario: Scenario::new("eight"), proxy: Proxy::start(), says: 0 }
    }

    /// Runs a command to its end, through the proxy or not.
    fn run(&self, words: &[&str], through_proxy: bool) -> Run {
        let said: Vec<String> = CHANGED.iter().map(|service| format!("{service}.SAY={}", self.says)).collect();
        let said = said.iter().flat_map(|said| ["--set", said]);
        let arguments: Vec<&str> = words.iter().copied().chain(said).collect();
        let mut invocation = self.scenario.invocation(&arguments);
        let address = self.proxy.address();
        if through_proxy {
            invocation = invocation.envs(&[("DOCKER_HOST", &address)]);
        }
        invocation.spawn().wait()
    }

    /// Brings about what the command begins with.
    fn prepare(&mut self, command: Command) {
        if command == Command::Start {
            self.run(&["stop", "app.wasm", "--remove"], false).code(0);
            assert_eq!(self.scenario.names(), [""; 0], "what is there");
            return;
        }
        self.run(&["start", "app.wasm"], false).code(0);
        if command == Command::Replace {
            self.says += 1;
        }
    }

    /// Runs the command while things go wrong, and starts once more. Its exit code, and how often something went wrong.
    fn round(&mut self, command: Command, seed: u64, rate: f64) -> (i32, usize) {
        self.proxy.break_some(seed, rate);
        let words: &[&str] = match command {
            Command::Start | Command::Replace => &["start", "app.wasm"],
            Command::Reload => &["reload", "app.wasm", "s3", "--dependents"],
            Command::Stop => &["stop", "app.wasm"],
        };
        let run = self.run(words, true);
        assert!(!run.stderr.contains("panicked"), "a panic: {}", run.stderr);
        let code = run.exit_code().unwrap_or_else(|| panic!("{:?} ended it: {}", run.ending_signal(), run.stderr));
        match code {
            0 if command == Command::Stop => assert_eq!(self.scenario.running(), [""; 0], "what runs after a stop"),
            0 => self.assert_ready(),
            code => assert!(FAILED.contains(&code), "the exit code {code}: {}", run.stderr),
        }
        let faults = self.proxy.mend().len();
        if command == Command::Stop {
            self.run(&["stop", "app.wasm"], false).code(0);
            assert_eq!(self.scenario.running(), [""; 0], "what runs after another stop");
        }
        self.run(&["start", "app.wasm"], false).code(0);
        self.assert_ready();
        (code, faults)
    }

    /// Everything is ready, was initialised once, is as it is declared, and nothing else is there.
    fn assert_ready(&self) {
        let scenario = &self.scenario;
        assert_eq!(scenario.running(), SERVICES, "what runs");
        assert_eq!(scenario.names(), SERVICES, "what is there");
        assert_eq!(scenario.networks().len(), 1, "the number of networks");
        for service in SERVICES {
            assert_eq!(scenario.get(service, "/peek/init").text(), "1", "how often {service} was initialised");
            if CHANGED.contains(&service) {
                assert_eq!(scenario.get(service, "/env/SAY").text(), self.says.to_string(), "what {service} says");
            }
        }
    }
}
