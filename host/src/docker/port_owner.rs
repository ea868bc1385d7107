//! Who uses a host port.

use bollard::query_parameters::ListContainersOptions;

use crate::engine::PortOwner;

use super::Docker;

impl Docker {
    /// Who uses a host port: a container of this engine, else a process of this machine as far as we may see it.
    pub(super) async fn port_owner(&self, port: u16) -> PortOwner {
        let running = self.client.list_containers(None::<ListContainersOptions>).await.unwrap_or_default();
        let publishes = |ports: Option<&Vec<bollard::models::PortSummary>>| {
            ports.is_some_and(|ports| ports.iter().any(|published| published.public_port == Some(port)))
        };
        let container = running.into_iter().find(|container| publishes(container.ports.as_ref()));
        if let Some(name) = container.and_then(|container| container.names?.into_iter().next()) {
            return PortOwner::Container(name.trim_start_matches('/').to_owned());
        }
        let process = listeners::get_process_by_port(port, listeners::Protocol::TCP);
        process.map_or(PortOwner::Unknown, |process| PortOwner::Process { name: process.name, pid: process.pid })
    }
}
