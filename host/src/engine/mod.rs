//! The trait between running a plan and Docker, and what an action is.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_trait::async_trait;

pub use crate::component::ExecOutput;
use crate::grants::NetGrant;
use crate::group::{Build, Digest, Fingerprints, GroupName, ImageName, Owner, Service};
use crate::plan::{
    Claim, ContainerId, Exit, Foreign, Health, HostMount, Image, ImageId, MadeFor, NetworkId, Observed, OwnVolume,
    Published, State,
};

mod error;
#[cfg(test)]
pub(crate) mod memory;
mod turn;

pub use error::{EngineError, PortOwner};
pub use turn::{Turn, Turns};

/// The outcome of asking the engine.
pub type Result<T, E = EngineError> = std::result::Result<T, E>;

/// The few actions that plans are made of, and the looks that running one takes.
///
/// Every method returns within a bounded time, but for [`wait`](Engine::wait), [`pull`](Engine::pull) and
/// [`build`](Engine::build), which can be dropped at any moment. No method touches a container, network or volume
/// that is not the group's by its name and its labels, and none of an owner that the [`Claim`] does not allow.
#[async_trait]
pub trait Engine: Send + Sync {
    /// A name for this engine that no other has, under which local state is kept.
    async fn identity(&self) -> Result<String>;

    /// Everything of a group, at one moment, in a number of requests that does not depend on what is found.
    async fn observe(&self, group: &GroupName) -> Result<Observed>;

    /// Makes sure that each of these names of containers is free, or that of a container of the group.
    ///
    /// # Errors
    /// [`EngineError::NameTaken`] if something else has one of them.
    async fn ensure_names(&self, group: &GroupName, claim: &Claim, names: &BTreeSet<String>) -> Result<()>;

    /// The network of a name; created if there is none. Should two runs create it at once, both get the same.
    ///
    /// # Errors
    /// Also if a network of that name belongs to somebody else.
    async fn ensure_network(&self, group: &GroupName, claim: &Claim, name: &str) -> Result<NetworkId>;

    /// Removes a network. One that is gone already is no error.
    async fn remove_network(&self, id: &NetworkId) -> Result<()>;

    /// Creates a volume of the group unless it is there; labelled with whom it was made for, if that is one container.
    ///
    /// # Errors
    /// Also if a volume of that name belongs to somebody else.
    async fn ensure_volume(
        &self,
        group: &GroupName,
        claim: &Claim,
        name: &str,
        made_for: Option<&MadeFor>,
    ) -> Result<()>;

    /// The group's volumes that were made for containers of a service, as their labels say.
    async fn own_volumes(&self, group: &GroupName, claim: &Claim, service: &str) -> Result<Vec<OwnVolume>>;

    /// Removes a volume that a container of the group had: one of the group's, or one without a name of anybody's. One that
    /// is gone already is no error.
    async fn remove_volume(&self, group: &GroupName, claim: &Claim, name: &str) -> Result<()>;

    /// Removes the group's volumes.
    async fn remove_volumes(&self, group: &GroupName, claim: &Claim) -> Result<RemovedVolumes>;

