use std::time::Duration;

use tokio::time::Instant;

use super::world::{Script, World};
use crate::component::Hook;
use crate::engine::memory::{Behaviour, Fault};
use crate::run::{Event, StopOutcome};

/// The services in the order in which they were stopped.
fn stopped(world: &World) -> Vec<String> {
    let stop = |call: String| call.strip_prefix("stop ").map(str::to_owned);
    world.engine.calls().into_iter().filter_map(stop).collect()
}

#[tokio::test(start_paused = true)]
async fn services_stop_in_reverse_order() {
    let world = World::new("db app:db web:app");
    world.start().await;
    world.engine.fault_at(None);
    assert_eq!(world.stop(false, &[]).await, StopOutcome::Done);
    assert_eq!(stopped(&world), ["web", "app", "db"]);
    assert_eq!(world.engine.containers(), ["g-app", "g-db", "g-web"]);
}

#[tokio::test(start_paused = true)]
async fn services_that_do_not_depend_on_each_other_stop_side_by_side() {
    let world = World::new("a b c");
    for service in ["a", "b", "c"] {
        world.engine.behave(service, Behaviour { stubborn: true, ..Behaviour::default() });
    }
    world.start().await;
    let began = Instant::now();
    world.stop(false, &[]).await;
    assert!(began.elapsed() < Duration::from_secs(11), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn stopping_what_is_stopped_is_no_error() {
    let world = World::new("db");
    world.start().await;
    world.stop(false, &[]).await;
    assert_eq!(world.stop(false, &[]).await, StopOutcome::Done);
}

#[tokio::test(start_paused = true)]
async fn an_excluded_service_goes_on() {
    let world = World::new("db web:db");
    world.start().await;
    assert_eq!(world.stop(true, &["db"]).await, StopOutcome::Done);
    assert_eq!(world.engine.containers(), ["g-db*"]);
    assert_eq!(world.engine.networks(), ["drillmaster-g"]);
}

#[tokio::test(start_paused = true)]
async fn removing_leaves_nothing() {
    let mut world = World::new("db web:db");
    let data = crate::group::MountDeclaration { source: "d".into(), target: "/d".into(), read_only: false };
    world.declared("db").volumes = vec![data];
    world.script("db", Script { sets: Some(("key", "value")), ..Script::default() });
    world.start().await;
    assert_eq!(world.stop(true, &[]).await, StopOutcome::Done);
    assert!(world.engine.containers().is_empty());
    assert!(world.engine.networks().is_empty());
    assert!(world.engine.volumes().is_empty());
    assert!(world.context().values().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_failing_pre_stop_is_told_and_keeps_nothing_up() {
    let world = World::new("db");
    world.script("db", Script { pre_stop_fails: Some("busy"), ..Script::default() });
    world.start().await;
    assert_eq!(world.stop(false, &[]).await, StopOutcome::Done);
    assert_eq!(world.engine.containers(), ["g-db"]);
    let told = |event: &Event| matches!(event, Event::HookFailed { reason, .. } if reason == "busy");
    assert!(world.events().iter().any(told));
}

#[tokio::test(start_paused = true)]
async fn what_an_unfinished_start_left_is_stopped_too() {
    let world = World::new("db");
    world.script("db", Script { ready_after: Duration::from_hours(1), ..Script::default() });
    tokio::select! {
        _ = world.try_start() => panic!("it cannot become ready"),
        () = tokio::time::sleep(Duration::from_secs(5)) => (),
    }
    assert_eq!(world.engine.containers(), ["g-db.starting*"]);
    assert_eq!(world.stop(false, &[]).await, StopOutcome::Done);
    assert_eq!(world.engine.containers(), ["g-db.starting"]);
}

#[tokio::test(start_paused = true)]
async fn the_group_is_told_what_was_stopped() {
    let world = World::new("db web:db");
    world.start().await;
    world.stop(false, &["db"]).await;
    assert_eq!(world.called("on-stop web"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_interruption_during_pre_stop_leaves_the_container_as_it_was() {
    let world = World::new("db web:db");
    world.script("web", Script { hangs_in: Some(Hook::PreStop), ..Script::default() });
    world.start().await;
    let cancel = world.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        cancel.cancel();
    });
    let began = Instant::now();
    assert_eq!(world.stop(false, &[]).await, StopOutcome::Interrupted);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert_eq!(world.engine.containers(), ["g-db*", "g-web*"]);
}

/// On a busy machine a hook has its turn late, however little time the container has.
#[tokio::test(start_paused = true)]
async fn pre_stop_has_time_of_its_own() {
    let mut world = World::new("db");
    world.declared("db").stop_timeout_ms = Some(500);
    world.script("db", Script { hangs_in: Some(Hook::PreStop), ..Script::default() });
    world.start().await;
    assert_eq!(world.stop(false, &[]).await, StopOutcome::Done);
    let told = |event: &Event| matches!(event, Event::HookFailed { reason, .. } if reason.contains("within 10 s"));
    assert!(world.events().iter().any(told), "{:?}", world.events());
    assert_eq!(world.engine.containers(), ["g-db"]);
}

/// Another stop would find it the same, and all that is the group's is gone.
#[tokio::test(start_paused = true)]
async fn a_network_that_the_engine_keeps_is_told_and_no_failure() {
    let world = World::new("db");
    world.start().await;
    let calls = {
        let copy = world.copy();
        copy.engine.fault_at(None);
        copy.stop(true, &[]).await;
        copy.engine.calls()
    };
    let removal = calls.iter().position(|call| call.starts_with("remove network")).unwrap();
    world.engine.fault_at(Some((removal, Fault::Fail)));
    assert_eq!(world.stop(true, &[]).await, StopOutcome::Done);
    assert!(world.engine.containers().is_empty());
    let told = |event: &Event| matches!(event, Event::Warning(text) if text.contains("drillmaster-g is still there"));
    assert!(world.events().iter().any(told), "{:?}", world.events());
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_is_full_keeps_no_container() {
    let world = World::new("db web:db");
    world.script("db", Script { sets: Some(("key", "value")), ..Script::default() });
    world.start().await;
    // From now on no file can be made beside it.
    std::fs::create_dir(world.context_file().with_file_name("context.json.new")).unwrap();
    assert_eq!(world.stop(true, &[]).await, StopOutcome::Done);
    assert!(world.engine.containers().is_empty());
    let told = |event: &Event| matches!(event, Event::Warning(text) if text.contains("cannot save the context values"));
    assert!(world.events().iter().any(told), "{:?}", world.events());
}
