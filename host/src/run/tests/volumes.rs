//! What is in the volumes that an image declares and no definition names.

use super::world::{Script, World};
use crate::group::MountDeclaration;
use crate::plan::{Again, Request};
use crate::run::{Event, StopOutcome};

/// A `db` whose image declares a volume, and that is ready.
async fn started() -> World {
    let world = declared();
    world.start().await;
    world
}

fn declared() -> World {
    let world = World::new("db");
    world.engine.declares_volumes("image-1", &["/data/"]);
    world
}

impl World {
    /// How many containers have run with what the `db` has in `/data`.
    fn generations(&self) -> usize {
        self.engine.written("g-db", "/data").len()
    }

    async fn change(&mut self, value: &str) {
        self.declared("db").env = vec![("MODE".into(), value.into())];
        assert_eq!(self.start().await["db"], "started");
    }

    fn warnings(&self) -> Vec<String> {
        let warning = |event| if let Event::Warning(text) = event { Some(text) } else { None };
        self.events().into_iter().filter_map(warning).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn they_are_volumes_of_the_group_and_nothing_else_is_left_beside_them() {
    let world = started().await;
    let volumes = world.engine.volumes();
    assert!(volumes.len() == 1 && volumes[0].starts_with("drillmaster-g-db-"), "{volumes:?}");
    assert!(world.engine.nameless_volumes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_new_container_has_what_the_one_before_had() {
    let mut world = started().await;
    world.change("a").await;
    assert_eq!(world.generations(), 2);
    let recreate = Request { recreate: ["db".to_owned()].into(), ..world.request() };
    world.try_start_for(recreate).await.unwrap();
    assert_eq!(world.generations(), 3);
    world.reload(&Again { services: vec!["db".into()], dependents: false }).await.unwrap();
    assert_eq!(world.generations(), 4);
    world.engine.add_image("image", "image-2");
    world.engine.declares_volumes("image-2", &["/data", "/more"]);
    world.start().await;
    assert_eq!(world.generations(), 5);
    world.declared("db").always_start_new = true;
    world.stop(false, &[]).await;
    world.start().await;
    assert_eq!(world.generations(), 6);
    assert_eq!(world.engine.volumes().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn they_outlive_stop_with_remove_and_go_with_volumes() {
    let world = started().await;
    assert_eq!(world.stop_for(remove(), false).await.unwrap(), StopOutcome::Done);
    assert!(world.engine.containers().is_empty());
    world.start().await;
    assert_eq!(world.generations(), 2);
    assert_eq!(world.stop_for(remove(), true).await.unwrap(), StopOutcome::Done);
    assert!(world.engine.volumes().is_empty(), "{:?}", world.engine.volumes());
    world.start().await;
    assert_eq!(world.generations(), 1);
}

fn remove() -> crate::plan::TeardownRequest {
    crate::plan::TeardownRequest { remove: true, ..Default::default() }
}

#[tokio::test(start_paused = true)]
async fn what_the_service_mounts_itself_counts() {
    let mut world = declared();
    let at = |target: &str| MountDeclaration { source: "d".into(), target: target.into(), read_only: false };
    world.declared("db").volumes = vec![at("/data")];
    world.start().await;
    assert_eq!(world.engine.volumes(), ["drillmaster-g-d"]);
    let mut world = declared();
    world.declared("db").tmpfs = vec!["/data".into()];
    world.start().await;
    assert!(world.engine.volumes().is_empty());
    // The engine makes one all the same; it does not stay.
    world.stop_for(remove(), false).await.unwrap();
    assert!(world.engine.nameless_volumes().is_empty() && world.warnings().is_empty(), "{:?}", world.warnings());
}

#[tokio::test(start_paused = true)]
async fn what_a_container_left_that_was_never_ready_is_not_found() {
    for stopped in [false, true] {
        let world = declared();
        world.script("db", Script { init_fails: Some("no"), ..Script::default() });
        world.start().await;
        if stopped {
            world.stop_for(remove(), false).await.unwrap();
            assert!(world.engine.volumes().is_empty(), "{:?}", world.engine.volumes());
        }
        world.script("db", Script::default());
        world.start().await;
        assert_eq!(world.generations(), 1);
        assert_eq!(world.engine.volumes().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_not_found_either_when_somebody_removed_the_container() {
    let world = declared();
    world.script("db", Script { init_fails: Some("no"), ..Script::default() });
    world.start().await;
    world.engine.remove_all();
    world.script("db", Script::default());
    world.start().await;
    assert_eq!(world.generations(), 1);
    assert_eq!(world.engine.volumes().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_container_that_fails_takes_nothing_along_that_it_was_handed() {
    let mut world = started().await;
    world.script("db", Script { init_fails: Some("no"), ..Script::default() });
    world.declared("db").env = vec![("MODE".into(), "new".into())];
    world.start().await;
    world.script("db", Script::default());
    world.change("other").await;
    assert_eq!(world.generations(), 3);
    // Nor when all that it was handed is what was left.
    world.stop_for(remove(), false).await.unwrap();
    world.script("db", Script { init_fails: Some("no"), ..Script::default() });
    world.start().await;
    world.script("db", Script::default());
    world.start().await;
    assert_eq!(world.generations(), 5);
    assert_eq!(world.engine.volumes().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_container_of_an_earlier_version_hands_over_what_the_engine_made_for_it() {
    let mut world = started().await;
    world.engine.makes_volumes_nameless();
    world.change("new").await;
    assert_eq!(world.generations(), 2);
    world.change("newer").await;
    assert_eq!(world.generations(), 3);
    world.stop_for(remove(), true).await.unwrap();
    assert!(world.engine.nameless_volumes().is_empty() && world.engine.volumes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_has_no_name_stays_and_is_told_when_nothing_will_find_it() {
    let world = started().await;
    world.engine.makes_volumes_nameless();
    world.stop_for(remove(), false).await.unwrap();
    let volumes = world.engine.nameless_volumes();
    assert_eq!(volumes.len(), 1);
    let told = world.warnings();
    assert!(told.len() == 1 && told[0].contains(volumes.first().unwrap()) && told[0].contains("/data"), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn what_an_image_does_not_declare_any_more_is_there_when_it_does_again() {
    let world = started().await;
    world.engine.add_image("image", "image-2");
    world.start().await;
    assert_eq!(world.generations(), 0);
    world.engine.add_image("image", "image-1");
    world.start().await;
    assert_eq!(world.generations(), 2);
}

#[tokio::test(start_paused = true)]
async fn no_two_containers_run_with_the_same_one() {
    let world = started().await;
    world.engine.call_otherwise("g-db", "look");
    let failed = world.start().await.remove("db").unwrap();
    assert!(failed.contains("container look is running with volume drillmaster-g-db-"), "{failed}");
}

#[tokio::test(start_paused = true)]
async fn an_image_that_declares_none_costs_one_request() {
    let world = World::new("db");
    world.engine.fault_at(None);
    world.start().await;
    let calls = world.engine.calls();
    let about_volumes: Vec<_> = calls.iter().filter(|call| call.contains("volume")).collect();
    assert_eq!(about_volumes, ["volumes of image image-1"]);
}

/// Whatever the moment at which everything stops: what was there is still there, or what was begun is not found.
#[tokio::test(start_paused = true)]
async fn a_crash_at_any_moment_loses_nothing_and_leaves_nothing_half_done() {
    for replaces in [false, true] {
        let mut at = 0;
        loop {
            let mut world = declared();
            if replaces {
                world.start().await;
                world.declared("db").env = vec![("MODE".into(), "new".into())];
            }
            let crashed = world.start_until_crash(at).await;
            world.start().await;
            let (generations, volumes) = (world.generations(), world.engine.volumes());
            assert_eq!(volumes.len(), 1, "call {at}: {volumes:?}");
            let all = world.engine.written("g-db", "/data");
            let ready = world.initialised.lock().unwrap().clone();
            assert!(replaces || all.iter().all(|instance| ready.contains(instance)), "call {at}: {all:?} {ready:?}");
            assert!(!replaces || generations >= 2, "call {at}: {generations}");
            if !crashed {
                break;
            }
            at += 1;
        }
        assert!(at > 8, "{at}");
    }
}
