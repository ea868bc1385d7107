//! Finding the engine, before anything is compiled for it.

use std::env;
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::time::Duration;

use crate::child;
use crate::failure::Failure;
use crate::narration;

const DEFAULT: &str = "unix:///var/run/docker.sock";
const PATIENCE: Duration = Duration::from_secs(5);

/// The engine's address, as `DOCKER_HOST` has it.
#[derive(Clone)]
pub(crate) struct Docker {
    address: String,
}

impl Docker {
    /// Finds the engine as the Docker client does: `DOCKER_HOST`, the current context, the default socket. One
    /// behind a socket is asked whether it is there; any other answers later, to the harness.
    pub(crate) fn find() -> Result<Self, Failure> {
        let address = env::var("DOCKER_HOST").ok().filter(|host| !host.is_empty());
        let address = address.or_else(context).unwrap_or_else(|| DEFAULT.to_owned());
        if let Some(path) = address.strip_prefix("unix://") {
            ping(path).map_err(|error| unreachable(&address, &error))?;
        }
        narration::line(&format!("      Docker at {address}"));
        Ok(Self { address })
    }

    /// Tells a child where the engine is.
    pub(crate) fn name_to<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("DOCKER_HOST", &self.address)
    }
}

fn context() -> Option<String> {
    let mut command = Command::new("docker");
    command.args(["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]);
    child::ask(&mut command).filter(|host| !host.is_empty())
}

fn ping(path: &str) -> io::Result<()> {
    let mut stream = UnixStream::connect(path)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /_ping HTTP/1.0\r\n\r\n")?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer)?;
    if answer.ends_with(b" 200") { Ok(()) } else { Err(io::Error::other("it does not answer as Docker does")) }
}

fn unreachable(address: &str, error: &io::Error) -> Failure {
    let advice = match error.kind() {
        ErrorKind::PermissionDenied => {
            "Run this as root, or join the group that may: `sudo usermod -aG docker $USER`, then log in again."
        }
        ErrorKind::NotFound | ErrorKind::ConnectionRefused => {
            "Start it (`sudo systemctl start docker`, or Docker Desktop), or name another with DOCKER_HOST."
        }
        _ => "See what `docker version` says, or name another with DOCKER_HOST.",
    };
    Failure::docker(format!("cannot reach Docker at {address}: {error}. {advice}"))
}
