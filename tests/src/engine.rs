//! The Docker engine, asked directly: what a test believes, it believes the engine.

use std::collections::HashMap;
use std::env;
use std::fmt::Display;
use std::sync::LazyLock;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use bollard::container::LogOutput;
use bollard::errors::Error;
use bollard::exec::{CreateExecOptions, StartExecOptions, StartExecResults};
use bollard::models::{ContainerInspectResponse, ContainerSummary, ImageSummary, Network, Volume};
use bollard::query_parameters::{
    DownloadFromContainerOptionsBuilder, ImportImageOptions, InspectContainerOptions, InspectNetworkOptions,
    ListContainersOptionsBuilder, ListImagesOptionsBuilder, ListNetworksOptionsBuilder, ListVolumesOptionsBuilder,
    LogsOptionsBuilder, RemoveContainerOptionsBuilder, RemoveImageOptionsBuilder, RemoveVolumeOptionsBuilder,
};
use bollard::{Docker, body_full};
use futures_util::TryStreamExt;
use tokio::runtime::{Builder, Runtime};
use tokio::time;

/// The label that names a group.
pub const GROUP: &str = "dev.drillmaster.group";
/// The label of an image that says what it was built from and for whom, as JSON.
pub const IMAGE: &str = "dev.drillmaster.image";
/// The label that names a service.
pub const SERVICE: &str = "dev.drillmaster.service";
/// The label that no two containers have in common.
pub const INSTANCE: &str = "dev.drillmaster.instance";
/// The labels of the project that something belongs to: its account, its directory, and what is compared.
pub const OWNER: [&str; 3] = ["dev.drillmaster.owner", "dev.drillmaster.project", "dev.drillmaster.project-id"];

const DEFAULT: &str = "unix:///var/run/docker.sock";
/// Stopping and removing are the slowest of what is asked.
const LIMIT: Duration = Duration::from_mins(1);

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("the system has threads to give")
});

/// A connection to the engine.
#[derive(Debug, Clone)]
pub struct Engine {
    docker: Docker,
}

impl Engine {
    /// Connects to the engine that `DOCKER_HOST` names, or else to the default socket.
    ///
    /// # Errors
    ///
    /// When it does not answer.
    pub fn connect() -> Result<Self> {
        Self::connect_to(&address())
    }

    /// Connects to an engine.
    ///
    /// # Errors
    ///
    /// When it does not answer.
    pub fn connect_to(address: &str) -> Result<Self> {
        let docker = Docker::connect_with_host(address).map_err(anyhow::Error::from);
        let docker = docker.and_then(|docker| block("ask for its version", docker.negotiate_version()));
        let docker = docker.with_context(|| format!("cannot reach Docker at {address}"))?;
        Ok(Self { docker })
    }

    /// What bollard offers; to be awaited through [`block`].
    #[must_use]
    pub fn docker(&self) -> &Docker {
        &self.docker
    }

    /// The containers of a group, running or not, finished or not.
    ///
    /// # Errors
    ///
    /// When the engine refuses.
    pub fn containers(&self, group: &str) -> Result<Vec<ContainerSummary>> {
        self.containers_labelled(&format!("{GROUP}={group}"))
    }

    /// The containers of all groups.
    ///
    /// # Errors
    ///
    /// When the engine refuses.
    pub fn all_containers(&self) -> Result<Vec<ContainerSummary>> {
        self.containers_labelled(GROUP)
    }

    fn containers_labelled(&self, label: &str) -> Result<Vec<ContainerSummary>> {
        let options = ListContainersOptionsBuilder::new().all(true).filters(&labelled(label)).build();
        block("list containers", self.docker.list_containers(Some(options)))
    }

    /// The networks; all of them, since one without our label may be ours by its name.
    ///
    /// # Errors
    ///
    /// When the engine refuses.
    pub fn networks(&self) -> Result<Vec<Network>> {
        let options = ListNetworksOptionsBuilder::new().build();
        block("list networks", self.docker.list_networks(Some(options)))
    }

