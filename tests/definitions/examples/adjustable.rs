//! `subject`, most of whose fields the parameters give, and `bystander`, which is always the same.
//!
//! Both count how often they were asked whether they are ready, and how often they were initialised.

use drillmaster_sdk::{Container, Fields, Group, Parameters, Result, Service, log};
use drillmaster_test_definitions::{IMAGE, PORT, count, fields, ready};

struct Subject;

impl Service for Subject {
    fn fields(&self, parameters: &Parameters) -> Result<Fields> {
        let mut fields = fields();
        fields.image = parameters.get("image").unwrap_or_else(|| IMAGE.to_owned());
        fields.user = parameters.get("user");
        fields.command = parameters.get("command").map(|argument| vec!["serve".to_owned(), argument]);
        // As the tests' service knows them; VALUE is unknown to it.
        for variable in ["VALUE", "READY_AFTER_MS", "EXIT_AFTER_MS", "EXIT_CODE"] {
            if let Some(value) = parameters.get(variable) {
                fields = fields.env(variable, value);
            }
        }
        if let Some(port) = parameters.parse("port")? {
            fields = fields.port(9090, port);
        }
        fields.always_start_new = parameters.parse("always_start_new")?.unwrap_or(false);
        Ok(fields)
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        ping(container)
    }

    fn post_start_init(&self, container: &Container) -> Result<()> {
        initialise(container)
    }
}

struct Bystander;

impl Service for Bystander {
    fn fields(&self, _: &Parameters) -> Result<Fields> {
        Ok(fields())
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        ping(container)
    }

    fn post_start_init(&self, container: &Container) -> Result<()> {
        initialise(container)
    }
}

fn ping(container: &Container) -> Result<bool> {
    log::debug("asked whether it is ready");
    // As long as nothing listens there is nothing to count with.
    Ok(container.http_get(PORT, "/count/ping").is_ok() && ready(container)?)
}

fn initialise(container: &Container) -> Result<()> {
    if !ready(container)? {
        return Err("initialised before it was ready".into());
    }
    count(container, "init")
}

fn group() -> Group {
    Group::named("adjustable").service("subject", Subject).service("bystander", Bystander)
}

drillmaster_sdk::export_group!(group());
