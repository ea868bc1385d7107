//! An interruption: what has not been begun is not begun any more, however many services are waiting for their turn.

use std::time::Duration;

use super::world::World;
use crate::engine::memory::{AT_A_TIME, Fault};
use crate::group::MountDeclaration;
use crate::run::StopOutcome;

const MANY: usize = 200;

fn many() -> World {
    World::new(&(0..MANY).map(|index| format!("s{index}")).collect::<Vec<_>>().join(" "))
}

/// The calls that begin with one of these, after the interruption that comes at a call.
async fn calls_after(world: &World, interruption: usize, of: &[&str], work: impl Future<Output = ()>) -> Vec<String> {
    world.engine.fault_at(Some((interruption, Fault::Interrupt(world.cancel.clone()))));
    work.await;
    let calls = world.engine.calls().into_iter().skip(interruption + 1);
    calls.filter(|call| of.iter().any(|one| call.starts_with(one))).collect()
}

/// What makes something or takes it away. The names of what has become ready are still changed.
const BEGUN: [&str; 7] = ["create", "start", "ensure network", "ensure volume", "pull", "build", "remove"];

/// Nothing was begun but what had its turn already: the engine in memory tells of a start when it is done.
#[track_caller]
fn assert_not_begun(calls: &[String]) {
    assert!(calls.len() <= AT_A_TIME && calls.iter().all(|call| call.starts_with("start ")), "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_created_or_started_after_an_interruption_however_long_the_queue_is() {
    for interruption in [5, MANY / 2, MANY + 10] {
        let world = many();
        let began = tokio::time::Instant::now();
        let start = async {
            assert!(world.start().await.values().any(|word| word == "interrupted"));
        };
        assert_not_begun(&calls_after(&world, interruption, &BEGUN, start).await);
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn of_what_is_being_started_only_that_is_stopped_which_runs() {
    let world = many();
    let start = async { drop(world.start().await) };
    // All are created, the first are ready, and the next ones are being started.
    let stops = calls_after(&world, MANY + 3 * AT_A_TIME + 4, &["stop"], start).await;
    assert!(!stops.is_empty() && stops.len() <= AT_A_TIME, "{stops:?}");
    assert!(!world.engine.containers().iter().any(|container| container.ends_with(".starting*")));
}

#[tokio::test(start_paused = true)]
async fn nothing_stopped_is_started_again_after_an_interruption() {
    let world = many();
    world.start().await;
    world.stop(false, &[]).await;
    let start = async { drop(world.start().await) };
    assert_not_begun(&calls_after(&world, 40, &BEGUN, start).await);
}

/// The old containers of services whose turn has not come stay as they are.
#[tokio::test(start_paused = true)]
async fn nothing_is_replaced_after_an_interruption() {
    let mut world = many();
    world.start().await;
    for service in &mut world.services {
        service.env = vec![("MODE".into(), "new".into())];
    }
    let start = async { drop(world.start().await) };
    assert_not_begun(&calls_after(&world, MANY + 20, &BEGUN, start).await);
    let running = world.engine.containers().iter().filter(|container| container.ends_with('*')).count();
    assert!(running > MANY / 2, "{running} still run");
}

#[tokio::test(start_paused = true)]
async fn neither_networks_nor_volumes_are_made_after_an_interruption() {
    let mut world = World::new("a b c");
    for name in ["a", "b", "c"] {
        let volume =
            |source: &str| MountDeclaration { source: source.into(), target: format!("/{source}"), read_only: false };
        let service = world.declared(name);
        service.networks = vec![name.to_owned()];
        service.volumes = vec![volume("one"), volume("two")];
    }
    let all = {
        world.start().await;
        world.engine.calls().len()
    };
    for interruption in 1..all {
        let world = World::on(crate::engine::memory::Memory::new(), "g", world.services.clone());
        world.engine.add_image("image", "image-1");
        let start = async { drop(world.try_start().await) };
        let made = calls_after(&world, interruption, &["ensure network", "ensure volume"], start).await;
        assert_eq!(made, [""; 0], "after call {interruption}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_more_is_stopped_or_removed_after_an_interruption_of_a_stop() {
    let world = many();
    world.start().await;
    let stop = async { assert_eq!(world.stop(true, &[]).await, StopOutcome::Interrupted) };
    // Those that were being stopped go on to their end.
    let calls = calls_after(&world, 20, &["stop", "remove"], stop).await;
    assert!(calls.len() <= AT_A_TIME && calls.iter().all(|call| call.starts_with("stop ")), "{calls:?}");
}
