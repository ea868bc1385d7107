//! Getting images: several at a time, and one that several services use once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use crate::engine;
use crate::group::ImageName;
use crate::plan::{ImageAction, Step};

use super::{Event, Failure, Phase, Tools};

/// How many images are pulled or built at a time: more only share the same network and processors.
const AT_A_TIME: usize = 4;

/// The images that are being got.
pub(super) struct Images {
    slots: Semaphore,
    busy: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Images {
    pub(super) fn new() -> Self {
        Self { slots: Semaphore::new(AT_A_TIME), busy: Mutex::default() }
    }

    /// Sees to it that the image of a step is there, or tells why it is not.
    pub(super) async fn get(&self, tools: &Tools, step: &Step) -> Result<(), Failure> {
        // The engine ends a pull or build when nobody listens any more.
        let got = tokio::select! {
            () = tools.cancel.cancelled() => return Err(Failure::Interrupted),
            got = self.get_once(tools, step) => got,
        };
        got.map_err(|error| {
            let failure = Failure::from(error);
            let service = step.service.name.clone();
            tools.emit(Event::Failed { service, failure: failure.clone(), log_tail: Vec::new() });
            failure
        })
    }

    async fn get_once(&self, tools: &Tools, step: &Step) -> engine::Result<()> {
        let service = &step.service;
        let lock = self.lock_of(&service.image);
        let _only_one = lock.lock().await;
        let _slot = self.slots.acquire().await;
        // Another service may have brought it in the meantime.
        if tools.engine.image(&service.image).await?.is_some() {
            return Ok(());
        }
        let phase = |phase| tools.emit(Event::Phase { service: service.name.clone(), phase });
        let progress = |text: &str| {
            tools.emit(Event::Progress { service: service.name.clone(), text: text.to_owned() });
        };
        let platform = service.platform.as_deref();
        if let (ImageAction::Build, Some(build)) = (step.image, &service.build) {
            phase(Phase::Building);
            tools.engine.build(&service.image, build, platform, &progress).await
        } else {
            phase(Phase::Pulling);
            tools.engine.pull(&service.image, platform, &progress).await
        }
    }

    fn lock_of(&self, image: &ImageName) -> Arc<tokio::sync::Mutex<()>> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(busy.entry(image.canonical()).or_default())
    }
}
