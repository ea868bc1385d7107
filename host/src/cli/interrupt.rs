//! Ctrl-C: once to stop in good order, twice to stop at once.

use std::sync::mpsc;
use std::thread;

#[cfg(unix)]
use futures_util::future::select_all;
use tokio::runtime::Builder;
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::fault::Fault;
use super::print::tell;
use super::{output, screen};

/// From now on SIGINT, SIGTERM and SIGHUP cancel the token; a second one ends the process.
///
/// They are listened to by a thread of its own: whatever keeps the others, they are heard.
pub(super) fn watch() -> CancellationToken {
    watch_and(|| screen::hurry(|| tell("interrupted: leaving in good order (once more to leave at once)")))
}

/// The same for a command that an interruption ends at once: there is nothing to be told.
pub(super) fn watch_quietly() -> CancellationToken {
    watch_and(|| {})
}

fn watch_and(told: impl FnOnce() + Send + 'static) -> CancellationToken {
    let token = CancellationToken::new();
    let cancel = token.clone();
    let (listening, begun) = mpsc::channel();
    let watching = move || {
        // Without it, signals keep their usual effect: they end the process.
        let Ok(runtime) = Builder::new_current_thread().enable_io().build() else { return };
        runtime.block_on(async {
            let mut signals = Signals::new();
            let _ = listening.send(());
            signals.next().await;
            cancel.cancel();
            output::hurry();
            told();
            signals.next().await;
            screen::hurry(|| {
                screen::finish(130, Some("interrupted"));
                output::finish();
            });
            std::process::exit(130);
        });
    };
    if thread::Builder::new().name("signals".to_owned()).spawn(watching).is_ok() {
        // An error means that it does not listen.
        let _ = begun.recv();
    }
    token
}

/// Does something that an interruption ends at once, since nothing is changed by it.
pub(super) async fn unless<T>(
    cancel: &CancellationToken,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    cancel.run_until_cancelled(work).await.unwrap_or(Err(Fault::Interrupted))
}

/// SIGINT, SIGTERM and SIGHUP as they come. All are listened to all the time, so that a second one is never missed.
#[cfg(unix)]
struct Signals(Vec<Signal>);

#[cfg(unix)]
impl Signals {
    fn new() -> Self {
        let mut kinds = vec![SignalKind::interrupt(), SignalKind::terminate()];
        // A command that was started by `nohup` goes on when its terminal is closed.
        if !is_ignored(SignalKind::hangup()) {
            kinds.push(SignalKind::hangup());
        }
        // A signal that cannot be listened to keeps its usual effect: it ends the process.
        Self(kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect())
    }

    async fn next(&mut self) {
        let each = self.0.iter_mut().map(|signal| Box::pin(signal.recv()));
        if each.len() == 0 {
            return std::future::pending().await;
        }
        select_all(each).await;
    }
}

/// Whether this process was started to take no notice of a signal, as far as that can be known.
#[cfg(unix)]
fn is_ignored(kind: SignalKind) -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores(&status, kind))
}

/// Whether a process ignores a signal, as Linux tells in its `status`: of a mask in hexadecimal digits, the bit of signal 1
/// is the lowest.
#[cfg(unix)]
fn ignores(status: &str, kind: SignalKind) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    mask >> (kind.as_raw_value() - 1) & 1 == 1
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Self {
        Self
    }

    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn linux_tells_which_signals_are_ignored() {
        let ignored = |mask: &str, kind| ignores(&format!("Name:\tx\nSigIgn:\t{mask}\nSigCgt:\t0\n"), kind);
        assert!(ignored("0000000000001001", SignalKind::hangup()));
        assert!(!ignored("0000000000001002", SignalKind::hangup()));
        assert!(ignored("0000000000001002", SignalKind::interrupt()));
        assert!(!ignores("", SignalKind::hangup()));
    }
}
