//! Volumes of a group.

use bollard::models::VolumeCreateRequest;
use bollard::query_parameters::{ListVolumesOptionsBuilder, RemoveVolumeOptions};

use crate::engine::{RemovedVolumes, Result};
use crate::group::GroupName;
use crate::plan::{Claim, Foreign, NotOurs};

use super::Docker;
use super::error::{failed, is_not_found};
use super::labels;
use super::whose::Whose;

impl Docker {
    pub(super) async fn find_or_create_volume(&self, group: &GroupName, claim: &Claim, name: &str) -> Result<()> {
        let request = VolumeCreateRequest {
            name: Some(name.to_owned()),
            labels: Some(labels::of_object(group, claim.owner())),
            ..VolumeCreateRequest::default()
        };
        // Creating a volume that is there already leaves it as it is and shows it.
        let volume = self.client.ask(|docker| docker.create_volume(request)).await;
        let volume = volume.map_err(|error| failed(self, format!("use volume {name}"), error))?;
        let whose = Whose::read(&volume.labels);
        if whose.is_claimed(group, claim) { Ok(()) } else { Err(whose.taken("volume", name, Some(group), None)) }
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
