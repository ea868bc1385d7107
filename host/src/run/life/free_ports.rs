//! Host ports that a definition leaves open: a container gets free ones when it is created, and keeps them.

use crate::engine::{AnonymousVolumes, EngineError, NewContainer};
use crate::plan::ContainerId;

use super::{Failure, Life};

/// How often a container is created again because somebody took a port that had been free when it was created.
const TRIES: u32 = 5;

impl Life<'_> {
    /// Starts a container that was created just now; another one in its place, with other free ports, if one of those has been
    /// taken since.
    pub(super) async fn start_created(
        &self,
        mut id: ContainerId,
        container: &NewContainer,
        half_started: &mut Option<ContainerId>,
    ) -> Result<ContainerId, Failure> {
        for _ in 0..TRIES {
            match self.start(&id, half_started).await {
                Err(Failure::Engine(EngineError::PortTaken { port, .. })) if self.is_free_port(port) => {}
                started => return started.map(|()| id),
            }
            *half_started = None;
            self.engine().remove(self.turn().await?, &id, AnonymousVolumes::Removed).await?;
            id = self.create(container).await?;
        }
        self.start(&id, half_started).await?;
        Ok(id)
    }

    /// What to tell of a container that cannot have a port again which it had before.
    pub(super) fn own_port(&self, failure: Failure) -> Failure {
        match failure {
            Failure::Engine(EngineError::PortTaken { port, owner }) if self.is_free_port(port) => {
                Failure::OwnPortTaken { service: self.name().to_owned(), port, owner }
            }
            other => other,
        }
    }

    /// Whether a host port of the service's container is one that the definition leaves open.
    fn is_free_port(&self, port: u16) -> bool {
        let ports = &self.step.service.ports;
        ports.iter().any(|declared| declared.host.is_none()) && ports.iter().all(|declared| declared.host != Some(port))
    }
}
