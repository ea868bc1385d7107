//! Volumes of a group.

use bollard::models::VolumeCreateRequest;
use bollard::query_parameters::{ListVolumesOptionsBuilder, RemoveVolumeOptions};

use crate::engine::{RemovedVolumes, Result};
use crate::group::GroupName;
use crate::plan::{Claim, Foreign, MadeFor, NotOurs, OwnVolume, is_anonymous};

use super::Docker;
use super::error::{failed, is_not_found};
use super::labels;
use super::whose::Whose;

impl Docker {
    pub(super) async fn find_or_create_volume(
        &self,
        group: &GroupName,
        claim: &Claim,
        name: &str,
        made_for: Option<&MadeFor>,
    ) -> Result<()> {
        let request = VolumeCreateRequest {
            name: Some(name.to_owned()),
            labels: Some(labels::of_volume(group, claim.owner(), made_for)),
            ..VolumeCreateRequest::default()
        };
        // Creating a volume that is there already leaves it as it is and shows it.
        let volume = self.client.ask(|docker| docker.create_volume(request)).await;
        let volume = volume.map_err(|error| failed(self, format!("use volume {name}"), error))?;
        let whose = Whose::read(&volume.labels);
        if whose.is_claimed(group, claim) { Ok(()) } else { Err(whose.taken("volume", name, Some(group), None)) }
    }

    pub(super) async fn volumes_of_service(
        &self,
        group: &GroupName,
        claim: &Claim,
        service: &str,
    ) -> Result<Vec<OwnVolume>> {
        let options = ListVolumesOptionsBuilder::new().filters(&labels::of_service(group, service)).build();
        let found = self.client.ask(|docker| docker.list_volumes(Some(options))).await;
        let found = found.map_err(|error| failed(self, format!("list the volumes of service {service}"), error))?;
        let own = found.volumes.unwrap_or_default().into_iter().filter_map(|volume| {
            let is_ours = group.names_object(&volume.name) && Whose::read(&volume.labels).is_claimed(group, claim);
            let made_for =
                labels::made_for(&volume.labels).filter(|made_for| is_ours && made_for.service == service)?;
            Some(OwnVolume { name: volume.name, made_for })
        });
        Ok(own.collect())
    }

    pub(super) async fn delete_volume(&self, group: &GroupName, claim: &Claim, name: &str) -> Result<()> {
        let action = || format!("remove volume {name}");
        let found = match self.client.ask(|docker| docker.inspect_volume(name)).await {
            Err(error) if is_not_found(&error) => return Ok(()),
            found => found.map_err(|error| failed(self, action(), error))?,
        };
        let whose = Whose::read(&found.labels);
        let is_ours = group.names_object(name) && whose.is_claimed(group, claim);
        let is_nobodys = is_anonymous(name) && whose.group.is_none();
        if !is_ours && !is_nobodys {
            return Err(whose.taken("volume", name, Some(group), None));
        }
        match self.client.ask(|docker| docker.remove_volume(name, None::<RemoveVolumeOptions>)).await {
            Err(error) if !is_not_found(&error) => Err(failed(self, action(), error)),
            _ => Ok(()),
        }
    }

    pub(super) async fn delete_volumes(&self, group: &GroupName, claim: &Claim) -> Result<RemovedVolumes> {
        let options = ListVolumesOptionsBuilder::new().filters(&labels::of_group(group)).build();
        let found = self.client.ask(|docker| docker.list_volumes(Some(options))).await;
        let found = found.map_err(|error| failed(self, format!("list the volumes of group {group}"), error))?;
        let mut volumes = RemovedVolumes::default();
        for volume in found.volumes.unwrap_or_default() {
            let why = if !group.names_object(&volume.name) {
                Some(NotOurs::AnotherName)
            } else if !Whose::read(&volume.labels).is_claimed(group, claim) {
                Some(NotOurs::AnotherOwner)
            } else {
                None
            };
            if let Some(why) = why {
                volumes.left.push(Foreign::object("volume", volume.name, why));
                continue;
            }
            match self.client.ask(|docker| docker.remove_volume(&volume.name, None::<RemoveVolumeOptions>)).await {
                Err(error) if !is_not_found(&error) => {
                    // The others go all the same.
                    volumes.failed.push(failed(self, format!("remove volume {}", volume.name), error));
                }
                _ => volumes.removed.push(volume.name),
            }
        }
        Ok(volumes)
    }
}
