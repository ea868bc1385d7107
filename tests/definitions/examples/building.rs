//! `built`, whose image is built under the tag that the parameter `image` gives, with the argument that `greeting`
//! gives, and which keeps its counters in a volume.

use drillmaster_sdk::{Build, Container, Fields, Group, Parameters, Result, Service};
use drillmaster_test_definitions::{PORT, ready};

struct Built;

impl Service for Built {
    fn fields(&self, parameters: &Parameters) -> Result<Fields> {
        let build = Build::directory("context")
            .dockerfile("docker/Chosen.dockerfile")
            .argument("GREETING", parameters.get("greeting").unwrap_or_else(|| "hello".to_owned()))
            .target("chosen");
        let image = parameters.get("image").ok_or("the parameter `image` is needed")?;
        Ok(Fields::new(image).build(build).free_port(PORT).volume("counts", "/counts"))
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        ready(container)
    }
}

fn group() -> Group {
    Group::named("building").service("built", Built)
}

drillmaster_sdk::export_group!(group());
