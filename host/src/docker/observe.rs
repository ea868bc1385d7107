//! What is there: three lists, however many services there are.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bollard::models::{
    ContainerSummary, ImageSummary, MountPoint, Network as NetworkSummary, PortSummary, PortSummaryTypeEnum,
};
use bollard::query_parameters::{ListContainersOptionsBuilder, ListImagesOptionsBuilder, ListNetworksOptionsBuilder};
use futures_util::future::try_join_all;

use crate::engine::Result;
use crate::group::{GroupName, ImageName, Protocol};
use crate::plan::{
    Container, ContainerId, Foreign, Health, Image, ImageId, Network, NetworkId, NotOurs, Observed, Published, State,
};

use super::Docker;
use super::error::{failed, is_not_found};
use super::whose::Whose;
use super::{labels, status};

/// The labels of images, by the image's id.
pub(super) type ImageLabels = HashMap<String, HashMap<String, String>>;

impl Docker {
    pub(super) async fn observe_group(&self, group: &GroupName) -> Result<Observed> {
        let of_group = labels::of_group(group);
        let containers = ListContainersOptionsBuilder::new().all(true).filters(&of_group).build();
        let networks = ListNetworksOptionsBuilder::new().filters(&of_group).build();
        let images = ListImagesOptionsBuilder::new().build();
        let (containers, networks, images) = tokio::try_join!(
            self.client.list_containers(containers),
            self.client.ask(|docker| docker.list_networks(Some(networks))),
            self.client.ask(|docker| docker.list_images(Some(images))),
        )
        .map_err(|error| failed(self, format!("list what belongs to group {group}"), error))?;
        let unlisted = self.labels_of_unlisted(&containers, &images).await?;
        Ok(observed(group, containers, networks, images, unlisted))
    }

    /// The states of a group's containers, in one request.
    pub(super) async fn list_states(&self, group: &GroupName) -> Result<BTreeMap<ContainerId, State>> {
        let containers = ListContainersOptionsBuilder::new().all(true).filters(&labels::of_group(group)).build();
        let listed = self.client.list_containers(containers).await;
        let listed = listed.map_err(|error| failed(self, format!("list the containers of group {group}"), error))?;
        let state = |found: ContainerSummary| Some((ContainerId(found.id.clone()?), state_of(&found).0));
        Ok(listed.into_iter().filter_map(state).collect())
    }

    /// The labels of those images of containers that are not among the listed ones, since others are built on them.
    async fn labels_of_unlisted(
        &self,
        containers: &[ContainerSummary],
        listed: &[ImageSummary],
    ) -> Result<ImageLabels> {
        let listed: BTreeSet<&str> = listed.iter().map(|image| image.id.as_str()).collect();
        let used: BTreeSet<&str> = containers.iter().filter_map(|found| found.image_id.as_deref()).collect();
        let unlisted = used.difference(&listed).map(async |id| {
            let labels = self.labels_of_image(id).await?;
            Ok(labels.map(|labels| ((*id).to_owned(), labels)))
        });
        Ok(try_join_all(unlisted).await?.into_iter().flatten().collect())
    }

    /// The labels of an image; none if it is not there any more.
    pub(super) async fn labels_of_image(&self, id: &str) -> Result<Option<HashMap<String, String>>> {
        match self.client.ask(|docker| docker.inspect_image(id)).await {
            Ok(found) => Ok(Some(found.config.and_then(|config| config.labels).unwrap_or_default())),
            Err(error) if is_not_found(&error) => Ok(None),
            Err(error) => Err(failed(self, format!("inspect image {id}"), error)),
        }
    }
}

/// What the engine's lists say of a group. Anybody may have written the labels in them.
pub(super) fn observed(
    group: &GroupName,
    containers: Vec<ContainerSummary>,
    networks: Vec<NetworkSummary>,
    images: Vec<ImageSummary>,
    mut image_labels: ImageLabels,
) -> Observed {
    image_labels.extend(images.iter().map(|image| (image.id.clone(), image.labels.clone())));
    let mut observed = Observed {
        images: images.into_iter().flat_map(|image| read_image(image, group)).collect(),
        ..Observed::default()
    };
    for container in containers {
        match read_container(container, group, &image_labels) {
            Some(Ok(container)) => observed.containers.push(container),
            Some(Err(foreign)) => observed.foreign.push(foreign),
            None => {}
        }
    }
    let mut networks: Vec<_> = networks.into_iter().filter_map(read_network).collect();
    // Of two with one name the older one counts.
    networks.sort_by(|(created, one), (other_created, other)| (created, &one.id).cmp(&(other_created, &other.id)));
    for (_, network) in networks {
        if group.names_object(&network.name) {
            observed.networks.push(network);
        } else {
            observed.foreign.push(Foreign::object("network", network.name, NotOurs::AnotherName));
        }
    }
    observed
}

