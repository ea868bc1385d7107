//! Removing containers, with what goes with them.

use std::collections::BTreeSet;

use crate::engine::AnonymousVolumes;
use crate::group::GroupName;
use crate::plan::{Container, Stage};

use super::{Event, Failure, Tools};

/// What becomes of the data of a container in volumes that no definition names.
pub(super) enum Data {
    /// It goes.
    Goes,
    /// It stays. These volumes another container has; of others that have no name of the group's the person is told.
    Stays(BTreeSet<String>),
}

impl Tools {
    /// Removes a container and its values. With one that never became ready goes what was made for it.
    pub(super) async fn remove(&self, group: &GroupName, container: &Container, data: Data) -> Result<(), Failure> {
        let left = match data {
            Data::Stays(elsewhere) if container.stage != Stage::Starting => self.nameless(container, &elsewhere).await,
            _ => Vec::new(),
        };
        let anonymous = if left.is_empty() { AnonymousVolumes::Removed } else { AnonymousVolumes::Kept };
        self.engine.remove(self.turn().await?, &container.id, anonymous).await?;
        self.forget(container);
        if container.stage == Stage::Starting {
            let mut made: Vec<_> = container.made_volumes(group).cloned().collect();
            if !made.is_empty() {
                made.push(group.unready_mark(&container.instance));
            }
            for name in made {
                self.engine.remove_volume(group, &self.claim, &name).await?;
            }
        }
        for (target, name) in left {
            self.emit(Event::Warning(format!(
                "{}: what its container had in {target} is still in the volume {name}; the engine made that for a container \
                 of an earlier version, and the next one does not find it; `docker volume rm {name}` removes it",
                container.service
            )));
        }
        Ok(())
    }

    /// The volumes without a name that a container has and no other one, with their targets.
    async fn nameless(&self, container: &Container, elsewhere: &BTreeSet<String>) -> Vec<(String, String)> {
        let mut nameless: Vec<_> = container
            .anonymous_volumes()
            .filter(|(_, name)| !elsewhere.contains(*name))
            .map(|(target, name)| (target.clone(), name.clone()))
            .collect();
        if !nameless.is_empty()
            && let Ok(service) = self.engine.made_from(&container.id).await
        {
            // There the engine makes one as well, and nothing is ever written to it.
            nameless.retain(|(target, _)| !service.tmpfs.contains(target));
        }
        nameless
    }
}
