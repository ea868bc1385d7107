//! Images: finding, pulling, building.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use bollard::body_try_stream;
use bollard::errors::Error;
use bollard::models::{CreateImageInfo, ImageInspect};
use bollard::query_parameters::{BuildImageOptions, BuildImageOptionsBuilder, CreateImageOptionsBuilder};
use futures_util::TryStreamExt as _;
use tokio_util::io::ReaderStream;

use crate::engine::{EngineError, ImageProgress, NewImage, Progress, Result};
use crate::group::{Digest, ImageName, mask_text};
use crate::plan::{Image, ImageId};
use crate::project::{BuildContent, BuildContext};

use super::Docker;
use super::error::{cut, failed, is_not_found, told};
use super::labels;

/// How long the engine may be silent while it pulls or builds.
const IMAGE_TIMEOUT: Duration = Duration::from_hours(1);

/// How many of the builder's last lines an error shows.
const SHOWN_LINES: usize = 15;

impl Docker {
    /// What the engine tells of the image of a name or an id, if it has it.
    async fn find_image(&self, name: &str) -> Result<Option<ImageInspect>> {
        match self.client.ask(|docker| docker.inspect_image(name)).await {
            Ok(found) => Ok(Some(found)),
            Err(error) if is_not_found(&error) => Ok(None),
            Err(error) => Err(failed(self, format!("look for image {name}"), error)),
        }
    }

    /// The image of a name or an id that was got just now.
    async fn got_image(&self, name: &str, context: Option<Digest>) -> Result<Image> {
        let reason = "it is not there although it was got just now; was it removed?".to_owned();
        let gone = || EngineError::NoImage { image: name.to_owned(), reason };
        let found = self.find_image(name).await?.ok_or_else(gone)?;
        let platform = platform(&found);
        let labels = found.config.and_then(|config| config.labels).unwrap_or_default();
        Ok(Image { id: ImageId(found.id.unwrap_or_default()), context, platform, labels: labels::telling(&labels) })
    }

    /// The platform that an image is for; none if it is gone, or does not say.
    pub(super) async fn platform_of(&self, image: &ImageId) -> Result<Option<String>> {
        Ok(self.find_image(&image.0).await?.as_ref().and_then(platform))
    }

    /// Where an image declares volumes; nowhere if it is gone, which is told when a container is made of it.
    pub(super) async fn declared_volumes(&self, image: &ImageId) -> Result<BTreeSet<String>> {
        let config = self.find_image(&image.0).await?.and_then(|found| found.config);
        Ok(config.and_then(|config| config.volumes).unwrap_or_default().into_iter().collect())
    }

    pub(super) async fn pull_image(
        &self,
        image: &ImageName,
        platform: Option<&str>,
        progress: Progress<'_>,
    ) -> Result<Image> {
        let action = || format!("pull image {image}");
        // In full: without a tag an old engine pulls all there are.
        let mut options = CreateImageOptionsBuilder::new().from_image(&image.canonical());
        if let Some(platform) = platform {
            options = options.platform(platform);
        }
        let mut layers =
            self.client.stream(IMAGE_TIMEOUT, |docker| docker.create_image(Some(options.build()), None, None));
        let mut is_done = false;
        loop {
            match layers.try_next().await {
                Ok(Some(told)) => {
                    is_done = ends_a_pull(&told);
                    progress(step_of_pull(told));
                }
                // An image of this name can have been here before.
                Ok(None) if !is_done => return Err(cut(action(), "it does not say that the image is here")),
                Ok(None) => return self.got_image(image.as_str(), None).await,
                Err(error @ (Error::DockerResponseServerError { .. } | Error::DockerStreamError { .. })) => {
                    let reason = told(&error);
                    return Err(match self.find_image(image.as_str()).await {
                        Ok(Some(_)) => EngineError::Refused {
                            action: action(),
                            reason: format!("{reason}; without --pull always the one that is here would do"),
                        },
                        _ => EngineError::NoImage { image: image.to_string(), reason },
                    });
                }
                Err(error) => return Err(failed(self, action(), error)),
            }
        }
    }

    pub(super) async fn build_image(&self, new: &NewImage, progress: Progress<'_>) -> Result<Image> {
        let action = format!("build image {}", new.name);
        let failed = |reason| build_failed(new, reason);
        let packed = {
            let (build, platform) = (new.build.clone(), new.platform.clone());
            tokio::task::spawn_blocking(move || BuildContext::pack(&build, platform.as_deref())).await
        };
        let packed = packed.map_err(|panic| failed(panic.to_string()))?;
        let packed = packed.map_err(|error| failed(error.to_string()))?;
        let BuildContent { digest, fetches } = packed.content;
        // It may have changed since it was looked at.
        if let Some(why) = fetches.denied(&new.net) {
            return Err(failed(why));
        }
        for (base, why) in fetches.denied_images(&new.net) {
            if self.find_image(&base.canonical()).await?.is_none() {
                return Err(failed(format!("its Dockerfile builds on {base}, which is not here, and {why}")));
            }
        }
        let context = body_try_stream(ReaderStream::new(tokio::fs::File::from_std(packed.file)));
        let options = build_options(new, &digest);
        let mut output = self.client.stream(IMAGE_TIMEOUT, |docker| docker.build_image(options, None, Some(context)));
        let mut last = VecDeque::new();
        let (mut built, mut is_built) = (None, false);
        loop {
            let step = match output.try_next().await {
                Ok(Some(step)) => step,
                Ok(None) => break,
                Err(error) => return Err(failed(with_last_lines(&told(&error), &last))),
            };
            if let Some(error) = step.error_detail.and_then(|detail| detail.message) {
                return Err(failed(with_last_lines(&mask_text(&error), &last)));
            }
            built = step.aux.and_then(|aux| aux.id).or(built);
            is_built |= built.is_some();
            // While the base image is pulled there are statuses, and lines of output from then on.
            let text = step.stream.or(step.status).unwrap_or_default();
            for line in text.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
                is_built |= line.starts_with("Successfully built ");
                // An instruction can have a secret in it, and what it runs can say one.
                let line = mask_text(line).into_owned();
                progress(step_of_build(&line).unwrap_or_else(|| ImageProgress::Line(line.clone())));
                last.push_back(line);
                if last.len() > SHOWN_LINES {
                    last.pop_front();
                }
            }
        }
        if !is_built {
            return Err(cut(action, "it does not say that the image is built"));
        }
        // What has the name by now may be another one.
        self.got_image(built.as_deref().unwrap_or(new.name.as_str()), Some(digest)).await
    }
}

