//! Getting images: one that several services use is pulled or built once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::{Engine, Result};
use crate::group::{ImageName, Service};

/// The images that are being got, each behind a lock of its own.
#[derive(Default)]
pub(super) struct Images {
    busy: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Images {
    /// Sees to it that the image of a service is there.
    pub(super) async fn get(
        &self,
        engine: &dyn Engine,
        service: &Service,
        progress: &(dyn Fn(&str) + Send + Sync),
    ) -> Result<()> {
        let lock = self.lock_of(&service.image);
        let _held = lock.lock().await;
        if engine.image(&service.image).await?.is_some() {
            return Ok(());
        }
        let platform = service.platform.as_deref();
        match &service.build {
            Some(build) => engine.build(&service.image, build, platform, progress).await,
            None => engine.pull(&service.image, platform, progress).await,
        }
    }

    fn lock_of(&self, image: &ImageName) -> Arc<tokio::sync::Mutex<()>> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(busy.entry(image.canonical()).or_default())
    }
}
