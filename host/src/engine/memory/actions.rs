//! What the engine in memory does when it is asked.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, sleep, sleep_until};

use super::{Kept, Memory, START_TIME};
use crate::engine::{
    Engine, EngineError, ExecOutput, ImageProgress, Inspected, NewContainer, PortOwner, Progress, Result,
};
use crate::group::{Build, GroupName, ImageName, Port, Service};
use crate::plan::{
    Container, ContainerId, HostMount, Image, ImageId, Network, NetworkId, Observed, Published, Stage, State,
};

#[async_trait]
impl Engine for Memory {
    async fn identity(&self) -> Result<String> {
        Ok("memory".to_owned())
    }

    async fn observe(&self, group: &GroupName) -> Result<Observed> {
        self.call("observe".to_owned(), |world| {
            let ours = world.containers.iter().filter(|(_, kept)| kept.new.group == *group);
            let containers = ours.map(|(id, kept)| observed(id, kept)).collect();
            let networks = world.networks.iter().filter(|(_, (of, _))| of == group);
            let networks =
                networks.map(|(id, (_, name))| Network { id: NetworkId(id.clone()), name: name.clone() }).collect();
            let named = world.images.iter().map(|(name, image)| (ImageName::new(name).unwrap(), image.clone()));
            Ok(Observed { containers, networks, images: named.collect() })
        })
        .await
    }

    async fn ensure_network(&self, group: &GroupName, name: &str) -> Result<NetworkId> {
        self.call(format!("ensure network {name}"), |world| {
            if let Some((id, (of, _))) = world.networks.iter().find(|(_, (_, known))| known == name) {
                return if of == group { Ok(NetworkId(id.clone())) } else { Err(name_taken("network", name, of)) };
            }
            let id = world.id("network");
            world.networks.insert(id.clone(), (group.clone(), name.to_owned()));
            Ok(NetworkId(id))
        })
        .await
    }

