//! What the engine in memory does when it is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, sleep, sleep_until};

use super::{Kept, Memory, Object, START_TIME, World};
use crate::engine::{
    AnonymousVolumes, Engine, EngineError, ExecOutput, ImageProgress, Inspected, NewContainer, NewImage, PortOwner,
    Progress, RemovedVolumes, Result, Turn,
};
use crate::group::{Digest, GroupName, ImageName, Port, Service, Template};
use crate::plan::{
    Claim, Container, ContainerId, Exit, Foreign, Health, HostMount, Image, ImageId, MadeFor, Marks, Network,
    NetworkId, NotOurs, Observed, OwnVolume, Published, Recorded, Stage, State,
};

#[async_trait]
impl Engine for Memory {
    async fn identity(&self) -> Result<String> {
        Ok("memory".to_owned())
    }

    async fn observe(&self, group: &GroupName) -> Result<Observed> {
        self.call("observe".to_owned(), |world| {
            let mut observed = Observed::default();
            for (id, kept) in world.containers.iter().filter(|(_, kept)| kept.new.group == *group) {
                match stage(world, kept) {
                    Ok(stage) => {
                        let behaviour = world.behaviours.get(&kept.new.service.name);
                        let health = behaviour.map(|behaviour| behaviour.health).unwrap_or_default();
                        observed.containers.push(container(id, kept, health, stage));
                    }
                    Err(why) => {
                        let (name, volumes) = (kept.name.clone(), kept.volumes_in_use());
                        observed.foreign.push(Foreign { what: "container", name, why, volumes });
                    }
                }
            }
            for (id, Object { owner, name, .. }) in world.networks.iter().filter(|(_, found)| found.group == *group) {
                let (name, owner) = (name.clone(), owner.clone());
                if group.names_object(&name) {
                    observed.networks.push(Network { id: NetworkId(id.clone()), name, owner });
                } else {
                    observed.foreign.push(Foreign::object("network", name, NotOurs::AnotherName));
                }
            }
            let named = world.images.iter().map(|(name, image)| (ImageName::new(name).unwrap(), image.clone()));
            observed.images = named.collect();
            Ok(observed)
        })
        .await
    }

    async fn ensure_names(&self, group: &GroupName, claim: &Claim, names: &BTreeSet<String>) -> Result<()> {
        self.call("ensure names".to_owned(), |world| {
            let is_ours = |kept: &&Kept| {
                kept.new.group == *group && stage(world, kept).is_ok() && claim.may_use(kept.owner.as_ref())
            };
            let other = world.containers.values().find(|kept| names.contains(&kept.name) && !is_ours(kept));
            other.map_or(Ok(()), |other| Err(name_taken("container", &other.name, &other.new.group)))
        })
        .await
    }

    async fn ensure_network(&self, group: &GroupName, claim: &Claim, name: &str) -> Result<NetworkId> {
        self.call(format!("ensure network {name}"), |world| {
            if let Some((id, found)) = world.networks.iter().find(|(_, found)| found.name == name) {
                let usable = found.group == *group && claim.may_use(found.owner.as_ref());
                return if usable { Ok(NetworkId(id.clone())) } else { Err(name_taken("network", name, &found.group)) };
            }
            let id = world.id("network");
            world.networks.insert(id.clone(), Object::of(group, claim, name));
            Ok(NetworkId(id))
        })
        .await
    }

    async fn remove_network(&self, id: &NetworkId) -> Result<()> {
        self.call(format!("remove network {id}"), |world| {
            if let Some(Object { name, .. }) = world.networks.get(&id.0) {
                let twin = world.networks.values().filter(|other| other.name == *name).count() > 1;
                let used = world.containers.values().any(|kept| kept.running.is_some() && kept.networks.contains(name));
                if used && !twin {
                    let reason = "it has active endpoints".to_owned();
                    return Err(EngineError::Refused { action: format!("remove network {name}"), reason });
                }
            }
            world.networks.remove(&id.0);
            Ok(())
        })
        .await
    }

