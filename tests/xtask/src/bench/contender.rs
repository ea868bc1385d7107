//! Who takes part, and how each is told to do the same.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::child;
use crate::failure::Failure;
use crate::narration;

use super::world::World;

/// How many services a chain has.
pub(super) const LINKS: usize = 5;
/// How long after their start the services of a chain are ready.
pub(super) const READY_AFTER_MS: u32 = 300;
/// How often Compose has the health of a service checked. Each check takes longer than this, so this is as often as the
/// engine can.
const HEALTH_INTERVAL: &str = "10ms";

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Floor,
    Drillmaster,
    Compose,
    Miniboss,
}

pub(super) struct Contender {
    pub(super) kind: Kind,
    /// As people read it.
    pub(super) name: String,
    /// What the names of its containers contain.
    pub(super) mark: String,
    /// The command that a peer's arguments are added to.
    command: Vec<String>,
}

/// What is started.
#[derive(Clone, Copy)]
pub(super) struct Case {
    pub(super) services: usize,
    pub(super) chain: bool,
}

/// The bare loop, drillmaster, and whichever peers are here.
pub(super) fn find(world: &World) -> Vec<Contender> {
    let ours = |kind, name: &str, letter| {
        Some(Contender { kind, name: name.to_owned(), mark: world.mark(letter), command: Vec::new() })
    };
    let floor = ours(Kind::Floor, "bare loop", 'b');
    let drillmaster = ours(Kind::Drillmaster, "drillmaster", 'd');
    [floor, drillmaster, compose(world), miniboss(world)].into_iter().flatten().collect()
}

fn compose(world: &World) -> Option<Contender> {
    let named = env::var("DRILLMASTER_BENCH_COMPOSE").ok().map(|path| vec![path]);
    let usual = [vec!["docker".to_owned(), "compose".to_owned()], vec!["docker-compose".to_owned()]];
    let candidates = named.map_or_else(|| usual.to_vec(), |named| vec![named]);
    let known = candidates.into_iter().find_map(|command| {
        let version = child::ask(Command::new(&command[0]).args(&command[1..]).args(["version", "--short"]))?;
        let version = version.trim_start_matches('v').to_owned();
        // Version 1 is another program.
        (!version.starts_with("1.")).then_some((command, version))
    });
    let Some((command, version)) = known else {
        narration::line(
            "      Docker Compose 2: not run, since it is not found (DRILLMASTER_BENCH_COMPOSE can name it)",
        );
        return None;
    };
    narration::line(&format!("      Docker Compose {version}: `{}`", command.join(" ")));
    Some(Contender { kind: Kind::Compose, name: format!("Compose {version}"), mark: world.mark('c'), command })
}

