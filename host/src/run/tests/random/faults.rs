//! A command in which any one call to the engine fails or stalls, or that is interrupted at any call, ends, says so, and
//! is put right by the next start.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::for_random;
use super::group::{Case, case};
use super::prepared::{Command, committed, prepared, ready};
use super::settled::{assert_nothing_half_started_runs, assert_nothing_lost, assert_settled, others};
use crate::engine::memory::{Fault, Memory};
use crate::plan::Again;
use crate::run::Event;
use crate::run::tests::world::World;

/// Longer than any command takes in which one call stalls for an hour.
const LONG: Duration = Duration::from_hours(3);

/// The commands that the cases are tried with, and the worlds that they begin in.
async fn commands(case: &Case) -> Vec<(Command, World)> {
    let again = Again { services: case.picked(), dependents: case.dependents };
    vec![
        (Command::Start, prepared(case).await),
        (Command::Reload(again.clone()), ready(case).await),
        (Command::Restart(again), ready(case).await),
        (Command::Stop { remove: case.dependents }, ready(case).await),
    ]
}

/// The next start makes everything ready, loses nothing, and has touched nothing of the other group's.
async fn recovers(case: &Case, world: &World, other: &[String], after: &str) {
    world.engine.fault_at(None);
    let stood = committed(world);
    assert_eq!(Command::Start.run(world).await, Ok(true), "{after}: {:#?}", world.events());
    assert_settled(case, world, after).await;
    assert_nothing_lost(&stood, world, after);
    assert_eq!(others(world), other, "{after}");
}

/// Whether somebody was told that something went wrong.
fn told(world: &World) -> bool {
    let tells = |event: &Event| {
        matches!(event, Event::Failed { .. } | Event::NotStopped { .. } | Event::HookFailed { .. } | Event::Warning(_))
    };
    world.events().iter().any(tells)
}

#[test]
fn a_command_ends_in_which_any_call_goes_wrong_and_a_start_puts_it_right() {
    for_random(3, &case(), async |case| {
        let mut ways = 0;
        for (command, before) in commands(&case).await {
            let other = others(&before);
            for call in 1..command.calls(&before).await {
                for fault in [Fault::Fail, Fault::LostAnswer, Fault::Stall] {
                    let after = format!("{command:?}, after {fault:?} at call {call}");
                    let world = before.copy();
                    world.engine.fault_at(Some((call, fault)));
                    let ended = tokio::time::timeout(LONG, command.run(&world)).await;
                    let ended = ended.unwrap_or_else(|_| panic!("{after}: it hangs: {:?}", world.engine.calls()));
                    assert!(ended == Ok(true) || ended.is_err() || told(&world), "{after}: it was not told");
                    if matches!(command, Command::Start) {
                        assert_nothing_half_started_runs(&world, &after);
                    }
                    recovers(&case, &world, &other, &after).await;
                    ways += 1;
                }
            }
        }
        ways
    });
}

/// The services that an event says are ready.
fn told_ready(world: &World) -> Vec<String> {
    let ready = |event| match event {
        Event::Ready { service, .. } => Some(service),
        _ => None,
    };
    world.events().into_iter().filter_map(ready).collect()
}

fn runs(engine: &Memory, service: &str) -> bool {
    engine.containers().contains(&format!("g-{service}*"))
}

#[test]
fn an_interruption_at_any_call_keeps_what_is_ready_and_leaves_nothing_half_started() {
    for_random(5, &case(), async |case| {
        let mut ways = 0;
        for (command, before) in commands(&case).await {
            let other = others(&before);
            for call in 1..command.calls(&before).await {
                let after = format!("{command:?}, interrupted at call {call}");
                let mut world = before.copy();
                world.cancel = CancellationToken::new();
                let person = world.cancel.clone();
                world.engine.fault_at(Some((call, Fault::Interrupt(person))));
                let began = tokio::time::Instant::now();
                let ended = tokio::time::timeout(LONG, command.run(&world)).await;
                assert!(ended.is_ok(), "{after}: it hangs: {:?}", world.engine.calls());
                assert!(began.elapsed() < Duration::from_secs(10), "{after}: {:?}", began.elapsed());
                assert_nothing_half_started_runs(&world, &after);
                for service in told_ready(&world) {
                    assert!(runs(&world.engine, &service), "{after}: {service} was ready and does not run");
                }
                world.cancel = CancellationToken::new();
                recovers(&case, &world, &other, &after).await;
                ways += 1;
            }
        }
        ways
    });
}
