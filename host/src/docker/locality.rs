//! Whether an engine runs its containers on this machine, so that the ports that it publishes are this machine's.
//!
//! Its address does not tell: a tunnel brings the socket of an engine elsewhere here, and a socket that is mounted into a
//! container is that of an engine outside of it. So the process of a container is looked for: the engine knows its number,
//! and if it is on this machine, the kernel says of the process of that number which container it belongs to.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::OnceCell;

use crate::plan::ContainerId;

use super::Docker;
use super::connect::MACHINE;
use super::endpoint;

/// What Docker Desktop calls its system. It runs containers in a virtual machine, and passes their ports on to this one.
const DESKTOP: &str = "Docker Desktop";

/// What is known of where an engine runs.
#[derive(Debug, Default)]
pub(super) struct Locality {
    /// A process of one of its containers was found here.
    is_proven: AtomicBool,
    /// Whether the engine itself says so; known once it had to be asked.
    says_so: OnceCell<bool>,
}

/// A machine, as it calls itself.
#[derive(Debug, PartialEq, Eq)]
struct Name {
    host: String,
    kernel: String,
}

impl Docker {
    /// Whether a running container, whose process has this number where it runs, does so on this machine.
    pub(super) async fn is_here(&self, id: &ContainerId, process: Option<i64>) -> bool {
        if process.is_some_and(|process| is_process_of(process, id)) {
            self.locality.is_proven.store(true, Ordering::Relaxed);
        }
        // Processes of others can be hidden here.
        self.is_known_to_be_here().await
    }

    /// Whether it runs its containers on this machine, as far as that is known without looking for one of them.
    pub(super) async fn is_known_to_be_here(&self) -> bool {
        let Locality { is_proven, says_so } = &self.locality;
        // What could not be asked can be the next time.
        is_proven.load(Ordering::Relaxed)
            || *says_so.get_or_try_init(|| self.says_that_it_is_here()).await.unwrap_or(&false)
    }

    async fn says_that_it_is_here(&self) -> Result<bool, bollard::errors::Error> {
        if !endpoint::is_own(&MACHINE, &self.endpoint.address) {
            return Ok(false);
        }
        let info = self.client.ask(bollard::Docker::info).await?;
        let name = Name { host: info.name.unwrap_or_default(), kernel: info.kernel_version.unwrap_or_default() };
        Ok(info.operating_system.is_some_and(|system| system.starts_with(DESKTOP)) || Some(name) == Name::own())
    }
}

impl Name {
    /// That of this machine.
    #[cfg(unix)]
    fn own() -> Option<Self> {
        let system = rustix::system::uname();
        Some(Self {
            host: system.nodename().to_str().ok()?.to_owned(),
            kernel: system.release().to_str().ok()?.to_owned(),
        })
    }

    /// Only Docker Desktop is known here.
    #[cfg(not(unix))]
    fn own() -> Option<Self> {
        None
    }
}

/// Whether this machine has a process of this number that belongs to a container.
fn is_process_of(process: i64, id: &ContainerId) -> bool {
    !id.0.is_empty() && fs::read_to_string(format!("/proc/{process}/cgroup")).is_ok_and(|groups| names(&groups, &id.0))
}

/// Whether the control groups of a process are those of a container, which have its id in them.
fn names(groups: &str, id: &str) -> bool {
    groups.lines().any(|group| group.splitn(3, ':').nth(2).is_some_and(|path| path.contains(id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4fd3a1c25b6e1c0d4fd3a1c25b6e1c0d4fd3a1c25b6e1c0d4fd3a1c25b6e1c0d";

    #[test]
    fn control_groups_name_the_container() {
        for path in [
            format!("0::/system.slice/docker-{ID}.scope\n"),
            format!("0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{ID}.scope/container\n"),
            format!("12:pids:/docker/{ID}\n1:name=systemd:/docker/{ID}\n"),
            format!("0::/../docker-{ID}.scope\n"),
        ] {
            assert!(names(&path, ID), "{path}");
        }
        let other = ID.replace('4', "5");
        for path in ["", "0::/\n", "0::/user.slice\n", &format!("0::/system.slice/docker-{other}.scope\n")] {
            assert!(!names(path, ID), "{path}");
        }
    }

    #[test]
    fn a_process_that_is_not_there_or_another_is_of_no_container() {
        let id = ContainerId(ID.to_owned());
        assert!(!is_process_of(std::process::id().into(), &id) && !is_process_of(i64::MAX, &id));
        assert!(!is_process_of(std::process::id().into(), &ContainerId(String::new())));
    }
}