fn miniboss(world: &World) -> Option<Contender> {
    let python = env::var("DRILLMASTER_BENCH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let version = "import miniboss, importlib.metadata; print(importlib.metadata.version('miniboss'))";
    let Some(version) = child::ask(Command::new(&python).args(["-c", version])) else {
        narration::line(&format!(
            "      miniboss: not run, since `{python}` cannot import it (DRILLMASTER_BENCH_PYTHON can name another)"
        ));
        return None;
    };
    narration::line(&format!("      miniboss {version}: `{python}`"));
    let name = format!("miniboss {version}");
    Some(Contender { kind: Kind::Miniboss, name, mark: world.mark('m'), command: vec![python] })
}

impl Contender {
    /// Starts everything, from nothing.
    pub(super) fn start(&self, world: &World, case: Case) -> Result<Duration, Failure> {
        let mut command = self.starting(world, case)?;
        world.time(&mut command)
    }

    /// Starts everything, when everything is started.
    pub(super) fn again(&self, world: &World, case: Case) -> Result<Duration, Failure> {
        if self.kind == Kind::Floor {
            return world.time(&mut world.floor(&["look", &self.mark]));
        }
        self.start(world, case)
    }

    /// Stops everything, and removes nothing.
    pub(super) fn stop(&self, world: &World, case: Case) -> Result<Duration, Failure> {
        let mut command = match self.kind {
            Kind::Floor => world.floor(&["stop", &self.mark, &usual_slots()]),
            Kind::Drillmaster => {
                let mut command = self.drillmaster(world, "stop", case);
                command.args(["--timeout", "10"]);
                command
            }
            Kind::Compose => self.compose(world, case, &["stop"])?,
            Kind::Miniboss => self.miniboss(world, case, "stop")?,
        };
        world.time(&mut command)
    }

    /// Starts and stops so many services with the bare loop, so many at once.
    pub(super) fn with_slots(
        &self,
        world: &World,
        services: usize,
        slots: usize,
    ) -> Result<(Duration, Duration), Failure> {
        let (services, slots) = (services.to_string(), slots.to_string());
        let started = world.time(&mut world.floor(&["start", &self.mark, &world.image(), &services, &slots]))?;
        Ok((started, world.time(&mut world.floor(&["stop", &self.mark, &slots]))?))
    }

    fn starting(&self, world: &World, case: Case) -> Result<Command, Failure> {
        let services = case.services.to_string();
        Ok(match self.kind {
            Kind::Floor if case.chain => {
                world.floor(&["chain", &self.mark, &world.image(), &services, &READY_AFTER_MS.to_string()])
            }
            Kind::Floor => world.floor(&["start", &self.mark, &world.image(), &services, &usual_slots()]),
            Kind::Drillmaster => self.drillmaster(world, "start", case),
            // Without `--wait` the last one of a chain would not be waited for.
            Kind::Compose if case.chain => self.compose(world, case, &["up", "--detach", "--wait"])?,
            Kind::Compose => self.compose(world, case, &["up", "--detach"])?,
            Kind::Miniboss => self.miniboss(world, case, "start")?,
        })
    }

    fn drillmaster(&self, world: &World, subcommand: &str, case: Case) -> Command {
        let mut command = world.drillmaster();
        command.arg(subcommand).arg(world.target.join("definitions/many.wasm")).args(["--group", &self.mark]);
        command.arg("--set").arg(format!("image={}", world.image()));
        command.arg("--set").arg(format!("services={}", case.services));
        if case.chain {
            command.args(["--set", "chain=true", "--set"]).arg(format!("ready-after-ms={READY_AFTER_MS}"));
        }
        command
    }

    fn compose(&self, world: &World, case: Case, words: &[&str]) -> Result<Command, Failure> {
        let mut text = "services:\n".to_owned();
        for number in 0..case.services {
            let _ = writeln!(text, "  s{number}:\n    image: {}", world.image());
            if case.chain {
                let _ = writeln!(
                    text,
                    "    environment: {{READY_AFTER_MS: '{READY_AFTER_MS}'}}\n    ports: ['127.0.0.1::8080']\n    \
                     healthcheck: {{test: [CMD, /service, get, /ready], interval: {HEALTH_INTERVAL}, timeout: 5s, \
                     retries: 1000}}"
                );
            }
            if case.chain && number > 0 {
                let _ = writeln!(text, "    depends_on: {{s{}: {{condition: service_healthy}}}}", number - 1);
            }
        }
        let file = write(&world.directory.join("compose.yaml"), &text)?;
        let mut all = self.command.clone();
        all.extend(["--project-name", &self.mark, "--file", &file].map(str::to_owned));
        all.extend(words.iter().copied().map(str::to_owned));
        Ok(world.peer(&all))
    }

    fn miniboss(&self, world: &World, case: Case, subcommand: &str) -> Result<Command, Failure> {
        let mut text = "import urllib.request\nimport miniboss\n".to_owned();
        let ports = if case.chain { free_ports(case.services)? } else { Vec::new() };
        for number in 0..case.services {
            let _ = writeln!(
                text,
                "\nclass S{number}(miniboss.Service):\n    name = 's{number}'\n    image = '{}'",
                world.image()
            );
            if case.chain && number > 0 {
                let _ = writeln!(text, "    dependencies = ['s{}']", number - 1);
            }
            if let Some(port) = ports.get(number) {
                let _ = writeln!(
                    text,
                    "    env = {{'READY_AFTER_MS': '{READY_AFTER_MS}'}}\n    ports = {{8080: ('127.0.0.1', {port})}}\n\n    \
                     def ping(self):\n        try:\n            \
                     return urllib.request.urlopen('http://127.0.0.1:{port}/ready').status == 200\n        \
                     except OSError:\n            return False"
                );
            }
        }
        text += "\nif __name__ == '__main__':\n    miniboss.cli()\n";
        // It names its group after the directory.
        let file = write(&world.directory.join(&self.mark).join("services.py"), &text)?;
        let mut all = self.command.clone();
        all.extend([file, subcommand.to_owned()]);
        Ok(world.peer(&all))
    }
}

/// As many as drillmaster starts at once.
fn usual_slots() -> String {
    (cores() * 2).to_string()
}

pub(super) fn cores() -> usize {
    thread::available_parallelism().map_or(2, usize::from)
}

fn write(path: &Path, text: &str) -> Result<String, Failure> {
    let directory = path.parent().map_or(Ok(()), fs::create_dir_all);
    directory
        .and_then(|()| fs::write(path, text))
        .map_err(|error| Failure::system(format_args!("write {}", path.display()), &error))?;
    Ok(path.display().to_string())
}

/// Ports that nobody has, at the moment.
fn free_ports(number: usize) -> Result<Vec<u16>, Failure> {
    let listen = || TcpListener::bind("127.0.0.1:0").and_then(|listener| Ok((listener.local_addr()?.port(), listener)));
    let held: Vec<_> = (0..number)
        .map(|_| listen())
        .collect::<Result<_, _>>()
        .map_err(|error| Failure::system("find a free port", &error))?;
    Ok(held.iter().map(|(port, _)| *port).collect())
}
