use std::time::Duration;

use tokio::time::Instant;

use super::world::{Script, World, outcomes};
use crate::component::Hook;
use crate::engine::memory::{Behaviour, START_TIME};
use crate::run::Event;

const READY_AFTER: Duration = Duration::from_secs(3);

fn slow() -> Script {
    Script { ready_after: READY_AFTER, ..Script::default() }
}

#[tokio::test(start_paused = true)]
async fn a_dependent_is_not_started_before_its_dependency_is_ready() {
    let world = World::new("db web:db");
    world.script("db", slow());
    assert_eq!(world.start().await, outcomes(&[("db", "started"), ("web", "started")]));
    let since = |service| world.engine.running_since(service).unwrap();
    assert!(since("web") - since("db") >= READY_AFTER);
    assert_eq!(world.engine.containers(), ["g-db*", "g-web*"]);
}

#[tokio::test(start_paused = true)]
async fn independent_services_start_side_by_side() {
    let world = World::new("a b c");
    for service in ["a", "b", "c"] {
        world.script(service, slow());
    }
    let began = Instant::now();
    world.start().await;
    assert!(began.elapsed() < READY_AFTER + START_TIME * 2, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn ping_is_asked_again_a_tenth_of_a_second_after_each_answer() {
    let world = World::new("db");
    world.script("db", Script { ready_after: Duration::from_millis(450), ..Script::default() });
    let began = Instant::now();
    world.start().await;
    // Asked at once and after 0.1, 0.2, 0.3, 0.4 and 0.5 s.
    assert_eq!(began.elapsed().as_millis(), (START_TIME + Duration::from_millis(500)).as_millis());
}

#[tokio::test(start_paused = true)]
async fn a_second_start_does_nothing_when_all_is_ready() {
    let world = World::new("db web:db");
    world.start().await;
    world.engine.fault_at(None);
    assert_eq!(world.start().await, outcomes(&[("db", "kept"), ("web", "kept")]));
    assert_eq!(world.engine.calls(), ["observe"]);
    assert_eq!(world.called("post-start-init db"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stopped_container_is_started_again_without_its_initialisation() {
    let world = World::new("db web:db");
    world.start().await;
    let id = world.engine.id_of("g-db");
    world.stop(false, &[]).await;
    assert_eq!(world.engine.containers(), ["g-db", "g-web"]);
    assert_eq!(world.start().await, outcomes(&[("db", "started"), ("web", "started")]));
    assert_eq!(world.engine.id_of("g-db"), id);
    assert_eq!(world.called("post-start-init db"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stopped_container_is_replaced_if_the_service_wants_a_new_one() {
    let mut world = World::new("db");
    world.declared("db").always_start_new = true;
    world.start().await;
    let id = world.engine.id_of("g-db");
    world.start().await;
    assert_eq!(world.engine.id_of("g-db"), id, "a running one stays");
    world.stop(false, &[]).await;
    world.start().await;
    assert_ne!(world.engine.id_of("g-db"), id);
    assert_eq!(world.engine.containers(), ["g-db*"]);
    assert_eq!(world.called("post-start-init db"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_container_whose_env_changed_is_replaced_and_the_others_stay() {
    let mut world = World::new("db web:db");
    world.start().await;
    let (db, web) = (world.engine.id_of("g-db"), world.engine.id_of("g-web"));
    world.declared("db").env = vec![("MODE".into(), "new".into())];
    assert_eq!(world.start().await, outcomes(&[("db", "started"), ("web", "kept")]));
    assert_ne!(world.engine.id_of("g-db"), db);
    assert_eq!(world.engine.id_of("g-web"), web);
    assert_eq!(world.engine.containers(), ["g-db*", "g-web*"]);
}

#[tokio::test(start_paused = true)]
async fn a_container_whose_image_changed_is_replaced() {
    let world = World::new("db");
    world.start().await;
    let id = world.engine.id_of("g-db");
    world.engine.add_image("image", "image-2");
    world.start().await;
    assert_ne!(world.engine.id_of("g-db"), id);
}

#[tokio::test(start_paused = true)]
async fn a_replacement_that_fails_leaves_the_old_container_for_the_old_definition() {
    let mut world = World::new("db");
    world.start().await;
    let id = world.engine.id_of("g-db");
    world.declared("db").env = vec![("MODE".into(), "new".into())];
    world.script("db", Script { ping_fails: Some("no"), ..Script::default() });
    assert_eq!(world.start().await, outcomes(&[("db", "failed: ping failed: no")]));
    assert_eq!(world.engine.containers(), ["g-db", "g-db.starting"]);

    world.declared("db").env.clear();
    world.script("db", Script::default());
    assert_eq!(world.start().await, outcomes(&[("db", "started")]));
    assert_eq!(world.engine.id_of("g-db"), id);
    assert_eq!(world.engine.containers(), ["g-db*"]);
    assert_eq!(world.called("post-start-init db"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failure_takes_down_what_depends_on_it_and_nothing_else() {
    let world = World::new("db cache app:db,cache web:app,db mail");
    world.script("db", Script { ping_fails: Some("no such table"), ..Script::default() });
    assert_eq!(
        world.start().await,
        outcomes(&[
            ("db", "failed: ping failed: no such table"),
            ("cache", "started"),
            ("app", "not started because of db"),
            ("web", "not started because of db"),
            ("mail", "started"),
        ])
    );
    assert_eq!(world.engine.containers(), ["g-cache*", "g-db.starting", "g-mail*"]);
    let told = world.events().into_iter().find_map(|event| match event {
        Event::Failed { service, log_tail, .. } => Some((service, log_tail)),
        _ => None,
    });
    assert_eq!(told, Some(("db".to_owned(), b"the last word of db\n".to_vec())));
}

#[tokio::test(start_paused = true)]
async fn what_failed_is_started_anew_and_initialised_then() {
    let world = World::new("db web:db");
    world.script("db", Script { init_fails: Some("disk full"), ..Script::default() });
    assert_eq!(world.start().await["db"], "failed: post-start-init failed: disk full");
    assert_eq!(world.engine.containers(), ["g-db.starting"]);
    world.script("db", Script::default());
    assert_eq!(world.start().await, outcomes(&[("db", "started"), ("web", "started")]));
    assert_eq!(world.engine.containers(), ["g-db*", "g-web*"]);
    assert_eq!(world.called("post-start-init db"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_container_that_exits_while_it_is_pinged_fails_at_once_with_its_code() {
    let world = World::new("db");
    world.engine.behave("db", Behaviour { exits: Some((Duration::from_secs(1), 3)), ..Behaviour::default() });
    world.script("db", Script { ready_after: Duration::from_hours(1), ..Script::default() });
    let began = Instant::now();
    assert_eq!(world.start().await["db"], "failed: its container exited with code 3 before the service was ready");
    assert!(began.elapsed() < START_TIME + Duration::from_secs(2), "{:?}", began.elapsed());
    let stopped = |call: &String| call.starts_with("stop");
    assert!(!world.engine.calls().iter().any(stopped), "there is nothing to stop: {:?}", world.engine.calls());
}

#[tokio::test(start_paused = true)]
async fn an_exit_is_a_better_reason_than_the_ping_that_noticed_it() {
    let world = World::new("db");
    world.engine.behave("db", Behaviour { exits: Some((Duration::from_millis(50), 3)), ..Behaviour::default() });
    world.script("db", Script { ping_fails: Some("connection refused"), ..Script::default() });
    assert_eq!(world.start().await["db"], "failed: its container exited with code 3 before the service was ready");
}

#[tokio::test(start_paused = true)]
async fn a_container_that_the_engine_restarts_may_exit() {
    let mut world = World::new("db");
    world.declared("db").restart_policy = Some("always".into());
    world.engine.behave("db", Behaviour { exits: Some((Duration::from_secs(1), 3)), ..Behaviour::default() });
    world.script("db", Script { ready_after: Duration::from_hours(1), ..Script::default() });
    assert_eq!(
        world.start().await["db"],
        "failed: it was not ready within 300 s: its container exited with code 3 and the engine starts it again and again \
         (149 times); --timeout gives more"
    );
}

#[tokio::test(start_paused = true)]
async fn a_service_that_never_becomes_ready_fails_after_the_timeout() {
    let world = World::new("db web:db");
    world.script("db", Script { ready_after: Duration::from_hours(1), ..Script::default() });
    let began = Instant::now();
    let outcome = world.start().await;
    assert_eq!(outcome["db"], "failed: it was not ready within 300 s: ping still answered false; --timeout gives more");
    assert_eq!(outcome["web"], "not started because of db");
    assert!(began.elapsed() <= Duration::from_secs(301), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_hangs_cannot_outlive_the_timeout() {
    for (hook, reason) in [
        (Hook::Ping, "failed: it was not ready within 300 s: ping did not return; --timeout gives more"),
        (Hook::PostStartInit, "failed: post-start-init failed: it did not return within 300 s; --timeout gives more"),
        (Hook::PreStart, "failed: pre-start failed: it did not return within 300 s; --timeout gives more"),
    ] {
        let world = World::new("db");
        world.script("db", Script { hangs_in: Some(hook), ..Script::default() });
        let began = Instant::now();
        assert_eq!(world.start().await["db"], reason);
        assert!(began.elapsed() <= Duration::from_secs(301), "{hook}: {:?}", began.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_value_set_by_one_service_is_in_the_env_of_the_next() {
    let mut world = World::new("db web:db");
    world.script("db", Script { sets: Some(("db.url", "postgres://db")), ..Script::default() });
    world.declared("web").env = vec![("URL".into(), "{db.url}/x".into()), ("RAW".into(), "{{db.url}}".into())];
    world.start().await;
    let env = world.engine.env_of("g-web");
    assert_eq!(env["URL"], "postgres://db/x");
    assert_eq!(env["RAW"], "{db.url}");
    assert_eq!(world.start().await, outcomes(&[("db", "kept"), ("web", "kept")]));
}

#[tokio::test(start_paused = true)]
async fn a_key_without_a_value_fails_the_service_and_is_named() {
    let mut world = World::new("web");
    world.declared("web").env = vec![("URL".into(), "{db.url}".into())];
    assert_eq!(
        world.start().await["web"],
        "failed: env URL: no value has been set for {db.url}; the hook of a service it depends on has to set it in \
         the context; if it is no key of it, {{db.url}} is the text {db.url}"
    );
    assert!(world.engine.containers().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_value_that_changes_during_the_start_replaces_who_uses_it() {
    let mut world = World::new("db web:db");
    world.script("db", Script { sets: Some(("db.url", "one")), ..Script::default() });
    world.declared("web").env = vec![("URL".into(), "{db.url}".into())];
    world.declared("web").networks = vec!["back".into()];
    world.start().await;
    let id = world.engine.id_of("g-web");

    world.script("db", Script { sets: Some(("db.url", "two")), ..Script::default() });
    world.declared("db").env = vec![("MODE".into(), "new".into())];
    assert_eq!(world.start().await, outcomes(&[("db", "started"), ("web", "started")]));
    assert_ne!(world.engine.id_of("g-web"), id);
    assert_eq!(world.engine.env_of("g-web")["URL"], "two");
    assert_eq!(world.engine.networks_of("g-web"), 2);
    assert_eq!(world.start().await, outcomes(&[("db", "kept"), ("web", "kept")]));
}

#[tokio::test(start_paused = true)]
async fn lost_values_replace_nothing() {
    let mut world = World::new("db web:db");
    world.script("db", Script { sets: Some(("db.url", "one")), ..Script::default() });
    world.declared("web").env = vec![("URL".into(), "{db.url}".into())];
    world.start().await;
    world.context().keep_only(&std::collections::BTreeSet::new()).unwrap();
    assert_eq!(world.start().await, outcomes(&[("db", "kept"), ("web", "kept")]));
}

#[tokio::test(start_paused = true)]
async fn an_image_that_two_services_share_is_built_once() {
    let mut world = World::new("a b");
    for service in ["a", "b"] {
        let declared = world.declared(service);
        declared.image = "built".into();
        declared.build = Some(crate::group::BuildDeclaration { directory: "app".into(), dockerfile: None });
    }
    assert_eq!(world.start().await, outcomes(&[("a", "started"), ("b", "started")]));
    let builds =
        world.engine.calls().into_iter().filter(|call| call == "build drillmaster.invalid/g/built:latest").count();
    assert_eq!(builds, 1);
}

#[tokio::test(start_paused = true)]
async fn an_image_that_cannot_be_had_fails_its_service() {
    let mut world = World::new("db web:db mail");
    world.declared("db").image = "missing".into();
    let outcome = world.start().await;
    assert_eq!(outcome["db"], "failed: image missing is not here and cannot be pulled: the registry does not have it");
    assert_eq!(outcome["web"], "not started because of db");
    assert_eq!(outcome["mail"], "started");
}

#[tokio::test(start_paused = true)]
async fn a_container_that_cannot_be_started_says_why() {
    let world = World::new("db");
    world.engine.behave("db", Behaviour { cannot_start: true, ..Behaviour::default() });
    assert_eq!(
        world.start().await["db"],
        "failed: host port 80 is in use by container somebody-else; stop that, or publish another host port"
    );
}

#[tokio::test(start_paused = true)]
async fn volumes_and_further_networks_are_made_for_the_group() {
    let mut world = World::new("db");
    let volume = |name: &str| crate::group::MountDeclaration {
        source: name.to_owned(),
        target: "/data".to_owned(),
        read_only: false,
    };
    world.declared("db").volumes = vec![volume("data")];
    world.declared("db").networks = vec!["back".into()];
    world.start().await;
    assert_eq!(world.engine.volumes(), ["drillmaster-g-data"]);
    assert_eq!(world.engine.networks(), ["drillmaster-g", "drillmaster-g-back"]);
}

#[tokio::test(start_paused = true)]
async fn an_interruption_keeps_what_is_ready_and_stops_what_is_half_started() {
    let world = World::new("db web:db worker:web");
    world.script("web", Script { ready_after: Duration::from_hours(1), ..Script::default() });
    world.engine.behave("web", Behaviour { stubborn: true, ..Behaviour::default() });
    let cancel = world.cancel.clone();
    let interrupted = Duration::from_secs(5);
    tokio::spawn(async move {
        tokio::time::sleep(interrupted).await;
        cancel.cancel();
    });
    let began = Instant::now();
    assert_eq!(world.start().await, outcomes(&[("db", "started"), ("web", "interrupted"), ("worker", "interrupted")]));
    assert!(began.elapsed() <= interrupted + Duration::from_secs(2), "{:?}", began.elapsed());
    assert_eq!(world.engine.containers(), ["g-db*", "g-web.starting"]);
}

#[tokio::test(start_paused = true)]
async fn an_interruption_before_the_old_container_is_stopped_leaves_it_running() {
    let mut world = World::new("db");
    world.start().await;
    world.declared("db").env = vec![("MODE".into(), "new".into())];
    world.script("db", Script { hangs_in: Some(Hook::PreStop), ..Script::default() });
    let cancel = world.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        cancel.cancel();
    });
    assert_eq!(world.start().await, outcomes(&[("db", "interrupted")]));
    assert_eq!(world.engine.containers(), ["g-db*", "g-db.starting"]);
}

#[tokio::test(start_paused = true)]
async fn the_group_is_told_what_was_started_and_only_that() {
    let world = World::new("db web:db broken");
    world.script("broken", Script { ping_fails: Some("no"), ..Script::default() });
    world.start().await;
    assert_eq!(world.called("on-start db web"), 1);
    world.script("broken", Script::default());
    world.start().await;
    assert_eq!(world.called("on-start broken"), 1);
    let hooks = world.hooks_called.lock().unwrap().len();
    world.start().await;
    assert_eq!(world.hooks_called.lock().unwrap().len(), hooks, "nothing was started");
}

#[tokio::test(start_paused = true)]
async fn a_hook_of_the_group_that_hangs_is_not_waited_for_after_an_interruption() {
    let world = World::new("db");
    world.script("*", Script { group_hook_hangs: true, ..Script::default() });
    let cancel = world.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(5)).await;
        cancel.cancel();
    });
    let began = Instant::now();
    assert_eq!(world.start().await, outcomes(&[("db", "started")]));
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
}
