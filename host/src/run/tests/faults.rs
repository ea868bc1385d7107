//! Whatever goes wrong at whichever call, the next start puts it right.

use std::time::Duration;

use super::world::{Script, World, outcomes};
use crate::engine::memory::Fault;
use crate::group::MountDeclaration;

/// A group with something of everything: a volume, a value that travels, and a service that has to be replaced.
async fn prepared() -> World {
    let mut world = World::new("db cache web:db,cache");
    world.declared("db").volumes =
        vec![MountDeclaration { source: "data".into(), target: "/data".into(), read_only: false }];
    world.script("db", Script { sets: Some(("db.url", "one")), ..Script::default() });
    world.declared("web").env = vec![("URL".into(), "{db.url}".into())];
    world.start().await;
    world.stop(false, &["db"]).await;
    // `db` runs and is replaced, `cache` is stopped and started again, and `web` follows from `db`.
    world.declared("db").env = vec![("MODE".into(), "new".into())];
    world.script("db", Script { sets: Some(("db.url", "two")), ..Script::default() });
    world
}

async fn ends_well(world: &World, after: &str) {
    world.engine.fault_at(None);
    let outcome = world.start().await;
    assert!(outcome.values().all(|word| word == "started" || word == "kept"), "{after}: {outcome:?}");
    assert_eq!(world.engine.containers(), ["g-cache*", "g-db*", "g-web*"], "{after}");
    assert_eq!(world.engine.env_of("g-web")["URL"], "two", "{after}");
    let again = world.start().await;
    assert_eq!(again, outcomes(&[("cache", "kept"), ("db", "kept"), ("web", "kept")]), "{after}");
}

/// How many calls a start of the prepared group makes.
async fn calls() -> usize {
    let world = prepared().await;
    world.engine.fault_at(None);
    world.start().await;
    world.engine.calls().len()
}

#[tokio::test(start_paused = true)]
async fn a_call_that_fails_ends_the_start_and_the_next_one_puts_it_right() {
    // The first call is the observation, before which there is nothing to be put right.
    for call in 1..calls().await {
        let world = prepared().await;
        world.engine.fault_at(Some((call, Fault::Fail)));
        let plan = world.try_start();
        let ended = tokio::time::timeout(Duration::from_mins(10), plan).await;
        assert!(ended.is_ok(), "the start hangs when call {call} fails: {:?}", world.engine.calls());
        ends_well(&world, &format!("after call {call} failed")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_that_dies_at_any_call_is_put_right_by_the_next_one() {
    for call in 1..calls().await {
        let world = prepared().await;
        world.engine.fault_at(Some((call, Fault::Crash)));
        tokio::select! {
            _ = world.try_start() => panic!("the start outlives its death at call {call}"),
            () = world.engine.crash() => (),
        }
        ends_well(&world, &format!("after a death at call {call}")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_interruption_while_the_engine_stalls_ends_when_it_answers() {
    let world = prepared().await;
    world.engine.fault_at(Some((3, Fault::Stall)));
    let cancel = world.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        cancel.cancel();
    });
    let ended = tokio::time::timeout(Duration::from_hours(2), world.try_start()).await;
    assert!(ended.is_ok());
}
