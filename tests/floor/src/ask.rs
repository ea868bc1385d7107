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

/// How long a removal is tried, and how often.
const PATIENCE: Duration = Duration::from_secs(30);
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

/// Tries again for a while: a busy engine still counts an endpoint of a container that is gone.
pub(crate) async fn remove(docker: &Docker, mark: &str) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match remove_once(docker, mark).await {
            Err(_) if Instant::now() < deadline => sleep(AGAIN).await,
            done => return done,
        }
    }
}

async fn remove_once(docker: &Docker, mark: &str) -> Result<()> {
    let containers = marked(docker, mark).await?;
    let remove = async |container: ContainerSummary| {
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        docker.remove_container(&container.id.unwrap_or_default(), Some(options)).await
    };
    let mut done = join_all(containers.into_iter().map(remove)).await;
    let options = ListNetworksOptionsBuilder::new().build();
    for network in docker.list_networks(Some(options)).await? {
        if network.name.is_some_and(|name| name.contains(mark)) {
            done.push(docker.remove_network(&network.id.unwrap_or_default()).await);
        }
    }
    Ok(done.into_iter().collect::<std::result::Result<(), _>>()?)
}

pub(crate) async fn tag(docker: &Docker, image: &str, name: &str) -> Result<()> {
    Ok(docker.tag_image(image, Some(TagImageOptionsBuilder::new().repo(name).tag("latest").build())).await?)
}

pub(crate) async fn untag(docker: &Docker, name: &str) -> Result<()> {
    let options = RemoveImageOptionsBuilder::new().noprune(true).build();
    docker.remove_image(&format!("{name}:latest"), Some(options), None).await?;
    Ok(())
}
