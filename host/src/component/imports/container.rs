//! `container`: the container of the service whose hook is running, and those of its dependencies.

use std::time::Duration;

use tokio::time::Instant;
use wasmtime::Result;
use wasmtime::component::Resource;

use crate::component::access::{HookCall, PublishedPort};
use crate::component::bindings::drillmaster::plugin::container::{ExecOutput, Host, HostContainer, HttpResponse};
use crate::component::http;
use crate::component::log::Level;
use crate::component::state::{ContainerHandle, Role, State};
use crate::group::short;

/// The most lines of a log that are given to a hook.
const MAX_LOG_LINES: u32 = 10_000;

/// The most bytes of a command's arguments: the systems that containers run on take no more than twice as many.
const MAX_ARGV: usize = 1024 * 1024;

/// The most bytes of the path of a request.
const MAX_PATH: usize = 8 * 1024;

/// The most bytes of a name that are shown.
const SHOWN: usize = 100;

/// Kept back from a hook's deadline, so that what it asked for ends before the hook itself does.
const MARGIN: Duration = Duration::from_millis(20);

impl State {
    /// The call that a handle is used in, and the service whose container it stands for.
    fn container(&self, handle: &Resource<ContainerHandle>) -> Result<(&HookCall, &str)> {
        let container = self.handles.get(handle)?;
        match &self.role {
            Role::Hook { call, .. } => Ok((call, &container.service)),
            Role::Fields { .. } | Role::Build | Role::Group { .. } => {
                Err(wasmtime::Error::msg("there are no containers in fields and in hooks of the group"))
            }
        }
    }

    /// How long something may take that a hook gives `timeout_ms`: not beyond the hook's own deadline.
    fn within(&self, timeout_ms: u32) -> Duration {
        let left = match &self.role {
            Role::Hook { deadline, .. } => {
                let deadline = *deadline + self.limits.waited();
                deadline.duration_since(Instant::now()).saturating_sub(MARGIN)
            }
            Role::Fields { .. } | Role::Build | Role::Group { .. } => Duration::ZERO,
        };
        match timeout_ms {
            0 => left,
            asked => left.min(Duration::from_millis(asked.into())),
        }
    }
}

/// A port number as a hook gives it.
fn port_number(port: u32) -> Result<u16, String> {
    u16::try_from(port).ok().filter(|port| *port != 0).ok_or_else(|| format!("{port} is not a port number"))
}

impl Host for State {}

impl HostContainer for State {
    async fn service_name(&mut self, handle: Resource<ContainerHandle>) -> Result<String> {
        Ok(self.container(&handle)?.1.to_owned())
    }

    async fn address(&mut self, handle: Resource<ContainerHandle>, port: u32) -> Result<Result<(String, u32), String>> {
        let (call, service) = self.container(&handle)?;
        Ok(match port_number(port) {
            Err(wrong) => Err(wrong),
            Ok(port) => PublishedPort::find(&*call.containers, service, port)
                .await
                .map(|published| (published.reached_at().to_string(), published.host.into())),
        })
    }

    async fn is_running(&mut self, handle: Resource<ContainerHandle>) -> Result<Result<bool, String>> {
        let (call, service) = self.container(&handle)?;
        Ok(call.containers.is_running(service).await)
    }

    async fn health(&mut self, handle: Resource<ContainerHandle>) -> Result<Result<String, String>> {
        let (call, service) = self.container(&handle)?;
        Ok(call.containers.health(service).await)
    }

    async fn exec(
        &mut self,
        handle: Resource<ContainerHandle>,
        argv: Vec<String>,
        timeout_ms: u32,
    ) -> Result<Result<ExecOutput, String>> {
        let (call, service) = self.container(&handle)?;
        if argv.is_empty() {
            return Ok(Err("there is no command to run: argv is empty".to_owned()));
        }
        let size: usize = argv.iter().map(|argument| argument.len() + 1).sum();
        if size > MAX_ARGV {
            return Ok(Err(format!("exec: the arguments have {size} bytes; {MAX_ARGV} are allowed")));
        }
        let output = call.containers.exec(service, &argv, self.within(timeout_ms)).await;
        if output.as_ref().is_ok_and(|output| output.is_cut) {
            self.log.write(Level::Warn, "exec: the command wrote more than 1 MiB, of which the hook gets the end");
        }
        Ok(output.map(|output| ExecOutput {
            exit_code: output.exit_code,
            stdout: output.stdout,
            stderr: output.stderr,
        }))
    }

    async fn probe_tcp(&mut self, handle: Resource<ContainerHandle>, port: u32, timeout_ms: u32) -> Result<bool> {
        match self.address(Resource::new_borrow(handle.rep()), port).await? {
            Ok((host, port)) => {
                let port = u16::try_from(port).map_err(wasmtime::Error::new)?;
                Ok(http::probe(&host, port, self.within(timeout_ms)).await)
            }
            Err(reason) => {
                let (call, service) = self.container(&handle)?;
                // While the engine starts it again, that is no news.
                if call.containers.is_running(service).await != Ok(false) {
                    self.log.write(Level::Warn, &format!("probe-tcp: {reason}"));
                }
                Ok(false)
            }
        }
    }

    async fn http_get(
        &mut self,
        handle: Resource<ContainerHandle>,
        port: u32,
        path: String,
        timeout_ms: u32,
    ) -> Result<Result<HttpResponse, String>> {
        if path.len() > MAX_PATH {
            return Ok(Err(format!("http-get: the path has {} bytes; {MAX_PATH} are allowed", path.len())));
        }
        if !path.starts_with('/') {
            return Ok(Err(format!("http-get: the path {path:?} does not begin with `/`")));
        }
        let (host, port) = match self.address(handle, port).await? {
            Ok(address) => address,
            Err(reason) => return Ok(Err(reason)),
        };
        let port = u16::try_from(port).map_err(wasmtime::Error::new)?;
        let answer = http::get(&host, port, &path, self.within(timeout_ms)).await;
        Ok(answer.map(|(status, body)| HttpResponse { status: status.into(), body }))
    }

    async fn log_tail(&mut self, handle: Resource<ContainerHandle>, lines: u32) -> Result<Result<Vec<u8>, String>> {
        let (call, service) = self.container(&handle)?;
        Ok(call.containers.log_tail(service, lines.min(MAX_LOG_LINES)).await)
    }

    async fn dependency(
        &mut self,
        handle: Resource<ContainerHandle>,
        service: String,
    ) -> Result<Result<Resource<ContainerHandle>, String>> {
        let (call, of) = self.container(&handle)?;
        if of != call.service {
            return Ok(Err(format!("`{of}` is a dependency itself; only the hook's own service has them in reach")));
        }
        if !call.dependencies.contains(&service) {
            let service = short(&service, SHOWN);
            return Ok(Err(format!("`{of}` does not declare `{service}` as a dependency")));
        }
        Ok(Ok(self.handles.push(ContainerHandle { service })?))
    }

    async fn drop(&mut self, handle: Resource<ContainerHandle>) -> Result<()> {
        self.handles.delete(handle)?;
        Ok(())
    }
}
