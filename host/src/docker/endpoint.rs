//! Where the engine is, found as the Docker client finds it. Pure: it is told of the machine by [`Machine`].

mod context;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::engine::{EngineError, Result};

#[cfg(not(windows))]
const DEFAULT: &str = "/var/run/docker.sock";
#[cfg(windows)]
const DEFAULT: &str = "//./pipe/docker_engine";

/// Podman's socket for the whole machine. A person's own is in `$XDG_RUNTIME_DIR`.
const PODMAN: &str = "/run/podman/podman.sock";

/// What engines start containers with: who reaches it needs no engine.
const CONTAINERD: &str = "/run/containerd/containerd.sock";
const CONTAINERD_OF_DOCKER: &str = "/run/docker/containerd/containerd.sock";

/// What is asked of the machine.
pub(super) struct Machine<'a> {
    /// The value of a variable.
    pub(super) variable: &'a dyn Fn(&str) -> Option<String>,
    /// The content of a file.
    pub(super) read: &'a dyn Fn(&Path) -> io::Result<String>,
    /// Whether there is a file or a socket.
    pub(super) exists: &'a dyn Fn(&Path) -> bool,
}

/// An engine's address, and who says that it is to be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub(super) address: Address,
    pub(super) source: Source,
}

/// An engine's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    /// A Unix socket.
    Unix(String),
    /// A named pipe of Windows.
    Pipe(String),
    /// A host and port.
    Http(String),
    /// A host and port, and what both sides show each other.
    Https(String, Certificates),
}

/// The files of a TLS connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Certificates {
    /// Who vouches for the engine.
    pub(super) ca: PathBuf,
    /// Who we are. It may be missing, together with its key.
    pub(super) certificate: PathBuf,
    /// Its key.
    pub(super) key: PathBuf,
}

/// Who says where the engine is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// `DOCKER_HOST`
    Variable,
    /// A context of the Docker client, and what names it: a variable or a file.
    Context { name: String, named_by: String },
    /// Nobody.
    Default,
    /// Nobody, and Podman is there where Docker is not.
    Podman,
}

/// Why there is no address, and what the person can do.
struct Trouble {
    reason: String,
    /// What the source's own advice does not say better.
    advice: Option<String>,
}

/// The engine that `DOCKER_HOST` names, else that of the Docker client's current context, else the one at the default
/// socket, else Podman.
///
/// # Errors
/// [`EngineError::Unreachable`], if what names it is wrong.
pub(super) fn resolve(machine: &Machine<'_>) -> Result<Endpoint> {
    if let Some(host) = machine.set("DOCKER_HOST") {
        let source = Source::Variable;
        let address = parse(&host, || machine.certificates(&host)).map_err(|trouble| trouble.at(&host, &source))?;
        return Ok(Endpoint { address, source });
    }
    match context::current(machine)? {
        Some(context) => context.endpoint(machine),
        None => Ok(machine.local()),
    }
}

/// Whether the engine runs on this machine for certain. What somebody names can be a tunnel.
pub(super) fn is_here(machine: &Machine<'_>) -> bool {
    resolve(machine).is_ok_and(|endpoint| endpoint.address == machine.local().address)
}

/// The sockets of this machine through which the engine is reached, or another one may be.
pub(super) fn sockets(machine: &Machine<'_>) -> Vec<PathBuf> {
    let known = [DEFAULT, PODMAN, CONTAINERD, CONTAINERD_OF_DOCKER].map(PathBuf::from);
    let own = machine.set("XDG_RUNTIME_DIR").map(PathBuf::from);
    let own = own.iter().flat_map(|directory| ["docker.sock", "podman/podman.sock"].map(|name| directory.join(name)));
    let ours = resolve(machine).ok().and_then(|endpoint| match endpoint.address {
        Address::Unix(path) => Some(PathBuf::from(path)),
        _ => None,
    });
    known.into_iter().chain(own).chain(ours).collect()
}

impl Machine<'_> {
    /// The value of a variable that is not empty.
    fn set(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    /// The directory of the Docker client's settings.
    fn settings(&self) -> Option<PathBuf> {
        let home = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        let own = || Some(Path::new(&self.set(home)?).join(".docker"));
        self.set("DOCKER_CONFIG").map(PathBuf::from).or_else(own)
    }

    /// The certificates for the host that `DOCKER_HOST` names, if it is to be asked over TLS.
    fn certificates(&self, host: &str) -> Result<Option<Certificates>, Trouble> {
        if self.set("DOCKER_TLS_VERIFY").is_none() && !host.starts_with("https://") {
            return Ok(None);
        }
        let directory = self.set("DOCKER_CERT_PATH").map(PathBuf::from).or_else(|| self.settings());
        let advice = "DOCKER_CERT_PATH names the directory of ca.pem, cert.pem and key.pem (default: ~/.docker).";
        let found = directory.ok_or_else(|| "neither DOCKER_CERT_PATH nor HOME is set".to_owned());
        let found = found.and_then(|directory| Certificates::find(&directory, self));
        found.map(Some).map_err(|reason| Trouble { reason, advice: Some(advice.to_owned()) })
    }

    /// The engine of this machine.
    fn local(&self) -> Endpoint {
        if cfg!(windows) {
            return Endpoint { address: Address::Pipe(DEFAULT.to_owned()), source: Source::Default };
        }
        let own = self.set("XDG_RUNTIME_DIR").map(|directory| format!("{directory}/podman/podman.sock"));
        let podman = || own.into_iter().chain([PODMAN.to_owned()]).find(|path| (self.exists)(Path::new(path)));
        let podman = if (self.exists)(Path::new(DEFAULT)) { None } else { podman() };
        match podman {
            Some(path) => Endpoint { address: Address::Unix(path), source: Source::Podman },
            None => Endpoint { address: Address::Unix(DEFAULT.to_owned()), source: Source::Default },
        }
    }
}