/// The platform that an image is for, as `linux/amd64`.
fn platform(found: &ImageInspect) -> Option<String> {
    let said = |part: &Option<String>| part.clone().filter(|part| !part.is_empty());
    let (system, architecture) = (said(&found.os)?, said(&found.architecture)?);
    let variant = said(&found.variant).map(|variant| format!("/{variant}")).unwrap_or_default();
    Some(format!("{system}/{architecture}{variant}"))
}

fn build_failed(new: &NewImage, reason: String) -> EngineError {
    EngineError::BuildFailed {
        image: new.name.to_string(),
        directory: new.build.directory.display().to_string(),
        reason,
    }
}

fn build_options(new: &NewImage, context: &Digest) -> BuildImageOptions {
    let arguments: HashMap<_, _> = new.build.arguments.clone().into_iter().collect();
    let mut options = BuildImageOptionsBuilder::new()
        .t(new.name.as_str())
        .dockerfile(&new.build.dockerfile)
        .buildargs(&arguments)
        .labels(&labels::of_image(new, context))
        .rm(true)
        .forcerm(true);
    if let Some(target) = &new.build.target {
        options = options.target(target);
    }
    if let Some(platform) = &new.platform {
        options = options.platform(platform);
    }
    options.build()
}

/// Whether a word of the engine about a pull is its last one: Docker's, or Podman's, which ends as each layer does.
fn ends_a_pull(told: &CreateImageInfo) -> bool {
    let status = told.status.as_deref().unwrap_or_default();
    status.starts_with("Status: ") || matches!(status, "Download complete" | "Pull complete")
}

/// What a word of the engine about a pull says.
pub(super) fn step_of_pull(told: CreateImageInfo) -> ImageProgress {
    let status = told.status.unwrap_or_default();
    let number = |number: Option<i64>| u64::try_from(number?).ok();
    let bytes = told.progress_detail.and_then(|detail| Some((number(detail.current)?, number(detail.total)?)));
    match told.id {
        // That one has the tag for an id.
        Some(id) if !status.starts_with("Pulling from ") => {
            ImageProgress::Layer { id, status, bytes: bytes.filter(|(_, total)| *total > 0) }
        }
        _ => ImageProgress::Line(status),
    }
}

/// The step that a line of the builder announces: `Step 2/5 : RUN make`, or as Podman has it, `STEP 2/5: RUN make`.
pub(super) fn step_of_build(line: &str) -> Option<ImageProgress> {
    let step = line.strip_prefix("Step ").or_else(|| line.strip_prefix("STEP "))?;
    let (number, rest) = step.split_once('/')?;
    let (of, instruction) = rest.split_once(':')?;
    let (number, of) = (number.parse().ok()?, of.trim_end().parse().ok()?);
    Some(ImageProgress::Step { number, of, instruction: instruction.trim_start().to_owned() })
}

fn with_last_lines(error: &str, last: &VecDeque<String>) -> String {
    let mut text = error.trim().to_owned();
    for line in last {
        text.push('\n');
        text.push_str(line);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pull_tells_of_its_layers_and_of_itself() {
        // As an engine has said it.
        let table = [
            (r#"{"status":"Pulling from big","id":"1"}"#, ImageProgress::Line("Pulling from big".into())),
            (r#"{"status":"Already exists","progressDetail":{},"id":"85da6e471878"}"#, layer("Already exists", None)),
            (
                r#"{"status":"Extracting","progressDetail":{"current":7,"total":60},"id":"85da6e471878"}"#,
                layer("Extracting", Some((7, 60))),
            ),
            (r#"{"status":"Digest: sha256:13cc"}"#, ImageProgress::Line("Digest: sha256:13cc".into())),
        ];
        for (told, expected) in table {
            assert_eq!(step_of_pull(serde_json::from_str(told).unwrap()), expected);
        }
    }

    fn layer(status: &str, bytes: Option<(u64, u64)>) -> ImageProgress {
        ImageProgress::Layer { id: "85da6e471878".to_owned(), status: status.to_owned(), bytes }
    }

    #[test]
    fn the_steps_of_a_build_are_told_from_its_output() {
        let step = |number, of, instruction: &str| {
            Some(ImageProgress::Step { number, of, instruction: instruction.to_owned() })
        };
        assert_eq!(step_of_build("Step 2/15 : RUN a : b"), step(2, 15, "RUN a : b"));
        assert_eq!(step_of_build("STEP 2/15: RUN a : b"), step(2, 15, "RUN a : b"));
        for line in ["Step by step", "Step 1/x : RUN", "Steps 1/2 : RUN", "--> Step 1/2 : RUN", "Step 1/2"] {
            assert_eq!(step_of_build(line), None, "{line}");
        }
    }
}
