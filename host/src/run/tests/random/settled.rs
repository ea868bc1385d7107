//! What has to hold once a start has gone well, whatever happened before.

use std::collections::{BTreeMap, BTreeSet};

use super::group::Case;
use super::prepared::{committed, other_group};
use crate::engine::memory::Standing;
use crate::group::{Fingerprints, Template};
use crate::plan::Stage;
use crate::run::tests::world::World;

/// The values in the context's file: for each key who set it, the last one at the end.
fn owners(world: &World) -> BTreeMap<String, Vec<String>> {
    let Ok(bytes) = std::fs::read(world.context_file()) else { return BTreeMap::new() };
    let all: BTreeMap<String, Vec<serde_json::Value>> = serde_json::from_slice(&bytes).unwrap();
    let owner = |value: &serde_json::Value| value["instance"].as_str().unwrap().to_owned();
    all.into_iter().map(|(key, values)| (key, values.iter().map(owner).collect())).collect()
}

/// Everything is ready, as declared, initialised exactly once, and nothing is left over.
pub(super) async fn assert_settled(case: &Case, world: &World, after: &str) {
    let standing = world.engine.standing(&world.name);
    let declared: BTreeSet<_> = world.services.iter().map(|service| service.name.as_str()).collect();
    let (ours, orphans): (Vec<_>, Vec<_>) =
        standing.iter().partition(|container| declared.contains(container.service.name.as_str()));
    let names: BTreeSet<_> = ours.iter().map(|container| container.service.name.as_str()).collect();
    assert_eq!(names, declared, "{after}: every service has a container");
    assert_eq!(ours.len(), declared.len(), "{after}: nothing is left over: {:?}", world.engine.containers());
    let group = world.group();
    let values = world.context().values();
    let initialised = world.initialised.lock().unwrap().clone();
    for container in &ours {
        let service = &group.services[&container.service.name];
        assert!(container.runs, "{after}: {} runs", container.name);
        assert_eq!(container.name, format!("g-{}", service.name), "{after}");
        let made_of = Fingerprints::of_service(&container.service);
        assert_eq!(made_of, Fingerprints::of_service(service), "{after}: {} is as declared", service.name);
        let filled = |template: &Template| template.fill(|key| values.get(key).map(String::as_str)).unwrap();
        for (name, template) in &service.env {
            assert_eq!(container.env[name], filled(template), "{after}: {name} of {}", service.name);
        }
    }
    for container in &standing {
        let times = initialised.iter().filter(|instance| **instance == container.instance).count();
        assert_eq!(times, 1, "{after}: {} was initialised", container.name);
    }
    let all: BTreeSet<_> = initialised.iter().collect();
    assert_eq!(all.len(), initialised.len(), "{after}: no container was initialised twice");

    let expected: BTreeMap<_, _> = ours
        .iter()
        .chain(&orphans)
        .filter_map(|container| {
            Some((case.key_of(&container.service.name)?.to_owned(), vec![container.instance.clone()]))
        })
        .collect();
    assert_eq!(owners(world), expected, "{after}: each value belongs to the container that stands");

    let networks = world.engine.networks_of_group(&world.name);
    assert_eq!(BTreeSet::from_iter(&networks).len(), networks.len(), "{after}: {networks:?}");
    let again = world.plan().await;
    assert!(again.is_nothing(), "{after}: {:?}", again.steps.iter().map(ToString::to_string).collect::<Vec<_>>());
}

/// No container was lost for nothing: where the container that stands now is made of the same as the one that stood
/// before, it is the same container.
pub(super) fn assert_nothing_lost(before: &[Standing], world: &World, after: &str) {
    let made_of = |container: &Standing| {
        (Fingerprints::of_service(&container.service), container.env.clone(), container.image.clone())
    };
    for now in committed(world) {
        let had = before.iter().find(|had| had.service.name == now.service.name);
        if let Some(had) = had.filter(|had| made_of(had) == made_of(&now)) {
            // One that is wanted new at each start is allowed to be.
            if !(now.service.always_start_new) {
                assert_eq!(had.id, now.id, "{after}: the container of {} was lost", now.service.name);
            }
        }
    }
}

/// Nothing that is not ready runs.
pub(super) fn assert_nothing_half_started_runs(world: &World, after: &str) {
    let half = |container: &&Standing| container.runs && container.stage() == Stage::Starting;
    let standing = world.engine.standing(&world.name);
    let running = standing.iter().find(half);
    assert!(running.is_none(), "{after}: {} still runs", running.unwrap().name);
}

/// What the other group's things look like.
pub(super) fn others(world: &World) -> Vec<String> {
    world.engine.everything_of(&other_group())
}
