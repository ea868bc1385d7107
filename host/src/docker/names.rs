//! Names of containers: whose they are.

use std::collections::{BTreeSet, HashMap};

use bollard::models::ContainerSummary;
use bollard::query_parameters::ListContainersOptionsBuilder;

use crate::engine::{EngineError, Result};
use crate::group::{GroupName, Owner};
use crate::plan::{Claim, ContainerId, NotOurs, Stage};

use super::Docker;
use super::error::{failed, is_not_found};
use super::labels;
use super::observe::{ImageLabels, own_name};
use super::whose::Whose;

/// A container, and whose it is.
pub(super) struct Holder {
    pub(super) id: ContainerId,
    name: String,
    whose: Whose,
    /// How far its start came, if it belongs to the group that its label names.
    stage: Result<Stage, NotOurs>,
}

impl Holder {
    /// Whether it belongs to a group.
    pub(super) fn is_of(&self, group: &GroupName) -> bool {
        self.whose.is(group) && self.stage.is_ok()
    }

    /// Whether it is the container of a service that this owner has made.
    pub(super) fn is_service(&self, group: &GroupName, service: &str, owner: &Owner) -> bool {
        self.is_of(group)
            && self.whose.service == service
            && self.whose.owner.as_ref().is_some_and(|found| found.id == owner.id)
    }

    /// That it has its name, as an error to a group.
    pub(super) fn taken(self, group: Option<&GroupName>) -> EngineError {
        self.whose.taken("container", &self.name, group, self.stage.err())
    }
}

impl Docker {
    /// The container of a name or an id, if there is one.
    pub(super) async fn holder(&self, name_or_id: &str) -> Result<Option<Holder>> {
        let found = match self.client.inspect_container(name_or_id).await {
            Err(error) if is_not_found(&error) => return Ok(None),
            found => found.map_err(|error| failed(self, format!("look at container {name_or_id}"), error))?,
        };
        let labels = found.config.and_then(|config| config.labels).unwrap_or_default();
        let Some(id) = found.id else { return Ok(None) };
        let name = found.name.unwrap_or_default().trim_start_matches('/').to_owned();
        let image = found.image.unwrap_or_default();
        self.holder_of(ContainerId(id), name, &labels, &image, &mut ImageLabels::new()).await.map(Some)
    }

    /// A container with these labels, made of this image. What is learnt of images goes to those that are known.
    async fn holder_of(
        &self,
        id: ContainerId,
        name: String,
        labels: &HashMap<String, String>,
        image: &str,
        images: &mut ImageLabels,
    ) -> Result<Holder> {
        let whose = Whose::read(labels);
        let stage = match whose.group.as_deref().and_then(|group| GroupName::new(group).ok()) {
            // Of a container that claims to be no group's the image does not matter.
            None => Err(NotOurs::NotCreatedByUs),
            Some(group) => {
                if !image.is_empty() && !images.contains_key(image) {
                    images.insert(image.to_owned(), self.labels_of_image(image).await?.unwrap_or_default());
                }
                whose.marks(&name, images.get(image).and_then(labels::image_instance)).stage(&group)
            }
        };
        Ok(Holder { id, name, whose, stage })
    }

    pub(super) async fn ensure_free(&self, group: &GroupName, claim: &Claim, names: &BTreeSet<String>) -> Result<()> {
        // A regular expression for the engine, which finds more by it than those.
        let filter = HashMap::from([("name", vec![group.container("")])]);
        let options = ListContainersOptionsBuilder::new().all(true).filters(&filter).build();
        let found = self.client.list_containers(options).await;
        let found = found.map_err(|error| failed(self, format!("list the containers called {group}-…"), error))?;
        let mut images = ImageLabels::new();
        for ContainerSummary { id, names: all, labels, image_id, .. } in found {
            let name = own_name(all.as_deref().unwrap_or_default()).to_owned();
            let (Some(id), true) = (id, names.contains(&name)) else { continue };
            let (labels, image) = (labels.unwrap_or_default(), image_id.unwrap_or_default());
            let holder = self.holder_of(ContainerId(id), name, &labels, &image, &mut images).await?;
            if !holder.is_of(group) || !claim.may_use(holder.whose.owner.as_ref()) {
                return Err(holder.taken(Some(group)));
            }
        }
        Ok(())
    }
}
