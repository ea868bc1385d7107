//! `slow`, which listens half a second after it has started and is ready when somebody listens, and a group that is told
//! what was started and stopped.

use drillmaster_sdk::{Container, Fields, Group, Parameters, Result, Service, context, log};
use drillmaster_test_definitions::{PORT, fields};

struct Slow;

impl Service for Slow {
    fn fields(&self, _: &Parameters) -> Result<Fields> {
        Ok(fields().env("LISTEN_AFTER_MS", "500"))
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        Ok(container.probe_tcp(PORT))
    }

    fn post_start_init(&self, _: &Container) -> Result<()> {
        context::set("left", "a value")
    }
}

fn group() -> Group {
    Group::new()
        .service("slow", Slow)
        .on_start(|services| {
            log::info(format!("started {services:?} with {:?}", context::get("left")));
            log::info(format!("no value: {}", context::set("more", "x").unwrap_err()));
            Ok(())
        })
        .on_stop(|services| Err(format!("stopped {services:?}").into()))
}

drillmaster_sdk::export_group!(group());