/// A container of the group, or what only looks like one.
fn read_container(
    found: ContainerSummary,
    group: &GroupName,
    image_labels: &ImageLabels,
) -> Option<Result<Container, Foreign>> {
    let condition = state_of(&found);
    let id = ContainerId(found.id?);
    let name = own_name(found.names.as_deref().unwrap_or_default()).to_owned();
    let labels = found.labels.unwrap_or_default();
    let image = found.image_id.unwrap_or_default();
    let whose = Whose::read(&labels);
    let image_instance = image_labels.get(&image).and_then(labels::image_instance);
    let stage = match whose.marks(&name, image_instance).stage(group) {
        Ok(stage) => stage,
        Err(why) => {
            let name = if name.is_empty() { super::short(&id.0).to_owned() } else { name };
            let mounts = found.mounts.filter(|_| condition.0.is_up()).unwrap_or_default();
            let volumes = mounts.into_iter().filter_map(|mount| mount.name).collect();
            return Some(Err(Foreign { what: "container", name, why, volumes }));
        }
    };
    let read = labels::read(&labels);
    Some(Ok(Container {
        id,
        name,
        owner: whose.owner,
        service: whose.service,
        instance: whose.instance,
        stage,
        state: condition.0,
        health: condition.1,
        recorded: read.recorded,
        stop_timeout: read.stop_timeout,
        dependencies: read.dependencies,
        image: ImageId(image),
        published: found.ports.unwrap_or_default().into_iter().filter_map(read_port).collect(),
        volumes: found.mounts.unwrap_or_default().into_iter().filter_map(volume).collect(),
        created: found.created.unwrap_or_default(),
    }))
}

fn state_of(found: &ContainerSummary) -> (State, Health) {
    let word = found.state.map(|state| state.to_string()).unwrap_or_default();
    let health = found.health.as_ref().and_then(|health| health.status).map(|status| status.to_string());
    let health = health.filter(|word| !word.is_empty());
    status::state(&word, found.status.as_deref().unwrap_or_default(), health.as_deref())
}

/// The target and the name of a volume among what a container mounts.
fn volume(mount: MountPoint) -> Option<(String, String)> {
    let is_volume = mount.typ.as_deref() == Some("volume");
    Some((mount.destination?, mount.name.filter(|name| is_volume && !name.is_empty())?))
}

/// A container's name; those that others have linked to it begin with their own.
pub(super) fn own_name(names: &[String]) -> &str {
    let names = names.iter().map(|name| name.strip_prefix('/').unwrap_or(name));
    names.into_iter().find(|name| !name.contains('/')).unwrap_or_default()
}

fn read_network(found: NetworkSummary) -> Option<(Option<String>, Network)> {
    let owner = Whose::read(&found.labels.unwrap_or_default()).owner;
    Some((found.created, Network { id: NetworkId(found.id?), name: found.name?, owner }))
}

fn read_port(found: PortSummary) -> Option<Published> {
    let protocol = match found.typ? {
        PortSummaryTypeEnum::TCP => Protocol::Tcp,
        PortSummaryTypeEnum::UDP => Protocol::Udp,
        _ => return None,
    };
    Some(Published { container: found.private_port, protocol, address: found.ip?, host: found.public_port? })
}

