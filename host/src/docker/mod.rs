//! Docker, through bollard: what the [`Engine`] trait asks for and nothing else.

mod attach;
mod client;
mod connect;
mod container;
mod endpoint;
mod error;
mod exec;
mod free_ports;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(unix)]
mod greeting;
mod image;
mod labels;
mod listing;
mod locality;
mod logs;
mod made_from;
mod mounts;
mod names;
mod network;
mod observe;
mod port_owner;
mod settle;
mod status;
#[cfg(all(test, unix))]
mod tests;
mod volume;
mod whose;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_trait::async_trait;
use tracing::instrument;

use crate::engine::{
    AnonymousVolumes, Engine, ExecOutput, Inspected, NewContainer, NewImage, Progress, RemovedVolumes, Result, Turn,
    Turns,
};
use crate::group::{GroupName, ImageName, Service};
use crate::plan::{Claim, ContainerId, HostMount, Image, ImageId, MadeFor, NetworkId, Observed, OwnVolume, State};
use crate::project::{Pending, PendingRequest};

pub use attach::{Attached, Output};
use client::Client;
pub use connect::{can_publish_on, out_of_reach};
use endpoint::Endpoint;
use locality::Locality;

/// The most bytes that are kept of a log or of one stream of a command: the last ones.
const OUTPUT_LIMIT: usize = 1024 * 1024;

/// A container that has not stopped by then does not do so at once.
const PROMPT_STOP: Duration = Duration::from_millis(500);

/// A connection to a Docker engine.
#[derive(Debug)]
pub struct Docker {
    client: Client,
    endpoint: Endpoint,
    turns: Turns,
    /// Where it is noted what takes long and goes on without us.
    pending: Option<Pending>,
    locality: Locality,
}

#[async_trait]
impl Engine for Docker {
    #[instrument(target = "docker", name = "identity", level = "debug", skip_all, err)]
    async fn identity(&self) -> Result<String> {
        self.engine_id().await
    }

    #[instrument(target = "docker", name = "observe", level = "debug", skip_all, fields(group = %group), err)]
    async fn observe(&self, group: &GroupName) -> Result<Observed> {
        self.observe_group(group).await
    }

    #[instrument(target = "docker", name = "names", level = "debug", skip_all, fields(group = %group), err)]
    async fn ensure_names(&self, group: &GroupName, claim: &Claim, names: &BTreeSet<String>) -> Result<()> {
        self.ensure_free(group, claim, names).await
    }

    #[instrument(target = "docker", name = "network", level = "debug", skip_all, fields(name = name), err)]
    async fn ensure_network(&self, group: &GroupName, claim: &Claim, name: &str) -> Result<NetworkId> {
        self.find_or_create_network(group, claim, name).await
    }

    #[instrument(target = "docker", name = "remove network", level = "debug", skip_all, fields(id = short(&id.0)), err)]
    async fn remove_network(&self, id: &NetworkId) -> Result<()> {
        self.delete_network(id).await
    }

    #[instrument(target = "docker", name = "volume", level = "debug", skip_all, fields(name = name), err)]
    async fn ensure_volume(
        &self,
        group: &GroupName,
        claim: &Claim,
        name: &str,
        made_for: Option<&MadeFor>,
    ) -> Result<()> {
        self.find_or_create_volume(group, claim, name, made_for).await
    }

    #[instrument(target = "docker", name = "list volumes", level = "debug", skip_all, fields(service = service), err)]
    async fn own_volumes(&self, group: &GroupName, claim: &Claim, service: &str) -> Result<Vec<OwnVolume>> {
        self.volumes_of_service(group, claim, service).await
    }

    #[instrument(target = "docker", name = "remove volume", level = "debug", skip_all, fields(name = name), err)]
    async fn remove_volume(&self, group: &GroupName, claim: &Claim, name: &str) -> Result<()> {
        self.delete_volume(group, claim, name).await
    }

    #[instrument(target = "docker", name = "remove volumes of", level = "debug", skip_all, fields(group = %group), err)]
    async fn remove_volumes(&self, group: &GroupName, claim: &Claim) -> Result<RemovedVolumes> {
        self.delete_volumes(group, claim).await
    }

    #[instrument(target = "docker", name = "pull", level = "debug", skip_all, fields(image = %image), err)]
    async fn pull(&self, image: &ImageName, platform: Option<&str>, progress: Progress<'_>) -> Result<Image> {
        self.pull_image(image, platform, progress).await
    }

    #[instrument(target = "docker", name = "build", level = "debug", skip_all, fields(image = %new.name), err)]
    async fn build(&self, new: &NewImage, progress: Progress<'_>) -> Result<Image> {
        self.build_image(new, progress).await
    }

    #[instrument(target = "docker", name = "platform of image", level = "debug", skip_all, fields(id = %image), err)]
    async fn image_platform(&self, image: &ImageId) -> Result<Option<String>> {
        self.platform_of(image).await
    }

