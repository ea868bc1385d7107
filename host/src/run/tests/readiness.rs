//! Ready means ready: what does not run now is not called so, and what is not ready is told by its name.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::world::{Script, World, outcomes, words};
use crate::component::Hook;
use crate::engine::memory::{Behaviour, START_TIME};
use crate::plan::{Again, Health, State};
use crate::run::{Event, StopOutcome};

const MILLISECOND: Duration = Duration::from_millis(1);

/// Exits after this time with this code.
fn exits(after: Duration, code: i64) -> Behaviour {
    Behaviour { exits: Some((after, code)), ..Behaviour::default() }
}

fn never_ready() -> Script {
    Script { ready_after: Duration::from_hours(100), ..Script::default() }
}

/// A service with this restart policy.
fn restarted(policy: &str) -> World {
    let mut world = World::new("db");
    world.declared("db").restart_policy = Some(policy.to_owned());
    world
}

fn again(dependents: bool) -> Again {
    Again { services: vec!["db".to_owned()], dependents }
}

#[tokio::test(start_paused = true)]
async fn what_exits_at_once_is_failed_whatever_ping_says() {
    for after in [0, 1, 50, 200, 499] {
        for policy in ["no", "on-failure"] {
            let world = restarted(policy);
            let code = if policy == "no" { 78 } else { 0 };
            world.engine.behave("db", exits(MILLISECOND * after, code));
            let outcome = world.start().await;
            assert!(outcome["db"].contains(&format!("its container exited with code {code}")), "{after}: {outcome:?}");
            let last_words = world.events().into_iter().find_map(|event| match event {
                Event::Failed { log_tail, .. } => Some(log_tail),
                _ => None,
            });
            assert_eq!(last_words.as_deref(), Some(b"the last word of db\n".as_slice()), "{after}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_exits_while_it_is_initialised_is_not_committed() {
    let world = World::new("db");
    world.engine.behave("db", exits(MILLISECOND * 50, 3));
    world.script("db", Script { init_takes: MILLISECOND * 100, ..Script::default() });
    assert_eq!(world.start().await["db"], "failed: its container exited with code 3 before the service was ready");
    assert_eq!(world.engine.containers(), ["g-db.starting"]);
}

#[tokio::test(start_paused = true)]
async fn what_exits_while_others_start_is_failed_in_the_end_and_its_dependents_stay() {
    let world = World::new("db web:db slow");
    world.engine.behave("db", exits(Duration::from_secs(2), 3));
    world.script("slow", Script { ready_after: Duration::from_secs(5), ..Script::default() });
    let failed = "failed: it was ready and is not any more: its container exited with code 3";
    assert_eq!(world.start().await, outcomes(&[("db", failed), ("slow", "started"), ("web", "started")]));
    assert_eq!(world.engine.containers(), ["g-db", "g-slow*", "g-web*"]);
}

#[tokio::test(start_paused = true)]
async fn what_was_kept_is_looked_at_too() {
    let mut world = World::new("db slow");
    world.start().await;
    world.engine.behave("db", exits(Duration::from_secs(7), 1));
    world.declared("slow").env = vec![("MODE".into(), "new".into())];
    world.script("slow", Script { ready_after: Duration::from_secs(10), ..Script::default() });
    let failed = "failed: it was ready and is not any more: its container exited with code 1";
    assert_eq!(world.start().await, outcomes(&[("db", failed), ("slow", "started")]));
}

#[tokio::test(start_paused = true)]
async fn what_is_removed_or_paused_meanwhile_is_not_ready() {
    let world = World::new("a b slow");
    world.script("slow", Script { ready_after: Duration::from_secs(5), ..Script::default() });
    let engine = Arc::clone(&world.engine);
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(2)).await;
        engine.pause("g-a");
        engine.remove_by_name("g-b");
    });
    let failed = |why: &str| format!("failed: it was ready and is not any more: its container is {why}");
    let (a, b) = (failed("paused"), failed("gone"));
    assert_eq!(world.start().await, outcomes(&[("a", &a), ("b", &b), ("slow", "started")]));
}

