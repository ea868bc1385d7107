//! What a hook is called with.

use std::collections::BTreeSet;
use std::fmt;
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

    /// Where the host reaches a TCP port of a service's container.
    async fn address(&self, service: &str, port: u16) -> Result<(String, u16), String>;

    /// Runs a command in the container of a service, for at most `timeout`.
    async fn exec(&self, service: &str, argv: &[String], timeout: Duration) -> Result<ExecOutput, String>;

    /// The last lines that the container of a service wrote.
    async fn log_tail(&self, service: &str, lines: u32) -> Result<Vec<u8>, String>;
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
