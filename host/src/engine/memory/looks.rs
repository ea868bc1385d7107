//! What stands in the engine in memory, for tests to look at and to prepare. None of this is a call.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;

use super::{Kept, Memory, Object, World};
use crate::engine::NewContainer;
use crate::group::{GroupName, Owner, Service};
use crate::plan::{ContainerId, ImageId, Stage, State};

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
        let suffixed = [Stage::Old, Stage::Starting].into_iter().find(|stage| self.name.ends_with(stage.suffix()));
        suffixed.unwrap_or(Stage::Committed)
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

    /// All containers go, as somebody may remove them.
    pub(crate) fn remove_all(&self) {
        self.lock().containers.clear();
    }

    /// Somebody removes the container of a name.
    pub(crate) fn remove_by_name(&self, name: &str) {
        self.lock().containers.retain(|_, kept| kept.name != name);
    }

    /// All containers have the labels that 0.1 would have given them.
    pub(crate) fn labelled_by_0_1(&self) {
        for kept in self.lock().containers.values_mut() {
            kept.labelled_by_0_1 = true;
        }
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

    /// The labels that the container of a name got with nothing in them.
    pub(crate) fn emptied_labels_of(&self, name: &str) -> BTreeSet<String> {
        let world = self.lock();
        let found = world.containers.values().find(|kept| kept.name == name);
        found.map(|kept| kept.new.emptied_labels.clone()).unwrap_or_default()
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
        self.lock().networks.values().map(|found| found.name.clone()).collect()
    }

    pub(crate) fn volumes(&self) -> Vec<String> {
        self.lock().volumes.keys().cloned().collect()
    }

    /// The volumes without a name of anybody's.
    pub(crate) fn nameless_volumes(&self) -> BTreeSet<String> {
        self.lock().nameless.clone()
    }

    /// The instances of the containers that have run with the volume that a container has there, the oldest first.
    pub(crate) fn written(&self, name: &str, target: &str) -> Vec<String> {
        let world = self.lock();
        let kept = world.containers.values().find(|kept| kept.name == name);
        let volume = kept.and_then(|kept| kept.all_volumes().remove(target));
        volume.and_then(|volume| world.written.get(&volume).cloned()).unwrap_or_default()
    }

    /// The engine has made all volumes that no definition names, as for containers of an earlier version.
    pub(crate) fn makes_volumes_nameless(&self) {
        let mut world = self.lock();
        let World { containers, volumes, written, nameless, next_id, .. } = &mut *world;
        for kept in containers.values_mut() {
            for (target, name) in std::mem::take(&mut kept.new.own_volumes) {
                *next_id += 1;
                let new = format!("{next_id:064x}");
                volumes.remove(&name);
                let history = written.remove(&name).unwrap_or_default();
                written.insert(new.clone(), history);
                nameless.insert(new.clone());
                kept.nameless.insert(target, new);
            }
        }
    }

    /// The containers that carry a group's label and are not the group's, oldest first.
    pub(crate) fn foreign(&self, group: &GroupName) -> Vec<Standing> {
        self.standing_if(|world, kept| kept.new.group == *group && super::actions::stage(world, kept).is_err())
    }

    /// The containers of a group, oldest first.
    pub(crate) fn standing(&self, group: &GroupName) -> Vec<Standing> {
        self.standing_if(|world, kept| kept.new.group == *group && super::actions::stage(world, kept).is_ok())
    }

    fn standing_if(&self, is: impl Fn(&World, &Kept) -> bool) -> Vec<Standing> {
        let world = self.lock();
        let all = world.containers.iter().filter(|(_, kept)| is(&world, kept));
        let mut all: Vec<_> = all.map(|(id, kept)| (kept.created, standing(id, kept))).collect();
        all.sort_by_key(|(created, _)| *created);
        all.into_iter().map(|(_, standing)| standing).collect()
    }

    /// Everything that belongs to a group, word for word.
    pub(crate) fn everything_of(&self, group: &GroupName) -> Vec<String> {
        let containers = self.standing(group).into_iter().map(|container| format!("{container:?}"));
        let mut all: Vec<_> = containers.collect();
        let world = self.lock();
        let networks = world.networks.iter().filter(|(_, found)| found.group == *group);
        all.extend(networks.map(|(id, found)| format!("network {id} {}", found.name)));
        let volumes = world.volumes.values().filter(|found| found.group == *group);
        all.extend(volumes.map(|found| format!("volume {}", found.name)));
        all
    }

    /// The names of a group's networks.
    pub(crate) fn networks_of_group(&self, group: &GroupName) -> Vec<String> {
        let world = self.lock();
        let mut names: Vec<_> =
            world.networks.values().filter(|found| found.group == *group).map(|found| found.name.clone()).collect();
        names.sort();
        names
    }

    /// Somebody creates a container behind everybody's back. It joins the networks of its group that are there.
    pub(crate) fn put(&self, new: NewContainer, runs: bool) {
        let mut world = self.lock();
        let id = world.id("container");
        let kept = Kept {
            name: new.name.clone(),
            networks: std::iter::once(new.group.network()).collect(),
            owner: Some(new.owner.clone()),
            created: i64::try_from(world.next_id).unwrap(),
            running: runs.then(Instant::now),
            restarts_at: None,
            restarts: 0,
            paused: false,
            dead: false,
            ends: 0,
            exit_code: 0,
            labelled_by_0_1: false,
            nameless: BTreeMap::new(),
            pub_ports: Vec::new(),
            new,
        };
        world.containers.insert(id, kept);
    }

    /// Somebody creates a network behind everybody's back, whether there is one of the name or not.
    pub(crate) fn put_network(&self, group: &GroupName, name: &str) {
        let mut world = self.lock();
        let id = world.id("network");
        world.networks.insert(id, Object { group: group.clone(), owner: None, name: name.to_owned(), made_for: None });
    }

    /// Somebody creates a volume behind everybody's back.
    pub(crate) fn put_volume(&self, group: &GroupName, owner: Option<Owner>, name: &str) {
        let volume = Object { group: group.clone(), owner, name: name.to_owned(), made_for: None };
        self.lock().volumes.insert(name.to_owned(), volume);
    }

    /// Everything there was made by drillmaster 0.1, which did not say for whom.
    pub(crate) fn forget_owners(&self) {
        let mut world = self.lock();
        world.containers.values_mut().for_each(|kept| kept.owner = None);
        let World { networks, volumes, .. } = &mut *world;
        networks.values_mut().chain(volumes.values_mut()).for_each(|found| found.owner = None);
    }

    /// Runs a container under a name as somebody may who has no drillmaster: from an image that was committed from another
    /// one, with the labels of that one.
    pub(crate) fn run_committed(&self, from: &str, name: &str) {
        let mut world = self.lock();
        let committed = world.containers.values().find(|kept| kept.name == from).unwrap().clone();
        let id = world.id("container");
        let image = ImageId(format!("committed-{id}"));
        world.committed.insert(image.clone(), committed.new.instance.clone());
        // It has neither the volumes nor the networks of the other one.
        let service = Service { volumes: BTreeMap::new(), ..committed.new.service.clone() };
        let own_volumes = BTreeMap::new();
        let new = NewContainer { name: name.to_owned(), image, service, own_volumes, ..committed.new.clone() };
        let created = i64::try_from(world.next_id).unwrap();
        let (name, running, networks) = (name.to_owned(), Some(Instant::now()), BTreeSet::new());
        let nameless = BTreeMap::new();
        let kept = Kept { new, name, networks, created, running, nameless, ..committed };
        world.containers.insert(id, kept);
    }

    /// Somebody gives a container another name.
    pub(crate) fn call_otherwise(&self, name: &str, other: &str) {
        let mut world = self.lock();
        let kept = world.containers.values_mut().find(|kept| kept.name == name).unwrap();
        other.clone_into(&mut kept.name);
    }

    /// A container exits by itself.
    pub(crate) fn exit(&self, id: &ContainerId) {
        if let Some(kept) = self.lock().containers.get_mut(&id.0) {
            kept.end(0);
        }
        self.changed.notify_waiters();
    }

    /// Somebody pauses the container of a name.
    pub(crate) fn pause(&self, name: &str) {
        self.lock().containers.values_mut().filter(|kept| kept.name == name).for_each(|kept| kept.paused = true);
    }

    /// Somebody has tried to remove the container of a name, and the engine could not remove the whole of it.
    pub(crate) fn half_remove(&self, name: &str) {
        for kept in self.lock().containers.values_mut().filter(|kept| kept.name == name) {
            kept.end(137);
            kept.dead = true;
        }
    }

    /// The state of the container of a name.
    pub(crate) fn state_of(&self, name: &str) -> Option<State> {
        let world = self.lock();
        world.containers.values().find(|kept| kept.name == name).map(Kept::state)
    }
}

fn standing(id: &str, kept: &Kept) -> Standing {
    Standing {
        id: ContainerId(id.to_owned()),
        name: kept.name.clone(),
        instance: kept.new.instance.clone(),
        service: kept.new.service.clone(),
        env: kept.new.env.clone(),
        image: kept.new.image.clone(),
        runs: kept.running.is_some(),
    }
}
