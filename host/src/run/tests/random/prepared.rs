//! Worlds in which a random group has a past.

use std::path::Path;
use std::sync::Arc;

use super::group::{Before, Case, DIRECTORY};
use crate::engine::memory::{Memory, Standing};
use crate::group::{GroupName, ServiceDeclaration};
use crate::plan::{Again, TeardownRequest};
use crate::run::StopOutcome;
use crate::run::tests::world::World;

/// A group of the same service names on the same engine, which nothing may ever touch.
pub(super) fn other_group() -> GroupName {
    GroupName::new("other").unwrap()
}

/// An engine with images, and the other group on it.
pub(super) async fn engine_with_another_group(services: &[ServiceDeclaration]) -> Arc<Memory> {
    let engine = Memory::new();
    engine.add_image("image", "image-1");
    engine.publish_image("image", "image-1");
    engine.publish_image("own", "own-1");
    let other = |service: &ServiceDeclaration| ServiceDeclaration {
        name: service.name.clone(),
        image: "image".to_owned(),
        dependencies: service.dependencies.clone(),
        volumes: service.volumes.clone(),
        networks: service.networks.clone(),
        ..ServiceDeclaration::default()
    };
    let world = World::on(Arc::clone(&engine), other_group().as_str(), services.iter().map(other).collect());
    world.start().await;
    engine
}

/// The group of a case as it stands before the command: some services run, some are stopped, some are to be replaced,
/// some are new.
pub(super) async fn prepared(case: &Case) -> World {
    let declared = case.declared();
    let engine = engine_with_another_group(&declared).await;
    let mut world = World::on(engine, "g", case.declared_before());
    for (service, script) in case.scripts() {
        world.script(service, script);
    }
    if !world.services.is_empty() {
        let outcome = world.try_start().await.unwrap();
        assert!(outcome.all_ready(), "{outcome:?}");
    }
    for container in world.engine.standing(&world.name) {
        if let Before::Container { runs: false } | Before::Changed { runs: false } =
            case.before(&container.service.name)
        {
            world.engine.exit(&container.id);
        }
    }
    if case.another_image {
        world.engine.add_image("image", "image-2");
    }
    if case.another_context {
        world.engine.write_directory(Path::new(DIRECTORY), "other files");
    }
    world.services = declared;
    world
}

/// The group of a case, with everything ready and as declared.
pub(super) async fn ready(case: &Case) -> World {
    let world = prepared(case).await;
    let outcome = world.try_start().await.unwrap();
    assert!(outcome.all_ready(), "{outcome:?}");
    world
}

/// A command that changes the group.
#[derive(Debug, Clone)]
pub(super) enum Command {
    Start,
    Reload(Again),
    Restart(Again),
    Stop { remove: bool },
}

impl Command {
    /// Whether it did all that was asked of it.
    pub(super) async fn run(&self, world: &World) -> Result<bool, String> {
        match self {
            Command::Start => world.try_start().await.map(|outcome| outcome.all_ready()).map_err(|e| e.to_string()),
            Command::Reload(request) => world.reload(request).await.map(|outcome| outcome.all_ready()),
            Command::Restart(request) => world.restart(request).await.map(|outcome| outcome.all_ready()),
            Command::Stop { remove } => {
                let request = TeardownRequest { remove: *remove, orphans: *remove, ..TeardownRequest::default() };
                world.stop_for(request, *remove).await.map(|outcome| outcome == StopOutcome::Done)
            }
        }
    }

    /// How many calls to the engine it makes.
    pub(super) async fn calls(&self, world: &World) -> usize {
        let world = world.copy();
        world.engine.fault_at(None);
        assert_eq!(self.run(&world).await, Ok(true), "{self:?}: {:#?}", world.events());
        world.engine.calls().len()
    }
}

/// The container of each service that counts.
pub(super) fn committed(world: &World) -> Vec<Standing> {
    let all = world.engine.standing(&world.name);
    let counts = |container: &Standing| {
        let same = all.iter().filter(|other| other.service.name == container.service.name);
        let first =
            same.filter(|other| other.stage() != crate::plan::Stage::Starting).min_by_key(|other| other.stage());
        first.is_some_and(|first| first.id == container.id)
    };
    all.iter().filter(|container| counts(container)).cloned().collect()
}
