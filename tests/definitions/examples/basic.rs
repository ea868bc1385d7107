//! Two services, `db` and `web`, which depends on it. Both count how often they were initialised.

use drillmaster_sdk::{Container, Fields, Group, Parameters, Result, Service};
use drillmaster_test_definitions::{count, fields, ready};

struct Db;

impl Service for Db {
    fn fields(&self, _: &Parameters) -> Result<Fields> {
        Ok(fields())
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        ready(container)
    }

    fn post_start_init(&self, container: &Container) -> Result<()> {
        count(container, "init")
    }
}

struct Web;

impl Service for Web {
    fn fields(&self, _: &Parameters) -> Result<Fields> {
        Ok(fields().depends_on("db"))
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        ready(container)
    }

    fn post_start_init(&self, container: &Container) -> Result<()> {
        count(container, "init")
    }
}

fn group() -> Group {
    Group::named("basic").service("db", Db).service("web", Web)
}

drillmaster_sdk::export_group!(group());
