//! A service whose container, log line and error try to write to the terminal more than text.

use drillmaster_sdk::{Container, Fields, Group, Parameters, Result, Service, log};
use drillmaster_test_definitions::{fields, ready};

struct Hostile;

impl Service for Hostile {
    fn fields(&self, _: &Parameters) -> Result<Fields> {
        Ok(fields().env("SAY", "container \u{1b}[2J\rgone"))
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        if !ready(container)? {
            return Ok(false);
        }
        log::info("log line \u{1b}]0;title\u{7}");
        Err("error \u{9b}31m \u{202e}desrever".into())
    }
}

drillmaster_sdk::export_group!(Group::new().service("app", Hostile));
