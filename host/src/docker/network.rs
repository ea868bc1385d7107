//! Networks of a group.

use std::collections::HashMap;

use bollard::models::NetworkCreateRequest;
use bollard::query_parameters::ListNetworksOptionsBuilder;

use crate::engine::Result;
use crate::group::GroupName;
use crate::plan::{Claim, NetworkId};
use crate::project::PendingRequest;

use super::Docker;
use super::error::{failed, is_not_found};
use super::labels;
use super::whose::Whose;

impl Docker {
    pub(super) async fn find_or_create_network(
        &self,
        group: &GroupName,
        claim: &Claim,
        name: &str,
    ) -> Result<NetworkId> {
        // The engine lets two networks have one name. But where it starts a container again, it looks for networks by
        // their names: one that is another group's must not be found then.
        let taken = |whose: Whose| Err(whose.taken("network", name, Some(group), None));
        let mut found = self.networks_named(name).await?;
        if let Some((id, _)) = found.iter().find(|(_, whose)| whose.is_claimed(group, claim)) {
            return Ok(id.clone());
        }
        if !found.is_empty() {
            return taken(found.swap_remove(0).1);
        }
        let request = NetworkCreateRequest {
            name: name.to_owned(),
            labels: Some(labels::of_object(group, claim.owner())),
            ..NetworkCreateRequest::default()
        };
        let created = async {
            let created = self.client.ask(|docker| docker.create_network(request)).await;
            created.map_err(|error| failed(self, format!("create network {name}"), error))
        };
        let ours = NetworkId(self.noting(name, PendingRequest::Network, created).await?.id);
        // Should another run have made one at the same time, both see the same oldest one here, and the other goes.
        match self.networks_named(name).await?.into_iter().next() {
            Some((oldest, whose)) if oldest != ours => {
                self.delete_network(&ours).await?;
                if whose.is_claimed(group, claim) { Ok(oldest) } else { taken(whose) }
            }
            _ => Ok(ours),
        }
    }

    /// The networks of a name and whose they are, oldest first.
    pub(super) async fn networks_named(&self, name: &str) -> Result<Vec<(NetworkId, Whose)>> {
        // This finds those too of whose names it is a part.
        let filter = HashMap::from([("name", vec![name])]);
        let found = self
            .client
            .ask(|docker| docker.list_networks(Some(ListNetworksOptionsBuilder::new().filters(&filter).build())))
            .await;
        let found = found.map_err(|error| failed(self, format!("list the networks called {name}"), error))?;
        let mut networks: Vec<_> = found
            .into_iter()
            .filter(|network| network.name.as_deref() == Some(name))
            .filter_map(|network| {
                let whose = Whose::read(&network.labels.unwrap_or_default());
                Some((network.created, NetworkId(network.id?), whose))
            })
            .collect();
        networks.sort_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
        Ok(networks.into_iter().map(|(_, id, whose)| (id, whose)).collect())
    }

    pub(super) async fn delete_network(&self, id: &NetworkId) -> Result<()> {
        match self.client.ask(|docker| docker.remove_network(&id.0)).await {
            Err(error) if !is_not_found(&error) => Err(failed(self, "remove a network of the group", error)),
            _ => Ok(()),
        }
    }
}
