//! Finding the engine and greeting it.

use std::thread;
use std::time::Duration;

use bollard::errors::Error;
use tokio::sync::Semaphore;

use crate::engine::{EngineError, Result};
use crate::group::Digest;

use super::Docker;
use super::error::{failed, root_cause};

/// Where the engine is found when `DOCKER_HOST` does not say.
const DEFAULT_HOST: &str = if cfg!(windows) { "npipe:////./pipe/docker_engine" } else { "unix:///var/run/docker.sock" };

/// How long the engine may take to answer the first request.
const GREETING_TIMEOUT: Duration = Duration::from_secs(10);

impl Docker {
    /// Connects to the engine at `DOCKER_HOST`, else at the default socket, and agrees with it on a version of the API.
    /// One request.
    ///
    /// # Errors
    /// [`EngineError::Unreachable`], with what the person can do.
    pub async fn connect() -> Result<Self> {
        let endpoint = std::env::var("DOCKER_HOST").ok().filter(|host| !host.is_empty());
        let endpoint = endpoint.unwrap_or_else(|| DEFAULT_HOST.to_owned());
        let unreachable = |reason: String| EngineError::Unreachable {
            advice: advice(&endpoint, &reason),
            endpoint: endpoint.clone(),
            reason,
        };
        let client = bollard::Docker::connect_with_host(&endpoint).map_err(|error| {
            unreachable(match error {
                Error::SocketNotFoundError(_) => "there is no such socket".to_owned(),
                Error::UnsupportedURISchemeError { .. } => "only unix:// and tcp:// addresses are supported".to_owned(),
                other => root_cause(&other),
            })
        })?;
        let client = tokio::time::timeout(GREETING_TIMEOUT, client.negotiate_version())
            .await
            .map_err(|_| unreachable(format!("no answer within {} s", GREETING_TIMEOUT.as_secs())))?
            .map_err(|error| unreachable(root_cause(&error)))?;
        let processors = thread::available_parallelism().map_or(2, usize::from);
        Ok(Self { client, endpoint, slots: Semaphore::new(processors * 2), pending: None })
    }

    pub(super) async fn engine_id(&self) -> Result<String> {
        let info = self.client.info().await.map_err(|error| failed(self, "say who it is", error))?;
        // Podman leaves it empty.
        let id = info.id.filter(|id| !id.is_empty());
        Ok(id.unwrap_or_else(|| Digest::of(self.endpoint.as_bytes()).to_string()))
    }
}

/// What the person can do about an engine that cannot be reached.
fn advice(endpoint: &str, reason: &str) -> String {
    if reason.contains("ermission denied") {
        "You may not use that socket: add yourself to the group `docker` (`sudo usermod -aG docker $USER`, then log in \
         again), or run as a user who may."
            .to_owned()
    } else if endpoint == DEFAULT_HOST {
        "Is Docker running? Start it (`sudo systemctl start docker`, or Docker Desktop), or set DOCKER_HOST to where it \
         listens."
            .to_owned()
    } else {
        "DOCKER_HOST says so: check it, and that the engine there is running.".to_owned()
    }
}
