//! Ctrl-C and its kin: counted here, and handed on to whatever child is running.

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use crate::failure::Failure;

/// The last signal, 0 for none.
static LAST: OnceLock<Arc<AtomicUsize>> = OnceLock::new();

/// From now on, signals that would have ended this process are only remembered.
pub(crate) fn watch() -> Result<(), Failure> {
    let last = LAST.get_or_init(Arc::default);
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        let number = usize::try_from(signal).unwrap_or_default();
        flag::register_usize(signal, Arc::clone(last), number)
            .map_err(|error| Failure::system("watch for Ctrl-C", &error))?;
    }
    Ok(())
}

/// The signal that came since this was last asked, if one did.
pub(crate) fn take() -> Option<i32> {
    let signal = LAST.get()?.swap(0, Ordering::SeqCst);
    i32::try_from(signal).ok().filter(|signal| *signal != 0)
}
