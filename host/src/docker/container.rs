//! Containers: creating, starting, stopping, looking.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use bollard::container::LogOutput;
use bollard::errors::Error;
use bollard::models::{
    ContainerCreateBody, ContainerState, ContainerStateStatusEnum, EndpointSettings, HealthConfig, HostConfig, Mount,
    MountType, NetworkConnectRequest, NetworkDisconnectRequest, NetworkingConfig, PortBinding, PortMap,
    RestartPolicy as DockerRestartPolicy, RestartPolicyNameEnum,
};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, LogsOptionsBuilder, RemoveContainerOptionsBuilder, RenameContainerOptionsBuilder,
    StartContainerOptions, StopContainerOptionsBuilder, WaitContainerOptionsBuilder,
};
use futures_util::{StreamExt as _, TryStreamExt as _};

use crate::engine::{AnonymousVolumes, EngineError, Inspected, NewContainer, Result};
use crate::group::{Port, Protocol, RestartPolicy, Service};
use crate::plan::{ContainerId, Exit, Health, NetworkId, Published, State};

use super::error::{chain, cut, failed, is_conflict, is_not_found};
use super::labels;
use super::port_owner::ALLOCATED;
use super::{Docker, keep_tail};

/// Where a port is published of which the engine names no address: everywhere.
const EVERYWHERE: &str = "0.0.0.0";

/// How much longer than the container's own time a stop may take.
const STOP_MARGIN: Duration = Duration::from_mins(1);

/// How long reading a log may take.
const LOG_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a container can run before we lose sight of it: longer than any hook may take.
pub(super) const WAIT_TIMEOUT: Duration = Duration::from_hours(24);

/// How often, and after which pause, a container is created whose name an earlier one still has.
const CONFLICT_TRIES: u32 = 50;
const CONFLICT_PAUSE: Duration = Duration::from_millis(100);

/// How long the engine may take to remove a container.
const REMOVAL_TIMEOUT: Duration = Duration::from_mins(1);

pub(super) const MEBIBYTE: i64 = 1024 * 1024;

impl Docker {
    pub(super) async fn create_container(&self, new: &NewContainer) -> Result<ContainerId> {
        let action = format!("create container {}", new.name);
        let mut options = CreateContainerOptionsBuilder::new().name(&new.name);
        if let Some(platform) = &new.service.platform {
            options = options.platform(platform);
        }
        let options = options.build();
        let body = Box::new(body(new, &self.host_ports(&new.service).await));
        let mut tries = 0;
        let created = loop {
            match self.client.ask(|docker| docker.create_container(Some(options.clone()), (*body).clone())).await {
                Err(error) if tries < CONFLICT_TRIES && is_conflict(&error) => {
                    self.make_way(new).await?;
                    tries += 1;
                }
                created => break created,
            }
        };
        let id = ContainerId(created.map_err(|error| failed(self, action.clone(), error))?.id);
        // Engines before API 1.44 take one network when they create a container; the others are joined afterwards.
        for network in new.networks.iter().skip(1) {
            let request =
                NetworkConnectRequest { container: id.0.clone(), endpoint_config: Some(endpoint(&new.service)) };
            let connected = self.client.ask(|docker| docker.connect_network(&network.0, request)).await;
            connected.map_err(|error| failed(self, action.clone(), error))?;
        }
        Ok(id)
    }

    /// Frees the name of a new container, as far as that is ours. A command that was killed while the engine created a
    /// container leaves one that appears, with this name, only after everything was looked at; it is removed.
    async fn make_way(&self, new: &NewContainer) -> Result<()> {
        match self.holder(&new.name).await? {
            Some(holder) if holder.is_service(&new.group, &new.service.name, &new.owner) => {
                self.remove_container(&holder.id, AnonymousVolumes::Removed).await
            }
            Some(holder) => Err(holder.taken(Some(&new.group))),
            // It has its name already and is not there yet.
            None => {
                tokio::time::sleep(CONFLICT_PAUSE).await;
                Ok(())
            }
        }
    }

    pub(super) async fn start_container(&self, id: &ContainerId) -> Result<()> {
        let Err(error) = self.client.ask(|docker| docker.start_container(&id.0, None::<StartContainerOptions>)).await
        else {
            return Ok(());
        };
        if is_not_found(&error) && chain(&error).starts_with("network ") {
            return Err(EngineError::NetworkGone { action: "start the container".to_owned() });
        }
        if let Some(port) = self.port_in_the_way(id, &error).await {
            return Err(EngineError::PortTaken { port, owner: self.port_owner(port, &chain(&error)).await });
        }
        Err(failed(self, "start the container", error))
    }

