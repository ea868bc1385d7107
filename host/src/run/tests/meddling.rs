//! What others do to containers and networks while a start runs, or between two.

use std::time::Duration;

use super::world::{Script, World, outcomes};
use crate::engine::memory::Behaviour;
use crate::engine::{AnonymousVolumes, Engine as _};
use crate::group::{GroupName, MountDeclaration};

#[tokio::test(start_paused = true)]
async fn a_network_that_was_removed_is_made_again_and_the_containers_join_it() {
    let world = World::new("db web:db");
    world.start().await;
    world.stop(false, &[]).await;
    for network in world.engine.observe(&GroupName::new("g").unwrap()).await.unwrap().networks {
        world.engine.remove_network(&network.id).await.unwrap();
    }
    let ids = ["g-db", "g-web"].map(|name| world.engine.id_of(name));
    assert_eq!(world.start().await, outcomes(&[("db", "started"), ("web", "started")]));
    assert_eq!(["g-db", "g-web"].map(|name| world.engine.id_of(name)), ids);
    assert_eq!(world.engine.networks(), ["drillmaster-g"]);
    assert_eq!(world.called("post-start-init db"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_old_container_that_is_removed_while_it_is_replaced_is_not_missed() {
    let mut world = World::new("db");
    world.start().await;
    let old = world.engine.id_of("g-db").unwrap();
    world.declared("db").env = vec![("MODE".into(), "new".into())];
    world.script("db", Script { ready_after: Duration::from_secs(5), ..Script::default() });
    let (engine, gone) = (world.engine.clone(), old.clone());
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(2)).await;
        engine.remove(engine.turn().await, &gone, AnonymousVolumes::Removed).await.unwrap();
    });
    assert_eq!(world.start().await, outcomes(&[("db", "started")]));
    assert_eq!(world.engine.containers(), ["g-db*"]);
    assert_ne!(world.engine.id_of("g-db"), Some(old));
}

/// A world whose services each mount a directory.
fn mounting(services: &str) -> World {
    let mut world = World::new(services);
    for declared in &mut world.services {
        let (source, target) = (declared.name.clone(), "/data".to_owned());
        declared.mounts = vec![MountDeclaration { source, target, read_only: true }];
    }
    world
}

const MOVED: &str = "failed: mounts: /project/web has changed since it was checked: it leads to /etc now";

#[tokio::test(start_paused = true)]
async fn a_mount_that_leads_elsewhere_when_its_turn_comes_fails_its_service_alone() {
    let world = mounting("db web:db other");
    world.script("db", Script { ready_after: Duration::from_secs(5), ..Script::default() });
    let paths = world.paths.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(2)).await;
        paths.swap("/project/web", "/etc");
    });
    assert_eq!(world.start().await, outcomes(&[("db", "started"), ("web", MOVED), ("other", "started")]));
    assert_eq!(world.engine.containers(), ["g-db*", "g-other*"]);
}

#[tokio::test(start_paused = true)]
async fn a_mount_that_leads_elsewhere_leaves_the_container_that_was_to_be_replaced_as_it_is() {
    let mut world = mounting("web");
    world.start().await;
    world.declared("web").env = vec![("MODE".into(), "new".into())];
    world.paths.swap("/project/web", "/etc");
    assert_eq!(world.start().await, outcomes(&[("web", MOVED)]));
    assert_eq!(world.engine.containers(), ["g-web*"]);
}

#[tokio::test(start_paused = true)]
async fn a_mount_is_looked_at_again_right_before_its_container_starts() {
    let mut world = mounting("web");
    world.start().await;
    world.declared("web").env = vec![("MODE".into(), "new".into())];
    // While the old container takes its time to stop, the new one is created already.
    world.engine.behave("web", Behaviour { stubborn: true, ..Behaviour::default() });
    let (paths, engine) = (world.paths.clone(), world.engine.clone());
    let swapped = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(engine.containers(), ["g-web*", "g-web.starting"]);
        paths.swap("/project/web", "/etc");
    });
    assert_eq!(world.start().await, outcomes(&[("web", MOVED)]));
    swapped.await.unwrap();
    assert_eq!(world.engine.containers(), ["g-web", "g-web.starting"]);
}

#[tokio::test(start_paused = true)]
async fn a_mount_is_looked_at_again_before_the_same_container_is_started_again() {
    let world = mounting("web");
    world.start().await;
    world.stop(false, &[]).await;
    world.paths.swap("/project/web", "/etc");
    assert_eq!(world.start().await, outcomes(&[("web", MOVED)]));
    assert_eq!(world.engine.containers(), ["g-web"]);
}

#[tokio::test(start_paused = true)]
async fn what_another_group_has_is_not_taken_from_it() {
    // `a-b-c` is the name of a container of either, and `drillmaster-a-b` that of a network.
    let one = World::new("c").named("a-b");
    let mut other = World::on(one.engine.clone(), "a", World::new("b-c").services);
    one.start().await;
    let (id, networks) = (one.engine.id_of("a-b-c"), one.engine.networks());
    let refused = other.try_start().await.unwrap_err().to_string();
    assert!(refused.starts_with("there is a container a-b-c already, and it belongs to group `a-b`; "), "{refused}");
    assert!(refused.ends_with("use --group with another name for this group"), "{refused}");
    assert_eq!(one.engine.id_of("a-b-c"), id);
    assert_eq!(one.engine.containers(), ["a-b-c*"], "nothing was begun");

    one.stop(true, &[]).await;
    one.engine.put_network(&one.name, "drillmaster-a-b");
    other.declared("b-c").networks = vec!["b".to_owned()];
    let refused = other.try_start().await.unwrap_err().to_string();
    assert!(
        refused.starts_with("there is a network drillmaster-a-b already, and it belongs to group `a-b`"),
        "{refused}"
    );
    assert!(networks.iter().all(|network| one.engine.networks().contains(network)));
    assert_eq!(one.start().await, outcomes(&[("c", "started")]));
}

/// Another group on the same engine, with a service that mounts a directory.
fn mounting_beside(world: &World, source: &str, read_only: bool) -> World {
    let mut services = World::new("stranger").services;
    services[0].mounts = vec![MountDeclaration { source: source.to_owned(), target: "/data".to_owned(), read_only }];
    World::on(world.engine.clone(), "other", services)
}

#[tokio::test(start_paused = true)]
async fn what_any_other_container_writes_to_is_not_mounted_below() {
    for (theirs, read_only) in [("web", false), ("web/sub/sub", true), ("web/sub/sub", false)] {
        let mut world = mounting("web other");
        let mount = MountDeclaration { source: "web/sub".into(), target: "/data".into(), read_only: theirs == "web" };
        world.declared("web").mounts = vec![mount];
        let other = mounting_beside(&world, theirs, read_only);
        assert_eq!(other.start().await, outcomes(&[("stranger", "started")]));
        let told = format!("{:?}", world.start().await);
        assert!(told.contains("failed: mounts: ") && told.contains("the container other-stranger"), "{told}");
        assert_eq!(world.engine.containers(), ["g-other*", "other-stranger*"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_container_that_is_stopped_counts_as_one_that_runs() {
    let mut world = mounting("web");
    world.declared("web").mounts[0].source = "web/sub".into();
    world.start().await;
    world.stop(false, &[]).await;
    let told = format!("{:?}", mounting_beside(&world, "web", false).start().await);
    assert!(told.contains("the container g-web mounts /project/web/sub, which lies in /project/web"), "{told}");
    assert_eq!(world.engine.containers(), ["g-web"]);
}
