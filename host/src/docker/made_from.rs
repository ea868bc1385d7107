//! What a container was made from, read back from the engine: the way back from what it was asked to create.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bollard::models::{
    ContainerInspectResponse, HealthConfig, HostConfig, MountType, PortMap, RestartPolicy as DockerRestartPolicy,
};

use crate::engine::{EngineError, Result};
use crate::group::{
    GroupName, HealthCheck, ImageName, Mount, Port, Protocol, RestartPolicy, Service, StopSignal, Template, Volume,
};
use crate::plan::{ContainerId, is_anonymous};

use super::Docker;
use super::container::MEBIBYTE;
use super::error::failed;
use super::labels;

impl Docker {
    pub(super) async fn read_back(&self, id: &ContainerId) -> Result<Service> {
        let action = "look at the container";
        let found = self.client.inspect_container(&id.0).await;
        let found = found.map_err(|error| failed(self, action, error))?;
        let reason = || "what it tells of it makes no sense".to_owned();
        service_of(found).ok_or_else(|| EngineError::Refused { action: action.to_owned(), reason: reason() })
    }
}

/// The service that a container was made from, as far as the engine can tell; none if it is not one of ours. What was not
/// declared is there too: the image's own variables and command, and what the engine does by default. Of the platform the
/// engine tells too little.
fn service_of(found: ContainerInspectResponse) -> Option<Service> {
    let config = found.config.unwrap_or_default();
    let host = found.host_config.unwrap_or_default();
    let labels = config.labels.unwrap_or_default();
    let group = GroupName::new(labels.get(labels::GROUP)?).ok()?;
    let name = labels.get(labels::SERVICE)?.clone();
    let id = found.id.unwrap_or_default();
    let joined = found.network_settings.and_then(|settings| settings.networks).unwrap_or_default();
    let further = group.further_network("");
    let networks = joined.keys().filter_map(|network| network.strip_prefix(&further)).map(str::to_owned).collect();
    // The engine adds the beginning of the container's id.
    let is_own = |alias: &String| *alias != name && !id.starts_with(alias.as_str());
    let aliases = joined.into_values().filter_map(|network| network.aliases).flatten().filter(is_own).collect();
    Some(Service {
        image: ImageName::new(config.image.as_deref()?).ok()?,
        dependencies: BTreeSet::new(),
        env: variables(config.env.unwrap_or_default()),
        ports: ports(host.port_bindings.clone().unwrap_or_default()),
        always_start_new: false,
        stop_signal: config.stop_signal.as_deref().and_then(StopSignal::from_word),
        stop_timeout: labels::stop_timeout(&labels),
        build: None,
        entrypoint: config.entrypoint,
        command: config.cmd,
        user: config.user.filter(|user| !user.is_empty()),
        working_directory: config.working_dir.filter(|directory| !directory.is_empty()),
        mounts: binds(&host).collect(),
        volumes: volumes(&host, &group, &name).collect(),
        tmpfs: host.tmpfs.unwrap_or_default().into_keys().collect(),
        labels: labels.into_iter().collect(),
        aliases,
        networks,
        restart_policy: host.restart_policy.as_ref().and_then(restart_policy).unwrap_or_default(),
        health_check: config.healthcheck.and_then(health_check),
        platform: None,
        shared_memory_mib: mebibytes(host.shm_size),
        memory_limit_mib: mebibytes(host.memory),
        cpu_limit_millis: host.nano_cpus.and_then(|nanos| u32::try_from(nanos / 1_000_000).ok()),
        name,
    })
}

fn variables(env: Vec<String>) -> BTreeMap<String, Template> {
    let variable = |text: String| text.split_once('=').map(|(name, value)| (name.to_owned(), Template::new(value)));
    env.into_iter().filter_map(variable).collect()
}

fn health_check(check: HealthConfig) -> Option<HealthCheck> {
    let command = check.test?.strip_prefix(&["CMD".to_owned()])?.to_vec();
    Some(HealthCheck { command, interval: Duration::from_nanos(check.interval?.try_into().ok()?) })
}

fn restart_policy(policy: &DockerRestartPolicy) -> Option<RestartPolicy> {
    RestartPolicy::from_word(policy.name.as_ref()?.as_ref())
}

fn mebibytes(bytes: Option<i64>) -> Option<u32> {
    bytes.and_then(|bytes| u32::try_from(bytes / MEBIBYTE).ok())
}

fn ports(bindings: PortMap) -> BTreeSet<Port> {
    let bindings =
        bindings.into_iter().flat_map(|(key, all)| all.into_iter().flatten().map(move |one| (key.clone(), one)));
    let ports = bindings.filter_map(|(key, binding)| {
        let (container, protocol) = key.split_once('/')?;
        Some(Port {
            container: container.parse().ok()?,
            address: binding.host_ip?.parse().ok()?,
            // 0 and nothing stand for a free one.
            host: binding.host_port.and_then(|port| port.parse().ok()).filter(|port| *port != 0),
            protocol: if protocol == "udp" { Protocol::Udp } else { Protocol::Tcp },
        })
    });
    ports.collect()
}

fn binds(host: &HostConfig) -> impl Iterator<Item = (String, Mount)> {
    let mounts = host.mounts.iter().flatten().filter(|mount| mount.typ == Some(MountType::BIND));
    mounts.filter_map(|mount| {
        let read_only = mount.read_only.unwrap_or_default();
        Some((mount.target.clone()?, Mount { source: mount.source.clone()?.into(), read_only }))
    })
}

fn volumes<'a>(
    host: &'a HostConfig,
    group: &'a GroupName,
    service: &'a str,
) -> impl Iterator<Item = (String, Volume)> + use<'a> {
    let prefix = group.volume("");
    let mounts = host.mounts.iter().flatten().filter(|mount| mount.typ == Some(MountType::VOLUME));
    mounts.filter_map(move |mount| {
        // What no definition names is no field.
        let is_declared = |source: &&str| !group.is_own_volume(service, source) && !is_anonymous(source);
        let source = mount.source.as_deref().filter(is_declared)?;
        let name = source.strip_prefix(&prefix).unwrap_or(source).to_owned();
        Some((mount.target.clone()?, Volume { name, read_only: mount.read_only.unwrap_or_default() }))
    })
}

#[cfg(test)]
mod tests;
