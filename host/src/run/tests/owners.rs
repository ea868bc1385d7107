//! What carries a group's label and is not its own, and what is another project's.

use std::collections::BTreeSet;

use super::world::{World, account, claim, outcomes};
use crate::engine::Engine as _;
use crate::engine::memory::Behaviour;
use crate::group::{BuildDeclaration, MountDeclaration, Owner, ServiceDeclaration};
use crate::plan::{Request, TeardownRequest};
use crate::run::{Event, StopOutcome};

fn warnings(world: &World) -> Vec<String> {
    let warning = |event| match event {
        Event::Warning(text) => Some(text),
        _ => None,
    };
    world.events().into_iter().filter_map(warning).collect()
}

/// A group whose `db` has a volume.
fn with_volume() -> World {
    let mut world = World::new("db web:db");
    let volume = MountDeclaration { source: "data".into(), target: "/data".into(), read_only: false };
    world.declared("db").volumes = vec![volume];
    world
}

async fn foreign(world: &World) -> Vec<String> {
    let observed = world.engine.observe(&world.name).await.unwrap();
    observed.foreign.iter().map(ToString::to_string).collect()
}

#[tokio::test(start_paused = true)]
async fn a_container_that_was_run_from_a_committed_image_is_neither_taken_for_the_service_nor_touched() {
    let world = World::new("db web:db");
    world.start().await;
    let ids = ["g-db", "g-web"].map(|name| world.engine.id_of(name));
    world.engine.run_committed("g-db", "look");
    let look = world.engine.id_of("look");
    world.engine.fault_at(None);
    assert_eq!(world.start().await, outcomes(&[("db", "kept"), ("web", "kept")]));
    assert_eq!(world.engine.calls(), ["observe"]);
    assert_eq!(foreign(&world).await, ["container look (its labels come from its image)"]);
    assert_eq!(world.called("post-start-init db"), 1);

    assert_eq!(world.stop(true, &[]).await, StopOutcome::Done);
    assert_eq!(world.engine.containers(), ["look*"]);
    assert_eq!(world.start().await, outcomes(&[("db", "started"), ("web", "started")]));
    assert_eq!(world.engine.id_of("look"), look);
    assert_ne!(["g-db", "g-web"].map(|name| world.engine.id_of(name)), ids);
}

#[tokio::test(start_paused = true)]
async fn a_committed_container_with_the_services_own_name_is_in_its_way_before_anything_is_done() {
    for name in ["g-db", "g-db.starting"] {
        let world = with_volume();
        world.start().await;
        world.engine.run_committed("g-db", "look");
        world.stop(true, &[]).await;
        world.engine.call_otherwise("look", name);
        let (id, called) = (world.engine.id_of(name), world.hooks_called.lock().unwrap().len());
        world.engine.fault_at(None);
        let refused = world.try_start().await.unwrap_err().to_string();
        assert!(refused.starts_with(&format!("there is a container {name} already")), "{refused}");
        assert_eq!(world.engine.calls(), ["observe", "ensure names"]);
        assert_eq!(world.engine.containers(), [format!("{name}*")]);
        assert_eq!(world.engine.id_of(name), id);
        assert_eq!(world.hooks_called.lock().unwrap().len(), called, "no hook has run");
    }
}

