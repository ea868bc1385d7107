//! The images that the example and the tests are built on.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use bollard::models::{BuildInfo, CreateImageInfo};
use bollard::query_parameters::{BuildImageOptionsBuilder, CreateImageOptionsBuilder};
use bollard::{body_full, body_try_stream};
use bytes::Bytes;
use futures_util::stream;
use futures_util::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use tokio::time;

use crate::engine::{Engine, block_unbounded};

/// What the example's Dockerfiles begin with.
pub const BASE: &str = "debian:bookworm-slim";
/// The tests' service: nothing but a binary, at `/service`.
pub const SERVICE: &str = "drillmaster-test-service:latest";
/// An engine that can be restarted; see its `run.sh`.
pub const ENGINE: &str = "drillmaster-test-engine:latest";

/// The label that holds what an image was made of.
const CONTENT: &str = "dev.drillmaster.tests.content";
const SERVICE_DOCKERFILE: &str = "FROM scratch\nCOPY root/ /\nENTRYPOINT [\"/service\"]\n";
const ENGINE_DOCKERFILE: &str = include_str!("../engine/Dockerfile");
const ENGINE_SCRIPT: &str = include_str!("../engine/run.sh");
/// So long may the engine say nothing while it pulls or builds.
const SILENCE: Duration = Duration::from_mins(2);

/// How the base image was come by.
#[derive(Debug)]
pub enum Base {
    /// It was there.
    Present,
    /// It was pulled.
    Pulled,
    /// It is not there, and cannot be pulled for this reason.
    Unavailable(anyhow::Error),
}

/// Pulls the base image when it is missing, with a line for each thing that the engine reports.
///
/// # Errors
///
/// When the engine does not answer.
pub fn base(engine: &Engine) -> Result<Base> {
    if content(engine, BASE)?.is_some() {
        return Ok(Base::Present);
    }
    println!("pulling {BASE}");
    let (repository, tag) = BASE.split_once(':').unwrap_or((BASE, "latest"));
    let options = CreateImageOptionsBuilder::new().from_image(repository).tag(tag).build();
    let pulled = follow(engine.docker().create_image(Some(options), None, None), pull_line);
    Ok(match pulled {
        Ok(()) => Base::Pulled,
        Err(error) => Base::Unavailable(error),
    })
}

/// Makes the base image of an archive of its files.
///
/// # Errors
///
/// When the archive cannot be read, or the engine refuses it.
pub fn import_base(engine: &Engine, archive: &Path) -> Result<()> {
    let shown = archive.display();
    let file = File::open(archive).with_context(|| format!("cannot read {shown}"))?;
    let (repository, tag) = BASE.split_once(':').unwrap_or((BASE, "latest"));
    let options = CreateImageOptionsBuilder::new().from_src("-").repo(repository).tag(tag).build();
    let body = body_try_stream(stream::iter(Chunks(file)));
    follow(engine.docker().create_image(Some(options), Some(body), None), pull_line)
        .with_context(|| format!("cannot import {shown} as {BASE}"))
}

/// Builds the image of the tests' service, unless it holds this binary already; gives whether it did build.
///
/// # Errors
///
/// When the binary cannot be read, or the engine refuses.
pub fn service(engine: &Engine, binary: &Path) -> Result<bool> {
    let binary = fs::read(binary).with_context(|| format!("cannot read {}", binary.display()))?;
    let files = [
        ("Dockerfile", 0o644, SERVICE_DOCKERFILE.as_bytes()),
        ("root/service", 0o755, &binary),
        // Any user may count, and a volume mounted there begins with the same permissions.
        ("root/counts/", 0o777, b""),
    ];
    build(engine, SERVICE, &files)
}

