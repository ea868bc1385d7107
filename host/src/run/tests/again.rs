//! `reload` and `restart`.

use std::time::Duration;

use super::world::{Script, World, outcomes, words};
use crate::component::Hook;
use crate::engine::memory::Fault;
use crate::group::BuildDeclaration;
use crate::plan::{Again, PullPolicy, Request};
use crate::run::Event;

fn again(services: &[&str]) -> Again {
    let services = services.iter().map(ToString::to_string).collect();
    Again { services, dependents: false }
}

fn with_dependents(services: &[&str]) -> Again {
    Again { dependents: true, ..again(services) }
}

/// A group that is ready, and whose calls and hooks are counted from now on. `db` leaves a value of its container's own,
/// which `web` takes.
async fn ready() -> World {
    let mut world = World::new("db web:db worker:web mail");
    world.script("db", Script { sets_instance: Some("db.url"), ..Script::default() });
    world.declared("web").env = vec![("URL".into(), "{db.url}".into())];
    world.start().await;
    world.engine.fault_at(None);
    world.hooks_called.lock().unwrap().clear();
    world
}

/// The hooks that were called but `ping`, in order.
fn hooks(world: &World) -> Vec<String> {
    world.hooks_called.lock().unwrap().clone()
}

fn ids(world: &World, services: &[&str]) -> Vec<String> {
    services.iter().map(|service| world.engine.id_of(&format!("g-{service}")).unwrap().0).collect()
}

