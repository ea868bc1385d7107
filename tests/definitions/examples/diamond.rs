//! `base`, `left` and `right`, which depend on it, and `top`, which depends on both.
//!
//! Each also answers to `the-NAME` on the network, and is ready only so long after its start as the parameter
//! `NAME.ready_after_ms` says.

use drillmaster_sdk::{Container, Fields, Group, Parameters, Result, Service};
use drillmaster_test_definitions::{fields, ready};

struct Corner {
    name: &'static str,
    needs: &'static [&'static str],
}

impl Service for Corner {
    fn fields(&self, parameters: &Parameters) -> Result<Fields> {
        let Self { name, needs } = self;
        let ready_after = parameters.get(&format!("{name}.ready_after_ms")).unwrap_or_default();
        let fields = fields().env("READY_AFTER_MS", ready_after).alias(format!("the-{name}"));
        Ok(needs.iter().fold(fields, |fields, needed| fields.depends_on(*needed)))
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        ready(container)
    }
}

fn group() -> Group {
    // Not in order of dependency, which is the host's to find.
    [("top", &["left", "right"][..]), ("right", &["base"]), ("left", &["base"]), ("base", &[])]
        .into_iter()
        .fold(Group::named("diamond"), |group, (name, needs)| group.service(name, Corner { name, needs }))
}

drillmaster_sdk::export_group!(group());