/// Builds the image of an engine, on the base image, unless it is up to date; gives whether it did build.
///
/// # Errors
///
/// When the engine refuses, or Debian's packages cannot be had.
pub fn engine(engine: &Engine) -> Result<bool> {
    let files = [("Dockerfile", 0o644, ENGINE_DOCKERFILE.as_bytes()), ("run.sh", 0o644, ENGINE_SCRIPT.as_bytes())];
    build(engine, ENGINE, &files)
}

/// A path, a mode, and a content; a path that ends with a slash is a directory's.
type Entry<'a> = (&'a str, u32, &'a [u8]);

/// Builds an image, unless it was made of these files already; gives whether it did build.
fn build(engine: &Engine, image: &str, files: &[Entry]) -> Result<bool> {
    let context = context(files).context("cannot pack the build context")?;
    let hash = format!("{:x}", Bytes::copy_from_slice(&Sha256::digest(&context)));
    let old = content(engine, image)?;
    if old.as_ref().is_some_and(|old| old.labels.get(CONTENT) == Some(&hash)) {
        return Ok(false);
    }
    let labels = HashMap::from([(CONTENT, hash.as_str())]);
    let options = BuildImageOptionsBuilder::new().t(image).labels(&labels).rm(true).forcerm(true).build();
    let context = body_full(context.into());
    follow(engine.docker().build_image(options, None, Some(context)), |info| Ok(build_line(info)))
        .with_context(|| format!("cannot build {image}"))?;
    if let Some(old) = old {
        // It has no name any more. What runs from it keeps it, and that is no failure.
        let _ = engine.remove_image(&old.id);
    }
    Ok(true)
}

struct Content {
    id: String,
    labels: HashMap<String, String>,
}

fn content(engine: &Engine, image: &str) -> Result<Option<Content>> {
    let images = engine.images()?;
    let image = images.into_iter().find(|found| found.repo_tags.iter().any(|tag| tag == image));
    Ok(image.map(|image| Content { id: image.id, labels: image.labels }))
}

/// A build's directory, as an archive.
fn context(files: &[Entry]) -> io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, mode, content) in files {
        let mut header = tar::Header::new_gnu();
        let directory = path.ends_with('/');
        header.set_entry_type(if directory { tar::EntryType::Directory } else { tar::EntryType::Regular });
        header.set_mode(*mode);
        header.set_size(content.len() as u64);
        archive.append_data(&mut header, path, *content)?;
    }
    archive.into_inner()
}

/// Shows a stream of reports, a line each, until it ends.
fn follow<T>(
    reports: impl Stream<Item = Result<T, bollard::errors::Error>>,
    line: impl Fn(T) -> Result<Option<String>>,
) -> Result<()> {
    block_unbounded(async {
        let mut reports = std::pin::pin!(reports);
        loop {
            match time::timeout(SILENCE, reports.next()).await {
                Err(_) => bail!("Docker has said nothing for {SILENCE:?}"),
                Ok(None) => return Ok(()),
                Ok(Some(report)) => {
                    if let Some(line) = line(report?)? {
                        println!("{line}");
                    }
                }
            }
        }
    })
}

fn pull_line(info: CreateImageInfo) -> Result<Option<String>> {
    if let Some(message) = info.error_detail.and_then(|detail| detail.message) {
        bail!(message);
    }
    // How far each layer is would be a line for each hundredth of it.
    let status = info.status.filter(|status| !matches!(status.as_str(), "Downloading" | "Extracting"));
    Ok(status.map(|status| match info.id {
        Some(layer) => format!("{layer}: {status}"),
        None => status,
    }))
}

fn build_line(info: BuildInfo) -> Option<String> {
    info.stream.map(|line| line.trim_end().to_owned()).filter(|line| !line.is_empty())
}

/// A file in pieces that a request's body is made of.
struct Chunks(File);

impl Iterator for Chunks {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut piece = vec![0; 1 << 20];
        match self.0.read(&mut piece) {
            Ok(0) => None,
            Ok(count) => {
                piece.truncate(count);
                Some(Ok(piece.into()))
            }
            Err(error) => Some(Err(error)),
        }
    }
}