#[tokio::test(start_paused = true)]
async fn the_last_look_is_one_request_and_none_when_nothing_was_started() {
    let world = World::new("a b:a c:b");
    world.engine.fault_at(None);
    world.start().await;
    let looks = || world.engine.calls().iter().filter(|call| *call == "list states").count();
    assert_eq!(looks(), 1);
    world.engine.fault_at(None);
    world.start().await;
    assert_eq!(looks(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_has_run_for_a_while_is_not_waited_for_once_more() {
    let world = World::new("db");
    world.script("db", Script { ready_after: Duration::from_millis(450), ..Script::default() });
    let began = Instant::now();
    world.start().await;
    assert!(began.elapsed() <= START_TIME + Duration::from_millis(500), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_exit_that_the_restart_policy_does_not_cover_is_told_at_once() {
    let world = restarted("on-failure");
    world.engine.behave("db", exits(Duration::from_secs(1), 0));
    world.script("db", never_ready());
    let began = Instant::now();
    assert_eq!(world.start().await["db"], "failed: its container exited with code 0 before the service was ready");
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_somebody_stops_is_not_waited_for_although_the_engine_would_restart_it() {
    let world = restarted("always");
    world.script("db", never_ready());
    let engine = Arc::clone(&world.engine);
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(5)).await;
        engine.exit(&engine.id_of("g-db.starting").unwrap());
    });
    let began = Instant::now();
    assert_eq!(world.start().await["db"], "failed: its container exited with code 0 before the service was ready");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_container_that_starts_again_and_again_is_waited_for_and_told_as_that() {
    for policy in ["always", "on-failure", "unless-stopped"] {
        // Most of the time it is between two runs.
        let world = restarted(policy);
        world.engine.behave("db", exits(Duration::from_millis(10), 4));
        world.script("db", never_ready());
        let outcome = world.start().await["db"].clone();
        let expected = "failed: it was not ready within 300 s: its container exited with code 4 and the engine starts it \
                        again and again (29";
        assert!(
            outcome.starts_with(expected) && outcome.ends_with(" times); --timeout gives more"),
            "{policy}: {outcome}"
        );
        assert_eq!(
            world.engine.state_of("g-db.starting"),
            Some(State::Stopped { exit_code: Some(4) }),
            "it is stopped"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_container_that_comes_up_at_the_second_try_becomes_ready() {
    let world = restarted("always");
    world.engine.behave("db", exits(Duration::from_millis(500), 4));
    world.script("db", Script { ready_after: Duration::from_millis(300), ..Script::default() });
    assert_eq!(world.start().await["db"], "started");
}

#[tokio::test(start_paused = true)]
async fn a_paused_container_is_waited_for_and_told_as_that() {
    let world = World::new("db");
    world.script("db", Script { ready_after: Duration::from_secs(2), ..Script::default() });
    let engine = Arc::clone(&world.engine);
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        engine.pause("g-db.starting");
    });
    assert_eq!(
        world.start().await["db"],
        "failed: it was not ready within 300 s: its container is paused; --timeout gives more"
    );
}

#[tokio::test(start_paused = true)]
async fn memory_that_ran_out_is_told_as_that() {
    let world = World::new("db");
    world.script("db", never_ready());
    world.engine.behave("db", Behaviour { out_of_memory: true, ..exits(Duration::from_secs(1), 137) });
    assert_eq!(
        world.start().await["db"],
        "failed: its container was killed because it used more than its memory limit before the service was ready"
    );
}

#[tokio::test(start_paused = true)]
async fn a_health_check_that_is_in_the_way_is_told_when_the_time_is_up() {
    let world = World::new("db");
    world.script("db", never_ready());
    world.engine.behave("db", Behaviour { health: Health::Unhealthy, ..Behaviour::default() });
    assert_eq!(
        world.start().await["db"],
        "failed: it was not ready within 300 s: ping still answered false; its health check says unhealthy; --timeout \
         gives more"
    );
}

#[tokio::test(start_paused = true)]
async fn a_paused_container_goes_on_and_is_pinged_and_not_initialised_again() {
    let world = World::new("db web:db");
    world.start().await;
    let id = world.engine.id_of("g-db");
    world.engine.pause("g-db");
    world.engine.fault_at(None);
    assert_eq!(world.start().await, outcomes(&[("db", "started"), ("web", "kept")]));
    assert_eq!((world.engine.state_of("g-db"), world.engine.id_of("g-db")), (Some(State::Running), id));
    assert_eq!(world.called("post-start-init db"), 1);
    let calls = world.engine.calls();
    assert!(calls.contains(&"unpause db".to_owned()) && !calls.contains(&"start db".to_owned()), "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn an_unhealthy_container_is_ready_if_its_ping_says_so() {
    let world = World::new("db");
    world.start().await;
    world.engine.behave("db", Behaviour { health: Health::Unhealthy, ..Behaviour::default() });
    world.engine.fault_at(None);
    assert_eq!(world.start().await["db"], "started");
    assert!(!world.engine.calls().contains(&"start db".to_owned()), "it runs: {:?}", world.engine.calls());
}

#[tokio::test(start_paused = true)]
async fn what_ran_before_and_is_not_ready_is_left_running() {
    for interrupted in [false, true] {
        let world = World::new("db web:db");
        world.start().await;
        world.engine.behave("db", Behaviour { health: Health::Unhealthy, ..Behaviour::default() });
        world.script("db", never_ready());
        let cancel = world.cancel.clone();
        if interrupted {
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(5)).await;
                cancel.cancel();
            });
        }
        let outcome = world.start().await;
        assert!(outcome["db"] == "interrupted" || outcome["db"].starts_with("failed: it was not ready"), "{outcome:?}");
        assert_eq!(world.engine.containers(), ["g-db*", "g-web*"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_container_that_was_paused_when_looked_at_and_has_exited_since_is_started() {
    let mut world = World::new("slow db:slow");
    world.start().await;
    world.engine.pause("g-db");
    world.declared("slow").env = vec![("MODE".into(), "new".into())];
    world.script("slow", Script { ready_after: Duration::from_secs(5), ..Script::default() });
    let engine = Arc::clone(&world.engine);
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(2)).await;
        engine.exit(&engine.id_of("g-db").unwrap());
    });
    assert_eq!(world.start().await, outcomes(&[("db", "started"), ("slow", "started")]));
    assert_eq!(world.engine.state_of("g-db"), Some(State::Running));
}

#[tokio::test(start_paused = true)]
async fn a_dead_container_is_replaced_and_no_other() {
    let world = World::new("db web:db");
    world.start().await;
    let (db, web) = (world.engine.id_of("g-db"), world.engine.id_of("g-web"));
    world.engine.half_remove("g-db");
    assert_eq!(world.start().await, outcomes(&[("db", "started"), ("web", "kept")]));
    assert_ne!(world.engine.id_of("g-db"), db);
    assert_eq!(world.engine.id_of("g-web"), web);
    assert_eq!(world.engine.containers(), ["g-db*", "g-web*"]);
    assert_eq!(world.called("post-start-init db"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_paused_container_is_asked_by_its_hook_and_stopped() {
    let world = World::new("db");
    world.start().await;
    world.engine.pause("g-db");
    assert_eq!(world.stop(false, &[]).await, StopOutcome::Done);
    assert_eq!(world.engine.state_of("g-db"), Some(State::Stopped { exit_code: Some(143) }));
    assert_eq!(world.called("pre-stop db"), 1);

    world.start().await;
    world.engine.pause("g-db");
    assert_eq!(words(world.restart(&again(false)).await.unwrap())["db"], "started");
    assert_eq!(world.engine.state_of("g-db"), Some(State::Running));
    world.engine.pause("g-db");
    assert_eq!(words(world.reload(&again(false)).await.unwrap())["db"], "started");
    assert_eq!(world.engine.containers(), ["g-db*"]);
}

#[tokio::test(start_paused = true)]
async fn a_container_that_starts_again_and_again_is_stopped_without_its_hook() {
    let world = restarted("always");
    world.start().await;
    world.engine.behave("db", exits(MILLISECOND, 4));
    tokio::time::sleep(MILLISECOND * 10).await;
    assert_eq!(world.engine.state_of("g-db"), Some(State::Restarting { exit_code: Some(4) }));
    assert_eq!(world.stop(false, &[]).await, StopOutcome::Done);
    assert_eq!(world.engine.state_of("g-db"), Some(State::Stopped { exit_code: Some(4) }));
    assert_eq!(world.called("pre-stop db"), 0);
    let stopped = |event: &Event| matches!(event, Event::Stopped { ran: true, .. });
    assert!(world.events().iter().any(stopped));
}

#[tokio::test(start_paused = true)]
async fn a_dead_container_is_removed_and_the_others_with_it() {
    let world = World::new("db web:db");
    world.start().await;
    world.engine.half_remove("g-db");
    assert_eq!(world.stop(true, &[]).await, StopOutcome::Done);
    assert!(world.engine.containers().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_hangs_while_the_container_starts_again_and_again_tells_of_that() {
    let world = restarted("always");
    world.engine.behave("db", exits(MILLISECOND, 4));
    world.script("db", Script { hangs_in: Some(Hook::Ping), ..Script::default() });
    let told = world.start().await["db"].clone();
    assert!(told.contains("its container exited with code 4 and the engine starts it again and again ("), "{told}");
}
