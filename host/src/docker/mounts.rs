//! What containers mount of the machine.

use std::path::PathBuf;

use bollard::models::{ContainerSummary, ContainerSummaryStateEnum};
use bollard::query_parameters::ListContainersOptionsBuilder;

use crate::engine::Result;
use crate::plan::HostMount;

use super::Docker;
use super::error::failed;
use super::labels;

impl Docker {
    pub(super) async fn mounts_of_all(&self) -> Result<Vec<HostMount>> {
        let all = ListContainersOptionsBuilder::new().all(true).build();
        let found = self.client.list_containers(all).await;
        let found = found.map_err(|error| failed(self, "list what containers mount", error))?;
        Ok(found.into_iter().flat_map(host_mounts).collect())
    }
}

fn host_mounts(found: ContainerSummary) -> Vec<HostMount> {
    let name = found.names.unwrap_or_default().into_iter().next().unwrap_or_default();
    let container = name.trim_start_matches('/').to_owned();
    let runs = matches!(found.state, Some(ContainerSummaryStateEnum::RUNNING | ContainerSummaryStateEnum::PAUSED));
    // Of what others mount, the path can be another machine's: that of the one in which the engine runs.
    let is_running = runs && found.labels.is_some_and(|labels| labels.contains_key(labels::GROUP));
    let binds = found.mounts.unwrap_or_default().into_iter().filter(|mount| mount.typ.as_deref() == Some("bind"));
    binds
        .filter_map(|mount| {
            Some(HostMount {
                container: container.clone(),
                source: PathBuf::from(mount.source?),
                // What is not said to be read only may be written.
                read_only: mount.rw == Some(false),
                is_running,
            })
        })
        .collect()
}