impl Certificates {
    /// The certificates in a directory.
    fn find(directory: &Path, machine: &Machine<'_>) -> Result<Self, String> {
        let [ca, certificate, key] = ["ca.pem", "cert.pem", "key.pem"].map(|name| directory.join(name));
        if !(machine.exists)(&ca) {
            return Err(format!("there is no {} to check its certificate with", ca.display()));
        }
        if (machine.exists)(&certificate) != (machine.exists)(&key) {
            return Err(format!("of {} and {} only one is there", certificate.display(), key.display()));
        }
        // Whoever uses them would wait for ever where one is a pipe.
        for file in [&ca, &certificate, &key].into_iter().filter(|file| (machine.exists)(file)) {
            (machine.read)(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        }
        Ok(Self { ca, certificate, key })
    }
}

/// The address that a text like `tcp://host:2376` means. What TLS needs is looked for only where it can be needed.
fn parse(host: &str, certificates: impl FnOnce() -> Result<Option<Certificates>, Trouble>) -> Result<Address, Trouble> {
    // Like the Docker client, which takes a bare host for one too.
    let (scheme, rest) = host.split_once("://").unwrap_or(("tcp", host));
    let or_default = |rest: &str| if rest.is_empty() { DEFAULT.to_owned() } else { rest.to_owned() };
    match scheme {
        "unix" => Ok(Address::Unix(or_default(rest))),
        "npipe" => Ok(Address::Pipe(or_default(rest))),
        "tcp" | "http" | "https" => {
            let wrong = |reason| Trouble { reason, advice: Some("Give it as tcp://HOST:PORT.".to_owned()) };
            Ok(match certificates()? {
                None if scheme == "https" => return Err(wrong("it has no ca.pem for https".to_owned())),
                None => Address::Http(host_and_port(rest, 2375).map_err(wrong)?),
                Some(certificates) => Address::Https(host_and_port(rest, 2376).map_err(wrong)?, certificates),
            })
        }
        "ssh" => Err(Trouble {
            reason: "drillmaster does not speak ssh".to_owned(),
            advice: Some(format!(
                "Let ssh bring the engine's socket here and use that: `ssh -NL /tmp/docker.sock:{DEFAULT} {host}`, \
                 and DOCKER_HOST=unix:///tmp/docker.sock."
            )),
        }),
        _ => Err(Trouble {
            reason: format!("{scheme}:// is not known here"),
            advice: Some("It can be unix://, npipe://, tcp://, http:// or https://.".to_owned()),
        }),
    }
}

fn host_and_port(text: &str, default_port: u16) -> Result<String, String> {
    let text = text.trim_end_matches('/');
    // The colons of an IPv6 address are within its brackets.
    let (host, port) = match text.rfind(':').filter(|colon| text.rfind(']').is_none_or(|bracket| bracket < *colon)) {
        Some(colon) => (&text[..colon], &text[colon + 1..]),
        None => (text, ""),
    };
    let port =
        if port.is_empty() { default_port } else { port.parse().map_err(|_| format!("`{port}` is not a port"))? };
    if host.contains(['/', '@', '?', '#']) || host.contains(char::is_whitespace) {
        return Err(format!("`{host}` is not a host"));
    }
    Ok(format!("{}:{port}", if host.is_empty() { "localhost" } else { host }))
}

impl Trouble {
    fn at(self, host: &str, source: &Source) -> EngineError {
        EngineError::Unreachable {
            endpoint: format!("{host} ({source})"),
            reason: self.reason,
            advice: self.advice.unwrap_or_else(|| source.advice()),
        }
    }
}

impl Source {
    /// How the person chooses another engine.
    pub(super) fn advice(&self) -> String {
        match self {
            Source::Variable => "DOCKER_HOST says so: check it, and that the engine there is running.".to_owned(),
            Source::Context { name, named_by } => format!(
                "Context `{name}` says so, which {named_by} names: check it with `docker context inspect {name}`, and \
                 that its engine is running, or choose another one with `docker context use` or DOCKER_CONTEXT."
            ),
            Source::Default => {
                "Is Docker running? Start it (`sudo systemctl start docker`, or Docker Desktop), or set \
                                DOCKER_HOST to where it listens."
                    .to_owned()
            }
            Source::Podman => "Is Podman's service running? Start it (`systemctl --user start podman.socket`), or set \
                               DOCKER_HOST to where an engine listens."
                .to_owned(),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.address, self.source)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Unix(path) => write!(f, "unix://{path}"),
            Address::Pipe(path) => write!(f, "npipe://{path}"),
            Address::Http(host) | Address::Https(host, _) => write!(f, "tcp://{host}"),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Variable => f.write_str("from DOCKER_HOST"),
            Source::Context { name, named_by } => write!(f, "from context `{name}`, which {named_by} names"),
            Source::Default => f.write_str("the default"),
            Source::Podman => write!(f, "Podman's, as there is no {DEFAULT}"),
        }
    }
}

#[cfg(test)]
mod tests;
