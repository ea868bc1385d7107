//! What stands in the engine in memory, for tests to look at and to prepare. None of this is a call.

use std::collections::BTreeMap;

use tokio::time::Instant;

use super::{Kept, Memory};
use crate::engine::NewContainer;
use crate::group::{GroupName, Service};
use crate::plan::{ContainerId, ImageId, Stage};

/// A container that stands in the engine.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Standing {
    pub(crate) id: ContainerId,
    pub(crate) name: String,
    pub(crate) instance: String,
    pub(crate) service: Service,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) image: ImageId,
    pub(crate) runs: bool,
}

impl Standing {
    /// How far its start came, as its name says.
    pub(crate) fn stage(&self) -> Stage {
        super::actions::stage_of(&self.name)
    }
}

impl Memory {
    /// All containers by name, with a `*` where one runs.
    pub(crate) fn containers(&self) -> Vec<String> {
        let world = self.lock();
        let mut names: Vec<_> = world
            .containers
            .values()
            .map(|kept| format!("{}{}", kept.name, if kept.running.is_some() { "*" } else { "" }))
            .collect();
        names.sort();
        names
    }

    /// The id of the container of a name.
    pub(crate) fn id_of(&self, name: &str) -> Option<ContainerId> {
        let world = self.lock();
        world.containers.iter().find(|(_, kept)| kept.name == name).map(|(id, _)| ContainerId(id.clone()))
    }

    /// The environment of the container of a name.
    pub(crate) fn env_of(&self, name: &str) -> BTreeMap<String, String> {
        let world = self.lock();
        world.containers.values().find(|kept| kept.name == name).map(|kept| kept.new.env.clone()).unwrap_or_default()
    }

    /// How many networks the container of a name has joined.
    pub(crate) fn networks_of(&self, name: &str) -> usize {
        let world = self.lock();
        world.containers.values().find(|kept| kept.name == name).map_or(0, |kept| kept.new.networks.len())
    }

    /// When the container of a service that runs was started.
    pub(crate) fn running_since(&self, service: &str) -> Option<Instant> {
        let world = self.lock();
        world.containers.values().find(|kept| kept.new.service.name == service && kept.running.is_some())?.running
    }

    /// When the container of an instance was started, if it runs.
    pub(crate) fn instance_since(&self, instance: &str) -> Option<Instant> {
        let world = self.lock();
        world.containers.values().find(|kept| kept.new.instance == instance)?.running
    }

    pub(crate) fn networks(&self) -> Vec<String> {
        self.lock().networks.values().map(|(_, name)| name.clone()).collect()
    }

    pub(crate) fn volumes(&self) -> Vec<String> {
        self.lock().volumes.keys().cloned().collect()
    }

    /// The containers of a group, oldest first.
    pub(crate) fn standing(&self, group: &GroupName) -> Vec<Standing> {
        let world = self.lock();
        let ours = world.containers.iter().filter(|(_, kept)| kept.new.group == *group);
        let mut all: Vec<_> = ours.map(|(id, kept)| (kept.created, standing(id, kept))).collect();
        all.sort_by_key(|(created, _)| *created);
        all.into_iter().map(|(_, standing)| standing).collect()
    }

    /// Everything that belongs to a group, word for word.
    pub(crate) fn everything_of(&self, group: &GroupName) -> Vec<String> {
        let containers = self.standing(group).into_iter().map(|container| format!("{container:?}"));
        let mut all: Vec<_> = containers.collect();
        let world = self.lock();
        let networks = world.networks.iter().filter(|(_, (of, _))| of == group);
        all.extend(networks.map(|(id, (_, name))| format!("network {id} {name}")));
        all.extend(world.volumes.iter().filter(|(_, of)| *of == group).map(|(name, _)| format!("volume {name}")));
        all
    }

    /// The names of a group's networks.
    pub(crate) fn networks_of_group(&self, group: &GroupName) -> Vec<String> {
        let world = self.lock();
        let mut names: Vec<_> =
            world.networks.values().filter(|(of, _)| of == group).map(|(_, name)| name.clone()).collect();
        names.sort();
        names
    }

    /// Somebody creates a container behind everybody's back. It joins the networks of its group that are there.
    pub(crate) fn put(&self, new: NewContainer, image: &str, runs: bool) {
        let mut world = self.lock();
        let id = world.id("container");
        let kept = Kept {
            name: new.name.clone(),
            networks: std::iter::once(new.group.network()).collect(),
            image: ImageId(image.to_owned()),
            created: i64::try_from(world.next_id).unwrap(),
            running: runs.then(Instant::now),
            exit_code: 0,
            pub_ports: Vec::new(),
            new,
        };
        world.containers.insert(id, kept);
    }

    /// Somebody creates a network behind everybody's back, whether there is one of the name or not.
    pub(crate) fn put_network(&self, group: &GroupName, name: &str) {
        let mut world = self.lock();
        let id = world.id("network");
        world.networks.insert(id, (group.clone(), name.to_owned()));
    }

    /// A container exits by itself.
    pub(crate) fn exit(&self, id: &ContainerId) {
        if let Some(kept) = self.lock().containers.get_mut(&id.0) {
            kept.running = None;
        }
        self.changed.notify_waiters();
    }
}

fn standing(id: &str, kept: &Kept) -> Standing {
    Standing {
        id: ContainerId(id.to_owned()),
        name: kept.name.clone(),
        instance: kept.new.instance.clone(),
        service: kept.new.service.clone(),
        env: kept.new.env.clone(),
        image: kept.image.clone(),
        runs: kept.running.is_some(),
    }
}
