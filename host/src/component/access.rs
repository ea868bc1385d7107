//! What a hook is called with.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::context::Context;

use super::log::LogSink;

/// The containers that hooks talk to.
///
/// An error is a sentence for the person who wrote the definition.
#[async_trait]
pub trait Containers: Send + Sync {
    /// Whether the container of a service runs now.
    async fn is_running(&self, service: &str) -> Result<bool, String>;

    /// none, starting, healthy or unhealthy, as the engine's health check says.
    async fn health(&self, service: &str) -> Result<String, String>;

    /// The TCP ports that the container of a service publishes.
    async fn ports(&self, service: &str) -> Result<Vec<PublishedPort>, String>;

    /// Runs a command in the container of a service, for at most `timeout`.
    async fn exec(&self, service: &str, argv: &[String], timeout: Duration) -> Result<ExecOutput, String>;

    /// The last lines that the container of a service wrote.
    async fn log_tail(&self, service: &str, lines: u32) -> Result<Vec<u8>, String>;
}

/// A TCP port of a container, and where it is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishedPort {
    /// The port in the container.
    pub container: u16,
    /// The address on which it is published; unspecified if on all.
    pub address: IpAddr,
    /// The port there.
    pub host: u16,
}

impl PublishedPort {
    /// A port of a service's container.
    ///
    /// # Errors
    /// If the service has no container, or does not publish the port; the error says which ones it publishes.
    pub(super) async fn find(containers: &dyn Containers, service: &str, port: u16) -> Result<Self, String> {
        let ports = containers.ports(service).await?;
        ports.iter().find(|published| published.container == port).copied().ok_or_else(|| {
            let known = ports.iter().map(|published| published.container.to_string()).collect::<Vec<_>>().join(", ");
            let known = if known.is_empty() { "none".to_owned() } else { known };
            format!("service `{service}` does not publish TCP port {port}; it publishes: {known}")
        })
    }

    /// The address at which this machine reaches it: what is published on all addresses is published on loopback too.
    pub(super) fn reached_at(self) -> IpAddr {
        match self.address {
            IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            address => address,
        }
    }
}

/// What a command in a container left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecOutput {
    /// Its exit code.
    pub exit_code: i32,
    /// The end of its standard output.
    pub stdout: Vec<u8>,
    /// The end of its standard error.
    pub stderr: Vec<u8>,
    /// Whether more was written, of which the beginning is not there.
    pub is_cut: bool,
}

/// A hook of one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hook {
    /// Before the container is created.
    PreStart,
    /// Whether it is ready.
    Ping,
    /// Once it is ready for the first time.
    PostStartInit,
    /// Before it is stopped.
    PreStop,
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Hook::PreStart => "pre-start",
            Hook::Ping => "ping",
            Hook::PostStartInit => "post-start-init",
            Hook::PreStop => "pre-stop",
        })
    }
}

/// One call of a hook.
#[derive(Clone)]
pub struct HookCall {
    /// The hook.
    pub hook: Hook,
    /// The service.
    pub service: String,
    /// The services whose containers it may reach beside its own.
    pub dependencies: BTreeSet<String>,
    /// The containers.
    pub containers: Arc<dyn Containers>,
    /// The values it can read, and set unless it is a `ping`.
    pub context: Arc<Context>,
    /// What values it sets are kept under.
    pub instance: String,
    /// Where its log lines go.
    pub log: LogSink,
    /// How long it may take.
    pub timeout: Duration,
}

/// A hook of the whole group, called after a command has changed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupHook {
    /// These services were started.
    OnStart(Vec<String>),
    /// These services were stopped.
    OnStop(Vec<String>),
    /// This service was reloaded.
    OnReload(String),
}

impl fmt::Display for GroupHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            GroupHook::OnStart(_) => "on-start",
            GroupHook::OnStop(_) => "on-stop",
            GroupHook::OnReload(_) => "on-reload",
        })
    }
}

/// One call of a hook of the group.
#[derive(Clone)]
pub struct GroupCall {
    /// The hook.
    pub hook: GroupHook,
    /// The values it can read.
    pub context: Arc<Context>,
    /// Where its log lines go.
    pub log: LogSink,
    /// How long it may take.
    pub timeout: Duration,
}
