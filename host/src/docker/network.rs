//! Networks of a group.

use std::collections::HashMap;

use bollard::models::NetworkCreateRequest;
use bollard::query_parameters::ListNetworksOptionsBuilder;

use crate::engine::Result;
use crate::group::GroupName;
use crate::plan::NetworkId;

use super::Docker;
use super::error::{failed, is_not_found, name_taken};
use super::labels::{self, Owner};

impl Docker {
    pub(super) async fn find_or_create_network(&self, group: &GroupName, name: &str) -> Result<NetworkId> {
        // The engine lets two networks have one name. But where it starts a container again, it looks for networks by
        // their names: one that is another group's must not be found then.
        let taken = |owner: &Owner| Err(name_taken("network", name, owner));
        let found = self.networks_named(name).await?;
        if let Some((id, _)) = found.iter().find(|(_, owner)| owner.is(group)) {
            return Ok(id.clone());
        }
        if let Some((_, owner)) = found.first() {
            return taken(owner);
        }
        let request = NetworkCreateRequest {
            name: name.to_owned(),
            labels: Some(labels::group_label(group)),
            ..NetworkCreateRequest::default()
        };
        let created = self.client.create_network(request).await;
        let ours = NetworkId(created.map_err(|error| failed(self, format!("create network {name}"), error))?.id);
        // Should another run have made one at the same time, both see the same oldest one here, and the other goes.
        match self.networks_named(name).await?.into_iter().next() {
            Some((oldest, owner)) if oldest != ours => {
                self.delete_network(&ours).await?;
                if owner.is(group) { Ok(oldest) } else { taken(&owner) }
            }
            _ => Ok(ours),
        }
    }

    /// The networks of a name and whose they are, oldest first.
    async fn networks_named(&self, name: &str) -> Result<Vec<(NetworkId, Owner)>> {
        // This finds those too of whose names it is a part.
        let filter = HashMap::from([("name", vec![name])]);
        let found = self.client.list_networks(Some(ListNetworksOptionsBuilder::new().filters(&filter).build())).await;
        let found = found.map_err(|error| failed(self, format!("list the networks called {name}"), error))?;
        let mut networks: Vec<_> = found
            .into_iter()
            .filter(|network| network.name.as_deref() == Some(name))
            .filter_map(|network| {
                let owner = Owner::of(&network.labels.unwrap_or_default());
                Some((network.created, NetworkId(network.id?), owner))
            })
            .collect();
        networks.sort_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
        Ok(networks.into_iter().map(|(_, id, owner)| (id, owner)).collect())
    }

    pub(super) async fn delete_network(&self, id: &NetworkId) -> Result<()> {
        match self.client.remove_network(&id.0).await {
            Err(error) if !is_not_found(&error) => Err(failed(self, "remove a network of the group", error)),
            _ => Ok(()),
        }
    }
}
