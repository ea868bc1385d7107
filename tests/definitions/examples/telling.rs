//! `teller` leaves the parameter `value` in the context once it is initialised, and `listener`, which depends on it,
//! has it in its environment and finds it in its own hook, where it counts it.
//!
//! With the parameter `needs`, a variable of `listener` needs that key as well.

use drillmaster_sdk::{Container, Fields, Group, Parameters, Result, Service, context};
use drillmaster_test_definitions::{PORT, count, fields, ready};

struct Teller;

impl Service for Teller {
    fn fields(&self, parameters: &Parameters) -> Result<Fields> {
        Ok(fields().env("VALUE", parameters.get("value").unwrap_or_else(|| "first".to_owned())))
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        ready(container)
    }

    fn post_start_init(&self, container: &Container) -> Result<()> {
        // Parameters are for `fields` alone; the container knows the value.
        context::set("told.value", container.http_get(PORT, "/env/VALUE")?.text())
    }
}

struct Listener;

impl Service for Listener {
    fn fields(&self, parameters: &Parameters) -> Result<Fields> {
        let fields = fields()
            .depends_on("teller")
            .env("HEARD", "<{told.value}>")
            .env("LITERAL", "{{told.value}}")
            .env("JSON", r#"{"value": 1}"#);
        Ok(match parameters.get("needs") {
            Some(key) => fields.env("NEEDY", format!("{{{key}}}")),
            None => fields,
        })
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        ready(container)
    }

    fn post_start_init(&self, container: &Container) -> Result<()> {
        count(container, &context::get("told.value").ok_or("nothing was told")?)
    }
}

fn group() -> Group {
    Group::named("telling").service("teller", Teller).service("listener", Listener)
}

drillmaster_sdk::export_group!(group());
