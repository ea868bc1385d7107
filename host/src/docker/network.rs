//! Networks of a group.

use bollard::models::NetworkCreateRequest;
use bollard::query_parameters::ListNetworksOptionsBuilder;

use crate::engine::Result;
use crate::group::GroupName;
use crate::plan::NetworkId;

use super::Docker;
use super::error::{failed, is_not_found};
use super::labels;

impl Docker {
    pub(super) async fn find_or_create_network(&self, group: &GroupName, name: &str) -> Result<NetworkId> {
        if let Some(oldest) = self.networks_named(group, name).await?.into_iter().next() {
            return Ok(oldest);
        }
        let request = NetworkCreateRequest {
            name: name.to_owned(),
            labels: Some(labels::group_label(group)),
            ..NetworkCreateRequest::default()
        };
        let created = self.client.create_network(request).await;
        let ours = NetworkId(created.map_err(|error| failed(self, format!("create network {name}"), error))?.id);
        // The engine lets two networks have one name. Should another run have made one at the same time, both see the
        // same oldest one here, and the other goes.
        let oldest = self.networks_named(group, name).await?.into_iter().next().unwrap_or_else(|| ours.clone());
        if oldest != ours {
            self.delete_network(&ours).await?;
        }
        Ok(oldest)
    }

    /// The group's networks of a name, oldest first.
    async fn networks_named(&self, group: &GroupName, name: &str) -> Result<Vec<NetworkId>> {
        let options = ListNetworksOptionsBuilder::new().filters(&labels::of_group(group)).build();
        let found = self.client.list_networks(Some(options)).await;
        let found = found.map_err(|error| failed(self, format!("list the networks of group {group}"), error))?;
        let mut networks: Vec<_> = found
            .into_iter()
            .filter(|network| network.name.as_deref() == Some(name))
            .filter_map(|network| Some((network.created, NetworkId(network.id?))))
            .collect();
        networks.sort();
        Ok(networks.into_iter().map(|(_, id)| id).collect())
    }

    pub(super) async fn delete_network(&self, id: &NetworkId) -> Result<()> {
        match self.client.remove_network(&id.0).await {
            Err(error) if !is_not_found(&error) => Err(failed(self, "remove a network of the group", error)),
            _ => Ok(()),
        }
    }
}
