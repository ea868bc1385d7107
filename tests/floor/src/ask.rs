//! What is not measured: looking whether everybody has done what they should, and removing it.

use std::path::Path;

use bollard::Docker;
use bollard::models::{ContainerSummary, ContainerSummaryStateEnum};
use bollard::query_parameters::{
    InspectContainerOptions, ListContainersOptionsBuilder, ListImagesOptionsBuilder, ListNetworksOptionsBuilder,
    RemoveContainerOptionsBuilder, RemoveImageOptionsBuilder, TagImageOptionsBuilder,
};
use futures_util::future::join_all;

use tokio::time::{Duration, Instant, sleep};

use crate::Result;

/// How long a removal is tried, and the time between two tries.
const PATIENCE: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_millis(200);

async fn marked(docker: &Docker, mark: &str) -> Result<Vec<ContainerSummary>> {
    let options = ListContainersOptionsBuilder::new().all(true).build();
    let all = docker.list_containers(Some(options)).await?;
    let is_marked = |container: &ContainerSummary| container.names.iter().flatten().any(|name| name.contains(mark));
    Ok(all.into_iter().filter(is_marked).collect())
}

/// One line a container: its id and state.
pub(crate) async fn state(docker: &Docker, mark: &str) -> Result<()> {
    let mut lines = Vec::new();
    for container in marked(docker, mark).await? {
        let running = container.state == Some(ContainerSummaryStateEnum::RUNNING);
        let state = if running { "running" } else { "stopped" };
        lines.push(format!("{} {state}", container.id.unwrap_or_default()));
    }
    lines.sort();
    println!("{}", lines.join("\n"));
    Ok(())
}

/// When the containers were started, one a line, in order.
pub(crate) async fn started(docker: &Docker, mark: &str) -> Result<()> {
    let mut times = Vec::new();
    for container in marked(docker, mark).await? {
        let id = container.id.unwrap_or_default();
        let found = docker.inspect_container(&id, None::<InspectContainerOptions>).await?;
        times.push(found.state.and_then(|state| state.started_at).unwrap_or_default());
    }
    times.sort();
    println!("{}", times.join("\n"));
    Ok(())
}

/// Removes what a process that is no more has left: what has PREFIX and its number in its name.
pub(crate) async fn sweep(docker: &Docker, prefix: &str) -> Result<()> {
    let mut names: Vec<String> =
        marked(docker, prefix).await?.into_iter().filter_map(|found| found.names).flatten().collect();
    names.extend(
        docker
            .list_networks(Some(ListNetworksOptionsBuilder::new().build()))
            .await?
            .into_iter()
            .filter_map(|found| found.name),
    );
    let images = docker.list_images(Some(ListImagesOptionsBuilder::new().build())).await?;
    let tags: Vec<String> = images.into_iter().flat_map(|found| found.repo_tags).collect();
    names.extend(tags.iter().cloned());
    for name in names {
        let Some((_, rest)) = name.split_once(prefix) else { continue };
        let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
        if number.is_empty() || Path::new("/proc").join(&number).exists() {
            continue;
        }
        remove(docker, &format!("{prefix}{number}")).await?;
        if tags.contains(&name) {
            untag(docker, name.trim_end_matches(":latest")).await?;
        }
    }
    Ok(())
}

/// Removes containers and networks. A network that the engine does not let go of is told and left: it can lose count of
/// a network's endpoints when it is very busy, and knows better only once it has been started again.
pub(crate) async fn remove(docker: &Docker, mark: &str) -> Result<()> {
    let remove = async |container: ContainerSummary| {
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        docker.remove_container(&container.id.unwrap_or_default(), Some(options)).await
    };
    again(async || {
        let removed = join_all(marked(docker, mark).await?.into_iter().map(remove)).await;
        Ok(removed.into_iter().collect::<std::result::Result<(), _>>()?)
    })
    .await?;
    for network in docker.list_networks(Some(ListNetworksOptionsBuilder::new().build())).await? {
        let name = network.name.unwrap_or_default();
        if !name.contains(mark) {
            continue;
        }
        let id = network.id.unwrap_or_default();
        if let Err(error) = again(async || Ok(docker.remove_network(&id).await?)).await {
            eprintln!("network {name} stays: {error}");
        }
    }
    Ok(())
}

/// Tries something again for a while.
async fn again(attempt: impl AsyncFn() -> Result<()>) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match attempt().await {
            Err(_) if Instant::now() < deadline => sleep(AGAIN).await,
            done => return done,
        }
    }
}

pub(crate) async fn tag(docker: &Docker, image: &str, name: &str) -> Result<()> {
    Ok(docker.tag_image(image, Some(TagImageOptionsBuilder::new().repo(name).tag("latest").build())).await?)
}

pub(crate) async fn untag(docker: &Docker, name: &str) -> Result<()> {
    let options = RemoveImageOptionsBuilder::new().noprune(true).build();
    docker.remove_image(&format!("{name}:latest"), Some(options), None).await?;
    Ok(())
}
