//! Containers of others, which no command touches.

use std::collections::HashMap;

use bollard::models::{ContainerCreateBody, HostConfig};
use bollard::query_parameters::{CreateContainerOptionsBuilder, StartContainerOptions};
use drillmaster_tests::engine::{Engine, GROUP, SERVICE, block};
use drillmaster_tests::images;
use drillmaster_tests::scenario::Scenario;

/// A running container that was not made by `drillmaster`. Should nobody remove it, it ends after a minute, and the
/// engine removes it then.
struct Bystander {
    engine: Engine,
    id: String,
}

impl Bystander {
    fn start(engine: &Engine, name: &str, labels: &[(&str, &str)]) -> Self {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let body = ContainerCreateBody {
            image: Some(images::SERVICE.to_owned()),
            cmd: Some(["sleep", "60000"].map(str::to_owned).to_vec()),
            labels: Some(labels.collect::<HashMap<_, _>>()),
            host_config: Some(HostConfig { auto_remove: Some(true), ..HostConfig::default() }),
            ..ContainerCreateBody::default()
        };
        let options = CreateContainerOptionsBuilder::new().name(name).build();
        let created = block("create a container", engine.docker().create_container(Some(options), body)).unwrap();
        let bystander = Self { engine: engine.clone(), id: created.id };
        let start = engine.docker().start_container(&bystander.id, None::<StartContainerOptions>);
        block("start it", start).unwrap();
        bystander
    }

    /// Its name, as long as it runs.
    fn name_if_running(&self) -> Option<String> {
        let found = self.engine.inspect(&self.id).unwrap()?;
        let running = found.state.and_then(|state| state.running) == Some(true);
        running.then(|| found.name.unwrap_or_default().replace('/', ""))
    }
}

impl Drop for Bystander {
    fn drop(&mut self) {
        if let Err(error) = self.engine.remove_container(&self.id) {
            eprintln!("{error:#}");
        }
    }
}

#[test]
fn a_stop_leaves_another_group_alone_whatever_its_containers_are_called() {
    let scenario = Scenario::new("single");
    let other = Scenario::new("single");
    let name = format!("{}-db", scenario.group());
    let labels = [(GROUP, &*other.group()), (SERVICE, "db")];
    let called_like_ours = Bystander::start(scenario.engine(), &name, &labels);
    scenario.start(&[]).code(0);
    other.start(&[]).code(0);
    scenario.stop(&["--remove", "--volumes", "--orphans"]).code(0);
    assert!(scenario.containers().is_empty());
    assert_eq!(other.running(), ["app"]);
    assert_eq!(other.networks().len(), 1);
    assert_eq!(called_like_ours.name_if_running(), Some(name));
}

#[test]
fn a_stop_leaves_containers_without_labels_alone_whatever_they_are_called() {
    let scenario = Scenario::new("single");
    scenario.start(&[]).code(0);
    let name = format!("{}-db", scenario.group());
    let bystander = Bystander::start(scenario.engine(), &name, &[]);
    scenario.run(&["stop", "--remove", "--volumes"]).code(0);
    assert!(scenario.containers().is_empty());
    assert_eq!(bystander.name_if_running(), Some(name));
}

#[test]
fn a_start_that_needs_the_name_of_somebodys_container_fails_with_it_and_leaves_it_alone() {
    for suffix in ["", ".starting"] {
        let scenario = Scenario::new("single");
        let name = format!("{}-app{suffix}", scenario.group());
        let bystander = Bystander::start(scenario.engine(), &name, &[]);
        let refused = format!("there is a container {name} already, and it belongs to none of drillmaster's groups");
        scenario.start(&[]).code(3).says(&refused);
        scenario.run(&["plan", "app.wasm"]).code(3).says(&refused);
        // Before anything was made.
        assert_eq!(scenario.names(), [""; 0]);
        assert_eq!(scenario.networks(), []);
        assert_eq!(bystander.name_if_running(), Some(name));
    }
}
