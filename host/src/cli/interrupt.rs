//! Ctrl-C: once to stop in good order, twice to stop at once.

use tokio_util::sync::CancellationToken;

use super::print::tell;

/// From now on SIGINT and SIGTERM cancel the token; a second one ends the process.
pub(super) fn watch() -> CancellationToken {
    let token = CancellationToken::new();
    let cancel = token.clone();
    tokio::spawn(async move {
        interrupted().await;
        tell("interrupted: stopping what is half-started (once more to leave at once)");
        cancel.cancel();
        interrupted().await;
        std::process::exit(130);
    });
    token
}

#[cfg(unix)]
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        // Without a handler SIGTERM ends the process by itself.
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => (),
        _ = terminate.recv() => (),
    }
}

#[cfg(not(unix))]
async fn interrupted() {
    let _ = tokio::signal::ctrl_c().await;
}