    pub(super) async fn rejoin_networks(
        &self,
        id: &ContainerId,
        service: &Service,
        networks: &[NetworkId],
    ) -> Result<()> {
        for network in networks {
            // One that it still belongs to cannot be joined twice; one that it does not is left with an error.
            let leave = NetworkDisconnectRequest { container: id.0.clone(), force: Some(true) };
            let _ = self.client.ask(|docker| docker.disconnect_network(&network.0, leave)).await;
            let join = NetworkConnectRequest { container: id.0.clone(), endpoint_config: Some(endpoint(service)) };
            let joined = self.client.ask(|docker| docker.connect_network(&network.0, join)).await;
            joined.map_err(|error| failed(self, "join the container to its network again", error))?;
        }
        Ok(())
    }

    /// The host port that an error of starting a container is about, if it is about one.
    async fn port_in_the_way(&self, id: &ContainerId, error: &Error) -> Option<u16> {
        let Error::DockerResponseServerError { message, .. } = error else { return None };
        if !message.contains(ALLOCATED) && !message.contains("address already in use") {
            return None;
        }
        let container = self.client.inspect_container(&id.0).await.ok()?;
        let bindings = container.host_config?.port_bindings?;
        let ports = bindings.into_values().flatten().flatten().filter_map(|binding| binding.host_port);
        let mentioned = |port: &String| {
            message
                .match_indices(&format!(":{port}"))
                .any(|(at, found)| !message[at + found.len()..].starts_with(|next: char| next.is_ascii_digit()))
        };
        ports.into_iter().find(mentioned)?.parse().ok()
    }

    pub(super) async fn stop_container(&self, id: &ContainerId, timeout: Duration) -> Result<()> {
        // The engine counts in whole seconds.
        let seconds = timeout.as_secs() + u64::from(timeout.subsec_nanos() > 0);
        let options = StopContainerOptionsBuilder::new().t(i32::try_from(seconds).unwrap_or(i32::MAX)).build();
        let stopped =
            self.client.ask_within(timeout + STOP_MARGIN, |docker| docker.stop_container(&id.0, Some(options)));
        match stopped.await {
            Err(error) if !is_not_found(&error) => Err(failed(self, "stop the container", error)),
            _ => Ok(()),
        }
    }

    pub(super) async fn rename_container(&self, id: &ContainerId, name: &str) -> Result<()> {
        let options = RenameContainerOptionsBuilder::new().name(name).build();
        match self.client.ask(|docker| docker.rename_container(&id.0, options)).await {
            Err(error) if is_conflict(&error) => Err(match self.holder(name).await? {
                Some(holder) => holder.taken(None),
                None => failed(self, format!("rename a container to {name}"), error),
            }),
            renamed => renamed.map_err(|error| failed(self, format!("rename a container to {name}"), error)),
        }
    }

    pub(super) async fn remove_container(&self, id: &ContainerId, anonymous: AnonymousVolumes) -> Result<()> {
        let volumes = anonymous == AnonymousVolumes::Removed;
        let options = RemoveContainerOptionsBuilder::new().force(true).v(volumes).build();
        match self.client.ask(|docker| docker.remove_container(&id.0, Some(options))).await {
            // Somebody else asked for it before, perhaps a command that was killed.
            Err(error) if is_conflict(&error) && chain(&error).contains("already in progress") => {
                self.wait_until_gone(id).await
            }
            Err(error) if !is_not_found(&error) => Err(failed(self, "remove the container", error)),
            _ => Ok(()),
        }
    }

    async fn wait_until_gone(&self, id: &ContainerId) -> Result<()> {
        let gone = async {
            loop {
                match self.client.inspect_container(&id.0).await {
                    Err(error) if is_not_found(&error) => return Ok(()),
                    Err(error) => return Err(failed(self, "look at the container", error)),
                    Ok(_) => tokio::time::sleep(CONFLICT_PAUSE).await,
                }
            }
        };
        let timed_out = |_| EngineError::TimedOut { action: "remove the container".to_owned() };
        tokio::time::timeout(REMOVAL_TIMEOUT, gone).await.map_err(timed_out)?
    }

