//! The benchmark: the same work, done by whoever is here, one after the other and again, each as a whole process.

mod contender;
mod expectation;
mod figures;
mod languages;
mod loading;
mod process;
mod world;

use std::fs;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::build;
use crate::definitions::{self, Which};
use crate::docker::Docker;
use crate::failure::Failure;
use crate::images;
use crate::languages::Languages;
use crate::narration;
use crate::steps::{self, Steps};
use crate::wasm::Toolchain;
use crate::workspace;

use contender::{Case, Contender};
use figures::Figures;
use languages::Table;
use loading::Loading;
use world::World;

/// What a scenario may take before no further round is begun.
const NOTHING_LIMIT: Duration = Duration::from_secs(50);
const COLD_LIMIT: Duration = Duration::from_secs(75);
const CHAIN_LIMIT: Duration = Duration::from_secs(80);
const SLOTS_LIMIT: Duration = Duration::from_secs(70);
/// How many services the best number of requests at once is looked for with.
const MANY: usize = 20;
/// Whatever happens, so many rounds are run, and no more than these.
const ROUNDS: usize = 3;
const MOST_ROUNDS: usize = 25;
/// When no further scenario and no further round is begun.
const LIMIT: Duration = Duration::from_mins(12);

/// Builds everything, measures, and prints what came of it: of the scenarios whose names contain one of the filters, all
/// when there is none. That an expectation does not hold is no failure.
pub(crate) fn run(filters: &[&str]) -> Result<ExitCode, Failure> {
    let mut steps = Steps::of(6);
    steps.next("Looking for Docker");
    let docker = Docker::find()?;
    steps.next("Building the definitions");
    let toolchain = Toolchain::find()?;
    let target = workspace::target()?;
    definitions::build(Which::All, &toolchain, &target)?;
    build::programs()?;
    let languages = Languages::find(&target)?;
    languages.build_definitions(&target, &target.join("definitions"))?;
    steps.next("Compiling drillmaster for release (the first time takes ten minutes)");
    build::release()?;
    steps.next("Building the image that is started");
    images::service(&docker, &target)?;
    steps.next("Looking for whom to measure against");
    let world = World::make(&docker, &target)?;
    let contenders = contender::find(&world);
    steps.next("Measuring");
    let load = load();
    let (mut figures, mut loading, mut table) = (Figures::default(), Loading::default(), Table::default());
    let schedule = Schedule::new(filters);
    // What was measured before a failure is shown as well.
    let measured = measure(&world, &contenders, &schedule, &mut figures, &mut loading);
    let measured = measured.and_then(|()| {
        if schedule.has("languages") { table.measure(&world, &languages, schedule.end) } else { Ok(()) }
    });
    println!("{}", figures.table(&contenders));
    println!("{}", loading.table());
    println!("{}", table.text());
    println!("{}", expectation::check(&figures, &loading));
    let cores = contender::cores();
    println!("\n{cores} processors; load before and after: {load} · {}", self::load());
    measured.map(|()| ExitCode::SUCCESS)
}

/// Which scenarios are run, and how long.
struct Schedule<'a> {
    filters: &'a [&'a str],
    began: Instant,
    end: Instant,
}

impl<'a> Schedule<'a> {
    fn new(filters: &'a [&'a str]) -> Self {
        let began = Instant::now();
        Self { filters, began, end: began + LIMIT }
    }

    /// Whether a scenario is wanted and there is time for it.
    fn has(&self, scenario: &str) -> bool {
        if !self.filters.is_empty() && !self.filters.iter().any(|filter| scenario.contains(filter)) {
            return false;
        }
        let in_time = Instant::now() < self.end;
        let told = if in_time { scenario.to_owned() } else { format!("{scenario}: not run, there is no time left") };
        narration::line(&format!("      {told} ({})", steps::seconds(self.began.elapsed())));
        in_time
    }

    /// Lets everybody have a turn, again and again, each time with another one first: so many rounds as there is time
    /// for, at most. Who asks for a few scenarios only wants to know them well.
    fn rounds(
        &self,
        limit: Duration,
        most: usize,
        contenders: &[Contender],
        mut turn: impl FnMut(usize, &Contender) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let (limit, most) = if self.filters.is_empty() { (limit, most) } else { (LIMIT, MOST_ROUNDS) };
        let began = Instant::now();
        for round in 0..most {
            // A round that would end too late is not begun; the first rounds are, unless everything has to end.
            let rounds_so_far = u32::try_from(round).unwrap_or(u32::MAX);
            let one = began.elapsed().checked_div(rounds_so_far).unwrap_or_default();
            let late = began.elapsed() + one > limit && round >= ROUNDS;
            if late || Instant::now() + one > self.end && round > 0 {
                break;
            }
            for offset in 0..contenders.len() {
                let index = (round + offset) % contenders.len();
                turn(index, &contenders[index])?;
            }
            if narration::silence() > Duration::from_secs(5) {
                narration::heartbeat(&format!("      … {} rounds", round + 1));
            }
        }
        Ok(())
    }
}