    /// Gets an image from its registry.
    async fn pull(&self, image: &ImageName, platform: Option<&str>, progress: Progress<'_>) -> Result<Image>;

    /// Builds an image and labels it with what it was built from and for whom.
    async fn build(&self, new: &NewImage, progress: Progress<'_>) -> Result<Image>;

    /// The platform that an image is for, as `linux/amd64` or `linux/arm/v7`.
    async fn image_platform(&self, image: &ImageId) -> Result<Option<String>>;

    /// Where an image declares volumes.
    async fn image_volumes(&self, image: &ImageId) -> Result<BTreeSet<String>>;

    /// Waits for a turn, without which the engine is given no hard work. It can take long: whoever has waited looks whether
    /// the work is still wanted.
    async fn turn(&self) -> Turn;

    /// Creates a container under a name; it does not run yet. On this machine it gets the free host ports that it keeps.
    async fn create(&self, turn: Turn, container: &NewContainer) -> Result<ContainerId>;

    /// Starts a container. One that runs already is no error.
    ///
    /// # Errors
    /// [`EngineError::NetworkGone`] if a network that it joined is not there any more.
    async fn start(&self, turn: Turn, id: &ContainerId) -> Result<()>;

    /// Joins a container that does not run to these networks and no other, under its service's names.
    async fn rejoin(&self, id: &ContainerId, service: &Service, networks: &[NetworkId]) -> Result<()>;

    /// Asks a container to stop with its stop signal, and kills it after `timeout`. One that does not run is no error.
    async fn stop(&self, turn: Turn, id: &ContainerId, timeout: Duration) -> Result<()>;

    /// Lets a paused container go on. One that is not paused is no error.
    async fn unpause(&self, id: &ContainerId) -> Result<()>;

    /// Gives a container another name.
    async fn rename(&self, id: &ContainerId, name: &str) -> Result<()>;

    /// Removes a container, running or not. One that is gone already is no error.
    async fn remove(&self, turn: Turn, id: &ContainerId, anonymous: AnonymousVolumes) -> Result<()>;

    /// What every container of the engine mounts of the machine, whoever's it is.
    async fn host_mounts(&self) -> Result<Vec<HostMount>>;

    /// The states of all containers that carry a group's label, in one request.
    async fn states(&self, group: &GroupName) -> Result<BTreeMap<ContainerId, State>>;

    /// Looks at one container.
    async fn inspect(&self, id: &ContainerId) -> Result<Inspected>;

    /// What a container was made from, as far as the engine can tell; its variables with the context filled in. What was
    /// not declared is there too, as the image or the engine has it.
    async fn made_from(&self, id: &ContainerId) -> Result<Service>;

    /// Waits until a container does not run and returns its exit code. The engine may start it again by then. Of one that
    /// is between two such runs, the end of the next one is waited for.
    async fn wait(&self, id: &ContainerId) -> Result<i64>;

    /// The last lines of what a container wrote, at most 1 MiB.
    async fn log_tail(&self, id: &ContainerId, lines: u32) -> Result<Vec<u8>>;

    /// Runs a command in a container and waits for it; keeps the last 1 MiB of each stream.
    async fn exec(&self, id: &ContainerId, argv: &[String], timeout: Duration) -> Result<ExecOutput>;
}

/// Takes each word of progress as it comes.
pub type Progress<'a> = &'a (dyn Fn(ImageProgress) + Send + Sync);

/// A word of progress of a pull or a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageProgress {
    /// One layer of an image.
    Layer {
        /// Its short id.
        id: String,
        /// What is being done with it, in the engine's words.
        status: String,
        /// How many bytes of how many are done, where that is known.
        bytes: Option<(u64, u64)>,
    },
    /// A step of a build begins: its instruction.
    Step {
        /// Which step, from 1.
        number: u32,
        /// Of how many.
        of: u32,
        /// The instruction.
        instruction: String,
    },
    /// A line of text.
    Line(String),
}

/// What becomes of the volumes that the engine made for a container by itself, once that is removed. Those that another
/// container has too stay in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnonymousVolumes {
    /// They go as well.
    Removed,
    /// They stay.
    Kept,
}

/// What came of removing a group's volumes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemovedVolumes {
    /// The names of those that are gone.
    pub removed: Vec<String>,
    /// Those that carry the group's label and were left alone.
    pub left: Vec<Foreign>,
    /// Why others could not be removed.
    pub failed: Vec<EngineError>,
}

/// An image to be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewImage {
    /// The group that it is built for.
    pub group: GroupName,
    /// The project that has it built.
    pub owner: Owner,
    /// The name that it gets.
    pub name: ImageName,
    /// What it is built from.
    pub build: Build,
    /// Its platform, as `linux/amd64`.
    pub platform: Option<String>,
    /// Where the person allows the engine to download from.
    pub net: BTreeSet<NetGrant>,
}

/// A container to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewContainer {
    /// The group it belongs to.
    pub group: GroupName,
    /// The project that creates it.
    pub owner: Owner,
    /// The name in Docker.
    pub name: String,
    /// The image it is made from, whatever has the image's name by now.
    pub image: ImageId,
    /// The names of labels of its image that it gets with nothing in them, so that nobody acts on what they say.
    pub emptied_labels: BTreeSet<String>,
    /// What the values that its hooks leave in the context are kept under.
    pub instance: String,
    /// The service, with its fields.
    pub service: Service,
    /// The environment with the context filled in.
    pub env: BTreeMap<String, String>,
    /// The fingerprints of its fields.
    pub fingerprints: Fingerprints,
    /// Those of the variables that refer to the context.
    pub environment: Option<Fingerprints>,
    /// The digest of the component that declared the service.
    pub definition: Digest,
    /// The networks to join, the group's own first.
    pub networks: Vec<NetworkId>,
    /// The volumes that no definition names, by their target in it.
    pub own_volumes: BTreeMap<String, String>,
}

/// What a look at one container shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    /// Whether its process runs.
    pub state: State,
    /// What its health check says.
    pub health: Health,
    /// The ports that are published now.
    pub published: Vec<Published>,
    /// How its process ended, if it does not run and the code is known.
    pub exit: Option<Exit>,
    /// How often the engine has started it again by itself.
    pub restarts: u64,
    /// Whether it runs on this machine. Only then its published ports are this machine's.
    pub is_here: bool,
    /// When its process was started, in RFC 3339; none if it does not run.
    pub started: Option<String>,
}