    async fn ensure_volume(
        &self,
        group: &GroupName,
        claim: &Claim,
        name: &str,
        made_for: Option<&MadeFor>,
    ) -> Result<()> {
        self.call(format!("ensure volume {name}"), |world| {
            let made = || Object { made_for: made_for.cloned(), ..Object::of(group, claim, name) };
            let found = world.volumes.entry(name.to_owned()).or_insert_with(made);
            let usable = found.group == *group && claim.may_use(found.owner.as_ref());
            if usable { Ok(()) } else { Err(name_taken("volume", name, &found.group)) }
        })
        .await
    }

    async fn own_volumes(&self, group: &GroupName, claim: &Claim, service: &str) -> Result<Vec<OwnVolume>> {
        self.call(format!("volumes of {service}"), |world| {
            let usable = |found: &&Object| found.group == *group && claim.may_use(found.owner.as_ref());
            let own = world.volumes.values().filter(usable).filter_map(|found| {
                let made_for = found.made_for.clone().filter(|made_for| made_for.service == service)?;
                Some(OwnVolume { name: found.name.clone(), made_for })
            });
            Ok(own.collect())
        })
        .await
    }

    async fn remove_volume(&self, group: &GroupName, claim: &Claim, name: &str) -> Result<()> {
        self.call(format!("remove volume {name}"), |world| {
            if let Some(user) =
                world.containers.values().find(|kept| kept.all_volumes().values().any(|one| one == name))
            {
                let reason = format!("{} uses it", user.name);
                return Err(EngineError::Refused { action: format!("remove volume {name}"), reason });
            }
            if let Some(found) = world.volumes.get(name)
                && (found.group != *group || !claim.may_use(found.owner.as_ref()))
            {
                return Err(name_taken("volume", name, &found.group));
            }
            world.volumes.remove(name);
            world.nameless.remove(name);
            world.written.remove(name);
            Ok(())
        })
        .await
    }

    async fn remove_volumes(&self, group: &GroupName, claim: &Claim) -> Result<RemovedVolumes> {
        self.call("remove volumes".to_owned(), |world| {
            let mounted = |kept: &Kept| kept.new.group == *group && !kept.named_volumes().is_empty();
            if let Some(user) = world.containers.values().find(|kept| mounted(kept)) {
                let reason = format!("{} uses it", user.name);
                return Err(EngineError::Refused { action: "remove a volume".to_owned(), reason });
            }
            let mut volumes = RemovedVolumes::default();
            let (gone, kept) = std::mem::take(&mut world.volumes).into_iter().partition(|(name, found)| {
                let usable = claim.may_use(found.owner.as_ref()) && group.names_object(name);
                if found.group == *group && !usable {
                    volumes.left.push(Foreign::object("volume", name.clone(), NotOurs::AnotherOwner));
                }
                found.group == *group && usable
            });
            world.volumes = kept;
            let gone: BTreeMap<String, Object> = gone;
            world.written.retain(|name, _| !gone.contains_key(name));
            volumes.removed = gone.into_keys().collect();
            Ok(volumes)
        })
        .await
    }

    async fn pull(&self, image: &ImageName, platform: Option<&str>, _: Progress<'_>) -> Result<Image> {
        let platform = platform.map(str::to_owned);
        let named = platform.as_ref().map(|platform| format!(" for {platform}")).unwrap_or_default();
        self.call(format!("pull {image}{named}"), |world| {
            let reason = "the registry does not have it".to_owned();
            let absent = || EngineError::NoImage { image: image.to_string(), reason };
            let id = world.registry.get(&image.canonical()).cloned().ok_or_else(absent)?;
            let id = ImageId(format!("{id}{named}"));
            world.platforms.extend(platform.clone().map(|platform| (id.clone(), platform)));
            let pulled = Image { id, context: None, platform, labels: BTreeSet::new() };
            world.images.insert(image.canonical(), pulled.clone());
            Ok(pulled)
        })
        .await
    }