    pub(super) async fn inspect_container(&self, id: &ContainerId) -> Result<Inspected> {
        let found = self.client.inspect_container(&id.0).await;
        let found = found.map_err(|error| failed(self, "look at the container", error))?;
        let restarts = found.restart_count.and_then(|count| count.try_into().ok()).unwrap_or_default();
        let ports = found.network_settings.and_then(|settings| settings.ports).unwrap_or_default();
        let found = found.state.unwrap_or_default();
        let state = inspected_state(&found);
        let health = found.health.and_then(|health| health.status).map(|status| status.to_string());
        let is_running = matches!(state, State::Running | State::Paused);
        Ok(Inspected {
            state,
            is_here: is_running && self.is_here(id, found.pid).await,
            health: Health::of_word(&health.unwrap_or_default()),
            published: published(ports),
            started: found.started_at.filter(|_| is_running),
            exit: state.exit_code().map(|code| Exit { code, out_of_memory: found.oom_killed.unwrap_or_default() }),
            restarts,
        })
    }

    /// Lets a paused container go on. One that is not paused is no error.
    pub(super) async fn unpause_container(&self, id: &ContainerId) -> Result<()> {
        match self.client.ask(|docker| docker.unpause_container(&id.0)).await {
            Err(error) if !chain(&error).contains("not paused") => Err(failed(self, "unpause the container", error)),
            _ => Ok(()),
        }
    }

    pub(super) async fn wait_for_exit(&self, id: &ContainerId) -> Result<i64> {
        let options = WaitContainerOptionsBuilder::new().condition("not-running").build();
        let action = "wait for the container";
        let mut exits = self.client.stream(WAIT_TIMEOUT, |docker| docker.wait_container(&id.0, Some(options)));
        match exits.next().await {
            Some(Ok(exit)) => Ok(exit.status_code),
            Some(Err(Error::DockerContainerWaitError { code, .. })) => Ok(code),
            Some(Err(error)) => Err(failed(self, action, error)),
            None => Err(cut(action, "it does not say with which code the container exited")),
        }
    }

    pub(super) async fn last_log_lines(&self, id: &ContainerId, lines: u32) -> Result<Vec<u8>> {
        let action = "read the container's log";
        let options = LogsOptionsBuilder::new().stdout(true).stderr(true).tail(&lines.to_string()).build();
        let read = async {
            let mut tail = Vec::new();
            let mut output = self.client.stream(LOG_TIMEOUT, |docker| docker.logs(&id.0, Some(options)));
            while let Some(piece) = output.try_next().await? {
                keep_tail(&mut tail, &LogOutput::into_bytes(piece));
            }
            Ok(tail)
        };
        tokio::time::timeout(LOG_TIMEOUT, read)
            .await
            .map_err(|_| EngineError::TimedOut { action: action.to_owned() })?
            .map_err(|error| failed(self, action, error))
    }
}

/// The state of an inspected container. The engine's flags tell more than its word: a container that it starts again is
/// "running" too.
fn inspected_state(found: &ContainerState) -> State {
    let is = |flag: Option<bool>| flag.unwrap_or_default();
    // The engine has a time for one that was never started too.
    let was_started = found.started_at.as_deref().is_some_and(|time| !time.is_empty() && !time.starts_with("0001-"));
    let exit_code = found.exit_code.filter(|_| was_started);
    match found.status {
        Some(ContainerStateStatusEnum::DEAD | ContainerStateStatusEnum::REMOVING) => State::Dead,
        _ if is(found.dead) => State::Dead,
        _ if is(found.restarting) => State::Restarting { exit_code },
        _ if is(found.paused) => State::Paused,
        _ if is(found.running) => State::Running,
        _ => State::Stopped { exit_code },
    }
}

