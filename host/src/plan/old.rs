//! What the fields of a container were that is to be replaced: its labels do not say, the engine does.

use std::collections::BTreeMap;

use crate::group::{FieldText, Service};

use super::{Action, ContainerId, Old, Plan, Reason};

impl Plan {
    /// The containers of which it is not known what their changed fields were.
    #[must_use]
    pub fn unknown_containers(&self) -> Vec<ContainerId> {
        let unknown = self.steps.iter().filter_map(|step| match (&step.action, &step.reason) {
            (Action::Replace(found), Reason::Changed(changes)) => {
                changes.iter().any(|change| change.old == Old::Unknown).then(|| found.id.clone())
            }
            _ => None,
        });
        unknown.collect()
    }

    /// The same plan, with what the changed fields of these containers were as far as the engine has told it.
    #[must_use]
    pub fn with_old_fields(mut self, containers: &BTreeMap<ContainerId, Service>) -> Self {
        for step in &mut self.steps {
            let (Action::Replace(found), Reason::Changed(changes)) = (&step.action, &mut step.reason) else { continue };
            let Some(fields) = containers.get(&found.id).map(Service::described) else { continue };
            for change in changes.iter_mut().filter(|change| change.old == Old::Unknown) {
                if let Some(shown) = fields.get(&change.field).map(FieldText::shown) {
                    change.old = Old::Shown(shown);
                }
            }
        }
        self
    }
}
