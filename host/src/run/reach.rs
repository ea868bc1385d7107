//! The containers that hooks reach, through the engine.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::component::{Containers, ExecOutput, PublishedPort};
use crate::engine::Engine;
use crate::group::Protocol;
use crate::plan::{ContainerId, Published};

/// The containers of the services that have one now, by service.
pub(super) struct Reach {
    engine: Arc<dyn Engine>,
    containers: Mutex<BTreeMap<String, (ContainerId, Vec<Published>)>>,
}

impl Reach {
    pub(super) fn new(engine: Arc<dyn Engine>) -> Self {
        Self { engine, containers: Mutex::default() }
    }

    /// From now on a service's container is this one.
    pub(super) fn put(&self, service: &str, id: ContainerId, published: Vec<Published>) {
        self.lock().insert(service.to_owned(), (id, published));
    }

    fn get(&self, service: &str) -> Result<(ContainerId, Vec<Published>), String> {
        self.lock().get(service).cloned().ok_or_else(|| format!("service `{service}` has no container"))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, (ContainerId, Vec<Published>)>> {
        self.containers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Containers for Reach {
    async fn is_running(&self, service: &str) -> Result<bool, String> {
        let (id, _) = self.get(service)?;
        self.engine.inspect(&id).await.map(|found| found.running).map_err(|error| error.to_string())
    }

    async fn health(&self, service: &str) -> Result<String, String> {
        let (id, _) = self.get(service)?;
        self.engine.inspect(&id).await.map(|found| found.health).map_err(|error| error.to_string())
    }

    async fn ports(&self, service: &str) -> Result<Vec<PublishedPort>, String> {
        let (_, published) = self.get(service)?;
        let tcp = published.iter().filter(|published| published.protocol == Protocol::Tcp);
        Ok(tcp
            .filter_map(|published| {
                let Published { container, host, .. } = *published;
                Some(PublishedPort { container, address: published.address.parse().ok()?, host })
            })
            .collect())
    }

    async fn exec(&self, service: &str, argv: &[String], timeout: Duration) -> Result<ExecOutput, String> {
        let (id, _) = self.get(service)?;
        self.engine.exec(&id, argv, timeout).await.map_err(|error| error.to_string())
    }

    async fn log_tail(&self, service: &str, lines: u32) -> Result<Vec<u8>, String> {
        let (id, _) = self.get(service)?;
        self.engine.log_tail(&id, lines).await.map_err(|error| error.to_string())
    }
}