fn measure(
    world: &World,
    contenders: &[Contender],
    schedule: &Schedule<'_>,
    figures: &mut Figures,
    loading: &mut Loading,
) -> Result<(), Failure> {
    if schedule.has("loading") {
        loading.measure(world, schedule.end)?;
    }
    for services in [1, 10, 50] {
        if schedule.has(&format!("nothing to do, {services}")) {
            nothing(world, contenders, services, schedule, figures)?;
        }
    }
    for services in [1, 10, 20] {
        if schedule.has(&format!("cold start, {services}")) {
            cold(world, contenders, services, schedule, figures)?;
        }
    }
    if schedule.has("chain of 5") {
        chain(world, contenders, schedule, figures)?;
    }
    if schedule.has("how many starts and stops at once are best") {
        slots(world, &contenders[..1], schedule, figures)?;
    }
    Ok(())
}

/// The bare loop alone, with more or fewer requests at once: what drillmaster's own number is chosen by.
fn slots(world: &World, floor: &[Contender], schedule: &Schedule<'_>, figures: &mut Figures) -> Result<(), Failure> {
    let cores = contender::cores();
    schedule.rounds(SLOTS_LIMIT, 5, floor, |_, floor| {
        for slots in [cores, cores * 2, cores * 4, MANY] {
            let (started, stopped) = floor.with_slots(world, MANY, slots)?;
            world.expect(floor, 0, MANY)?;
            figures.add(&format!("start {MANY}, {slots} at once"), floor, started);
            figures.add(&format!("stop {MANY}, {slots} at once"), floor, stopped);
            world.remove(floor)?;
        }
        Ok(())
    })
}

/// Everything is started once, and then again and again.
fn nothing(
    world: &World,
    contenders: &[Contender],
    services: usize,
    schedule: &Schedule<'_>,
    figures: &mut Figures,
) -> Result<(), Failure> {
    let case = Case { services, chain: false };
    let mut before = Vec::new();
    for contender in contenders {
        contender.start(world, case)?;
        contender.again(world, case)?;
        before.push(world.expect(contender, services, 0)?);
    }
    schedule.rounds(NOTHING_LIMIT, MOST_ROUNDS, contenders, |index, contender| {
        let took = contender.again(world, case)?;
        if world.expect(contender, services, 0)? != before[index] {
            return Err(Failure::step(format!("{} had nothing to do and changed something", contender.name)));
        }
        figures.add(&format!("nothing to do, {services}"), contender, took);
        Ok(())
    })?;
    contenders.iter().try_for_each(|contender| world.remove(contender))
}

/// From nothing to running, and to stopped again for ten services.
fn cold(
    world: &World,
    contenders: &[Contender],
    services: usize,
    schedule: &Schedule<'_>,
    figures: &mut Figures,
) -> Result<(), Failure> {
    let case = Case { services, chain: false };
    schedule.rounds(COLD_LIMIT, 9, contenders, |_, contender| {
        let took = contender.start(world, case)?;
        world.expect(contender, services, 0)?;
        figures.add(&format!("cold start, {services}"), contender, took);
        if services == 10 {
            let took = contender.stop(world, case)?;
            world.expect(contender, 0, services)?;
            figures.add("stop, 10", contender, took);
        }
        world.remove(contender)
    })
}

/// One service after the other, each once the one before is ready.
fn chain(
    world: &World,
    contenders: &[Contender],
    schedule: &Schedule<'_>,
    figures: &mut Figures,
) -> Result<(), Failure> {
    let case = Case { services: contender::LINKS, chain: true };
    schedule.rounds(CHAIN_LIMIT, 7, contenders, |_, contender| {
        let took = contender.start(world, case)?;
        world.expect(contender, case.services, 0)?;
        world.expect_chain(contender)?;
        figures.add("chain of 5", contender, took);
        world.remove(contender)
    })
}

/// How busy the machine is: the averages over one, five and fifteen minutes.
fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_else(|_| "unknown".to_owned());
    load.split(' ').take(3).collect::<Vec<_>>().join(" ")
}