#[tokio::test(start_paused = true)]
async fn the_name_of_the_container_that_is_replaced_has_to_be_free_too() {
    let mut world = World::new("db");
    world.start().await;
    world.engine.run_committed("g-db", "g-db.old");
    world.declared("db").env = vec![("MODE".into(), "new".into())];
    let refused = world.try_start().await.unwrap_err().to_string();
    assert!(refused.starts_with("there is a container g-db.old already"), "{refused}");
    assert_eq!(world.engine.containers(), ["g-db*", "g-db.old*"]);
    assert_eq!(world.called("pre-stop db"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_needed_only_once_a_value_is_known_is_looked_at_before_the_old_container_is_stopped() {
    let mut world = World::new("db web:db");
    let sets = |value| super::world::Script { sets: Some(("db.url", value)), ..Default::default() };
    world.script("db", sets("one"));
    world.declared("web").env = vec![("URL".into(), "{db.url}".into())];
    world.start().await;
    world.engine.run_committed("g-web", "g-web.old");
    // `db` is replaced and sets another value: only then it turns out that `web` has to be replaced.
    world.script("db", sets("two"));
    world.declared("db").env = vec![("MODE".into(), "new".into())];
    let outcome = world.start().await;
    assert!(outcome["web"].starts_with("failed: there is a container g-web.old already"), "{outcome:?}");
    assert_eq!(world.engine.containers(), ["g-db*", "g-web*", "g-web.old*"]);
    assert_eq!(world.called("pre-start web"), 1, "its hook has not run again");
}

#[tokio::test(start_paused = true)]
async fn a_container_that_was_renamed_is_not_the_services_any_more() {
    let world = World::new("db");
    world.start().await;
    let id = world.engine.id_of("g-db");
    world.engine.call_otherwise("g-db", "g-db-backup");
    assert_eq!(foreign(&world).await, ["container g-db-backup (its name is not one of the group's)"]);
    assert_eq!(world.start().await, outcomes(&[("db", "started")]));
    assert_eq!(world.engine.id_of("g-db-backup"), id);
    assert_eq!(world.engine.containers(), ["g-db*", "g-db-backup*"]);
}

#[tokio::test(start_paused = true)]
async fn no_container_is_started_on_a_volume_that_a_foreign_one_runs_with() {
    let world = with_volume();
    world.start().await;
    world.engine.call_otherwise("g-db", "g-db-backup");
    world.engine.fault_at(None);
    let refused = world.try_start().await.unwrap_err().to_string();
    assert_eq!(
        refused,
        "container g-db-backup is running with volume drillmaster-g-data, but does not belong to the group (its name is \
         not one of the group's); stop it first, so that no two containers use the same files"
    );
    assert_eq!(world.engine.calls(), ["observe"]);
    // One that is ready stays, and one that does not run is in nobody's way.
    world.engine.exit(&world.engine.id_of("g-db-backup").unwrap());
    assert_eq!(world.start().await, outcomes(&[("db", "started"), ("web", "kept")]));
}

#[tokio::test(start_paused = true)]
async fn a_network_of_another_name_stays_when_the_group_is_removed() {
    let world = World::new("db");
    world.start().await;
    world.engine.put_network(&world.name, "somebodys");
    assert_eq!(foreign(&world).await, ["network somebodys (its name is not one of the group's)"]);
    world.stop(true, &[]).await;
    assert_eq!(world.engine.networks(), ["somebodys"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_made_says_whose_it_is() {
    let world = with_volume();
    world.start().await;
    let observed = world.engine.observe(&world.name).await.unwrap();
    let mine: Owner = account().owner("/project");
    assert!(observed.containers.iter().all(|container| container.owner.as_ref() == Some(&mine)));
    assert!(observed.networks.iter().all(|network| network.owner.as_ref() == Some(&mine)));
    assert_eq!(claim("/project").check(&world.name, &observed), Ok(BTreeSet::new()));
    assert!(claim("/elsewhere").check(&world.name, &observed).is_err());
}

#[tokio::test(start_paused = true)]
async fn a_volume_of_another_project_is_not_used_also_when_nothing_else_is_left_of_it() {
    let mut world = with_volume();
    let theirs = Some(account().owner("/theirs"));
    world.engine.put_volume(&world.name, theirs, "drillmaster-g-data");
    let outcome = world.start().await;
    assert!(outcome["db"].starts_with("failed: there is a volume drillmaster-g-data already"), "{outcome:?}");
    // Nor is it removed with the group's own.
    assert_eq!(world.stop(true, &[]).await, StopOutcome::Done);
    assert_eq!(world.engine.volumes(), ["drillmaster-g-data"]);
    let left = "left alone, although labelled with group g: volume drillmaster-g-data (it belongs to another project)";
    assert_eq!(warnings(&world), [left]);

    // A person who names the group has it all the same.
    world.claim = claim("/project").named(true);
    assert_eq!(world.start().await["db"], "started");
    world.stop(true, &[]).await;
    assert!(world.engine.volumes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_volume_goes_along_when_its_project_moves() {
    let world = with_volume();
    world.engine.put_volume(&world.name, Some(account().owner("/gone/shop")), "drillmaster-g-data");
    assert_eq!(world.start().await, outcomes(&[("db", "started"), ("web", "started")]));
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_version_made_is_kept_and_used() {
    let world = with_volume();
    world.start().await;
    world.engine.forget_owners();
    assert_eq!(world.start().await, outcomes(&[("db", "kept"), ("web", "kept")]));
    world.stop(false, &[]).await;
    assert_eq!(world.start().await, outcomes(&[("db", "started"), ("web", "started")]));
    assert_eq!(world.called("post-start-init db"), 1);
    assert_eq!(world.stop(true, &[]).await, StopOutcome::Done);
    assert!(world.engine.volumes().is_empty() && world.engine.networks().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_network_of_another_project_is_not_joined() {
    let world = World::new("db");
    let mut theirs = World::on(world.engine.clone(), "g", world.services.clone());
    theirs.claim = claim("/theirs");
    theirs.start().await;
    // As two commands see it that begin at the same moment.
    let refused =
        world.engine.ensure_network(&world.name, &world.claim, "drillmaster-g").await.unwrap_err().to_string();
    assert!(refused.starts_with("there is a network drillmaster-g already"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn a_container_is_made_of_the_image_that_was_decided_on_whatever_has_its_name_by_then() {
    let world = World::new("db web:db");
    world.script("db", super::world::Script { ready_after: std::time::Duration::from_secs(5), ..Default::default() });
    let engine = world.engine.clone();
    tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        engine.add_image("image", "image-of-somebody-else");
    });
    world.start().await;
    let images: Vec<_> = world.engine.standing(&world.name).into_iter().map(|standing| standing.image.0).collect();
    assert_eq!(images, ["image-1", "image-1"]);
}

#[tokio::test(start_paused = true)]
async fn a_build_takes_no_name_of_anybodys_and_leaves_the_image_alone_that_has_it() {
    let mut world = World::new("db web");
    let declared: &mut ServiceDeclaration = world.declared("db");
    declared.image = "postgres:17".into();
    declared.build = Some(BuildDeclaration { directory: "app".into(), dockerfile: None });
    world.declared("web").image = "postgres:17".into();
    world.engine.add_image("postgres:17", "the-real-one");
    world.start().await;
    let named = |name: &str| world.engine.image(&crate::group::ImageName::new(name).unwrap()).map(|id| id.0);
    assert_eq!(named("postgres:17").as_deref(), Some("the-real-one"));
    let built = named("drillmaster.invalid/g/postgres:17").unwrap();
    for standing in world.engine.standing(&world.name) {
        assert_eq!(standing.image.0, built, "{}", standing.name);
    }

    // Another group that builds the same name has an image of its own.
    let other = World::on(world.engine.clone(), "h", world.services.clone());
    other.start().await;
    assert_ne!(other.engine.standing(&other.name)[0].image.0, built);
    assert_eq!(world.start().await, outcomes(&[("db", "kept"), ("web", "kept")]));
}

#[tokio::test(start_paused = true)]
async fn labels_of_the_image_that_others_act_on_are_empty_on_the_container_and_that_is_told() {
    let mut world = World::new("db");
    let labels = ["dev.drillmaster.environment", "traefik.enable", "caddy", "autoheal"];
    world.engine.add_labelled_image("image", "image-1", &labels);
    world.paths = crate::group::MemoryPaths::granting_labels(&["traefik.", "autoheal"]);
    world.declared("db").labels = vec![("autoheal".into(), "true".into())];
    world.start().await;
    let emptied = world.engine.emptied_labels_of("g-db");
    assert_eq!(emptied.into_iter().collect::<Vec<_>>(), ["caddy", "dev.drillmaster.environment"]);
    assert_eq!(
        warnings(&world),
        [
            "db: its image has labels that other tools act on (\"caddy\"), and the container gets them empty; --allow-label \
          caddy would keep those of caddy-docker-proxy"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_teardown_stops_nothing_that_is_foreign() {
    let world = World::new("db");
    world.start().await;
    world.engine.behave("db", Behaviour::default());
    world.engine.run_committed("g-db", "g-db.old");
    world.engine.run_committed("g-db", "look");
    let request = TeardownRequest { remove: true, orphans: true, ..TeardownRequest::default() };
    world.stop_for(request, true).await.unwrap();
    assert_eq!(world.engine.containers(), ["g-db.old*", "look*"]);
    let plan = world.plan_for(Request::default()).await.unwrap();
    assert!(plan.orphans.is_empty());
}
