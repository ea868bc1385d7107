//! Who uses a host port.

use bollard::query_parameters::ListContainersOptions;

use crate::engine::PortOwner;

use super::Docker;

/// What the engine says of a port that it has given away itself.
pub(super) const ALLOCATED: &str = "port is already allocated";

impl Docker {
    /// Who uses a host port, with which the engine refused to start a container: a container of this engine, else a
    /// process of this machine, if the engine is here and as far as we may see it.
    pub(super) async fn port_owner(&self, port: u16, refusal: &str) -> PortOwner {
        let running = self.client.list_containers(ListContainersOptions::default()).await.unwrap_or_default();
        let publishes = |ports: Option<&Vec<bollard::models::PortSummary>>| {
            ports.is_some_and(|ports| ports.iter().any(|published| published.public_port == Some(port)))
        };
        let container = running.into_iter().find(|container| publishes(container.ports.as_ref()));
        if let Some(name) = container.and_then(|container| container.names?.into_iter().next()) {
            return PortOwner::Container(name.trim_start_matches('/').to_owned());
        }
        if !self.is_known_to_be_here().await {
            return unseen(refusal);
        }
        let process = listeners::get_process_by_port(port, listeners::Protocol::TCP);
        process.map_or_else(|_| unseen(refusal), |process| PortOwner::Process { name: process.name, pid: process.pid })
    }
}

/// Who uses a port that no container is seen to use, and no process.
fn unseen(refusal: &str) -> PortOwner {
    if refusal.contains(ALLOCATED) { PortOwner::NoContainer } else { PortOwner::Unknown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_only_the_engine_has_is_not_laid_to_another_program() {
        let lost = "driver failed programming external connectivity on endpoint g-db.starting (0759fc): Bind for \
                    127.0.0.1:8000 failed: port is already allocated";
        assert_eq!(unseen(lost), PortOwner::NoContainer);
        let taken = "driver failed programming external connectivity on endpoint g-db.starting (0759fc): Error \
                     starting userland proxy: listen tcp4 127.0.0.1:8000: bind: address already in use";
        assert_eq!(unseen(taken), PortOwner::Unknown);
    }
}