    async fn build(&self, new: &NewImage, progress: Progress<'_>) -> Result<Image> {
        progress(ImageProgress::Step { number: 1, of: 1, instruction: "FROM memory".to_owned() });
        self.call(format!("build {}", new.name), |world| {
            if world.unbuildable.contains(&new.name.canonical()) {
                let reason = "RUN false failed".to_owned();
                return Err(EngineError::Refused { action: format!("build {}", new.name), reason });
            }
            let id = ImageId(world.id("image"));
            let context = Some(world.directory(&new.build.directory));
            let built = Image { id, context, platform: new.platform.clone(), labels: BTreeSet::new() };
            world.images.insert(new.name.canonical(), built.clone());
            Ok(built)
        })
        .await
    }

    async fn image_platform(&self, image: &ImageId) -> Result<Option<String>> {
        self.call(format!("platform of image {image}"), |world| Ok(world.platforms.get(image).cloned())).await
    }

    async fn image_volumes(&self, image: &ImageId) -> Result<BTreeSet<String>> {
        self.call(format!("volumes of image {image}"), |world| {
            Ok(world.image_volumes.get(image).cloned().unwrap_or_default())
        })
        .await
    }

    async fn turn(&self) -> Turn {
        self.turns.next().await
    }

    async fn create(&self, _turn: Turn, container: &NewContainer) -> Result<ContainerId> {
        self.call(format!("create {}", container.name), |world| {
            if let Some(other) = world.containers.values().find(|kept| kept.name == container.name) {
                return Err(name_taken("container", &container.name, &other.new.group));
            }
            let platforms = (container.service.platform.as_ref(), world.platforms.get(&container.image));
            if let (Some(wanted), Some(found)) = platforms
                && wanted != found
            {
                let reason = format!("the image is for {found} and not for {wanted}");
                return Err(EngineError::Refused { action: "create".to_owned(), reason });
            }
            let network = |id: &NetworkId| world.networks.get(&id.0).map(|found| found.name.clone());
            let networks = container.networks.iter().map(network).collect::<Option<_>>();
            let no_network = || EngineError::Refused { action: "create".to_owned(), reason: "no network".to_owned() };
            let networks = networks.ok_or_else(no_network)?;
            let id = world.id("container");
            let nameless = world.nameless_volumes(container);
            let pub_ports = container.service.ports.iter().map(|port| world.publish(*port)).collect();
            let kept = Kept {
                new: container.clone(),
                nameless,
                networks,
                name: container.name.clone(),
                owner: Some(container.owner.clone()),
                created: i64::try_from(world.next_id).unwrap(),
                running: None,
                restarts_at: None,
                restarts: 0,
                paused: false,
                dead: false,
                ends: 0,
                exit_code: 0,
                labelled_by_0_1: false,
                pub_ports,
            };
            world.containers.insert(id.clone(), kept);
            Ok(ContainerId(id))
        })
        .await
    }

    async fn start(&self, _turn: Turn, id: &ContainerId) -> Result<()> {
        sleep(START_TIME).await;
        let service = self.lock().service_of(id);
        self.call(format!("start {service}"), |world| {
            if world.behaviours.get(&service).is_some_and(|behaviour| behaviour.cannot_start) {
                let owner = PortOwner::Container("somebody-else".to_owned());
                return Err(EngineError::PortTaken { port: 80, owner });
            }
            world.give_ports(id)?;
            let networks = world.container(id, "start")?.networks.clone();
            let there = |name: &String| world.networks.values().any(|there| there.name == *name);
            if !networks.iter().all(there) {
                return Err(EngineError::NetworkGone { action: "start".to_owned() });
            }
            let kept = world.container(id, "start")?;
            if kept.dead {
                let reason = "container is marked for removal and cannot be started".to_owned();
                return Err(EngineError::Refused { action: "start".to_owned(), reason });
            }
            if kept.restarts_at.is_none() {
                kept.running.get_or_insert_with(Instant::now);
            }
            let (instance, volumes) = (kept.new.instance.clone(), kept.all_volumes());
            for volume in volumes.into_values() {
                let written = world.written.entry(volume).or_default();
                if !written.contains(&instance) {
                    written.push(instance.clone());
                }
            }
            Ok(())
        })
        .await
    }

