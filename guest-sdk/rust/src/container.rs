use std::time::Duration;

use crate::{Address, Health, Output, Response, Result, time_out::milliseconds};

const EXEC_TIME_OUT: Duration = Duration::from_secs(30);
const HTTP_TIME_OUT: Duration = Duration::from_secs(10);
const PROBE_TIME_OUT: Duration = Duration::from_secs(1);

/// The container of the service whose hook is running, or of one of its dependencies.
///
/// Ports are those of the container: the host finds out where it published them. A time-out of zero, or one that
/// would outlast the hook's own deadline, is cut to that deadline.
pub struct Container(Box<dyn Backend>);

/// What a container is made of: the host's resource in a component, a fake in a test.
pub(crate) trait Backend {
    fn service_name(&self) -> String;
    fn address(&self, port: u32) -> Result<(String, u32), String>;
    fn is_running(&self) -> Result<bool, String>;
    fn health(&self) -> Result<String, String>;
    fn exec(&self, argv: &[String], timeout_ms: u32) -> Result<ExecOutput, String>;
    fn probe_tcp(&self, port: u32, timeout_ms: u32) -> bool;
    fn http_get(&self, port: u32, path: &str, timeout_ms: u32) -> Result<Response, String>;
    fn log_tail(&self, lines: u32) -> Result<Vec<u8>, String>;
    fn dependency(&self, service: &str) -> Result<Container, String>;
}

/// What the backend knows of an [`Output`].
#[derive(Clone)]
pub(crate) struct ExecOutput {
    pub(crate) exit_code: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

impl Container {
    pub(crate) fn new(backend: impl Backend + 'static) -> Self {
        Self(Box::new(backend))
    }

    /// The name of the service.
    #[must_use]
    pub fn name(&self) -> String {
        self.0.service_name()
    }

    /// Where the host reaches a published TCP port of the container. It does not say that anything listens there.
    ///
    /// # Errors
    ///
    /// When the port is not published; the error names those that are.
    pub fn address(&self, port: u16) -> Result<Address> {
        let (host, published) = self.0.address(port.into())?;
        let published = u16::try_from(published)
            .map_err(|_| format!("port {port} is published on {published}, which is no port"))?;
        Ok(Address { host, port: published })
    }

    /// Whether the container's process is running now.
    ///
    /// # Errors
    ///
    /// When the engine cannot be asked.
    pub fn is_running(&self) -> Result<bool> {
        Ok(self.0.is_running()?)
    }

    /// What the engine's health check says; see [`Fields::health_check`](crate::Fields::health_check).
    ///
    /// # Errors
    ///
    /// When the engine cannot be asked.
    pub fn health(&self) -> Result<Health> {
        Ok(Health::from_name(&self.0.health()?)?)
    }

    /// Runs a command in the container and waits for it, for at most 30 seconds.
    ///
    /// There is no shell between: each item is one word. A command that cannot be found gives an exit code of 126 or
    /// 127. [`Output::check`] turns an exit code other than 0 into an error.
    ///
    /// # Errors
    ///
    /// When the container does not run, and when the time is up; the command itself may then go on in the container.
    pub fn exec(&self, argv: impl IntoIterator<Item = impl Into<String>>) -> Result<Output> {
        self.exec_timeout(argv, EXEC_TIME_OUT)
    }

    /// The same, waiting for another time.
    ///
    /// # Errors
    ///
    /// As for [`exec`](Self::exec).
    pub fn exec_timeout(&self, argv: impl IntoIterator<Item = impl Into<String>>, timeout: Duration) -> Result<Output> {
        let argv: Vec<String> = argv.into_iter().map(Into::into).collect();
        let ExecOutput { exit_code, stdout, stderr } = self.0.exec(&argv, milliseconds(timeout))?;
        Ok(Output { argv, exit_code, stdout, stderr })
    }

    /// Whether something accepts a TCP connection on this published port within a second.
    #[must_use]
    pub fn probe_tcp(&self, port: u16) -> bool {
        self.probe_tcp_timeout(port, PROBE_TIME_OUT)
    }

    /// The same, waiting for another time.
    #[must_use]
    pub fn probe_tcp_timeout(&self, port: u16, timeout: Duration) -> bool {
        self.0.probe_tcp(port.into(), milliseconds(timeout))
    }

    /// Makes a GET request to this published port and waits for the answer, for at most 10 seconds.
    ///
    /// `path` begins with `/`. Redirects are not followed. Any status is an answer and not an error.
    ///
    /// # Errors
    ///
    /// When nothing answers in time, or not in HTTP.
    pub fn http_get(&self, port: u16, path: impl AsRef<str>) -> Result<Response> {
        self.http_get_timeout(port, path, HTTP_TIME_OUT)
    }

    /// The same, waiting for another time.
    ///
    /// # Errors
    ///
    /// As for [`http_get`](Self::http_get).
    pub fn http_get_timeout(&self, port: u16, path: impl AsRef<str>, timeout: Duration) -> Result<Response> {
        Ok(self.0.http_get(port.into(), path.as_ref(), milliseconds(timeout))?)
    }

    /// The last lines that the container wrote to stdout and stderr, at most 10,000 lines and 1 MiB; bytes that are
    /// not UTF-8 are replaced.
    ///
    /// # Errors
    ///
    /// When the engine cannot be asked.
    pub fn log_tail(&self, lines: u32) -> Result<String> {
        let tail = self.0.log_tail(lines)?;
        Ok(String::from_utf8_lossy(&tail).into_owned())
    }

    /// The container of a service that this one [depends on](crate::Fields::depends_on).
    ///
    /// # Errors
    ///
    /// For the name of any other service.
    pub fn dependency(&self, service: impl AsRef<str>) -> Result<Container> {
        Ok(self.0.dependency(service.as_ref())?)
    }
}
