//! An engine of a test's own, which it may kill. The machine's is everybody's.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bollard::body_full;
use bollard::query_parameters::ImportImageOptions;
use futures_util::TryStreamExt;
use rustix::process::{Signal, geteuid};

use crate::engine::{Engine, block};
use crate::group::GroupName;
use crate::{images, leftovers, process, wait};

/// So long may an engine take to answer, or to end.
const LIMIT: Duration = Duration::from_secs(30);

/// A `dockerd` with nothing in it but the image of the tests' service. Dropping it ends it and removes all it has.
#[derive(Debug)]
pub struct Dockerd {
    directory: PathBuf,
    bridge: Bridge,
    child: Child,
}

impl Dockerd {
    /// Starts one.
    ///
    /// # Errors
    ///
    /// When this is not root, there is no `dockerd`, or it does not come up: with the end of its log.
    pub fn start() -> Result<Self> {
        ensure!(geteuid().is_root(), "an engine of one's own takes root: run this test as root");
        let directory = leftovers::directories().join(GroupName::unique().to_string());
        fs::create_dir_all(&directory)?;
        // The machine's own settings are not for this one.
        fs::write(directory.join("daemon.json"), "{}")?;
        let bridge = Bridge::new()?;
        let child = spawn(&directory, &bridge)?;
        let dockerd = Self { directory, bridge, child };
        dockerd.wait_until_it_answers()?;
        dockerd.load_image().context("cannot give the engine the image of the tests' service")?;
        Ok(dockerd)
    }

    /// Where it listens, for `DOCKER_HOST`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("unix://{}", self.directory.join("docker.sock").display())
    }

    /// A connection to it, which outlives a restart.
    ///
    /// # Errors
    ///
    /// When it does not answer.
    pub fn engine(&self) -> Result<Engine> {
        Engine::connect_to(&self.address())
    }

    /// Ends it with a signal, and waits for its end.
    pub fn end(&mut self, signal: Signal) {
        // One that has ended already needs none.
        let _ = process::send(self.child.id(), signal);
        let ended = wait::some_within(LIMIT, || self.child.try_wait().ok().flatten());
        if ended.is_none() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }

    /// Starts it again after its end, with all that it had.
    ///
    /// # Errors
    ///
    /// When it does not come up.
    pub fn start_again(&mut self) -> Result<()> {
        // One that was killed leaves the numbers of processes that are gone, in whose stead others may live.
        for left in ["docker.pid", "docker.sock", "exec/containerd/containerd.pid"] {
            let _ = fs::remove_file(self.directory.join(left));
        }
        self.child = spawn(&self.directory, &self.bridge)?;
        self.wait_until_it_answers()
    }

    fn wait_until_it_answers(&self) -> Result<()> {
        let answers = || self.engine().ok().map(drop);
        wait::some_within(LIMIT, answers).with_context(|| {
            let log = fs::read_to_string(self.directory.join("log")).unwrap_or_default();
            let last: Vec<&str> = log.lines().rev().take(10).collect();
            format!("dockerd does not answer; the end of its log, backwards:\n{}", last.join("\n"))
        })
    }

    /// As it is in the machine's engine.
    fn load_image(&self) -> Result<()> {
        let machine = Engine::connect()?;
        let pieces: Vec<_> = block("export the image", machine.docker().export_image(images::SERVICE).try_collect())?;
        let engine = self.engine()?;
        let load = engine.docker().import_image(ImportImageOptions::default(), body_full(pieces.concat().into()), None);
        block("load the image", load.try_collect::<Vec<_>>()).map(drop)
    }
}

impl Drop for Dockerd {
    fn drop(&mut self) {
        self.end(Signal::TERM);
        if let Err(error) = fs::remove_dir_all(&self.directory) {
            eprintln!("cannot remove {}: {error}", self.directory.display());
        }
    }
}

/// A `dockerd` that ends with the thread that started it, at the latest, and whose mounts nobody else sees.
fn spawn(directory: &std::path::Path, bridge: &Bridge) -> Result<Child> {
    let log = File::create(directory.join("log"))?;
    let path = |name: &str| directory.join(name).display().to_string();
    Command::new("setpriv")
        .args(["--pdeathsig", "KILL", "unshare", "--mount", "dockerd"])
        .args(["--config-file", &path("daemon.json"), "--data-root", &path("data"), "--exec-root", &path("exec")])
        .args(["--pidfile", &path("docker.pid"), "--host", &format!("unix://{}", path("docker.sock"))])
        // Ports are published by a process for each; the machine's firewall is left alone.
        .args(["--bridge", &bridge.0, "--iptables=false", "--ip6tables=false", "--storage-driver=vfs"])
        // Away from the addresses that the machine's engine gives its networks.
        .arg("--default-address-pool=base=10.213.0.0/16,size=24")
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .context("cannot run dockerd (with setpriv and unshare, of util-linux)")
}

/// A network bridge for the engine's default network. An engine that is told to have none removes the machine's own,
/// and one that is told nothing shares it.
#[derive(Debug)]
struct Bridge(String);

/// What the names of bridges begin with; then come the process that made it and a number. 15 characters is all a name
/// can have.
const BRIDGE_PREFIX: &str = "dme-";

impl Bridge {
    fn new() -> Result<Self> {
        static MADE: AtomicU8 = AtomicU8::new(0);
        Self::sweep();
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("{BRIDGE_PREFIX}{}-{number}", std::process::id());
        ip(&["link", "add", &name, "type", "bridge"])?;
        let bridge = Self(name);
        ip(&["address", "add", &format!("10.214.{number}.1/24"), "dev", &bridge.0])?;
        Ok(bridge)
    }

    /// Removes what tests that were killed have left.
    fn sweep() {
        for entry in fs::read_dir("/sys/class/net").into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let owner = name.strip_prefix(BRIDGE_PREFIX).and_then(|rest| rest.split_once('-'));
            if owner.is_some_and(|(owner, _)| !PathBuf::from("/proc").join(owner).exists()) {
                drop(Self(name));
            }
        }
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        if let Err(error) = ip(&["link", "delete", &self.0]) {
            eprintln!("cannot remove the bridge {}: {error:#}", self.0);
        }
    }
}

fn ip(arguments: &[&str]) -> Result<()> {
    let output = Command::new("ip").args(arguments).output().context("cannot run ip, of iproute2")?;
    ensure!(output.status.success(), "ip {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    Ok(())
}
