//! Finding the engine and greeting it.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, TcpListener};
use std::path::Path;
use std::thread;
use std::time::Duration;

use bollard::API_DEFAULT_VERSION;
use bollard::errors::Error;
use bollard::query_parameters::ListNetworksOptionsBuilder;

use crate::engine::{EngineError, Result, Turns};
use crate::files::read_regular_text;
use crate::grants::OutOfReach;
use crate::group::Digest;

use super::Docker;
use super::client::{Client, REQUEST_TIMEOUT};
use super::endpoint::{self, Address, Certificates, Endpoint, Machine};
use super::error::{failed, root_cause};

/// How long the engine may take to answer the first request.
const GREETING_TIMEOUT: Duration = Duration::from_secs(10);

/// Where engines keep their containers, volumes and images.
const FILES: [&str; 6] = [
    "/var/lib/docker",
    "/var/lib/containerd",
    "/var/lib/containers",
    "/run/docker",
    "/run/containerd",
    "/run/containers",
];

/// The most that is read of a file of the Docker client's.
const SETTINGS_LIMIT: u64 = 4 * 1024 * 1024;

/// This machine.
const MACHINE: Machine<'static> =
    Machine { variable: &|name| std::env::var(name).ok(), read: &read, exists: &Path::exists };

/// What belongs to engines on this machine: with any of it a container could do what it likes with all the others, and
/// with the machine.
#[must_use]
pub fn out_of_reach() -> Vec<OutOfReach> {
    let sockets = endpoint::sockets(&MACHINE).into_iter().map(|path| OutOfReach::new("an engine's socket", path));
    let files = FILES.map(|path| OutOfReach::new("an engine's files", path));
    sockets.chain(files).collect()
}

/// Whether an engine could publish ports on an address. Of one that may run on another machine that is not known.
#[must_use]
pub fn can_publish_on(address: IpAddr) -> bool {
    let is_not_ours = |error: &io::Error| error.kind() == io::ErrorKind::AddrNotAvailable;
    !endpoint::is_here(&MACHINE) || !TcpListener::bind((address, 0)).is_err_and(|error| is_not_ours(&error))
}

impl Docker {
    /// Connects to the engine that the Docker client would connect to, and agrees with it on a version of the API. One
    /// request.
    ///
    /// # Errors
    /// [`EngineError::Unreachable`], with who says where the engine is, and what the person can do.
    #[tracing::instrument(target = "docker", name = "connect", level = "debug", err)]
    pub async fn connect() -> Result<Self> {
        let endpoint = endpoint::resolve(&MACHINE)?;
        let unreachable = |reason: String| EngineError::Unreachable {
            advice: advice(&endpoint, &reason),
            endpoint: endpoint.to_string(),
            reason,
        };
        let client = client(&endpoint.address).map_err(|error| unreachable(why_no_client(&error)))?;
        let client = tokio::time::timeout(GREETING_TIMEOUT, agree(client, &endpoint.address))
            .await
            .map_err(|_| unreachable(format!("no answer within {} s", GREETING_TIMEOUT.as_secs())))?
            .map_err(|error| unreachable(root_cause(&error)))?;
        // Twice as many at once as there are processors was measured to be fastest; all at once is slower than that, and one
        // at a time much slower.
        let turns = Turns::new(thread::available_parallelism().map_or(2, usize::from) * 2);
        Ok(Self { client: Client::new(client), endpoint, turns, pending: None })
    }

    /// The id of the engine's network `host`, which it makes once and keeps as long as its data; to ask for the id of the
    /// engine itself takes it some 10 ms, more than all else that a command with nothing to do asks for. An engine
    /// without such a network is asked for its own.
    pub(super) async fn engine_id(&self) -> Result<String> {
        let builtin = HashMap::from([("type", vec!["builtin"]), ("driver", vec!["host"])]);
        let builtin = ListNetworksOptionsBuilder::new().filters(&builtin).build();
        let networks = self.client.ask(|docker| docker.list_networks(Some(builtin))).await;
        let networks = networks.map_err(|error| failed(self, "say who it is", error))?;
        let host = networks.into_iter().find(|network| network.name.as_deref() == Some("host"));
        if let Some(id) = host.and_then(|network| network.id).filter(|id| !id.is_empty()) {
            return Ok(id);
        }
        let info =
            self.client.ask(bollard::Docker::info).await.map_err(|error| failed(self, "say who it is", error))?;
        // Podman leaves it empty.
        let id = info.id.filter(|id| !id.is_empty());
        Ok(id.unwrap_or_else(|| Digest::of(self.endpoint.address.to_string().as_bytes()).to_string()))
    }
}

/// Reads a file of the Docker client's.
fn read(path: &Path) -> io::Result<String> {
    read_regular_text(path, SETTINGS_LIMIT)
}

pub(super) fn client(address: &Address) -> std::result::Result<bollard::Docker, Error> {
    match address {
        Address::Unix(_) | Address::Pipe(_) => bollard::Docker::connect_with_host(&address.to_string()),
        Address::Http(host) => bollard::Docker::connect_with_http(host, REQUEST_TIMEOUT.as_secs(), API_DEFAULT_VERSION),
        Address::Https(host, files) => bollard::Docker::connect_with_ssl(
            host,
            &files.key,
            &files.certificate,
            &files.ca,
            REQUEST_TIMEOUT.as_secs(),
            API_DEFAULT_VERSION,
        ),
    }
}

fn why_no_client(error: &Error) -> String {
    match error {
        Error::SocketNotFoundError(_) => "there is no such socket".to_owned(),
        Error::UnsupportedURISchemeError { .. } => "this system has no addresses of that kind".to_owned(),
        Error::CertPathError { path } | Error::CertParseError { path } => {
            format!("{} cannot be read as a certificate", path.display())
        }
        other => root_cause(other),
    }
}

/// Agrees with the engine on a version of the API: the quick way where there is one.
async fn agree(client: bollard::Docker, address: &Address) -> std::result::Result<bollard::Docker, Error> {
    #[cfg(unix)]
    if let Address::Unix(socket) = address
        && let Some(version) = super::greeting::api_version(socket).await
    {
        return bollard::Docker::connect_with_unix(socket, REQUEST_TIMEOUT.as_secs(), &version);
    }
    client.negotiate_version().await
}

/// What the person can do about an engine that cannot be reached.
fn advice(endpoint: &Endpoint, reason: &str) -> String {
    if reason.contains("ermission denied") {
        "You may not use that socket: add yourself to the group `docker` (`sudo usermod -aG docker $USER`, then log in \
         again), or run as a user who may."
            .to_owned()
    } else if reason.contains("HTTP request to an HTTPS server") {
        format!("The engine wants TLS: set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH. {}", endpoint.source.advice())
    } else if let Address::Https(_, files) = &endpoint.address
        && (reason.contains("ertificate") || reason.contains("alert"))
    {
        let Certificates { ca, certificate, .. } = files;
        format!(
            "Its certificate is checked with {}, and ours is {}, if it asks for one. {}",
            ca.display(),
            certificate.display(),
            endpoint.source.advice()
        )
    } else {
        endpoint.source.advice()
    }
}
