//! The containers that hooks reach, through the engine.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::component::{Containers, ExecOutput, PublishedPort};
use crate::engine::{Engine, Inspected};
use crate::group::Protocol;
use crate::plan::{ContainerId, Published, State};

/// The containers of the services that have one now, by service.
pub(super) struct Reach {
    engine: Arc<dyn Engine>,
    containers: Mutex<BTreeMap<String, ContainerId>>,
    /// The services of which a hook has asked something that takes a container that works: a command, a port, what it wrote.
    asked: Mutex<BTreeSet<String>>,
}

impl Reach {
    pub(super) fn new(engine: Arc<dyn Engine>) -> Self {
        Self { engine, containers: Mutex::default(), asked: Mutex::default() }
    }

    /// From now on a service's container is this one.
    pub(super) fn put(&self, service: &str, id: ContainerId) {
        let mut containers = self.lock();
        if containers.get(service) != Some(&id) {
            // Whatever was asked was asked of another one.
            self.asked.lock().unwrap_or_else(PoisonError::into_inner).remove(service);
        }
        containers.insert(service.to_owned(), id);
    }

    /// The containers of the services that have one now.
    pub(super) fn all(&self) -> BTreeMap<String, ContainerId> {
        self.lock().clone()
    }

    /// Whether a hook has asked something of a service's container.
    pub(super) fn was_asked(&self, service: &str) -> bool {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).contains(service)
    }

    fn note_asked(&self, service: &str) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(service.to_owned());
    }

    fn get(&self, service: &str) -> Result<ContainerId, String> {
        self.lock().get(service).cloned().ok_or_else(|| format!("service `{service}` has no container"))
    }

    async fn look(&self, service: &str) -> Result<Inspected, String> {
        self.engine.inspect(&self.get(service)?).await.map_err(|error| error.to_string())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, ContainerId>> {
        self.containers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Containers for Reach {
    async fn is_running(&self, service: &str) -> Result<bool, String> {
        Ok(self.look(service).await?.state == State::Running)
    }

    async fn health(&self, service: &str) -> Result<String, String> {
        Ok(self.look(service).await?.health.word().to_owned())
    }

    async fn ports(&self, service: &str) -> Result<Vec<PublishedPort>, String> {
        self.note_asked(service);
        // Looked at anew each time: when a container ends, its ports are anybody's, and the engine may have started it again
        // with others.
        let Inspected { state, is_here, published, .. } = self.look(service).await?;
        match state {
            State::Running | State::Paused => {}
            State::Restarting { .. } => return Err(format!("the container of service `{service}` is {state}")),
            _ => return Err(format!("the container of service `{service}` does not run")),
        }
        let tcp = published.into_iter().filter(|published| published.protocol == Protocol::Tcp);
        let ports: Vec<_> = tcp
            .filter_map(|Published { container, address, host, .. }| {
                Some(PublishedPort { container, address: address.parse().ok()?, host })
            })
            .collect();
        if !is_here && !ports.is_empty() {
            return Err(format!(
                "the engine does not run service `{service}` on this machine, whose ports are not those that it publishes; \
                 a hook can ask by `exec` in the container"
            ));
        }
        Ok(ports)
    }

    async fn exec(&self, service: &str, argv: &[String], timeout: Duration) -> Result<ExecOutput, String> {
        self.note_asked(service);
        let id = self.get(service)?;
        self.engine.exec(&id, argv, timeout).await.map_err(|error| error.to_string())
    }

    async fn log_tail(&self, service: &str, lines: u32) -> Result<Vec<u8>, String> {
        self.note_asked(service);
        let id = self.get(service)?;
        self.engine.log_tail(&id, lines).await.map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::memory::Memory;

    #[tokio::test]
    async fn what_was_asked_of_the_container_before_was_not_asked_of_this_one() {
        let reach = Reach::new(Memory::new());
        let put = |id: &str| reach.put("db", ContainerId(id.to_owned()));
        put("1");
        let _ = reach.is_running("db").await;
        assert!(!reach.was_asked("db"));
        let _ = reach.exec("db", &["true".to_owned()], Duration::from_secs(1)).await;
        put("1");
        assert!(reach.was_asked("db") && !reach.was_asked("web"));
        put("2");
        assert!(!reach.was_asked("db"));
    }
}
