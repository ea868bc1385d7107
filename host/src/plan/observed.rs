//! What was found in Docker, as plain data.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use crate::group::{
    Dependencies, Digest, FingerprintKey, Fingerprints, Group, ImageName, Owner, Port, Protocol, Service,
};

use super::{Foreign, Health, State};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub String);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

ids! {
    /// The engine's id of a container.
    ContainerId,
    /// The engine's id of a network.
    NetworkId,
    /// The engine's id of an image: the digest of its configuration.
    ImageId,
}

/// Everything of one group that was found, at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    /// The group's containers.
    pub containers: Vec<Container>,
    /// The group's networks; two can have the same name.
    pub networks: Vec<Network>,
    /// All images of the engine that have a name.
    pub images: Images,
    /// What carries the group's label and is not the group's.
    pub foreign: Vec<Foreign>,
    /// The key of the fingerprints in labels, if it is known here.
    pub key: Option<FingerprintKey>,
}

/// A container of the group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Its id.
    pub id: ContainerId,
    /// Its name in Docker.
    pub name: String,
    /// Whose it is; none if drillmaster 0.1 created it, which did not say so.
    pub owner: Option<Owner>,
    /// The service it belongs to.
    pub service: String,
    /// What the values that its hooks left in the context are kept under.
    pub instance: String,
    /// How far its start came.
    pub stage: Stage,
    /// Whether it runs.
    pub state: State,
    /// What its health check says, while it runs.
    pub health: Health,
    /// What its labels say of the fields it was made from.
    pub recorded: Recorded,
    /// How long it may take to stop, if its service says so.
    pub stop_timeout: Option<Duration>,
    /// The services it depends on.
    pub dependencies: BTreeSet<String>,
    /// The image it was made from.
    pub image: ImageId,
    /// The ports that are published now; none while it does not run.
    pub published: Vec<Published>,
    /// The volumes it has, by their target in it.
    pub volumes: BTreeMap<String, String>,
    /// When it was created, in seconds since 1970.
    pub created: i64,
}

/// What the labels of a container say of the fields it was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// Fingerprints.
    Fingerprints {
        /// Those of the fields.
        fields: Fingerprints,
        /// Those of the variables that refer to the context, filled in.
        environment: Option<Fingerprints>,
    },
    /// The fields themselves: so did 0.1.
    Fields {
        /// The fields.
        service: Box<Service>,
        /// The hash of the environment with the context filled in, where it refers to it.
        environment: Option<Digest>,
    },
    /// Nothing that this version can read.
    Unreadable,
}

/// How far the start of a container came; its name says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// `GROUP-SERVICE`: it became ready.
    Committed,
    /// `GROUP-SERVICE.old`: it was committed, and was about to be replaced.
    Old,
    /// `GROUP-SERVICE.starting`: it never became ready.
    Starting,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 3] = [Stage::Committed, Stage::Old, Stage::Starting];

    /// What a container's name ends with at this stage.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Stage::Committed => "",
            Stage::Old => ".old",
            Stage::Starting => ".starting",
        }
    }
}

/// A container port and where the host reaches it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Published {
    /// The port in the container.
    pub container: u16,
    /// The protocol.
    pub protocol: Protocol,
    /// The address on the host.
    pub address: String,
    /// The port on the host.
    pub host: u16,
}

impl Published {
    /// The address with the port, as `127.0.0.1:8080` or `[::1]:8080`.
    #[must_use]
    pub fn at(&self) -> String {
        let Self { address, host, .. } = self;
        if address.contains(':') { format!("[{address}]:{host}") } else { format!("{address}:{host}") }
    }

    /// Whether this is where a declared port was published.
    #[must_use]
    pub fn is(&self, port: &Port) -> bool {
        self.container == port.container && self.protocol == port.protocol
    }
}

/// A network of the group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Its id.
    pub id: NetworkId,
    /// Its name, which another network may have too.
    pub name: String,
    /// Whose it is; none if drillmaster 0.1 created it.
    pub owner: Option<Owner>,
}

/// An image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its id.
    pub id: ImageId,
    /// What it was built from, if it was built for the group.
    pub context: Option<Digest>,
    /// The platform it is for, as `linux/amd64` or `linux/arm/v7`, where that was asked for.
    pub platform: Option<String>,
    /// The names of its labels that would mean something on a container: to drillmaster, or to another tool.
    pub labels: BTreeSet<String>,
}

/// The engine's images by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Images(BTreeMap<String, Image>);

impl Images {
    /// The image that has a name now.
    #[must_use]
    pub fn get(&self, name: &ImageName) -> Option<&Image> {
        self.0.get(&name.canonical())
    }
}

impl Images {
    /// Puts down which platform an image is for.
    fn is_for(&mut self, id: &ImageId, platform: &str) {
        self.0
            .values_mut()
            .filter(|image| image.id == *id)
            .for_each(|image| image.platform = Some(platform.to_owned()));
    }
}

impl FromIterator<(ImageName, Image)> for Images {
    fn from_iter<I: IntoIterator<Item = (ImageName, Image)>>(images: I) -> Self {
        Self(images.into_iter().map(|(name, image)| (name.canonical(), image)).collect())
    }
}

impl Observed {
    /// The images of which it has to be known which platform they are for: those of services that declare one.
    #[must_use]
    pub fn images_with_platform(&self, group: &Group) -> BTreeSet<ImageId> {
        let services = group.services.values().filter(|service| service.platform.is_some());
        services.filter_map(|service| Some(self.images.get(&group.image_of(service))?.id.clone())).collect()
    }

    /// The same, with the platforms of these images.
    #[must_use]
    pub fn with_platforms(mut self, platforms: &BTreeMap<ImageId, String>) -> Self {
        for (id, platform) in platforms {
            self.images.is_for(id, platform);
        }
        self
    }

    /// The services that have a container, and who depends on whom according to the containers.
    #[must_use]
    pub fn dependencies(&self) -> Dependencies {
        let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for container in &self.containers {
            all.entry(container.service.clone()).or_default().extend(container.dependencies.iter().cloned());
        }
        all.into_iter().collect()
    }

    /// What the values in the context that count are kept under: those of the containers that were committed. A
    /// container that never became ready, or that was replaced, is on its way out, and its values with it.
    #[must_use]
    pub fn instances(&self) -> BTreeSet<&str> {
        let committed = |container: &&Container| {
            self.committed(&container.service).is_some_and(|committed| committed.id == container.id)
        };
        self.containers.iter().filter(committed).map(|container| container.instance.as_str()).collect()
    }

    /// The containers of a service, the oldest first, in whichever order they were found.
    pub fn of(&self, service: &str) -> impl Iterator<Item = &Container> + use<'_> {
        let mut all: Vec<_> = self.containers.iter().filter(|container| container.service == service).collect();
        all.sort_by_key(|container| (container.created, &container.id));
        all.into_iter()
    }

    /// A service's committed container: the one without a suffix, else the one that was about to be replaced. Should
    /// there be several of a kind, the newest.
    #[must_use]
    pub fn committed(&self, service: &str) -> Option<&Container> {
        self.of(service)
            .filter(|container| container.stage != Stage::Starting)
            .min_by_key(|container| (container.stage, Reverse(container.created), &container.id))
    }
}
