//! What is there: three lists, however many services there are.

use bollard::models::{
    ContainerSummary, ContainerSummaryStateEnum, ImageSummary, Network as NetworkSummary, PortSummary,
    PortSummaryTypeEnum,
};
use bollard::query_parameters::{ListContainersOptionsBuilder, ListImagesOptionsBuilder, ListNetworksOptionsBuilder};

use crate::engine::Result;
use crate::group::{Digest, GroupName, ImageName, Protocol};
use crate::plan::{Container, ContainerId, Image, ImageId, Network, NetworkId, Observed, Published, Stage, State};

use super::Docker;
use super::error::failed;
use super::labels;

impl Docker {
    pub(super) async fn observe_group(&self, group: &GroupName) -> Result<Observed> {
        let of_group = labels::of_group(group);
        let containers = ListContainersOptionsBuilder::new().all(true).filters(&of_group).build();
        let networks = ListNetworksOptionsBuilder::new().filters(&of_group).build();
        let images = ListImagesOptionsBuilder::new().build();
        let (containers, networks, images) = tokio::try_join!(
            self.client.list_containers(Some(containers)),
            self.client.list_networks(Some(networks)),
            self.client.list_images(Some(images)),
        )
        .map_err(|error| failed(self, format!("list what belongs to group {group}"), error))?;
        Ok(observed(containers, networks, images))
    }
}

/// What the engine's lists say. Anybody may have written the labels in them.
pub(super) fn observed(
    containers: Vec<ContainerSummary>,
    networks: Vec<NetworkSummary>,
    images: Vec<ImageSummary>,
) -> Observed {
    let mut networks: Vec<_> = networks
        .into_iter()
        .filter_map(|network| Some((network.created, NetworkId(network.id?), network.name?)))
        .collect();
    // Of two with one name the older one counts.
    networks.sort();
    Observed {
        containers: containers.into_iter().filter_map(read_container).collect(),
        networks: networks.into_iter().map(|(_, id, name)| Network { id, name }).collect(),
        images: images.into_iter().flat_map(read_image).collect(),
    }
}

fn read_container(found: ContainerSummary) -> Option<Container> {
    let labels = labels::read(&found.labels?)?;
    let name = found.names.as_ref().and_then(|names| names.first()).map_or("", String::as_str);
    let stage = [Stage::Old, Stage::Starting].into_iter().find(|stage| name.ends_with(stage.suffix()));
    let running = matches!(
        found.state,
        Some(
            ContainerSummaryStateEnum::RUNNING
                | ContainerSummaryStateEnum::PAUSED
                | ContainerSummaryStateEnum::RESTARTING
        )
    );
    Some(Container {
        id: ContainerId(found.id?),
        service: labels.service,
        instance: labels.instance,
        stage: stage.unwrap_or(Stage::Committed),
        state: if running { State::Running } else { State::Stopped },
        fields: labels.fields,
        declared: labels.declared,
        environment: labels.environment,
        dependencies: labels.dependencies,
        image: ImageId(found.image_id.unwrap_or_default()),
        published: found.ports.unwrap_or_default().into_iter().filter_map(read_port).collect(),
        created: found.created.unwrap_or_default(),
    })
}

fn read_port(found: PortSummary) -> Option<Published> {
    let protocol = match found.typ? {
        PortSummaryTypeEnum::TCP => Protocol::Tcp,
        PortSummaryTypeEnum::UDP => Protocol::Udp,
        _ => return None,
    };
    Some(Published { container: found.private_port, protocol, address: found.ip?, host: found.public_port? })
}

fn read_image(found: ImageSummary) -> impl Iterator<Item = (ImageName, Image)> {
    let context = found.labels.get(labels::CONTEXT).map(|digest| Digest::from_text(digest));
    let image = Image { id: ImageId(found.id), context };
    let names = found.repo_tags.into_iter().chain(found.repo_digests);
    names.filter_map(move |name| Some((ImageName::new(&name).ok()?, image.clone())))
}
