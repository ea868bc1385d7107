//! What is measured.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bollard::Docker;
use bollard::models::{
    ContainerCreateBody, EndpointSettings, HostConfig, NetworkCreateRequest, NetworkingConfig, PortBinding,
};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, InspectContainerOptions, ListContainersOptionsBuilder, ListImagesOptionsBuilder,
    ListNetworksOptionsBuilder, StartContainerOptions, StopContainerOptionsBuilder,
};
use futures_util::future::try_join_all;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::Result;

const LABEL: &str = "dev.drillmaster.floor";
const PORT: &str = "8080/tcp";
/// Between one question whether a service is ready and the next.
const AGAIN: Duration = Duration::from_millis(5);

fn of(group: &str) -> HashMap<String, Vec<String>> {
    HashMap::from([("label".to_owned(), vec![format!("{LABEL}={group}")])])
}

/// The connection's greeting was the first request.
pub(crate) async fn look(docker: &Docker, group: &str) -> Result<()> {
    docker.info().await?;
    let containers = ListContainersOptionsBuilder::new().all(true).filters(&of(group)).build();
    let networks = ListNetworksOptionsBuilder::new().filters(&of(group)).build();
    let images = ListImagesOptionsBuilder::new().build();
    let (containers, ..) = tokio::try_join!(
        docker.list_containers(Some(containers)),
        docker.list_networks(Some(networks)),
        docker.list_images(Some(images)),
    )?;
    println!("{}", containers.len());
    Ok(())
}

pub(crate) async fn start(docker: &Docker, group: &str, image: &str, number: usize, slots: usize) -> Result<()> {
    let network = network(docker, group).await?;
    let slots = Semaphore::new(slots);
    try_join_all((0..number).map(async |index| {
        let _slot = slots.acquire().await?;
        up(docker, group, image, &network, index, None).await.map(drop)
    }))
    .await?;
    Ok(())
}

pub(crate) async fn chain(docker: &Docker, group: &str, image: &str, number: usize, ms: &str) -> Result<()> {
    let network = network(docker, group).await?;
    for index in 0..number {
        let id = up(docker, group, image, &network, index, Some(ms)).await?;
        let found = docker.inspect_container(&id, None::<InspectContainerOptions>).await?;
        let ports = found.network_settings.and_then(|settings| settings.ports).unwrap_or_default();
        let port = ports.into_values().flatten().flatten().find_map(|binding| binding.host_port);
        let port = port.ok_or("no port was published")?.parse()?;
        while !is_ready(port).await {
            sleep(AGAIN).await;
        }
    }
    Ok(())
}

pub(crate) async fn stop(docker: &Docker, group: &str, slots: usize) -> Result<()> {
    let containers = ListContainersOptionsBuilder::new().filters(&of(group)).build();
    let containers = docker.list_containers(Some(containers)).await?;
    let slots = Semaphore::new(slots);
    let stop = async |id: Option<String>| -> Result<()> {
        let _slot = slots.acquire().await?;
        let options = StopContainerOptionsBuilder::new().t(10).build();
        Ok(docker.stop_container(&id.unwrap_or_default(), Some(options)).await?)
    };
    try_join_all(containers.into_iter().map(|container| stop(container.id))).await?;
    Ok(())
}

async fn network(docker: &Docker, group: &str) -> Result<String> {
    let labels = Some(HashMap::from([(LABEL.to_owned(), group.to_owned())]));
    // Another name each time: one that the engine did not let go of must not be in the way.
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos();
    let name = format!("{group}-{now}");
    let request = NetworkCreateRequest { name, labels, ..NetworkCreateRequest::default() };
    Ok(docker.create_network(request).await?.id)
}

/// Creates and starts one container; with a port that is published if it is to be ready only so many milliseconds later.
async fn up(
    docker: &Docker,
    group: &str,
    image: &str,
    network: &str,
    index: usize,
    ready_after_ms: Option<&str>,
) -> Result<String> {
    let free = || vec![PortBinding { host_ip: Some("127.0.0.1".to_owned()), host_port: Some("0".to_owned()) }];
    let name = format!("s{index}");
    let endpoint = EndpointSettings { aliases: Some(vec![name.clone()]), ..EndpointSettings::default() };
    let body = ContainerCreateBody {
        image: Some(image.to_owned()),
        labels: Some(HashMap::from([(LABEL.to_owned(), group.to_owned())])),
        env: ready_after_ms.map(|ms| vec![format!("READY_AFTER_MS={ms}")]),
        exposed_ports: ready_after_ms.map(|_| vec![PORT.to_owned()]),
        host_config: Some(HostConfig {
            network_mode: Some(network.to_owned()),
            port_bindings: ready_after_ms.map(|_| HashMap::from([(PORT.to_owned(), Some(free()))])),
            ..HostConfig::default()
        }),
        networking_config: Some(NetworkingConfig {
            endpoints_config: Some(HashMap::from([(network.to_owned(), endpoint)])),
        }),
        ..ContainerCreateBody::default()
    };
    let options = CreateContainerOptionsBuilder::new().name(&format!("{group}-{name}")).build();
    let id = docker.create_container(Some(options), body).await?.id;
    docker.start_container(&id, None::<StartContainerOptions>).await?;
    Ok(id)
}

async fn is_ready(port: u16) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
        stream.write_all(b"GET /ready HTTP/1.0\r\n\r\n").await.ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok()?;
        answer.starts_with("HTTP/1.1 200").then_some(())
    };
    ask.await.is_some()
}
