//! What a definition said, word for word and not checked yet.

use std::collections::BTreeSet;

use super::{Digest, Protocol};

/// The services of a group as a definition declared them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declaration {
    /// The name the definition gave to the group, if it did.
    pub name: Option<String>,
    /// Its services, in the order of their declaration.
    pub services: Vec<ServiceDeclaration>,
    /// The names of the parameters that it asked for.
    pub asked: BTreeSet<String>,
}

/// A declaration, and the definition that it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The definition's file, as the person named it.
    pub file: String,
    /// The digest of the definition.
    pub digest: Digest,
    /// What it declared.
    pub declaration: Declaration,
}

/// One service as declared. Lists keep what was added, in order, duplicates included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "each field is documented where a definition sets it, in wit/definition.wit")]
pub struct ServiceDeclaration {
    pub name: String,
    pub image: String,
    pub dependencies: Vec<String>,
    pub env: Vec<(String, String)>,
    pub ports: Vec<PortDeclaration>,
    pub always_start_new: bool,
    pub stop_signal: Option<String>,
    pub stop_timeout_ms: Option<u32>,
    pub build: Option<BuildDeclaration>,
    pub build_arguments: Vec<(String, String)>,
    pub build_target: Option<String>,
    pub entrypoint: Option<Vec<String>>,
    pub command: Option<Vec<String>>,
    pub user: Option<String>,
    pub working_directory: Option<String>,
    pub mounts: Vec<MountDeclaration>,
    pub volumes: Vec<MountDeclaration>,
    pub tmpfs: Vec<String>,
    pub labels: Vec<(String, String)>,
    pub aliases: Vec<String>,
    pub networks: Vec<String>,
    pub restart_policy: Option<String>,
    pub health_check: Option<(Vec<String>, u32)>,
    pub platform: Option<String>,
    pub shared_memory_mib: Option<u32>,
    pub memory_limit_mib: Option<u32>,
    pub cpu_limit_millis: Option<u32>,
}

/// A port as declared: any number, to be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "as above")]
pub struct PortDeclaration {
    pub container: u32,
    pub host: Option<u32>,
    pub protocol: Protocol,
}

/// A build as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "as above")]
pub struct BuildDeclaration {
    pub directory: String,
    pub dockerfile: Option<String>,
}

/// A bind mount or a named volume as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "as above")]
pub struct MountDeclaration {
    pub source: String,
    pub target: String,
    pub read_only: bool,
}
