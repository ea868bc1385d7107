//! Getting images: several at a time, and one that several services use once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OnceCell, Semaphore};

use crate::engine::{self, EngineError, ImageProgress, NewImage};
use crate::grants::NetGrant;
use crate::group::{Group, ImageName};
use crate::plan::{Image, ImageAction, Step};

use super::start::may_pull;
use super::{Event, Failure, Phase, Tools};

/// How many images are pulled or built at a time: more only share the same network and processors.
const AT_A_TIME: usize = 4;

/// What came of an image, once it is known.
type Got = Arc<OnceCell<engine::Result<Image>>>;

/// The images that are being got.
pub(super) struct Images {
    slots: Semaphore,
    /// Where the person allows the engine to download from.
    net: BTreeSet<NetGrant>,
    /// What came of each image and platform in this run. One that failed is not tried again for the next service.
    got: Mutex<BTreeMap<(String, Option<String>), Got>>,
    /// Held while an image of the name is got: what has the name afterwards is it.
    names: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Images {
    pub(super) fn new(net: BTreeSet<NetGrant>) -> Self {
        Self { slots: Semaphore::new(AT_A_TIME), net, got: Mutex::default(), names: Mutex::default() }
    }

    /// Gets the image of a step as the step says; or tells why it cannot be had.
    pub(super) async fn get(&self, tools: &Tools, group: &Group, step: &Step) -> Result<Image, Failure> {
        let cell = self.cell_of(&group.image_of(&step.service), step.service.platform.as_ref());
        // The engine ends a pull or build when nobody listens any more; another service may then go on with it.
        let got = tokio::select! {
            biased;
            () = tools.cancel.cancelled() => return Err(Failure::Interrupted),
            got = cell.get_or_init(|| self.get_once(tools, group, step)) => got.clone(),
        };
        got.map_err(|error| {
            let failure = Failure::from(error);
            let service = step.service.name.clone();
            tools.emit(Event::Failed { service, failure: failure.clone(), log_tail: Vec::new() });
            failure
        })
    }

    async fn get_once(&self, tools: &Tools, group: &Group, step: &Step) -> engine::Result<Image> {
        let service = &step.service;
        let name = self.name_of(&group.image_of(service));
        let _name = name.lock().await;
        let _slot = self.slots.acquire().await;
        let phase = |phase| tools.emit(Event::Phase { service: service.name.clone(), phase });
        let progress = |progress: ImageProgress| {
            tools.emit(Event::Progress { service: service.name.clone(), progress });
        };
        let platform = service.platform.as_deref();
        let image = match (&step.image, group.build_of(service)) {
            (ImageAction::Use(image), _) => return Ok(image.clone()),
            (ImageAction::Refuse, _) => {
                let reason = if step.service.image.is_id() {
                    "there is no image of this id here, and an id cannot be pulled; `docker images --no-trunc` shows those \
                     that there are"
                } else {
                    "--pull never says so"
                };
                let reason = reason.to_owned();
                return Err(EngineError::NoImage { image: service.image.to_string(), reason });
            }
            (ImageAction::Build(_), Some((_, build))) => {
                phase(Phase::Building);
                let new = NewImage {
                    group: group.name.clone(),
                    owner: tools.claim.owner().clone(),
                    name: group.image_of(service),
                    build: build.clone(),
                    platform: service.platform.clone(),
                    net: self.net.clone(),
                };
                tools.engine.build(&new, &progress).await?
            }
            (ImageAction::Pull(_) | ImageAction::Build(_), _) => {
                may_pull(&service.image, &self.net)?;
                phase(Phase::Pulling);
                tools.engine.pull(&service.image, platform, &progress).await?
            }
        };
        tools.emit(Event::ImageReady { service: service.name.clone() });
        Ok(image)
    }

    fn cell_of(&self, image: &ImageName, platform: Option<&String>) -> Got {
        let mut got = self.got.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(got.entry((image.canonical(), platform.cloned())).or_default())
    }

    /// The name of an image, which only one of several platforms has at a time.
    fn name_of(&self, image: &ImageName) -> Arc<tokio::sync::Mutex<()>> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(names.entry(image.canonical()).or_default())
    }
}