    async fn rejoin(&self, id: &ContainerId, service: &Service, networks: &[NetworkId]) -> Result<()> {
        self.call(format!("rejoin {}", service.name), |world| {
            let named = networks.iter().filter_map(|id| world.networks.get(&id.0)).map(|found| found.name.clone());
            let named = named.collect();
            world.container(id, "rejoin")?.networks = named;
            Ok(())
        })
        .await
    }

    async fn stop(&self, turn: Turn, id: &ContainerId, timeout: Duration) -> Result<()> {
        let service = self.lock().service_of(id);
        let stubborn = self.lock().behaviours.get(&service).is_some_and(|behaviour| behaviour.stubborn);
        let running = self.lock().containers.get(&id.0).is_some_and(|kept| kept.running.is_some());
        if running {
            let obeys = START_TIME.min(timeout);
            sleep(obeys).await;
            drop(turn);
            if stubborn {
                sleep(timeout.saturating_sub(obeys)).await;
            }
        }
        self.call(format!("stop {service}"), |world| {
            if let Some(kept) = world.containers.get_mut(&id.0) {
                if kept.paused {
                    let reason = "it is paused".to_owned();
                    return Err(EngineError::Refused { action: "stop".to_owned(), reason });
                }
                kept.restarts_at = None;
                if kept.running.is_some() {
                    kept.end(if stubborn { 137 } else { 143 });
                }
            }
            Ok(())
        })
        .await
    }

    async fn unpause(&self, id: &ContainerId) -> Result<()> {
        let service = self.lock().service_of(id);
        self.call(format!("unpause {service}"), |world| {
            world.container(id, "unpause")?.paused = false;
            Ok(())
        })
        .await
    }

    async fn rename(&self, id: &ContainerId, name: &str) -> Result<()> {
        self.call(format!("rename to {name}"), |world| {
            if let Some(other) = world.containers.values().find(|kept| kept.name == name) {
                return Err(name_taken("container", name, &other.new.group));
            }
            name.clone_into(&mut world.container(id, "rename")?.name);
            Ok(())
        })
        .await
    }

    async fn remove(&self, _turn: Turn, id: &ContainerId, anonymous: AnonymousVolumes) -> Result<()> {
        let service = self.lock().service_of(id);
        self.call(format!("remove {service}"), |world| {
            let Some(gone) = world.containers.remove(&id.0) else { return Ok(()) };
            for name in gone.nameless.into_values().filter(|_| anonymous == AnonymousVolumes::Removed) {
                if !world.containers.values().any(|kept| kept.all_volumes().values().any(|one| *one == name)) {
                    world.nameless.remove(&name);
                    world.written.remove(&name);
                }
            }
            Ok(())
        })
        .await
    }

    async fn host_mounts(&self) -> Result<Vec<HostMount>> {
        self.call("list mounts".to_owned(), |world| {
            let mounts = |kept: &Kept| {
                let mounts = kept.new.service.mounts.values().map(|mount| HostMount {
                    is_running: kept.running.is_some(),
                    container: kept.name.clone(),
                    source: mount.source.clone(),
                    read_only: mount.read_only,
                });
                mounts.collect::<Vec<_>>()
            };
            Ok(world.containers.values().flat_map(mounts).collect())
        })
        .await
    }

    async fn states(&self, group: &GroupName) -> Result<BTreeMap<ContainerId, State>> {
        self.call("list states".to_owned(), |world| {
            let ours = world.containers.iter().filter(|(_, kept)| kept.new.group == *group);
            Ok(ours.map(|(id, kept)| (ContainerId(id.clone()), kept.state())).collect())
        })
        .await
    }

