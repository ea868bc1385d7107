//! Which platforms images are for, where a service declares one.

use std::collections::BTreeMap;

use crate::engine::{self, Engine};
use crate::group::Group;
use crate::plan::Observed;

/// What was observed, with the platforms of the images of services that declare one: a request for each such image, and none
/// if there is none.
///
/// # Errors
/// If the engine does not tell.
pub async fn with_platforms(observed: Observed, group: &Group, engine: &dyn Engine) -> engine::Result<Observed> {
    let mut platforms = BTreeMap::new();
    for image in observed.images_with_platform(group) {
        if let Some(platform) = engine.image_platform(&image).await? {
            platforms.insert(image, platform);
        }
    }
    Ok(observed.with_platforms(&platforms))
}
