//! A command that dies at any call to the engine is put right by the next one.

use super::for_random;
use super::group::{Case, case};
use super::prepared::{Command, committed, prepared, ready};
use super::settled::{assert_nothing_lost, assert_settled, others};
use crate::engine::memory::Fault;
use crate::plan::Again;
use crate::run::tests::world::World;

/// Runs a command that dies at a call, or right before it. The order of calls side by side is not the same each time,
/// so that it can also end before.
async fn dies(command: &Command, world: &World, call: usize, fault: Fault) {
    world.engine.fault_at(Some((call, fault)));
    tokio::select! {
        biased;
        () = world.engine.crash() => (),
        _ = command.run(world) => (),
    }
    world.engine.fault_at(None);
}

/// Lets a command die at every call in turn, and has the group put right by a start each time: after one death, and
/// after another one in that start. Returns how many deaths there were.
async fn dies_everywhere(case: &Case, command: &Command, world: &World) -> usize {
    let calls = command.calls(world).await;
    let other = others(world);
    let before = committed(world);
    // The first call is the look at what is there.
    for (call, fault) in (1..calls).flat_map(|call| [(call, Fault::CrashBefore), (call, Fault::Crash)]) {
        let after = format!("{command:?}, after {fault:?} at call {call}");
        let world = world.copy();
        dies(command, &world, call, fault).await;
        if !matches!(command, Command::Stop { remove: true }) {
            let died = committed(&world);
            for had in &before {
                let service = &had.service.name;
                assert!(died.iter().any(|has| has.service.name == *service), "{after}: {service} has no container");
            }
        }
        recovers(case, command, &before, &world.copy(), &after).await;

        let again = Command::Start.calls(&world).await;
        let second = (case.dice.wrapping_add(call * 7919)) % again;
        dies(&Command::Start, &world, second, Fault::Crash).await;
        recovers(case, command, &before, &world, &format!("{after} and a death at call {second}")).await;
        assert_eq!(others(&world), other, "{after}");
    }
    // At each call two deaths, each followed by a start once, and by a death in the start once.
    calls.saturating_sub(1) * 4
}

/// A start makes everything ready and loses nothing.
async fn recovers(
    case: &Case,
    command: &Command,
    before: &[crate::engine::memory::Standing],
    world: &World,
    after: &str,
) {
    let died = committed(world);
    assert_eq!(Command::Start.run(world).await, Ok(true), "{after}: {:#?}", world.events());
    assert_settled(case, world, after).await;
    assert_nothing_lost(&died, world, after);
    if matches!(command, Command::Start | Command::Restart(_) | Command::Stop { remove: false }) {
        assert_nothing_lost(before, world, after);
    }
}

fn picked(case: &Case) -> Again {
    Again { services: case.picked(), dependents: case.dependents }
}

#[test]
fn a_start_that_dies_anywhere_is_put_right_by_the_next_one() {
    for_random(6, &case(), async |case| dies_everywhere(&case, &Command::Start, &prepared(&case).await).await);
}

#[test]
fn a_stop_that_dies_anywhere_is_put_right_by_a_start() {
    for_random(3, &case(), async |case| {
        let mut deaths = 0;
        for world in [prepared(&case).await, ready(&case).await] {
            for remove in [false, true] {
                deaths += dies_everywhere(&case, &Command::Stop { remove }, &world).await;
            }
        }
        deaths
    });
}

#[test]
fn a_reload_that_dies_anywhere_is_put_right_by_a_start() {
    for_random(6, &case(), async |case| {
        dies_everywhere(&case, &Command::Reload(picked(&case)), &ready(&case).await).await
    });
}

#[test]
fn a_restart_that_dies_anywhere_is_put_right_by_a_start() {
    for_random(6, &case(), async |case| {
        dies_everywhere(&case, &Command::Restart(picked(&case)), &ready(&case).await).await
    });
}

#[test]
fn a_stop_that_dies_anywhere_is_finished_by_the_next_one() {
    for_random(6, &case(), async |case| {
        let ready = ready(&case).await;
        let mut deaths = 0;
        for remove in [false, true] {
            let command = Command::Stop { remove };
            let other = others(&ready);
            for call in 1..command.calls(&ready).await {
                for fault in [Fault::CrashBefore, Fault::Crash] {
                    let after = format!("remove: {remove}, after {fault:?} at call {call}");
                    let world = ready.copy();
                    dies(&command, &world, call, fault).await;
                    deaths += 1;
                    assert_eq!(command.run(&world).await, Ok(true), "{after}");
                    let standing = world.engine.standing(&world.name);
                    assert!(standing.iter().all(|container| !container.runs), "{after}: {standing:?}");
                    if remove {
                        let left = world.engine.everything_of(&world.name);
                        assert!(left.is_empty(), "{after}: {left:?}");
                        assert!(world.context().values().is_empty(), "{after}: {:?}", world.context().values());
                    }
                    assert_eq!(others(&world), other, "{after}");
                }
            }
        }
        deaths
    });
}
