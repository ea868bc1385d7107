//! Services whose fields are known to be sound.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::built::built_image;
use super::{Dependencies, Digest, GroupName, ImageName, Template, begins_with, tool_of_label};

/// All services that one command looks after.
///
/// Every dependency is a service of the group, and there is no cycle: [`check`](super::check) made sure of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The name of the group.
    pub name: GroupName,
    /// The services by name.
    pub services: BTreeMap<String, Service>,
    /// For each service, the digest of the definition that declares it.
    pub definitions: BTreeMap<String, Digest>,
    /// The service whose build makes an image, by the image's canonical name.
    pub builders: BTreeMap<String, String>,
    /// What the names of labels may begin with although other tools act on them: the person granted it.
    pub granted_labels: BTreeSet<String>,
}

impl Group {
    /// The names of the networks that a service joins, the group's own first.
    #[must_use]
    pub fn networks_of(&self, service: &Service) -> Vec<String> {
        let further = service.networks.iter().map(|name| self.name.further_network(name));
        std::iter::once(self.name.network()).chain(further).collect()
    }

    /// How the image of a service is built, and the service that says so: it itself, or else another one whose image it
    /// uses.
    #[must_use]
    pub fn build_of<'a>(&'a self, service: &'a Service) -> Option<(&'a str, &'a Build)> {
        if let Some(build) = &service.build {
            return Some((&service.name, build));
        }
        let builder = self.services.get(self.builders.get(&service.image.canonical())?)?;
        Some((&builder.name, builder.build.as_ref()?))
    }

    /// The name in Docker of the image that a service uses: as declared, or if the group builds it, one of the group's own.
    #[must_use]
    pub fn image_of(&self, service: &Service) -> ImageName {
        if self.build_of(service).is_some() { built_image(&self.name, &service.image) } else { service.image.clone() }
    }

    /// Whether containers may have a label of this name: no other tool acts on it, or the person granted it.
    #[must_use]
    pub fn may_have_label(&self, name: &str) -> bool {
        tool_of_label(name).is_none() || self.granted_labels.iter().any(|prefix| begins_with(name, prefix))
    }

    /// Who depends on whom.
    #[must_use]
    pub fn dependencies(&self) -> Dependencies {
        self.services.values().map(|service| (service.name.clone(), service.dependencies.clone())).collect()
    }
}

/// One service: what its container is made from, and how it is treated.
///
/// Labels that 0.1 wrote hold one as JSON. Every field has a default there, so that they can still be read when there are
/// more fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// The name, unique in the group and a valid hostname label.
    pub name: String,
    /// The image the container is made from; with a build, what the image is called within the group.
    pub image: ImageName,
    /// The services that must be ready first.
    #[serde(default)]
    pub dependencies: BTreeSet<String>,
    /// Environment variables.
    #[serde(default)]
    pub env: BTreeMap<String, Template>,
    /// Ports published on the host.
    #[serde(default)]
    pub ports: BTreeSet<Port>,
    /// Whether a stopped container is replaced rather than started again.
    #[serde(default)]
    pub always_start_new: bool,
    /// The signal that asks the container to stop; the image's if none, and SIGTERM where that has none.
    #[serde(default)]
    pub stop_signal: Option<StopSignal>,
    /// How long it may take to stop before it is killed; the engine's default if none.
    #[serde(default)]
    pub stop_timeout: Option<Duration>,
    /// How the image is built, if it is.
    #[serde(default)]
    pub build: Option<Build>,
    /// Replaces the image's entrypoint.
    #[serde(default)]
    pub entrypoint: Option<Vec<String>>,
    /// Replaces the image's command.
    #[serde(default)]
    pub command: Option<Vec<String>>,
    /// The user the container runs as.
    #[serde(default)]
    pub user: Option<String>,
    /// The directory the process starts in.
    #[serde(default)]
    pub working_directory: Option<String>,
    /// Bind mounts by their target in the container.
    #[serde(default)]
    pub mounts: BTreeMap<String, Mount>,
    /// Named volumes by their target in the container.
    #[serde(default)]
    pub volumes: BTreeMap<String, Volume>,
    /// Targets of file systems in memory.
    #[serde(default)]
    pub tmpfs: BTreeSet<String>,
    /// Labels of the definition's own.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Further names on the group's networks.
    #[serde(default)]
    pub aliases: BTreeSet<String>,
    /// Further networks of the group.
    #[serde(default)]
    pub networks: BTreeSet<String>,
    /// What the engine does when the container exits by itself.
    #[serde(default)]
    pub restart_policy: RestartPolicy,
    /// The engine's own health check.
    #[serde(default)]
    pub health_check: Option<HealthCheck>,
    /// The platform of the image, as `linux/amd64`.
    #[serde(default)]
    pub platform: Option<String>,
    /// The size of `/dev/shm` in MiB.
    #[serde(default)]
    pub shared_memory_mib: Option<u32>,
    /// The most memory the container may use, in MiB.
    #[serde(default)]
    pub memory_limit_mib: Option<u32>,
    /// The most CPU time the container may use, in thousandths of one CPU.
    #[serde(default)]
    pub cpu_limit_millis: Option<u32>,
}

impl Service {
    /// The context keys that the environment refers to.
    pub fn context_keys(&self) -> impl Iterator<Item = &str> {
        self.env.values().flat_map(Template::keys)
    }
}

/// A container port published on the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Port {
    /// The port in the container.
    pub container: u16,
    /// The address of the host on which it is published.
    pub address: IpAddr,
    /// The port there; a free one is chosen if none.
    pub host: Option<u16>,
    /// TCP or UDP.
    pub protocol: Protocol,
}

/// A transport protocol.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Protocol {
    /// TCP.
    #[default]
    Tcp,
    /// UDP.
    Udp,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        })
    }
}

/// A word from a fixed list, as definitions spell it.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// Every word that is allowed.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The value of a word, if it is one of [`Self::WORDS`].
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }

            /// The word.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

words! {
    /// The signal that asks a container to stop.
    StopSignal {
        /// SIGINT.
        Int = "SIGINT",
        /// SIGTERM.
        Term = "SIGTERM",
        /// SIGKILL.
        Kill = "SIGKILL",
        /// SIGQUIT.
        Quit = "SIGQUIT",
    }
}

words! {
    /// What the engine does when a container exits by itself.
    #[derive(Default)]
    RestartPolicy {
        /// Nothing, the default.
        #[default]
        No = "no",
        /// Starts it again.
        Always = "always",
        /// Starts it again if its exit code was not 0.
        OnFailure = "on-failure",
        /// Starts it again unless somebody stopped it.
        UnlessStopped = "unless-stopped",
    }
}

/// How an image is built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// The build context: an absolute directory on the host.
    pub directory: PathBuf,
    /// The Dockerfile, relative to the directory.
    pub dockerfile: String,
    /// Build arguments.
    pub arguments: BTreeMap<String, String>,
    /// The stage to build up to.
    pub target: Option<String>,
}

/// A directory or file of the host in the container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// The absolute path on the host.
    pub source: PathBuf,
    /// Whether the container can only read it.
    pub read_only: bool,
}

/// A named volume in the container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// The volume's name within the group.
    pub name: String,
    /// Whether the container can only read it.
    pub read_only: bool,
}

/// A command that the engine runs in the container to see whether it is healthy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthCheck {
    /// The command and its arguments.
    pub command: Vec<String>,
    /// The time between two runs.
    pub interval: Duration,
}