    #[instrument(target = "docker", name = "volumes of image", level = "debug", skip_all, fields(id = %image), err)]
    async fn image_volumes(&self, image: &ImageId) -> Result<BTreeSet<String>> {
        self.declared_volumes(image).await
    }

    async fn turn(&self) -> Turn {
        self.turns.next().await
    }

    #[instrument(target = "docker", name = "create", level = "debug", skip_all, fields(name = container.name), err)]
    async fn create(&self, _turn: Turn, container: &NewContainer) -> Result<ContainerId> {
        self.noting(&container.name, PendingRequest::Create, self.create_container(container)).await
    }

    #[instrument(target = "docker", name = "start", level = "debug", skip_all, fields(id = short(&id.0)), err)]
    async fn start(&self, _turn: Turn, id: &ContainerId) -> Result<()> {
        self.noting(&id.0, PendingRequest::Start, self.start_container(id)).await
    }

    #[instrument(target = "docker", name = "rejoin", level = "debug", skip_all, fields(id = short(&id.0)), err)]
    async fn rejoin(&self, id: &ContainerId, service: &Service, networks: &[NetworkId]) -> Result<()> {
        self.rejoin_networks(id, service, networks).await
    }

    #[instrument(target = "docker", name = "stop", level = "debug", skip_all, fields(id = short(&id.0)), err)]
    async fn stop(&self, turn: Turn, id: &ContainerId, timeout: Duration) -> Result<()> {
        let mut stop =
            std::pin::pin!(self.noting(&id.0, PendingRequest::Stop(timeout), self.stop_container(id, timeout)));
        if let Ok(stopped) = tokio::time::timeout(PROMPT_STOP, &mut stop).await {
            return stopped;
        }
        // A container that takes its time keeps the engine waiting, not working.
        drop(turn);
        stop.await
    }

    #[instrument(target = "docker", name = "unpause", level = "debug", skip_all, fields(id = short(&id.0)), err)]
    async fn unpause(&self, id: &ContainerId) -> Result<()> {
        self.unpause_container(id).await
    }

    #[instrument(target = "docker", name = "rename", level = "debug", skip_all, fields(id = short(&id.0), name = name), err)]
    async fn rename(&self, id: &ContainerId, name: &str) -> Result<()> {
        self.noting(&id.0, PendingRequest::Rename(name.to_owned()), self.rename_container(id, name)).await
    }

    #[instrument(target = "docker", name = "remove", level = "debug", skip_all, fields(id = short(&id.0)), err)]
    async fn remove(&self, _turn: Turn, id: &ContainerId, anonymous: AnonymousVolumes) -> Result<()> {
        self.noting(&id.0, PendingRequest::Remove, self.remove_container(id, anonymous)).await
    }

    #[instrument(target = "docker", name = "list mounts", level = "debug", skip_all, err)]
    async fn host_mounts(&self) -> Result<Vec<HostMount>> {
        self.mounts_of_all().await
    }

    #[instrument(target = "docker", name = "list states", level = "debug", skip_all, fields(group = %group), err)]
    async fn states(&self, group: &GroupName) -> Result<BTreeMap<ContainerId, State>> {
        self.list_states(group).await
    }

    #[instrument(target = "docker", name = "inspect", level = "debug", skip_all, fields(id = short(&id.0)), err)]
    async fn inspect(&self, id: &ContainerId) -> Result<Inspected> {
        self.inspect_container(id).await
    }

    #[instrument(target = "docker", name = "read back", level = "debug", skip_all, fields(id = short(&id.0)), err)]
    async fn made_from(&self, id: &ContainerId) -> Result<Service> {
        self.read_back(id).await
    }

    #[instrument(target = "docker", name = "wait", level = "debug", skip_all, fields(id = short(&id.0)), err)]
    async fn wait(&self, id: &ContainerId) -> Result<i64> {
        self.wait_for_exit(id).await
    }

    #[instrument(target = "docker", name = "read log of", level = "debug", skip_all, fields(id = short(&id.0)), err)]
    async fn log_tail(&self, id: &ContainerId, lines: u32) -> Result<Vec<u8>> {
        self.last_log_lines(id, lines).await
    }

    #[instrument(target = "docker", name = "exec", level = "debug", skip_all, fields(id = short(&id.0), program = exec::program(argv)), err)]
    async fn exec(&self, id: &ContainerId, argv: &[String], timeout: Duration) -> Result<ExecOutput> {
        self.run_in_container(id, argv, timeout).await
    }
}

/// As much of an id as people compare.
fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// Appends to a buffer and drops from its front what goes beyond the limit: whether there was such.
fn keep_tail(buffer: &mut Vec<u8>, bytes: &[u8]) -> bool {
    buffer.extend_from_slice(bytes);
    let beyond = buffer.len().saturating_sub(OUTPUT_LIMIT);
    buffer.drain(..beyond);
    beyond > 0
}
