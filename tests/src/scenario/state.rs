//! What the engine says about a scenario's group.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::SystemTime;

use bollard::models::{
    ContainerInspectResponse, ContainerState, ContainerSummary, ContainerSummaryStateEnum, Network, Volume,
};

use super::Scenario;
use crate::clock;
use crate::engine::{GROUP, SERVICE};
use crate::http::{self, Response};

/// The port that the tests' service listens on.
const PORT: u16 = 8080;

/// Each of these asks the engine, and panics when it does not answer.
impl Scenario {
    /// The group's containers, finished or not.
    #[must_use]
    pub fn containers(&self) -> Vec<ContainerSummary> {
        expect(self.engine().containers(&self.group()))
    }

    /// The names of the group's containers in order, without the group's: `db`, `web.starting`.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.names_of(self.containers())
    }

    /// The names of those that run, in the same way.
    #[must_use]
    pub fn running(&self) -> Vec<String> {
        let mut containers = self.containers();
        containers.retain(|container| container.state == Some(ContainerSummaryStateEnum::RUNNING));
        self.names_of(containers)
    }

    fn names_of(&self, containers: Vec<ContainerSummary>) -> Vec<String> {
        let prefix = format!("/{}-", self.group());
        let mut names: Vec<String> = containers
            .into_iter()
            .flat_map(|container| container.names.unwrap_or_default())
            .filter_map(|name| Some(name.strip_prefix(&prefix)?.to_owned()))
            .collect();
        names.sort();
        names
    }

    /// The container of a service, once it is finished: the one that carries the labels of the group and the service
    /// and the name GROUP-SERVICE. With a suffix, as in `db.starting`, the one that is not.
    #[must_use]
    pub fn container(&self, service: &str) -> Option<ContainerInspectResponse> {
        let (label, _) = service.split_once('.').unwrap_or((service, ""));
        let name = format!("/{}-{service}", self.group());
        let found = self.containers().into_iter().find(|container| {
            let labelled = container.labels.as_ref().and_then(|labels| labels.get(SERVICE));
            let named = container.names.as_ref().is_some_and(|names| names.contains(&name));
            named && labelled.is_some_and(|labelled| labelled == label)
        })?;
        expect(self.engine().inspect(&found.id.unwrap_or_default()))
    }

    /// The id of a service's container.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[must_use]
    #[track_caller]
    pub fn id(&self, service: &str) -> String {
        self.existing(service).id.unwrap_or_default()
    }

    /// The id of the container of a name in Docker, whoever's it is; none if there is none.
    #[must_use]
    pub fn id_of(&self, name: &str) -> Option<String> {
        expect(self.engine().inspect(name))?.id
    }

    /// Whether a service's container is there and running.
    #[must_use]
    pub fn is_running(&self, service: &str) -> bool {
        let state = self.container(service).and_then(|container| container.state);
        state.and_then(|state| state.running).unwrap_or(false)
    }

    /// When a service's container was started last.
    ///
    /// # Panics
    ///
    /// When there is none, or it was never started.
    #[must_use]
    #[track_caller]
    pub fn started_at(&self, service: &str) -> SystemTime {
        let time = self.container_state(service).started_at.and_then(|time| clock::parse(&time));
        time.unwrap_or_else(|| panic!("{service} was never started"))
    }

    /// When a service's container ended last.
    ///
    /// # Panics
    ///
    /// When there is none, or it never ended.
    #[must_use]
    #[track_caller]
    pub fn finished_at(&self, service: &str) -> SystemTime {
        let time = self.container_state(service).finished_at.and_then(|time| clock::parse(&time));
        time.unwrap_or_else(|| panic!("{service} has never ended"))
    }

    /// The exit code that a service's container ended with last; 0 if it never did.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[must_use]
    #[track_caller]
    pub fn exit_code(&self, service: &str) -> i64 {
        self.container_state(service).exit_code.unwrap_or_default()
    }

    /// When a file in a service's container was last changed, in seconds since 1970.
    ///
    /// # Panics
    ///
    /// When there is no such container or file.
    #[must_use]
    #[track_caller]
    pub fn modified(&self, service: &str, path: &str) -> u64 {
        expect(self.engine().modified(&self.id(service), path))
    }

    /// What a service's container has written; empty when there is none.
    #[must_use]
    pub fn logs(&self, service: &str) -> String {
        let id = self.container(service).and_then(|container| container.id);
        id.map(|id| expect(self.engine().logs(&id))).unwrap_or_default()
    }

    /// The group's networks.
    #[must_use]
    pub fn networks(&self) -> Vec<Network> {
        let group = self.group();
        let networks = expect(self.engine().networks());
        let ours = |network: &Network| network.labels.as_ref().and_then(|labels| labels.get(GROUP)) == Some(&group);
        networks.into_iter().filter(ours).collect()
    }

    /// The group's volumes.
    #[must_use]
    pub fn volumes(&self) -> Vec<Volume> {
        let group = self.group();
        let volumes = expect(self.engine().volumes());
        volumes.into_iter().filter(|volume| volume.labels.get(GROUP) == Some(&group)).collect()
    }

    /// The name in Docker of an image that the group builds, with its tag: `drillmaster.invalid/GROUP/NAME:latest`.
    #[must_use]
    pub fn built(&self, name: &str) -> String {
        format!("drillmaster.invalid/{}/{name}:latest", self.group())
    }

    /// The id of the image that has a name now; none if there is none.
    #[must_use]
    pub fn image(&self, tag: &str) -> Option<String> {
        let images = expect(self.engine().images());
        Some(images.into_iter().find(|image| image.repo_tags.iter().any(|found| found == tag))?.id)
    }

    /// Where a TCP port of a service's container is published on this machine.
    ///
    /// # Panics
    ///
    /// When there is no such container, or the port is not published.
    #[must_use]
    #[track_caller]
    pub fn address(&self, service: &str, port: u16) -> SocketAddr {
        let ports = self.existing(service).network_settings.and_then(|settings| settings.ports).unwrap_or_default();
        let binding = ports.get(&format!("{port}/tcp")).cloned().flatten().unwrap_or_default().into_iter().next();
        let port = binding.and_then(|binding| binding.host_port?.parse().ok());
        let port: u16 = port.unwrap_or_else(|| panic!("{service} does not publish the port; it has {ports:?}"));
        (Ipv4Addr::LOCALHOST, port).into()
    }

    /// What a service answers to a GET of a path, which begins with `/`, on the tests' port.
    ///
    /// # Panics
    ///
    /// When it does not answer.
    #[must_use]
    #[track_caller]
    pub fn get(&self, service: &str, path: &str) -> Response {
        let answer = http::get(self.address(service, PORT), path);
        answer.unwrap_or_else(|error| panic!("{service} does not answer GET {path}: {error}"))
    }

    #[track_caller]
    fn existing(&self, service: &str) -> ContainerInspectResponse {
        let container = self.container(service);
        container.unwrap_or_else(|| panic!("there is no container {service}; there are {:?}", self.names()))
    }

    #[track_caller]
    fn container_state(&self, service: &str) -> ContainerState {
        self.existing(service).state.unwrap_or_default()
    }
}

fn expect<T>(answer: anyhow::Result<T>) -> T {
    answer.unwrap_or_else(|error| panic!("{error:#}"))
}