    /// The volumes of all groups.
    ///
    /// # Errors
    ///
    /// When the engine refuses.
    pub fn volumes(&self) -> Result<Vec<Volume>> {
        let options = ListVolumesOptionsBuilder::new().filters(&labelled(GROUP)).build();
        let response = block("list volumes", self.docker.list_volumes(Some(options)))?;
        Ok(response.volumes.unwrap_or_default())
    }

    /// The images; all of them, since one without our label may be ours by its tag.
    ///
    /// # Errors
    ///
    /// When the engine refuses.
    pub fn images(&self) -> Result<Vec<ImageSummary>> {
        let options = ListImagesOptionsBuilder::new().build();
        block("list images", self.docker.list_images(Some(options)))
    }

    /// Everything that the engine knows about a container, by id or name; none if there is none.
    ///
    /// # Errors
    ///
    /// When the engine refuses.
    pub fn inspect(&self, container: &str) -> Result<Option<ContainerInspectResponse>> {
        let inspect = self.docker.inspect_container(container, None::<InspectContainerOptions>);
        block(format_args!("inspect {container}"), async { unless_missing(inspect.await) })
    }

    /// What a container has written to stdout and stderr; empty if there is no such container.
    ///
    /// # Errors
    ///
    /// When the engine refuses.
    pub fn logs(&self, container: &str) -> Result<String> {
        let options = LogsOptionsBuilder::new().stdout(true).stderr(true).build();
        let pieces = self.docker.logs(container, Some(options)).try_collect::<Vec<_>>();
        let pieces = block(format_args!("read the logs of {container}"), async { unless_missing(pieces.await) })?;
        let pieces = pieces.unwrap_or_default();
        Ok(pieces.iter().map(|piece| String::from_utf8_lossy(piece.as_ref()).into_owned()).collect())
    }

    /// When a file in a container was last changed, in seconds since 1970.
    ///
    /// # Errors
    ///
    /// When it is not there, or the engine refuses.
    pub fn modified(&self, container: &str, path: &str) -> Result<u64> {
        let options = DownloadFromContainerOptionsBuilder::new().path(path).build();
        let pieces = self.docker.download_from_container(container, Some(options)).try_collect::<Vec<_>>();
        let archive = block(format_args!("read {path} in {container}"), pieces)?.concat();
        let mut archive = tar::Archive::new(archive.as_slice());
        let entry = archive.entries()?.next().with_context(|| format!("there is no {path}"))??;
        Ok(entry.header().mtime()?)
    }

    /// Runs a command in a container, to its end, and gives its exit code and what it wrote to stdout and stderr.
    ///
    /// # Errors
    ///
    /// When the container does not run, or the engine refuses.
    pub fn exec(&self, container: &str, command: &[&str]) -> Result<(i64, String)> {
        let options = CreateExecOptions {
            cmd: Some(command.to_vec()),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            ..CreateExecOptions::default()
        };
        block(format_args!("run {command:?} in {container}"), async {
            let id = self.docker.create_exec(container, options).await?.id;
            let mut written = Vec::new();
            if let StartExecResults::Attached { mut output, .. } =
                self.docker.start_exec(&id, None::<StartExecOptions>).await?
            {
                while let Some(piece) = output.try_next().await? {
                    written.extend_from_slice(&LogOutput::into_bytes(piece));
                }
            }
            let code = self.docker.inspect_exec(&id).await?.exit_code.unwrap_or_default();
            Ok((code, String::from_utf8_lossy(&written).into_owned()))
        })
    }

    /// An image as an archive.
    ///
    /// # Errors
    ///
    /// When there is none of this name.
    pub fn save_image(&self, image: &str) -> Result<Vec<u8>> {
        let saved = self.docker.export_image(image).try_fold(Vec::new(), |mut all, piece| async move {
            all.extend_from_slice(&piece);
            Ok(all)
        });
        block(format_args!("save {image}"), saved)
    }

    /// Takes what [`save_image`](Self::save_image) gave.
    ///
    /// # Errors
    ///
    /// When the engine refuses.
    pub fn load_image(&self, archive: Vec<u8>) -> Result<()> {
        let load = self.docker.import_image(ImportImageOptions::default(), body_full(archive.into()), None);
        block("load an image", load.try_for_each(|_| async { Ok(()) }))
    }