    async fn remove_network(&self, id: &NetworkId) -> Result<()> {
        self.call(format!("remove network {id}"), |world| {
            if let Some((_, name)) = world.networks.get(&id.0) {
                let twin = world.networks.values().filter(|(_, other)| other == name).count() > 1;
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

    async fn ensure_volume(&self, group: &GroupName, name: &str) -> Result<()> {
        self.call(format!("ensure volume {name}"), |world| {
            if world.volumes.get(name).is_some_and(|of| of != group) {
                return Err(name_taken("volume", name, &world.volumes[name]));
            }
            world.volumes.insert(name.to_owned(), group.clone());
            Ok(())
        })
        .await
    }

    async fn remove_volumes(&self, group: &GroupName) -> Result<Vec<String>> {
        self.call("remove volumes".to_owned(), |world| {
            let mounted = |kept: &Kept| kept.new.group == *group && !kept.new.service.volumes.is_empty();
            if let Some(user) = world.containers.values().find(|kept| mounted(kept)) {
                let reason = format!("{} uses it", user.name);
                return Err(EngineError::Refused { action: "remove a volume".to_owned(), reason });
            }
            let (gone, kept) = std::mem::take(&mut world.volumes).into_iter().partition(|(_, of)| of == group);
            world.volumes = kept;
            let gone: BTreeMap<String, GroupName> = gone;
            Ok(gone.into_keys().collect())
        })
        .await
    }

    async fn image(&self, name: &ImageName) -> Result<Option<ImageId>> {
        self.call(format!("image {name}"), |world| {
            Ok(world.images.get(&name.canonical()).map(|image| image.id.clone()))
        })
        .await
    }

    async fn pull(&self, image: &ImageName, _: Option<&str>, _: Progress<'_>) -> Result<()> {
        self.call(format!("pull {image}"), |world| {
            let reason = "the registry does not have it".to_owned();
            let absent = || EngineError::NoImage { image: image.to_string(), reason };
            let id = world.registry.get(&image.canonical()).cloned().ok_or_else(absent)?;
            world.images.insert(image.canonical(), Image { id, context: None });
            Ok(())
        })
        .await
    }

    async fn build(&self, image: &ImageName, build: &Build, _: Option<&str>, progress: Progress<'_>) -> Result<()> {
        progress(ImageProgress::Step { number: 1, of: 1, instruction: "FROM memory".to_owned() });
        self.call(format!("build {image}"), |world| {
            if world.unbuildable.contains(&image.canonical()) {
                let reason = "RUN false failed".to_owned();
                return Err(EngineError::Refused { action: format!("build {image}"), reason });
            }
            let id = ImageId(world.id("image"));
            let context = Some(world.directory(&build.directory));
            world.images.insert(image.canonical(), Image { id, context });
            Ok(())
        })
        .await
    }

    async fn create(&self, container: &NewContainer) -> Result<ContainerId> {
        self.call(format!("create {}", container.name), |world| {
            if let Some(other) = world.containers.values().find(|kept| kept.name == container.name) {
                return Err(name_taken("container", &container.name, &other.new.group));
            }
            let image = world.images.get(&container.service.image.canonical()).map(|image| image.id.clone());
            let no_image = || EngineError::Refused { action: "create".to_owned(), reason: "no image".to_owned() };
            let image = image.ok_or_else(no_image)?;
            let network = |id: &NetworkId| world.networks.get(&id.0).map(|(_, name)| name.clone());
            let networks = container.networks.iter().map(network).collect::<Option<_>>();
            let no_network = || EngineError::Refused { action: "create".to_owned(), reason: "no network".to_owned() };
            let networks = networks.ok_or_else(no_network)?;
            let id = world.id("container");
            let kept = Kept {
                new: container.clone(),
                networks,
                name: container.name.clone(),
                image,
                created: i64::try_from(world.next_id).unwrap(),
                running: None,
                exit_code: 0,
                pub_ports: container.service.ports.iter().copied().map(publish).collect(),
            };
            world.containers.insert(id.clone(), kept);
            Ok(ContainerId(id))
        })
        .await
    }

    async fn start(&self, id: &ContainerId) -> Result<()> {
        sleep(START_TIME).await;
        let service = self.lock().service_of(id);
        self.call(format!("start {service}"), |world| {
            if world.behaviours.get(&service).is_some_and(|behaviour| behaviour.cannot_start) {
                let owner = PortOwner::Container("somebody-else".to_owned());
                return Err(EngineError::PortTaken { port: 80, owner });
            }
            let networks = world.container(id, "start")?.networks.clone();
            let there = |name: &String| world.networks.values().any(|(_, there)| there == name);
            if !networks.iter().all(there) {
                return Err(EngineError::NetworkGone { action: "start".to_owned() });
            }
            let kept = world.container(id, "start")?;
            kept.running.get_or_insert_with(Instant::now);
            Ok(())
        })
        .await
    }

    async fn rejoin(&self, id: &ContainerId, service: &Service, networks: &[NetworkId]) -> Result<()> {
        self.call(format!("rejoin {}", service.name), |world| {
            let named = networks.iter().filter_map(|id| world.networks.get(&id.0)).map(|(_, name)| name.clone());
            let named = named.collect();
            world.container(id, "rejoin")?.networks = named;
            Ok(())
        })
        .await
    }

    async fn stop(&self, id: &ContainerId, timeout: Duration) -> Result<()> {
        let service = self.lock().service_of(id);
        let stubborn = self.lock().behaviours.get(&service).is_some_and(|behaviour| behaviour.stubborn);
        let running = self.lock().containers.get(&id.0).is_some_and(|kept| kept.running.is_some());
        if running {
            sleep(if stubborn { timeout } else { START_TIME.min(timeout) }).await;
        }
        self.call(format!("stop {service}"), |world| {
            if let Some(kept) = world.containers.get_mut(&id.0)
                && kept.running.take().is_some()
            {
                kept.exit_code = if stubborn { 137 } else { 143 };
            }
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

    async fn remove(&self, id: &ContainerId) -> Result<()> {
        let service = self.lock().service_of(id);
        self.call(format!("remove {service}"), |world| {
            world.containers.remove(&id.0);
            Ok(())
        })
        .await
    }

    async fn host_mounts(&self) -> Result<Vec<HostMount>> {
        self.call("list mounts".to_owned(), |world| {
            let mounts = |kept: &Kept| {
                let mounts = kept.new.service.mounts.values().map(|mount| HostMount {
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

    async fn inspect(&self, id: &ContainerId) -> Result<Inspected> {
        let service = self.lock().service_of(id);
        self.call(format!("inspect {service}"), |world| {
            let kept = world.container(id, "inspect")?;
            Ok(Inspected {
                running: kept.running.is_some(),
                health: "none".to_owned(),
                published: kept.pub_ports.clone(),
                started: None,
            })
        })
        .await
    }

    /// Waiting changes nothing and is not counted among the calls.
    async fn wait(&self, id: &ContainerId) -> Result<i64> {
        loop {
            let changed = self.changed.notified();
            let ends = {
                let mut world = self.lock();
                let kept = world.container(id, "wait")?.clone();
                let Some(since) = kept.running else { return Ok(kept.exit_code) };
                let behaviour = world.behaviours.get(&kept.new.service.name);
                behaviour.and_then(|behaviour| behaviour.exits).map(|(after, _)| since + after)
            };
            match ends {
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
        self.call(format!("exec in {service}: {}", argv.join(" ")), |_| {
            Ok(ExecOutput { exit_code: 0, stdout: Vec::new(), stderr: Vec::new() })
        })
        .await
    }
}

fn name_taken(what: &'static str, name: &str, owner: &GroupName) -> EngineError {
    EngineError::NameTaken { what, name: name.to_owned(), owner: format!("group `{owner}`") }
}

/// A fixed port as it is; a free one as the container's own.
fn publish(port: Port) -> Published {
    Published {
        container: port.container,
        protocol: port.protocol,
        address: port.address.to_string(),
        host: port.host.unwrap_or(port.container),
    }
}

fn observed(id: &str, kept: &Kept) -> Container {
    let service = &kept.new.service;
    Container {
        id: ContainerId(id.to_owned()),
        service: service.name.clone(),
        instance: kept.new.instance.clone(),
        stage: stage_of(&kept.name),
        state: if kept.running.is_some() { State::Running } else { State::Stopped },
        fields: service.fields_hash(),
        declared: Some(service.clone()),
        environment: kept.new.environment.clone(),
        dependencies: service.dependencies.clone(),
        image: kept.image.clone(),
        published: if kept.running.is_some() { kept.pub_ports.clone() } else { Vec::new() },
        created: kept.created,
    }
}

/// How far the start of a container of this name came.
pub(super) fn stage_of(name: &str) -> Stage {
    let suffixed = [Stage::Old, Stage::Starting].into_iter().find(|stage| name.ends_with(stage.suffix()));
    suffixed.unwrap_or(Stage::Committed)
}
