//! Containers that were made by other versions, with another key, or from other fields.

use super::world::{Script, World, outcomes};
use crate::group::{FingerprintKey, Fingerprints};
use crate::plan::{Old, Reason};
use crate::run::with_old_fields;

/// A world in which `web` has a value of the context and both have a secret, started.
async fn started() -> World {
    let mut world = World::new("db web:db");
    world.script("db", Script { sets: Some(("db.url", "postgres://ada:hunter2@db")), ..Script::default() });
    world.declared("db").env = vec![("DB_PASSWORD".into(), "hunter2".into()), ("MODE".into(), "old".into())];
    world.declared("web").env = vec![("URL".into(), "{db.url}".into())];
    assert_eq!(world.start().await, outcomes(&[("db", "started"), ("web", "started")]));
    world
}

fn lost(world: &mut World) {
    world.key = FingerprintKey::new([1; FingerprintKey::LENGTH]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_state_directory_replaces_nothing_and_the_next_container_has_the_new_key() {
    let mut world = started().await;
    let ids = ["g-db", "g-web"].map(|name| world.engine.id_of(name));
    lost(&mut world);
    world.declared("db").env[1].1 = "new".into();
    assert_eq!(world.start().await, outcomes(&[("db", "kept"), ("web", "kept")]));
    assert_eq!(["g-db", "g-web"].map(|name| world.engine.id_of(name)), ids);

    world.declared("db").memory_limit_mib = Some(64);
    assert_eq!(world.start().await, outcomes(&[("db", "started"), ("web", "kept")]));
    world.declared("db").env[1].1 = "newer".into();
    assert_eq!(world.plan().await.steps[0].to_string(), "db: replace (changed: env MODE: (changed) → newer)");
}

#[tokio::test(start_paused = true)]
async fn what_a_changed_field_was_is_asked_once_for_each_container_that_is_replaced() {
    let mut world = started().await;
    world.declared("db").env = vec![("MODE".into(), "new".into()), ("DB_PASSWORD".into(), "hunter3".into())];
    world.declared("db").user = Some("ada".into());
    let plan = world.plan().await;
    world.engine.fault_at(None);
    let plan = with_old_fields(plan, &*world.engine).await;
    assert_eq!(world.engine.calls(), ["read back db"]);
    assert_eq!(
        plan.steps[0].to_string(),
        "db: replace (changed: env DB_PASSWORD: *** → *** (another value); env MODE: old → new; user: (not set) → ada)"
    );
    assert_eq!(plan.steps[1].to_string(), "web: keep (already running)");
}

#[tokio::test(start_paused = true)]
async fn with_nothing_to_replace_nothing_is_asked() {
    let world = started().await;
    let plan = world.plan().await;
    world.engine.fault_at(None);
    assert!(with_old_fields(plan, &*world.engine).await.is_nothing());
    assert_eq!(world.engine.calls(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_the_engine_does_not_tell_stays_unknown_and_the_plan_is_the_same() {
    let mut world = started().await;
    world.declared("db").env.remove(1);
    world.declared("db").command = Some(vec!["serve".into()]);
    let plan = world.plan().await;
    world.engine.remove_all();
    let told = with_old_fields(plan.clone(), &*world.engine).await;
    assert_eq!(told, plan);
    let Reason::Changed(changes) = &told.steps[0].reason else { panic!("{told:?}") };
    let old: Vec<_> = changes.iter().map(|change| (change.field.as_str(), &change.old)).collect();
    assert_eq!(old, [("command", &Old::NotSet), ("env MODE", &Old::Unknown)]);
}

#[tokio::test(start_paused = true)]
async fn a_value_of_the_context_is_not_shown_when_its_variable_changes() {
    let mut world = started().await;
    world.declared("web").env = vec![("URL".into(), "{db.url}/x".into())];
    let plan = with_old_fields(world.plan().await, &*world.engine).await;
    assert_eq!(plan.steps[1].to_string(), "web: replace (changed: env URL: *** → {db.url}/x)");
    world.declared("web").env.clear();
    let plan = with_old_fields(world.plan().await, &*world.engine).await;
    assert_eq!(plan.steps[1].to_string(), "web: replace (changed: env URL: *** → (not set))");
}

#[tokio::test(start_paused = true)]
async fn only_the_variables_whose_values_changed_are_told() {
    let mut world = World::new("db web:db");
    world.script("db", Script { sets_instance: Some("db.id"), ..Script::default() });
    world.declared("web").env =
        vec![("ID".into(), "{db.id}".into()), ("OWN".into(), "{{x}}".into()), ("MODE".into(), "dev".into())];
    world.start().await;
    let context = world.context();
    let instance = context.get("db.id").unwrap();
    context.set("db.id", "another", &instance).unwrap();
    assert_eq!(
        world.plan().await.steps[1].to_string(),
        "web: replace (changed: env ID: {db.id} → {db.id} (another value))"
    );
}

#[tokio::test(start_paused = true)]
async fn what_0_1_made_is_kept_until_something_changes() {
    let mut world = started().await;
    let ids = ["g-db", "g-web"].map(|name| world.engine.id_of(name));
    world.engine.labelled_by_0_1();
    assert_eq!(world.start().await, outcomes(&[("db", "kept"), ("web", "kept")]));
    assert_eq!(["g-db", "g-web"].map(|name| world.engine.id_of(name)), ids);
    world.declared("web").dependencies.clear();
    assert!(world.plan().await.is_nothing());

    world.declared("db").env[0].1 = "hunter3".into();
    world.declared("db").env[1].1 = "new".into();
    let plan = world.plan().await;
    assert_eq!(
        plan.steps.iter().find(|step| step.service.name == "db").unwrap().to_string(),
        "db: replace (changed: env DB_PASSWORD: *** → *** (another value); env MODE: old → new)"
    );
    let made_of = Fingerprints::of_service(&world.group().services["db"]);
    assert_eq!(world.start().await["db"], "started");
    let standing = world.engine.standing(&world.name);
    let db = standing.iter().find(|container| container.service.name == "db").unwrap();
    assert_eq!(Fingerprints::of_service(&db.service), made_of);
}

#[tokio::test(start_paused = true)]
async fn another_value_of_the_context_replaces_what_0_1_made() {
    let world = started().await;
    world.engine.labelled_by_0_1();
    let context = world.context();
    context.set("db.url", "postgres://ada:hunter3@db", &world.engine.standing(&world.name)[0].instance).unwrap();
    assert_eq!(
        world.plan().await.steps[1].to_string(),
        "web: replace (changed: env URL: {db.url} → {db.url} (another value))"
    );
}