    /// Removes a container with its anonymous volumes, running or not. It is no error if there is none.
    ///
    /// # Errors
    ///
    /// When the engine refuses.
    pub fn remove_container(&self, container: &str) -> Result<()> {
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        let remove = self.docker.remove_container(container, Some(options));
        block(format_args!("remove the container {container}"), async { unless_gone(remove.await) })
    }

    /// Removes a network by id. It is no error if there is none.
    ///
    /// # Errors
    ///
    /// When the engine refuses, as when it is in use.
    pub fn remove_network(&self, network: &str) -> Result<()> {
        let remove = self.docker.remove_network(network);
        block(format_args!("remove the network {network}"), async { unless_gone(remove.await) })
    }

    /// Whether no container is in a network.
    ///
    /// # Errors
    ///
    /// When there is no such network, or the engine does not answer.
    pub fn network_is_empty(&self, network: &str) -> Result<bool> {
        let inspect = self.docker.inspect_network(network, None::<InspectNetworkOptions>);
        let found = block(format_args!("look at the network {network}"), inspect)?;
        Ok(found.containers.unwrap_or_default().is_empty())
    }

    /// Removes a volume. It is no error if there is none.
    ///
    /// # Errors
    ///
    /// When the engine refuses, as when it is in use.
    pub fn remove_volume(&self, volume: &str) -> Result<()> {
        let options = RemoveVolumeOptionsBuilder::new().build();
        let remove = self.docker.remove_volume(volume, Some(options));
        block(format_args!("remove the volume {volume}"), async { unless_gone(remove.await) })
    }

    /// Removes an image: by id with all its tags, by a tag only that, and the image with the last. It is no error if
    /// there is none.
    ///
    /// # Errors
    ///
    /// When the engine refuses, as when it is in use.
    pub fn remove_image(&self, image: &str) -> Result<()> {
        // What it was built on stays: another build may just go on from there.
        let options = RemoveImageOptionsBuilder::new().force(true).noprune(true).build();
        let remove = self.docker.remove_image(image, Some(options), None);
        block(format_args!("remove the image {image}"), async { unless_gone(remove.await.map(drop)) })
    }
}

/// Where the engine is, as `DOCKER_HOST` has it.
#[must_use]
pub fn address() -> String {
    env::var("DOCKER_HOST").ok().filter(|host| !host.is_empty()).unwrap_or_else(|| DEFAULT.to_owned())
}

/// Awaits an answer of the engine, for at most a minute. `doing` completes "cannot".
///
/// # Errors
///
/// When the engine refuses, or does not answer in time.
pub fn block<T>(doing: impl Display, answer: impl Future<Output = Result<T, Error>>) -> Result<T> {
    let answer = RUNTIME.block_on(async { time::timeout(LIMIT, answer).await });
    let answer = answer.map_err(|_| anyhow!("Docker gave no answer within {LIMIT:?}")).and_then(|answer| Ok(answer?));
    answer.with_context(|| format!("cannot {doing}"))
}

/// Awaits something that bounds itself.
pub fn block_unbounded<T>(answer: impl Future<Output = T>) -> T {
    RUNTIME.block_on(answer)
}

/// The status that the engine refused with, if it did.
#[must_use]
pub fn status(error: &Error) -> Option<u16> {
    match error {
        Error::DockerResponseServerError { status_code, .. } => Some(*status_code),
        _ => None,
    }
}

fn labelled(label: &str) -> HashMap<String, Vec<String>> {
    HashMap::from([("label".to_owned(), vec![label.to_owned()])])
}

fn unless_missing<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if status(&error) == Some(404) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A removal that finds nothing, or finds another at it (409), has nothing left to do.
fn unless_gone(result: Result<(), Error>) -> Result<(), Error> {
    match result {
        Err(error) if status(&error) == Some(404) => Ok(()),
        Err(Error::DockerResponseServerError { status_code: 409, message }) if message.contains("in progress") => {
            Ok(())
        }
        result => result,
    }
}