/// What the engine is asked to create.
fn body(new: &NewContainer, host_ports: &BTreeMap<Port, u16>) -> ContainerCreateBody {
    let service = &new.service;
    let (exposed, bindings) = ports(host_ports);
    let network = new.networks.first().map(|network| network.0.clone());
    ContainerCreateBody {
        hostname: Some(service.name.clone()),
        image: Some(new.image.0.clone()),
        env: Some(new.env.iter().map(|(name, value)| format!("{name}={value}")).collect()),
        cmd: service.command.clone(),
        // To the engine, an empty list is none at all.
        entrypoint: service.entrypoint.clone().map(|argv| if argv.is_empty() { vec![String::new()] } else { argv }),
        user: service.user.clone(),
        working_dir: service.working_directory.clone(),
        labels: Some(labels::of_container(new)),
        // Else the image says which, and so with all that is left out.
        stop_signal: service.stop_signal.map(|signal| signal.word().to_owned()),
        stop_timeout: service.stop_timeout.map(|time| time.as_millis().div_ceil(1000).try_into().unwrap_or(i64::MAX)),
        exposed_ports: Some(exposed),
        healthcheck: service.health_check.as_ref().map(|check| HealthConfig {
            test: Some(std::iter::once("CMD".to_owned()).chain(check.command.iter().cloned()).collect()),
            interval: Some(check.interval.as_nanos().try_into().unwrap_or(i64::MAX)),
            ..HealthConfig::default()
        }),
        host_config: Some(HostConfig {
            network_mode: network.clone(),
            port_bindings: Some(bindings),
            mounts: Some(mounts(new)),
            tmpfs: Some(service.tmpfs.iter().map(|target| (target.clone(), String::new())).collect()),
            restart_policy: Some(restart_policy(service.restart_policy)),
            shm_size: service.shared_memory_mib.map(|mib| i64::from(mib) * MEBIBYTE),
            memory: service.memory_limit_mib.map(|mib| i64::from(mib) * MEBIBYTE),
            nano_cpus: service.cpu_limit_millis.map(|millis| i64::from(millis) * 1_000_000),
            ..HostConfig::default()
        }),
        networking_config: network
            .map(|network| NetworkingConfig { endpoints_config: Some(HashMap::from([(network, endpoint(service))])) }),
        ..ContainerCreateBody::default()
    }
}

/// The names under which a service answers on a network.
fn endpoint(service: &Service) -> EndpointSettings {
    EndpointSettings {
        aliases: Some(std::iter::once(&service.name).chain(&service.aliases).cloned().collect()),
        ..EndpointSettings::default()
    }
}

fn ports(host_ports: &BTreeMap<Port, u16>) -> (Vec<String>, PortMap) {
    let mut bindings = PortMap::new();
    for (port, host) in host_ports {
        // The engine gives port 0 a free one.
        let binding = PortBinding { host_ip: Some(port.address.to_string()), host_port: Some(host.to_string()) };
        let key = format!("{}/{}", port.container, port.protocol);
        bindings.entry(key).or_insert_with(|| Some(Vec::new())).get_or_insert_default().push(binding);
    }
    (bindings.keys().cloned().collect(), bindings)
}

fn mounts(new: &NewContainer) -> Vec<Mount> {
    let binds = new.service.mounts.iter().map(|(target, mount)| Mount {
        typ: Some(MountType::BIND),
        source: Some(mount.source.display().to_string()),
        target: Some(target.clone()),
        read_only: Some(mount.read_only),
        ..Mount::default()
    });
    let volume = |target: &String, name: String, read_only: bool| Mount {
        typ: Some(MountType::VOLUME),
        source: Some(name),
        target: Some(target.clone()),
        read_only: Some(read_only),
        ..Mount::default()
    };
    let named = new.service.volumes.iter();
    let named = named.map(|(target, named)| volume(target, new.group.volume(&named.name), named.read_only));
    let own = new.own_volumes.iter().map(|(target, name)| volume(target, name.clone(), false));
    binds.chain(named).chain(own).collect()
}

fn restart_policy(policy: RestartPolicy) -> DockerRestartPolicy {
    let name = match policy {
        RestartPolicy::No => RestartPolicyNameEnum::NO,
        RestartPolicy::Always => RestartPolicyNameEnum::ALWAYS,
        RestartPolicy::OnFailure => RestartPolicyNameEnum::ON_FAILURE,
        RestartPolicy::UnlessStopped => RestartPolicyNameEnum::UNLESS_STOPPED,
    };
    DockerRestartPolicy { name: Some(name), ..DockerRestartPolicy::default() }
}

/// Where a running container's ports are published, as its inspection says.
fn published(ports: PortMap) -> Vec<Published> {
    let mut published: Vec<_> = ports
        .into_iter()
        .flat_map(|(key, bindings)| bindings.into_iter().flatten().map(move |binding| (key.clone(), binding)))
        .filter_map(|(key, binding)| {
            let (container, protocol) = key.split_once('/')?;
            Some(Published {
                container: container.parse().ok()?,
                protocol: match protocol {
                    "tcp" => Protocol::Tcp,
                    "udp" => Protocol::Udp,
                    _ => return None,
                },
                address: binding.host_ip.filter(|ip| !ip.is_empty()).unwrap_or_else(|| EVERYWHERE.to_owned()),
                host: binding.host_port?.parse().ok()?,
            })
        })
        .collect();
    published.sort();
    published
}
