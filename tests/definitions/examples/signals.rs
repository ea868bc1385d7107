//! A service for each signal that stops a container, named after it.

use drillmaster_sdk::{Container, Fields, Group, Parameters, Result, Service, StopSignal};
use drillmaster_test_definitions::{fields, ready};

struct Stopped(StopSignal);

impl Service for Stopped {
    fn fields(&self, _: &Parameters) -> Result<Fields> {
        Ok(fields().stop_signal(self.0))
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        ready(container)
    }
}

fn group() -> Group {
    Group::new()
        .service("int", Stopped(StopSignal::Int))
        .service("kill", Stopped(StopSignal::Kill))
        .service("quit", Stopped(StopSignal::Quit))
        .service("term", Stopped(StopSignal::Term))
}

drillmaster_sdk::export_group!(group());