    async fn inspect(&self, id: &ContainerId) -> Result<Inspected> {
        let service = self.lock().service_of(id);
        self.call(format!("inspect {service}"), |world| {
            let is_here = !world.is_elsewhere;
            let behaviour = world.behaviours.get(&service).cloned().unwrap_or_default();
            let kept = world.container(id, "inspect")?;
            let (state, out_of_memory) = (kept.state(), behaviour.out_of_memory);
            Ok(Inspected {
                state,
                health: health_of(kept, behaviour.health),
                exit: state.exit_code().map(|code| Exit { code, out_of_memory }),
                restarts: kept.restarts,
                published: kept.published(),
                is_here,
                started: None,
            })
        })
        .await
    }

    async fn made_from(&self, id: &ContainerId) -> Result<Service> {
        let service = self.lock().service_of(id);
        self.call(format!("read back {service}"), |world| {
            let kept = world.container(id, "read back")?;
            let env = kept.new.env.iter().map(|(name, value)| (name.clone(), Template::new(value))).collect();
            Ok(Service { env, ..kept.new.service.clone() })
        })
        .await
    }

    /// Waiting changes nothing and is not counted among the calls.
    async fn wait(&self, id: &ContainerId) -> Result<i64> {
        let ends_before = self.lock().container(id, "wait")?.ends;
        loop {
            let changed = self.changed.notified();
            let change = {
                let mut world = self.lock();
                let kept = world.container(id, "wait")?.clone();
                if !kept.state().is_up() || kept.ends > ends_before {
                    return Ok(kept.exit_code);
                }
                let behaviour = world.behaviours.get(&kept.new.service.name);
                kept.next_change(behaviour.and_then(|behaviour| behaviour.exits))
            };
            match change {
                None => changed.await,
                Some(at) => tokio::select! { () = changed => (), () = sleep_until(at) => () },
            }
        }
    }

    async fn log_tail(&self, id: &ContainerId, _: u32) -> Result<Vec<u8>> {
        let service = self.lock().service_of(id);
        self.call(format!("log of {service}"), |_| Ok(format!("the last word of {service}\n").into_bytes())).await
    }

    async fn exec(&self, id: &ContainerId, argv: &[String], _: Duration) -> Result<ExecOutput> {
        let service = self.lock().service_of(id);
        if self.lock().container(id, "exec")?.state() != State::Running {
            let action = format!("run a command in {service}");
            return Err(EngineError::Refused { action, reason: "it does not run, or is paused".to_owned() });
        }
        self.call(format!("exec in {service}: {}", argv.join(" ")), |_| {
            Ok(ExecOutput { exit_code: 0, stdout: Vec::new(), stderr: Vec::new(), is_cut: false })
        })
        .await
    }
}

fn name_taken(what: &'static str, name: &str, owner: &GroupName) -> EngineError {
    EngineError::NameTaken { what, name: name.to_owned(), owner: format!("group `{owner}`") }
}

/// What the health check of a container says, if its service has one that says this while it runs.
fn health_of(kept: &Kept, while_it_runs: Health) -> Health {
    if kept.state() == State::Running { while_it_runs } else { Health::None }
}

fn container(id: &str, kept: &Kept, health: Health, stage: Stage) -> Container {
    let service = &kept.new.service;
    Container {
        id: ContainerId(id.to_owned()),
        name: kept.name.clone(),
        owner: kept.owner.clone(),
        service: service.name.clone(),
        instance: kept.new.instance.clone(),
        stage,
        state: kept.state(),
        health: health_of(kept, health),
        recorded: recorded(kept),
        stop_timeout: service.stop_timeout,
        dependencies: service.dependencies.clone(),
        image: kept.new.image.clone(),
        published: kept.published(),
        volumes: kept.all_volumes(),
        created: kept.created,
    }
}

/// How far the start of a container came, if it belongs to the group that it is labelled with.
pub(super) fn stage(world: &World, kept: &Kept) -> std::result::Result<Stage, NotOurs> {
    let NewContainer { group, service, instance, image, .. } = &kept.new;
    let image_instance = world.committed.get(image).map(String::as_str);
    Marks { name: &kept.name, service: &service.name, instance, image_instance }.stage(group)
}