#[tokio::test(start_paused = true)]
async fn reload_gives_a_new_container_its_whole_life_and_leaves_the_others_alone() {
    let world = ready().await;
    let (old, others) = (ids(&world, &["worker"]), ids(&world, &["db", "web", "mail"]));
    let outcome = words(world.reload(&again(&["worker"])).await.unwrap());
    assert_eq!(outcome, outcomes(&[("web", "kept"), ("worker", "started")]));
    assert_ne!(ids(&world, &["worker"]), old);
    assert_eq!(ids(&world, &["db", "web", "mail"]), others);
    assert_eq!(hooks(&world), ["pre-start worker", "pre-stop worker", "post-start-init worker", "on-reload worker"]);
    assert_eq!(world.engine.containers(), ["g-db*", "g-mail*", "g-web*", "g-worker*"]);
    assert_eq!(
        world.engine.calls(),
        [
            "observe",
            "ensure names",
            "volumes of image image-1",
            "create g-worker.starting",
            "stop worker",
            "start worker",
            "inspect worker",
            "inspect worker",
            "rename to g-worker.old",
            "rename to g-worker",
            "remove worker",
            "list states",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn reload_builds_the_image_again() {
    let mut world = World::new("app");
    world.declared("app").image = "built".into();
    world.declared("app").build = Some(BuildDeclaration { directory: "app".into(), dockerfile: None });
    world.start().await;
    world.engine.fault_at(None);
    world.reload(&again(&["app"])).await.unwrap();
    assert_eq!(
        world.engine.calls().iter().filter(|call| *call == "build drillmaster.invalid/g/built:latest").count(),
        1
    );
    assert_eq!(world.start().await, outcomes(&[("app", "kept")]));
}

#[tokio::test(start_paused = true)]
async fn reload_with_dependents_restarts_them_afterwards_in_order() {
    let mut world = ready().await;
    // What they take from the context stays the same.
    world.declared("web").env.clear();
    world.start().await;
    world.engine.fault_at(None);
    world.hooks_called.lock().unwrap().clear();
    let others = ids(&world, &["web", "worker", "mail"]);
    world.reload(&with_dependents(&["db"])).await.unwrap();
    assert_eq!(ids(&world, &["web", "worker", "mail"]), others, "the same containers");
    assert_eq!(
        hooks(&world),
        ["pre-start db", "pre-stop db", "post-start-init db", "pre-stop web", "pre-stop worker", "on-reload db"]
    );
    let starts: Vec<_> = world.engine.calls().into_iter().filter(|call| call.starts_with("start ")).collect();
    assert_eq!(starts, ["start db", "start web", "start worker"]);
}

#[tokio::test(start_paused = true)]
async fn a_dependent_that_was_made_with_a_value_that_reload_changed_is_replaced() {
    let world = ready().await;
    let old = ids(&world, &["web"]);
    let outcome = words(world.reload(&with_dependents(&["db"])).await.unwrap());
    assert_eq!(outcome, outcomes(&[("db", "started"), ("web", "started"), ("worker", "started")]));
    assert_ne!(ids(&world, &["web"]), old);
    assert_eq!(world.engine.env_of("g-web")["URL"], world.context().get("db.url").unwrap());
    assert!(world.plan().await.is_nothing());
}

#[tokio::test(start_paused = true)]
async fn reload_leaves_dependents_alone_unless_asked() {
    let world = ready().await;
    let others = ids(&world, &["web", "worker"]);
    assert_eq!(words(world.reload(&again(&["db"])).await.unwrap()), outcomes(&[("db", "started")]));
    assert_eq!(ids(&world, &["web", "worker"]), others);
    assert_eq!(world.engine.calls().iter().filter(|call| call.starts_with("stop ")).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn restart_keeps_the_container_and_does_not_initialise_it_again() {
    let world = ready().await;
    let all = ids(&world, &["db", "web", "worker", "mail"]);
    let since = world.engine.running_since("db");
    world.script("db", Script { ready_after: Duration::from_secs(2), ..Script::default() });
    let began = tokio::time::Instant::now();
    assert_eq!(words(world.restart(&again(&["db"])).await.unwrap()), outcomes(&[("db", "started")]));
    assert!(began.elapsed() >= Duration::from_secs(2), "it is pinged");
    assert_eq!(ids(&world, &["db", "web", "worker", "mail"]), all);
    assert!(world.engine.running_since("db") > since);
    assert_eq!(hooks(&world), ["pre-stop db"]);
    assert_eq!(world.engine.calls(), ["observe", "stop db", "start db", "inspect db", "list states"]);
}

#[tokio::test(start_paused = true)]
async fn a_dependent_whose_image_is_gone_gets_it_again_when_it_has_to_be_replaced() {
    let mut world = World::new("db web:db");
    world.script("db", Script { sets_instance: Some("db.url"), ..Script::default() });
    world.declared("web").env = vec![("URL".into(), "{db.url}".into())];
    world.declared("web").image = "other".into();
    world.engine.publish_image("other", "other-1");
    world.start().await;
    world.engine.remove_image("other");
    let outcome = words(world.reload(&with_dependents(&["db"])).await.unwrap());
    assert_eq!(outcome, outcomes(&[("db", "started"), ("web", "started")]));
    assert!(world.plan().await.is_nothing());
}

#[tokio::test(start_paused = true)]
async fn restart_of_several_services_goes_in_order_of_dependency() {
    let world = ready().await;
    world.restart(&with_dependents(&["web"])).await.unwrap();
    assert_eq!(
        world.engine.calls(),
        [
            "observe",
            "stop web",
            "start web",
            "inspect web",
            "stop worker",
            "start worker",
            "inspect worker",
            "list states"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn restart_starts_what_is_stopped() {
    let world = ready().await;
    world.stop(false, &["db", "web", "mail"]).await;
    assert_eq!(words(world.restart(&again(&["worker"])).await.unwrap())["worker"], "started");
    assert_eq!(world.engine.containers(), ["g-db*", "g-mail*", "g-web*", "g-worker*"]);
}

#[tokio::test(start_paused = true)]
async fn a_failing_reload_calls_no_on_reload_and_keeps_the_old_container() {
    let world = ready().await;
    let old = ids(&world, &["worker"]);
    world.script("worker", Script { ping_fails: Some("no"), ..Script::default() });
    assert_eq!(words(world.reload(&again(&["worker"])).await.unwrap())["worker"], "failed: ping failed: no");
    assert_eq!(world.called("on-reload worker"), 0);
    assert_eq!(ids(&world, &["worker"]), old);
    world.script("worker", Script::default());
    assert_eq!(world.start().await["worker"], "started");
    assert_eq!(ids(&world, &["worker"]), old);
}

#[tokio::test(start_paused = true)]
async fn an_interruption_before_restart_has_stopped_anything_leaves_it_running() {
    let world = ready().await;
    let since = world.engine.running_since("mail");
    world.script("mail", Script { hangs_in: Some(Hook::PreStop), ..Script::default() });
    let cancel = world.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        cancel.cancel();
    });
    assert_eq!(words(world.restart(&again(&["mail"])).await.unwrap()), outcomes(&[("mail", "interrupted")]));
    assert_eq!(world.engine.running_since("mail"), since);
}

#[tokio::test(start_paused = true)]
async fn the_value_of_a_container_that_never_became_ready_replaces_nobody() {
    let world = ready().await;
    let all = ids(&world, &["db", "web", "worker"]);
    // It dies once the new container has set its value, before that container is committed.
    world.engine.fault_at(Some((7, Fault::CrashBefore)));
    let dying = again(&["db"]);
    tokio::select! {
        _ = world.reload(&dying) => panic!("it outlives its death"),
        () = world.engine.crash() => (),
    }
    world.engine.fault_at(None);
    assert_eq!(world.engine.containers(), ["g-db", "g-db.starting*", "g-mail*", "g-web*", "g-worker*"]);
    assert_eq!(world.start().await["web"], "kept");
    assert_eq!(ids(&world, &["db", "web", "worker"]), all);
}

#[tokio::test(start_paused = true)]
async fn what_was_committed_is_ready_although_the_container_it_replaced_cannot_be_removed() {
    let mut world = World::new("db");
    world.start().await;
    world.declared("db").env = vec![("MODE".into(), "new".into())];
    world.engine.fault_at(Some((10, Fault::Fail)));
    assert_eq!(world.start().await, outcomes(&[("db", "started")]));
    assert_eq!(world.engine.calls()[10], "remove db");
    assert_eq!(world.engine.containers(), ["g-db*", "g-db.old"]);
    let told = |event: &Event| matches!(event, Event::Warning(text) if text.contains("db"));
    assert!(world.events().iter().any(told), "it is told");
    world.engine.fault_at(None);
    assert_eq!(world.start().await, outcomes(&[("db", "started")]));
    assert_eq!(world.engine.containers(), ["g-db*"]);
}

#[tokio::test(start_paused = true)]
async fn pull_always_replaces_who_runs_on_another_image() {
    let mut world = World::new("db web:db");
    world.declared("web").image = "other".into();
    world.engine.add_image("other", "other-1");
    world.engine.publish_image("image", "image-1");
    world.engine.publish_image("other", "other-2");
    world.start().await;
    let (db, web) = (ids(&world, &["db"]), ids(&world, &["web"]));
    world.engine.fault_at(None);
    let request = Request { pull: PullPolicy::Always, ..world.request() };
    let outcome = words(world.try_start_for(request).await.unwrap());
    assert_eq!(outcome, outcomes(&[("db", "kept"), ("web", "started")]));
    assert_eq!(ids(&world, &["db"]), db, "the same image came");
    assert_ne!(ids(&world, &["web"]), web, "another image came");
    let pulls: Vec<_> = world.engine.calls().into_iter().filter(|call| call.starts_with("pull ")).collect();
    assert_eq!(pulls.len(), 2, "{pulls:?}");
    assert!(world.plan().await.is_nothing());
}

#[tokio::test(start_paused = true)]
async fn a_build_that_fails_is_tried_once_and_told_for_each_service_that_shares_it() {
    let mut world = World::new("a b mail");
    for service in ["a", "b"] {
        world.declared(service).image = "built".into();
        world.declared(service).build = Some(BuildDeclaration { directory: "app".into(), dockerfile: None });
    }
    world.engine.cannot_build("drillmaster.invalid/g/built");
    let outcome = world.start().await;
    assert!(outcome["a"].contains("RUN false failed") && outcome["a"] == outcome["b"], "{outcome:?}");
    assert_eq!(outcome["mail"], "started");
    assert_eq!(
        world.engine.calls().iter().filter(|call| *call == "build drillmaster.invalid/g/built:latest").count(),
        1
    );
    let told = |name: &str| {
        let of = |event: &&Event| matches!(event, Event::Failed { service, .. } if service == name);
        world.events().iter().filter(of).count()
    };
    assert_eq!((told("a"), told("b")), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn services_whose_build_context_changed_are_built_once_and_replaced() {
    let mut world = World::new("a b mail");
    for service in ["a", "b"] {
        world.declared(service).image = "built".into();
        world.declared(service).build = Some(BuildDeclaration { directory: "app".into(), dockerfile: None });
    }
    world.start().await;
    let (built, mail) = (ids(&world, &["a", "b"]), ids(&world, &["mail"]));
    world.engine.write_directory(std::path::Path::new("/project/app"), "other files");
    world.engine.fault_at(None);
    assert_eq!(world.start().await, outcomes(&[("a", "started"), ("b", "started"), ("mail", "kept")]));
    assert_eq!(
        world.engine.calls().iter().filter(|call| *call == "build drillmaster.invalid/g/built:latest").count(),
        1
    );
    assert!(ids(&world, &["a", "b"]).iter().all(|id| !built.contains(id)));
    assert_eq!(ids(&world, &["mail"]), mail);
    assert!(world.plan().await.is_nothing());
}

#[tokio::test(start_paused = true)]
async fn a_service_can_use_the_image_that_another_one_builds() {
    // In alphabetical order the one without a build comes first.
    let mut world = World::new("api worker");
    for service in ["api", "worker"] {
        world.declared(service).image = "built".into();
    }
    world.declared("worker").build = Some(BuildDeclaration { directory: "app".into(), dockerfile: None });
    assert_eq!(world.start().await, outcomes(&[("api", "started"), ("worker", "started")]));
    let old = ids(&world, &["api", "worker"]);
    world.engine.write_directory(std::path::Path::new("/project/app"), "other files");
    assert_eq!(world.start().await, outcomes(&[("api", "started"), ("worker", "started")]));
    assert!(ids(&world, &["api", "worker"]).iter().all(|id| !old.contains(id)));
    assert!(world.plan().await.is_nothing());
}
