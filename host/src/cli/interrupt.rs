//! Ctrl-C: once to stop in good order, twice to stop at once.

use tokio_util::sync::CancellationToken;

use super::fault::Fault;
use super::print::tell;
use super::screen;

/// From now on SIGINT and SIGTERM cancel the token; a second one ends the process.
pub(super) fn watch() -> CancellationToken {
    let token = CancellationToken::new();
    let cancel = token.clone();
    let mut signals = Signals::new();
    tokio::spawn(async move {
        signals.next().await;
        tell("interrupted: leaving in good order (once more to leave at once)");
        cancel.cancel();
        signals.next().await;
        screen::hurry(|| screen::finish(130, Some("interrupted")));
        std::process::exit(130);
    });
    token
}

/// Does something that an interruption ends at once, since nothing is changed by it.
pub(super) async fn unless<T>(
    cancel: &CancellationToken,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    cancel.run_until_cancelled(work).await.unwrap_or(Err(Fault::Interrupted))
}

/// SIGINT and SIGTERM as they come. Both are listened to all the time, so that a second one is never missed.
#[cfg(unix)]
struct Signals {
    interrupt: Option<tokio::signal::unix::Signal>,
    terminate: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        // A signal that cannot be listened to keeps its usual effect: it ends the process.
        Self { interrupt: signal(SignalKind::interrupt()).ok(), terminate: signal(SignalKind::terminate()).ok() }
    }

    async fn next(&mut self) {
        async fn one(signal: &mut Option<tokio::signal::unix::Signal>) {
            match signal {
                Some(signal) => drop(signal.recv().await),
                None => std::future::pending().await,
            }
        }
        tokio::select! {
            () = one(&mut self.interrupt) => (),
            () = one(&mut self.terminate) => (),
        }
    }
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
