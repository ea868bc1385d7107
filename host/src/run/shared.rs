//! What the lives of all services of one start share.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::grants::NetGrant;
use crate::group::{FingerprintKey, Paths};
use crate::plan::{ContainerId, NetworkId, Plan};

use super::Tools;
use super::images::Images;
use super::reach::Reach;

/// How `start` goes about it.
#[derive(Debug, Clone)]
pub struct StartOptions {
    /// How long each service may take to become ready, and each call of its hooks.
    pub timeout: Duration,
    /// What the hooks of the group are told afterwards.
    pub afterwards: Afterwards,
    /// The key of the fingerprints in labels.
    pub key: FingerprintKey,
    /// Where the person allows the engine to download from.
    pub net: BTreeSet<NetGrant>,
}

/// What the hooks of the group are told after a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Afterwards {
    /// The services that were started.
    Started,
    /// Each of these services, if it was reloaded.
    Reloaded(Vec<String>),
    /// Nothing.
    Nothing,
}

/// What the lives of all services share.
pub(super) struct Shared {
    pub(super) tools: Tools,
    pub(super) plan: Arc<Plan>,
    pub(super) options: StartOptions,
    /// Where the paths of mounts lead.
    pub(super) paths: Arc<dyn Paths>,
    pub(super) networks: BTreeMap<String, NetworkId>,
    pub(super) reach: Arc<Reach>,
    pub(super) images: Images,
    pub(super) stops: Stops,
    /// When the last of those containers was started that were ready at the first `ping`, which asked nothing of them.
    pub(super) untried_since: Mutex<Option<Instant>>,
}

impl Shared {
    /// A container that was started at this time was ready at the first `ping`, which asked nothing of it.
    pub(super) fn note_untried(&self, started: Instant) {
        let mut since = self.untried_since.lock().unwrap_or_else(PoisonError::into_inner);
        *since = Some(since.map_or(started, |since| since.max(started)));
    }

    /// Since when such a container has run, the last one if there are several.
    pub(super) fn untried_since(&self) -> Option<Instant> {
        *self.untried_since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The stops of containers that give way to new ones, each of which two lives can want: that of the service itself, and that of
/// one that gets its host port.
#[derive(Default)]
pub(super) struct Stops(Mutex<BTreeMap<ContainerId, Arc<OnceCell<()>>>>);

impl Stops {
    /// The one of a container.
    pub(super) fn of(&self, id: &ContainerId) -> Arc<OnceCell<()>> {
        let mut stops = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(stops.entry(id.clone()).or_default())
    }
}
