//! Killing a command at random moments, again and again: the next start puts it right each time.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::panic::{self, AssertUnwindSafe};
use std::thread;
use std::time::Duration;

use crate::random::Random;
use crate::scenario::{Running, Scenario, Signal};

/// The services of the definition `eight`.
const SERVICES: [&str; 8] = ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"];
/// Those that a replacement changes.
const CHANGED: [&str; 4] = ["s0", "s3", "s4", "s7"];

/// What is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Killed {
    /// A start of eight services from nothing.
    Start,
    /// A start that replaces four of eight.
    Replacement,
}

/// What came of a number of kills.
#[derive(Debug)]
pub struct Report {
    killed: Killed,
    seed: u64,
    /// How long the command took that was not disturbed, over which the moments were spread.
    pub undisturbed: Duration,
    /// How often the command was killed after it had said this last.
    pub phases: BTreeMap<String, usize>,
    /// The rounds in which something was not put right, with the moment and what was wrong.
    pub failures: Vec<String>,
}

/// Kills the command at so many moments, each anywhere in the time that it takes undisturbed.
///
/// # Panics
///
/// When the undisturbed command fails.
#[must_use]
pub fn soak(killed: Killed, kills: u32, seed: u64, mut progress: impl FnMut(&str)) -> Report {
    let mut random = Random::new(seed);
    let mut group = Group::new(killed);
    let undisturbed = group.undisturbed();
    let mut report = Report { killed, seed, undisturbed, phases: BTreeMap::new(), failures: Vec::new() };
    for number in 1..=kills {
        let moment = undisturbed.mul_f64(random.fraction());
        let round = panic::catch_unwind(AssertUnwindSafe(|| group.round(moment)));
        let line = match round {
            Ok(phase) => {
                *report.phases.entry(phase.clone()).or_default() += 1;
                phase
            }
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                report.failures.push(format!("round {number}, after {moment:.3?}: {text}"));
                // What it left would only fail the rounds that follow.
                group = Group::new(killed);
                group.prepare();
                format!("NOT PUT RIGHT: {text}")
            }
        };
        progress(&format!("{number}/{kills}  after {moment:.3?}  {line}"));
    }
    report
}

impl Display for Report {
    fn fmt(&self, formatter: &mut Formatter) -> fmt::Result {
        let Self { killed, seed, undisturbed, phases, failures } = self;
        let what = match killed {
            Killed::Start => "a start of 8 services",
            Killed::Replacement => "a replacement of 4 of 8 services",
        };
        let kills = phases.values().sum::<usize>() + failures.len();
        writeln!(formatter, "{what} (undisturbed {undisturbed:.2?}), seed {seed}: {kills} kills")?;
        for (phase, count) in phases {
            writeln!(formatter, "  {count:3} put right after it was killed {phase}")?;
        }
        write!(formatter, "  {:3} not put right", failures.len())?;
        failures.iter().try_for_each(|failure| write!(formatter, "\n{failure}"))
    }
}

/// The group that is started and killed.
struct Group {
    scenario: Scenario,
    killed: Killed,
    /// What the changed services say; another thing in each round of a replacement.
    says: u32,
}

impl Group {
    fn new(killed: Killed) -> Self {
        Self { scenario: Scenario::new("eight"), killed, says: 0 }
    }

    fn spawn(&self) -> Running {
        let said: Vec<String> = CHANGED.iter().map(|service| format!("{service}.SAY={}", self.says)).collect();
        let said = said.iter().flat_map(|said| ["--set", said]);
        self.scenario.spawn(&["start", "app.wasm"].into_iter().chain(said).collect::<Vec<_>>())
    }

    /// Brings about what the command begins with.
    fn prepare(&mut self) {
        match self.killed {
            Killed::Start => {
                self.scenario.stop(&["--remove"]).code(0);
                assert_eq!(self.scenario.names(), [""; 0]);
                assert!(self.scenario.networks().is_empty());
            }
            Killed::Replacement => {
                self.spawn().wait().code(0);
                self.says += 1;
            }
        }
    }

