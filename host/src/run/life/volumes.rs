//! The volumes of a new container that its image declares and no definition names.

use crate::engine::EngineError;
use crate::plan::{Container, Image, MadeFor, OwnVolumes, unmounted};

use super::{Failure, Life};

impl Life<'_> {
    /// Finds or makes the volumes of a new container. An image that declares none costs one request.
    pub(super) async fn own_volumes(
        &self,
        image: &Image,
        instance: &str,
        old: Option<&Container>,
    ) -> Result<OwnVolumes, Failure> {
        let targets = unmounted(&self.step.service, &self.engine().image_volumes(&image.id).await?);
        if targets.is_empty() {
            return Ok(OwnVolumes::default());
        }
        let group = &self.shared.plan.group.name;
        let claim = &self.shared.tools.claim;
        let handed = old.map(|old| old.own_volumes(group)).unwrap_or_default();
        let left = if targets.iter().all(|target| handed.contains_key(target)) {
            Vec::new()
        } else {
            self.engine().own_volumes(group, claim, self.name()).await?
        };
        let volumes = OwnVolumes::choose(group, instance, targets, &handed, &left);
        for name in &volumes.spoilt {
            self.shared.tools.not_interrupted()?;
            self.engine().remove_volume(group, claim, name).await?;
        }
        for volume in volumes.by_target.values() {
            if let Some(user) = self.shared.plan.foreign.iter().find(|foreign| foreign.volumes.contains(volume)) {
                let (volume, container) = (volume.clone(), user.name.clone());
                return Err(EngineError::VolumeInUse { volume, container, why: user.why }.into());
            }
        }
        let made = self.make_volumes(&volumes, instance).await;
        if made.is_err() {
            self.discard_volumes(&volumes, instance).await;
        }
        made.map(|()| volumes)
    }

    async fn make_volumes(&self, volumes: &OwnVolumes, instance: &str) -> Result<(), Failure> {
        let group = &self.shared.plan.group.name;
        // The mark first: without it they would be taken for those of a container that was ready.
        let mark = (String::new(), group.unready_mark(instance));
        let mark = std::iter::once((&mark.0, &mark.1)).filter(|_| !volumes.new.is_empty());
        let named = volumes.by_target.iter().filter(|(_, name)| group.is_own_volume(self.name(), name));
        for (target, name) in mark.chain(named) {
            self.shared.tools.not_interrupted()?;
            let (service, instance) = (self.name().to_owned(), instance.to_owned());
            let made_for = MadeFor { service, instance, target: target.clone() };
            self.engine().ensure_volume(group, &self.shared.tools.claim, name, Some(&made_for)).await?;
        }
        Ok(())
    }

    /// Removes what was made for a container that there is not. What stays is removed by the next start, as its mark says.
    pub(super) async fn discard_volumes(&self, volumes: &OwnVolumes, instance: &str) {
        let group = &self.shared.plan.group.name;
        let mark = group.unready_mark(instance);
        for name in volumes.new.iter().chain(std::iter::once(&mark).filter(|_| !volumes.new.is_empty())) {
            if self.engine().remove_volume(group, &self.shared.tools.claim, name).await.is_err() {
                return;
            }
        }
    }

    /// From now on the volumes that were made for a container are those of one that was ready.
    pub(super) async fn keep_volumes(&self, volumes: &OwnVolumes, instance: &str) -> Result<(), Failure> {
        if volumes.new.is_empty() {
            return Ok(());
        }
        let group = &self.shared.plan.group.name;
        let mark = group.unready_mark(instance);
        Ok(self.engine().remove_volume(group, &self.shared.tools.claim, &mark).await?)
    }
}
