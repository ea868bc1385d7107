//! Telling a person what a definition was denied: once for a hook, however often it is called.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::grants::{Asked, Denied};

use crate::component::log::CallLog;

/// The most different denials of one definition that are told.
const MOST: usize = 100;

/// What was told of a definition, over all its calls.
#[derive(Clone, Default)]
pub(in crate::component) struct Denials(Arc<Mutex<BTreeSet<Told>>>);

/// A denial that was told, with the service whose hook it was.
type Told = (Option<String>, Denied);

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
        let denied = Denied { hook: self.hook.clone(), asked };
        if self.denials.is_new(self.log.service(), &denied) {
            self.log.deny(denied);
        }
    }
}

impl Denials {
    fn is_new(&self, service: Option<&str>, denied: &Denied) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.len() < MOST && told.insert((service.map(str::to_owned), denied.clone()))
    }
}