impl Kept {
    /// The ports that are published now.
    fn published(&self) -> Vec<Published> {
        if self.running.is_some() { self.pub_ports.clone() } else { Vec::new() }
    }

    fn volumes_in_use(&self) -> BTreeSet<String> {
        self.all_volumes().into_values().filter(|_| self.running.is_some()).collect()
    }

    /// The volumes that it was created with, by target.
    fn named_volumes(&self) -> BTreeMap<String, String> {
        let NewContainer { group, service, own_volumes, .. } = &self.new;
        let named = service.volumes.iter().map(|(target, volume)| (target.clone(), group.volume(&volume.name)));
        named.chain(own_volumes.clone()).collect()
    }

    /// The volumes that it has, by target.
    pub(super) fn all_volumes(&self) -> BTreeMap<String, String> {
        self.named_volumes().into_iter().chain(self.nameless.clone()).collect()
    }
}

impl World {
    /// A fixed port as it is; a free one as the next number.
    fn publish(&mut self, port: Port) -> Published {
        let Port { container, protocol, address, host } = port;
        let host = host.unwrap_or_else(|| {
            self.last_port = self.last_port.max(32_767) + 1;
            self.last_port
        });
        Published { container, protocol, address: address.to_string(), host }
    }

    /// A container that does not run gets its ports, if nobody else has them. Elsewhere free ones are others each time.
    fn give_ports(&mut self, id: &ContainerId) -> Result<()> {
        let kept = self.container(id, "start")?.clone();
        if kept.running.is_some() {
            return Ok(());
        }
        let mut ports = kept.pub_ports;
        if self.is_elsewhere {
            ports = kept.new.service.ports.iter().map(|port| self.publish(*port)).collect();
        }
        for Published { protocol, host, .. } in &ports {
            let has = |other: &Published| other.protocol == *protocol && other.host == *host;
            let holder = self.containers.values().find(|other| other.published().iter().any(has));
            let holder = holder.map(|other| PortOwner::Container(other.name.clone()));
            if let Some(owner) = holder.or(self.used_ports.contains(host).then_some(PortOwner::Unknown)) {
                return Err(EngineError::PortTaken { port: *host, owner });
            }
        }
        self.container(id, "start")?.pub_ports = ports;
        Ok(())
    }

    /// Those that the engine makes for a new container, where its image declares volumes and it has none.
    fn nameless_volumes(&mut self, new: &NewContainer) -> BTreeMap<String, String> {
        let declared = self.image_volumes.get(&new.image).cloned().unwrap_or_default();
        let NewContainer { service, own_volumes, .. } = new;
        let is_free = |target: &String| {
            let named = service.volumes.contains_key(target) || own_volumes.contains_key(target);
            !named && !service.mounts.contains_key(target)
        };
        let mut made = BTreeMap::new();
        let declared = declared.iter().map(|target| target.trim_end_matches('/').to_owned());
        for target in declared.filter(is_free) {
            self.next_id += 1;
            let name = format!("{:064x}", self.next_id);
            self.nameless.insert(name.clone());
            made.insert(target, name);
        }
        made
    }
}

impl Object {
    fn of(group: &GroupName, claim: &Claim, name: &str) -> Self {
        Self { group: group.clone(), owner: Some(claim.owner().clone()), name: name.to_owned(), made_for: None }
    }
}

/// What the labels of a container say.
fn recorded(kept: &Kept) -> Recorded {
    let NewContainer { service, env, fingerprints, environment, .. } = &kept.new;
    if kept.labelled_by_0_1 {
        let environment = environment.as_ref().map(|_| Digest::of_json(&env.iter().collect::<Vec<_>>()));
        return Recorded::Fields { service: Box::new(service.clone()), environment };
    }
    Recorded::Fingerprints { fields: fingerprints.clone(), environment: environment.clone() }
}
