//! Volumes of a group.

use bollard::models::VolumeCreateRequest;
use bollard::query_parameters::{ListVolumesOptionsBuilder, RemoveVolumeOptions};

use crate::engine::Result;
use crate::group::GroupName;

use super::Docker;
use super::error::{failed, is_not_found, name_taken};
use super::labels::{self, Owner};

impl Docker {
    pub(super) async fn find_or_create_volume(&self, group: &GroupName, name: &str) -> Result<()> {
        let request = VolumeCreateRequest {
            name: Some(name.to_owned()),
            labels: Some(labels::group_label(group)),
            ..VolumeCreateRequest::default()
        };
        // Creating a volume that is there already leaves it as it is and shows it.
        let volume = self
            .client
            .create_volume(request)
            .await
            .map_err(|error| failed(self, format!("use volume {name}"), error))?;
        let owner = Owner::of(&volume.labels);
        if owner.is(group) { Ok(()) } else { Err(name_taken("volume", name, &owner)) }
    }

    pub(super) async fn delete_volumes(&self, group: &GroupName) -> Result<Vec<String>> {
        let options = ListVolumesOptionsBuilder::new().filters(&labels::of_group(group)).build();
        let found = self.client.list_volumes(Some(options)).await;
        let found = found.map_err(|error| failed(self, format!("list the volumes of group {group}"), error))?;
        let mut removed = Vec::new();
        for volume in found.volumes.unwrap_or_default() {
            match self.client.remove_volume(&volume.name, None::<RemoveVolumeOptions>).await {
                Err(error) if !is_not_found(&error) => {
                    return Err(failed(self, format!("remove volume {}", volume.name), error));
                }
                _ => removed.push(volume.name),
            }
        }
        Ok(removed)
    }
}
