//! `one` and `other`, neither of which depends on the other, and neither of which is ready before it reaches the
//! other by its name.

use drillmaster_sdk::{Container, Fields, Group, Parameters, Result, Service};
use drillmaster_test_definitions::{PORT, fields};

struct Meeting {
    whom: &'static str,
}

impl Service for Meeting {
    fn fields(&self, _: &Parameters) -> Result<Fields> {
        Ok(fields())
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        let path = format!("/get/{}:{PORT}/ready", self.whom);
        Ok(container.http_get(PORT, path).is_ok_and(|answer| answer.ok()))
    }
}

fn group() -> Group {
    Group::named("rendezvous").service("one", Meeting { whom: "other" }).service("other", Meeting { whom: "one" })
}

drillmaster_sdk::export_group!(group());