    /// How long the command takes.
    fn undisturbed(&mut self) -> Duration {
        self.prepare();
        let took = self.spawn().wait().code(0).duration;
        self.prepare();
        took
    }

    /// Kills the command at a moment and starts once more. When it was killed, as people say it.
    fn round(&mut self, moment: Duration) -> String {
        let before = self.committed();
        let mut running = self.spawn();
        // The one thing that is done here at a time, and not when something has happened.
        thread::sleep(moment.saturating_sub(running.elapsed()));
        let ended = running.has_ended();
        running.signal(Signal::KILL);
        let run = running.wait();
        let kept = self.to_be_kept(&before);
        self.spawn().wait().code(0);
        self.assert_right(&kept);
        self.prepare();
        if ended { "after it had ended".to_owned() } else { phase(&run.stderr) }
    }

    /// The id of each committed container by service.
    fn committed(&self) -> BTreeMap<String, String> {
        let committed = |service: &&str| Some(((*service).to_owned(), self.scenario.container(service)?.id?));
        SERVICES.iter().filter_map(committed).collect()
    }

    /// Those of the committed containers that are as they are declared now.
    fn to_be_kept(&self, before: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut kept = self.committed();
        kept.retain(|service, id| {
            let changes = self.killed == Killed::Replacement && CHANGED.contains(&service.as_str());
            // What changes and was there before is still to be replaced.
            !changes || before.get(service) != Some(id)
        });
        // A container of unchanged fields that was there before must not have been lost by the killed command either.
        let unchanged = before.iter().filter(|(service, _)| !CHANGED.contains(&service.as_str()));
        kept.extend(unchanged.map(|(service, id)| (service.clone(), id.clone())));
        kept
    }

    /// Everything is ready, was initialised once, is as it is declared, and nothing else is there.
    fn assert_right(&self, kept: &BTreeMap<String, String>) {
        let scenario = &self.scenario;
        assert_eq!(scenario.names(), SERVICES, "what is there");
        assert_eq!(scenario.networks().len(), 1, "the number of networks");
        for service in SERVICES {
            assert!(scenario.is_running(service), "{service} does not run");
            assert_eq!(scenario.get(service, "/peek/init").text(), "1", "how often {service} was initialised");
            if CHANGED.contains(&service) {
                assert_eq!(scenario.get(service, "/env/SAY").text(), self.says.to_string(), "what {service} says");
            }
        }
        for (service, id) in kept {
            assert_eq!(&scenario.id(service), id, "the container of {service} was lost");
        }
        assert_eq!(scenario.running(), SERVICES, "what runs");
    }
}

/// When a start was killed, going by what it had said.
fn phase(stderr: &str) -> String {
    let ready = stderr.lines().filter(|line| line.contains(" ready after ")).count();
    let last = stderr.lines().rev().find_map(|line| {
        let phases = ["stopping", "starting", "waiting until it is ready", "initialising"];
        phases.into_iter().find(|phase| line.ends_with(phase))
    });
    match (last, ready) {
        (None, _) if stderr.is_empty() => "before it had a plan".to_owned(),
        (None, _) => "when it had a plan".to_owned(),
        (Some(phase), 0) => format!("while {phase}, none ready"),
        (Some(_), 8) => "when all were ready".to_owned(),
        (Some(phase), _) => format!("while {phase}, some ready"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_is_read_from_what_a_start_has_said() {
        assert_eq!(phase(""), "before it had a plan");
        assert_eq!(phase("s0  create: new\n"), "when it had a plan");
        assert_eq!(phase("s0  create: new\ns0  starting\n"), "while starting, none ready");
        assert_eq!(phase("s1  initialising\ns0  ready after 1.0 s\n"), "while initialising, some ready");
    }
}
