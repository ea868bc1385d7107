//! Plans for random groups and whatever may be found.

use std::collections::BTreeSet;

use super::for_random;
use super::observations::{Found, found};
use super::settled::others;
use crate::engine::Engine as _;
use crate::engine::memory::Standing;
use crate::group::{Dependencies, to_start, to_stop};
use crate::plan::{Again, ImageAction, Request, Step, TeardownRequest, reconcile, teardown};
use crate::run::StopOutcome;
use crate::run::tests::world::World;

/// The containers of some services.
fn of(world: &World, services: &[String]) -> Vec<Standing> {
    let all = world.engine.standing(&world.name).into_iter();
    all.filter(|container| services.contains(&container.service.name)).collect()
}

/// Whether each service comes after those that it depends on, as far as they are in the list.
fn is_in_order<'a>(services: impl Iterator<Item = &'a str>, dependencies: &Dependencies) -> bool {
    let order: Vec<_> = services.collect();
    order
        .iter()
        .enumerate()
        .all(|(index, service)| dependencies.of(service).all(|dependency| !order[index..].contains(&dependency)))
}

/// What a person would have to ask for as well, by the rules in words.
fn start_can_leave_out(excluded: &[String], dependencies: &Dependencies) -> bool {
    let kept = dependencies.services().filter(|service| !excluded.iter().any(|name| name == service));
    kept.into_iter().all(|service| dependencies.of(service).all(|needed| !excluded.iter().any(|name| name == needed)))
}

#[test]
fn a_plan_that_was_carried_out_leaves_nothing_to_do() {
    for_random(40, &found(), async |found: Found| {
        let world = found.world().await;
        let (other, foreign) = (others(&world), world.engine.foreign(&world.name));
        let plan = world.plan().await;
        assert!(is_in_order(plan.steps.iter().map(|step| step.service.name.as_str()), &plan.group.dependencies()));
        if plan.volume_in_use().is_some() {
            world.engine.fault_at(None);
            assert!(world.try_start().await.is_err());
            assert_eq!(world.engine.calls(), ["observe"]);
            return 1;
        }
        // A container whose image has lost its name is kept. When another service has an image of that name got, it may
        // be another one, and only the next start knows.
        let unnamed = |step: &&Step| step.has_image() && !matches!(step.image, ImageAction::Use(_));
        let unnamed: Vec<_> = plan.steps.iter().filter(unnamed).map(|step| step.service.name.clone()).collect();
        let outcome = world.try_start().await.unwrap();
        assert!(outcome.all_ready(), "{outcome:?}");
        let again = world.plan().await;
        let known = again.steps.iter().filter(|step| !unnamed.contains(&step.service.name));
        let left: Vec<_> = known.filter(|step| !step.is_nothing()).map(ToString::to_string).collect();
        assert!(left.is_empty(), "{left:?}");
        world.start().await;
        assert!(world.plan().await.is_nothing());
        let declared: Vec<String> = world.services.iter().map(|service| service.name.clone()).collect();
        let standing = of(&world, &declared);
        assert_eq!(standing.len(), declared.len(), "one container for each service");
        assert!(standing.iter().all(|container| container.runs));
        assert_eq!((others(&world), world.engine.foreign(&world.name)), (other, foreign));
        1
    });
}

#[test]
fn the_same_things_in_another_order_make_the_same_plan() {
    for_random(40, &found(), async |found: Found| {
        let mut world = found.world().await;
        let observed = world.engine.observe(&world.name).await.unwrap();
        let json = |world: &World, observed| {
            let values = world.context().values();
            let value = |key: &str| values.get(key).map(String::as_str);
            crate::report::plan_json(&reconcile(world.group(), &world.request(), observed, &value))
        };
        let stop = |observed| {
            let plan = teardown(observed, &TeardownRequest { remove: true, ..TeardownRequest::default() }).unwrap();
            format!("{:?}", (plan.steps, plan.orphans))
        };
        let (plan, stopped) = (json(&world, &observed), stop(&observed));
        let mut shuffled = observed.clone();
        shuffled.containers.reverse();
        let middle = shuffled.containers.len() / 2;
        shuffled.containers.rotate_left(middle);
        world.services.reverse();
        assert_eq!(json(&world, &shuffled), plan);
        assert_eq!(stop(&shuffled), stopped);
        1
    });
}