fn read_image(found: ImageSummary, group: &GroupName) -> impl Iterator<Item = (ImageName, Image)> {
    let (context, labels) = (labels::image_context(&found.labels, group), labels::telling(&found.labels));
    let names = found.repo_tags.into_iter().chain(found.repo_digests).chain([found.id.clone()]);
    let image = Image { id: ImageId(found.id), context, platform: None, labels };
    // An image without a name has this in its place, in which nobody needs to look for secrets.
    let names = names.filter(|name| !name.starts_with("<none>"));
    names.filter_map(move |name| Some((ImageName::new(&name).ok()?, image.clone())))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::plan::Stage;

    const INSTANCE: &str = "db-1-2";

    /// A container of the group `shop`, of an image that is listed with these labels.
    fn seen(name: &str, change: impl FnOnce(&mut Value), image_labels: &Value) -> Observed {
        let mut container = json!({
            "Id": "c1", "Names": [format!("/{name}")], "ImageID": "sha256:1", "State": "running", "Created": 1,
            "Labels": {
                "dev.drillmaster.group": "shop", "dev.drillmaster.service": "db", "dev.drillmaster.instance": INSTANCE,
                "dev.drillmaster.owner": "alice@laptop", "dev.drillmaster.project": "/shop",
                "dev.drillmaster.project-id": "0123",
            },
        });
        change(&mut container);
        let image = json!({
            "Id": "sha256:1", "RepoTags": ["image:latest"], "RepoDigests": [], "Labels": image_labels, "ParentId": "",
            "Created": 1, "Size": 1, "SharedSize": -1, "Containers": -1,
        });
        lists(&json!([container]), &json!([]), &json!([image]))
    }

    fn lists(containers: &Value, networks: &Value, images: &Value) -> Observed {
        fn read<T: serde::de::DeserializeOwned>(list: &Value) -> T {
            serde_json::from_value(list.clone()).unwrap()
        }
        let group = GroupName::new("shop").unwrap();
        observed(&group, read(containers), read(networks), read(images), ImageLabels::new())
    }

    fn foreign(observed: &Observed) -> Vec<String> {
        assert!(observed.containers.is_empty());
        observed.foreign.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_container_is_read_with_its_owner() {
        let found = seen("shop-db.starting", |_| (), &json!({}));
        assert!(found.foreign.is_empty(), "{:?}", found.foreign);
        let container = &found.containers[0];
        assert_eq!((container.service.as_str(), container.stage), ("db", Stage::Starting));
        assert_eq!(container.name, "shop-db.starting");
        assert_eq!(container.owner.as_ref().unwrap().to_string(), "the project in /shop of alice@laptop");
        let found = seen(
            "shop-db",
            |found| drop(found["Labels"].as_object_mut().unwrap().remove("dev.drillmaster.project-id")),
            &json!({}),
        );
        assert_eq!(found.containers[0].owner, None);
    }

    #[test]
    fn a_container_that_was_run_from_a_committed_image_is_foreign() {
        let found = seen("shop-db", |_| (), &json!({ "dev.drillmaster.instance": INSTANCE }));
        assert_eq!(foreign(&found), ["container shop-db (its labels come from its image)"]);
        // The labels that the group's own build gave it do not matter.
        let found = seen("shop-db", |_| (), &json!({ "dev.drillmaster.instance": "another" }));
        assert_eq!(found.containers.len(), 1);
    }

    #[test]
    fn a_container_of_another_name_is_foreign_also_where_another_one_links_to_it() {
        let linked = |found: &mut Value| found["Names"] = json!(["/proxy/shop-db", "/look"]);
        assert_eq!(foreign(&seen("", linked, &json!({}))), ["container look (its name is not one of the group's)"]);
        let linked = |found: &mut Value| found["Names"] = json!(["/proxy/look", "/shop-db"]);
        assert_eq!(seen("", linked, &json!({})).containers[0].name, "shop-db");
        let nameless = |found: &mut Value| found["Names"] = json!([]);
        assert_eq!(foreign(&seen("", nameless, &json!({}))), ["container c1 (its name is not one of the group's)"]);
    }

    #[test]
    fn a_container_without_a_service_or_an_instance_is_foreign() {
        for label in ["dev.drillmaster.service", "dev.drillmaster.instance"] {
            let without = |found: &mut Value| drop(found["Labels"].as_object_mut().unwrap().remove(label));
            let found = seen("shop-db", without, &json!({}));
            assert_eq!(foreign(&found), ["container shop-db (drillmaster did not create it)"], "{label}");
        }
    }

    #[test]
    fn the_volumes_of_a_foreign_container_are_known_while_it_runs() {
        let with = |state: &'static str| {
            move |found: &mut Value| {
                found["State"] = state.into();
                found["Mounts"] = json!([{ "Type": "volume", "Name": "drillmaster-shop-data", "Destination": "/data" },
                                         { "Type": "bind", "Source": "/tmp", "Destination": "/tmp" }]);
            }
        };
        let found = seen("shop-db-backup", with("running"), &json!({}));
        assert_eq!(found.foreign[0].volumes, ["drillmaster-shop-data".to_owned()].into());
        assert!(seen("shop-db-backup", with("exited"), &json!({})).foreign[0].volumes.is_empty());
    }

    #[test]
    fn a_network_of_another_name_is_foreign() {
        let network =
            |id: &str, name: &str| json!({ "Id": id, "Name": name, "Labels": { "dev.drillmaster.group": "shop" } });
        let networks =
            json!([network("1", "drillmaster-shop"), network("2", "drillmaster-shop-back"), network("3", "else")]);
        let found = lists(&json!([]), &networks, &json!([]));
        let names: Vec<_> = found.networks.iter().map(|network| network.name.as_str()).collect();
        assert_eq!(names, ["drillmaster-shop", "drillmaster-shop-back"]);
        assert_eq!(foreign(&found), ["network else (its name is not one of the group's)"]);
    }

    #[test]
    fn an_image_was_built_for_the_group_if_its_labels_say_so_and_tells_which_labels_mean_something() {
        let of = |group: &str| {
            let labels = json!({
                "dev.drillmaster.image": format!(
                    "{{\"context\": \"0123\", \"group\": \"{group}\", \"owner\": \"\", \"project\": \"\", \"project-id\": \"\"}}"
                ),
                "team": "a", "traefik.enable": "true",
            });
            let found = seen("shop-db", |_| (), &labels);
            found.images.get(&ImageName::new("image").unwrap()).unwrap().clone()
        };
        assert!(of("shop").context.is_some() && of("other").context.is_none() && of("").context.is_none());
        let labels: Vec<_> = of("shop").labels.into_iter().collect();
        assert_eq!(labels, ["dev.drillmaster.image", "traefik.enable"]);
    }
}
