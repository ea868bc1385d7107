//! Telling a person what a definition was denied: once for a hook, however often it is called.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::grants::{Asked, Denied};

use crate::component::log::{CallLog, Level};

/// The most different denials of one definition that are told.
const MOST: usize = 100;

/// What is called where a component is built. No option would allow it anything.
pub(in crate::component) const BUILD: &str = "the build";

/// What was told of a definition, over all its calls.
#[derive(Clone, Default)]
pub(in crate::component) struct Denials(Arc<Mutex<BTreeSet<Told>>>);

/// The most characters of a denial that are told: the definition chooses the names in it.
const LENGTH: usize = 1000;

/// A denial as it was told, with the service whose hook it was.
type Told = (Option<String>, String);

/// Tells what one call is denied.
#[derive(Clone)]
pub(in crate::component) struct Teller {
    /// What is called, as `ping`.
    hook: String,
    denials: Denials,
    log: CallLog,
}

impl Teller {
    pub(super) fn new(hook: String, denials: Denials, log: CallLog) -> Self {
        Self { hook, denials, log }
    }

    /// Says to the person what was denied, unless they know.
    pub(in crate::component) fn deny(&self, asked: Asked) {
        let mut denied = if self.hook == BUILD {
            format!("denied: {BUILD} asked {asked}; nothing is granted while a component is built")
        } else {
            Denied { hook: self.hook.clone(), asked }.to_string()
        };
        if let Some((end, _)) = denied.char_indices().nth(LENGTH) {
            denied.replace_range(end.., "…");
        }
        if self.denials.is_new(self.log.service(), &denied) {
            self.log.tell(Level::Warn, denied);
        }
    }
}

impl Denials {
    fn is_new(&self, service: Option<&str>, denied: &str) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.len() < MOST && told.insert((service.map(str::to_owned), denied.to_owned()))
    }
}
