//! An engine of a test's own, inside a container, that can be restarted without harm to anybody else.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Error, Result, anyhow};
use bollard::models::{ContainerCreateBody, HostConfig};
use bollard::query_parameters::{CreateContainerOptions, KillContainerOptionsBuilder, StartContainerOptions};
use rustix::process::getgid;

use crate::engine::{Engine, GROUP, block};
use crate::group::GroupName;
use crate::images;
use crate::wait;

/// How long an engine may take until it answers: to start, or to stop what still runs and then to start.
const LIMIT: Duration = Duration::from_secs(40);
/// What an engine may do that a container may not, to mount, and to make networks. A privileged container could do that
/// too, and more than it needs: not every engine may give away all that a privileged one gets.
const CAPABILITIES: [&str; 2] = ["SYS_ADMIN", "NET_ADMIN"];
const UNCONFINED: [&str; 3] = ["seccomp=unconfined", "apparmor=unconfined", "label=disable"];
/// Where the image has the directory that it shares with us; see its `run.sh`.
const SHARED: &str = "/engine";
const SOCKET: &str = "docker.sock";
const STARTS: &str = "starts";

/// An engine in a container that belongs to a group: it is removed with all that it holds when everything of the group
/// is. It has the image of the tests' service. From outside only the engine is reached, and no port that it publishes.
#[derive(Debug)]
pub struct InnerEngine {
    around: Around,
    engine: Engine,
}

/// What is round an engine: a container, and the directory that it shares with us.
#[derive(Debug)]
struct Around {
    outer: Engine,
    container: String,
    directory: PathBuf,
}

/// How an engine ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It is told to end, and stops its containers first.
    Orderly,
    /// It is killed. Its containers run on, until it is back and stops them.
    Killed,
}

impl InnerEngine {
    /// Starts one that shares a directory with us, with these options of `dockerd` besides our own.
    ///
    /// # Errors
    ///
    /// When its image was not built, or it cannot run in a container of the outer engine: then with its last words.
    pub fn start(outer: &Engine, group: GroupName, directory: PathBuf, options: &[&str]) -> Result<Self> {
        fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
        let create = outer.docker().create_container(None::<CreateContainerOptions>, body(group, &directory, options));
        let container = block("create an engine's container; `cargo xtask test` builds its image", create)?.id;
        let around = Around { outer: outer.clone(), container, directory };
        let start = outer.docker().start_container(&around.container, None::<StartContainerOptions>);
        block("start an engine in a container of the engine", start)?;
        let engine = around.await_engine(0)?;
        engine.load_image(outer.save_image(images::SERVICE)?)?;
        Ok(Self { around, engine })
    }

    /// The engine inside.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Where it is, for `DOCKER_HOST`.
    #[must_use]
    pub fn address(&self) -> String {
        address(&self.around.directory)
    }

    /// What it has written to its log.
    ///
    /// # Errors
    ///
    /// When the outer engine does not answer.
    pub fn log(&self) -> Result<String> {
        self.around.outer.logs(&self.around.container)
    }

    /// Ends it, and waits until it is back.
    ///
    /// # Errors
    ///
    /// When it does not come back.
    pub fn restart(&self, ending: Ending) -> Result<()> {
        let Around { outer, container, .. } = &self.around;
        let starts = self.around.starts();
        let signal = match ending {
            Ending::Orderly => "SIGTERM",
            Ending::Killed => "SIGUSR1",
        };
        let options = KillContainerOptionsBuilder::new().signal(signal).build();
        block("end an engine", outer.docker().kill_container(container, Some(options)))?;
        self.around.await_engine(starts).map(drop)
    }
}

impl Around {
    /// How often an engine was started.
    fn starts(&self) -> u32 {
        let text = fs::read_to_string(self.directory.join(STARTS)).unwrap_or_default();
        text.trim().parse().unwrap_or(0)
    }

    /// Waits until an engine answers that was started after so many others.
    fn await_engine(&self, earlier: u32) -> Result<Engine> {
        let answered = wait::some_within(LIMIT, || {
            let started = self.starts() > earlier;
            let engine = started.then(|| Engine::connect_to(&address(&self.directory)).ok()).flatten();
            engine.map(Ok).or_else(|| self.end().map(Err))
        });
        let answered = answered.unwrap_or_else(|| Err(anyhow!("it gave no answer within {LIMIT:?}")));
        answered.with_context(|| {
            let log = self.outer.logs(&self.container).unwrap_or_default();
            format!("an engine cannot run in a container of the engine here; its log:\n{log}\nwhy")
        })
    }

    /// Why there will be no engine any more; none as long as there may be one.
    fn end(&self) -> Option<Error> {
        match self.outer.inspect(&self.container) {
            Ok(Some(found)) => {
                let state = found.state.unwrap_or_default();
                let code = state.exit_code.unwrap_or_default();
                (state.running != Some(true)).then(|| anyhow!("it ended with {code}"))
            }
            Ok(None) => Some(anyhow!("its container is gone")),
            Err(error) => Some(error),
        }
    }
}

fn body(group: GroupName, directory: &Path, options: &[&str]) -> ContainerCreateBody {
    let own = [
        "--host",
        &address(SHARED.as_ref()),
        "--group",
        &getgid().to_string(),
        // The one that works everywhere. The images here are small.
        "--storage-driver",
        "vfs",
        // Nothing here is reached through it, and not every kernel has all that it takes.
        "--iptables=false",
        "--log-level",
        "warn",
    ];
    ContainerCreateBody {
        image: Some(images::ENGINE.to_owned()),
        cmd: Some(own.iter().chain(options).map(|&argument| argument.to_owned()).collect()),
        labels: Some([(GROUP.to_owned(), group.to_string())].into()),
        host_config: Some(HostConfig {
            cap_add: Some(CAPABILITIES.map(str::to_owned).to_vec()),
            security_opt: Some(UNCONFINED.map(str::to_owned).to_vec()),
            masked_paths: Some(Vec::new()),
            readonly_paths: Some(Vec::new()),
            network_mode: Some("none".to_owned()),
            binds: Some(vec![format!("{}:{SHARED}", directory.display())]),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    }
}

fn address(directory: &Path) -> String {
    format!("unix://{}", directory.join(SOCKET).display())
}