#[test]
fn what_is_excluded_from_a_start_is_not_touched() {
    for_random(40, &found(), async |found: Found| {
        let world = found.world().await;
        let excluded = found.excluded();
        let dependencies = world.group().dependencies();
        let selected = to_start(&dependencies, &excluded);
        assert_eq!(selected.is_ok(), start_can_leave_out(&excluded, &dependencies), "{excluded:?}: {selected:?}");
        let Ok(selected) = selected else { return 1 };
        let before = of(&world, &excluded);
        let request = Request { selected, ..world.request() };
        if world.plan_for(request.clone()).await.unwrap().volume_in_use().is_some() {
            return 1;
        }
        let outcome = world.try_start_for(request).await.unwrap();
        assert!(outcome.0.keys().all(|service| !excluded.contains(service)));
        assert_eq!(of(&world, &excluded), before);
        1
    });
}

#[test]
fn a_teardown_leaves_nothing_over_and_nothing_of_what_is_excluded_is_touched() {
    for_random(40, &found(), async |found: Found| {
        let world = found.world().await;
        let (other, foreign) = (others(&world), world.engine.foreign(&world.name));
        let observed = world.engine.observe(&world.name).await.unwrap();
        let found_dependencies = observed.dependencies();
        let exclude: Vec<_> = found.excluded().into_iter().filter(|name| observed.of(name).next().is_some()).collect();
        let request = TeardownRequest { exclude: exclude.clone(), remove: true, ..TeardownRequest::default() };
        let plan = teardown(&observed, &request);
        let stays_up: BTreeSet<_> = exclude.iter().flat_map(|service| found_dependencies.of(service)).collect();
        let refused = stays_up.iter().any(|needed| !exclude.iter().any(|name| name == needed));
        assert_eq!(plan.is_err(), refused, "{exclude:?}: {:?}", plan.as_ref().err());
        assert_eq!(to_stop(&found_dependencies, &exclude).is_err(), refused);
        let Ok(plan) = plan else { return 1 };
        let backwards = plan.steps.iter().rev().map(|step| step.service.as_str());
        assert!(is_in_order(backwards, &found_dependencies));
        let before = of(&world, &exclude);
        let volumes = exclude.is_empty();
        // What something foreign uses cannot be removed: a network, a volume.
        let outcome = world.tear_down(plan, true, volumes).await;
        assert!(outcome == StopOutcome::Done || !foreign.is_empty(), "{outcome:?}: {:?}", world.events());
        assert_eq!(of(&world, &exclude), before);
        assert_eq!(world.engine.standing(&world.name), before, "nothing else is left");
        if volumes && foreign.is_empty() {
            assert!(world.engine.everything_of(&world.name).is_empty());
        }
        assert_eq!((others(&world), world.engine.foreign(&world.name)), (other, foreign));
        1
    });
}

#[test]
fn reload_and_restart_touch_what_they_are_about_and_nothing_else() {
    for_random(40, &found(), async |found: Found| {
        let world = found.world().await;
        let other = others(&world);
        let request = Again { services: found.case.picked(), dependents: found.case.dependents };
        let dependencies = world.group().dependencies();
        let mut about: BTreeSet<_> = request.services.iter().cloned().collect();
        if request.dependents {
            about.extend(dependencies.all_dependents(&about));
        }
        let rest = |world: &World| {
            let all = world.engine.standing(&world.name).into_iter();
            all.filter(|container| !about.contains(&container.service.name)).collect::<Vec<_>>()
        };
        for restart in [false, true] {
            let world = world.copy();
            let before = rest(&world);
            // It may be refused: what it depends on may not run.
            let _ = if restart { world.restart(&request).await } else { world.reload(&request).await };
            assert_eq!(rest(&world), before);
            assert_eq!(others(&world), other);
        }
        2
    });
}
