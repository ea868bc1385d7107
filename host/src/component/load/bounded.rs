//! Doing something for a bounded time, with a bounded amount of memory.

use std::time::Duration;

use memory_stats::memory_stats;
use tokio::task::JoinError;

/// How often the memory is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// Why something was not done.
#[derive(Debug)]
pub(super) enum Unfinished {
    TookTooLong,
    TookTooMuch,
    Panicked(JoinError),
}

/// Does something in a thread of its own, unless it takes too long, or this process so many bytes more than before, beside
/// what others use who say so. It cannot be interrupted: it goes on until the process ends, which has to be soon.
pub(super) async fn bounded<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
    time: Duration,
    memory: usize,
    others: impl Fn() -> usize,
) -> Result<T, Unfinished> {
    // Where it cannot be known, only the time is bounded.
    let used = || memory_stats().map_or(0, |stats| stats.physical_mem).saturating_sub(others());
    let before = used();
    let outgrown = async {
        while used() < before.saturating_add(memory) {
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::select! {
        done = tokio::task::spawn_blocking(work) => done.map_err(Unfinished::Panicked),
        () = tokio::time::sleep(time) => Err(Unfinished::TookTooLong),
        () = outgrown => Err(Unfinished::TookTooMuch),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, mpsc};

    use super::*;

    const LONG: Duration = Duration::from_mins(1);
    const MUCH: usize = usize::MAX;

    #[tokio::test]
    async fn what_is_done_in_time_is_done() {
        assert_eq!(bounded(|| 7, LONG, MUCH, || 0).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn what_takes_too_long_is_not_waited_for() {
        let (end, wait) = mpsc::channel::<()>();
        let done = bounded(move || wait.recv(), Duration::from_millis(10), MUCH, || 0).await;
        assert!(matches!(done, Err(Unfinished::TookTooLong)), "{done:?}");
        drop(end);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn what_takes_too_much_memory_is_not_waited_for() {
        let (end, wait) = mpsc::channel::<()>();
        let work = move || {
            let much = vec![1_u8; 64 * 1024 * 1024];
            let _ = wait.recv();
            much.len()
        };
        let done = bounded(work, LONG, 32 * 1024 * 1024, || 0).await;
        assert!(matches!(done, Err(Unfinished::TookTooMuch)), "{done:?}");
        drop(end);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn what_others_use_meanwhile_is_not_counted() {
        const MUCH: usize = 64 * 1024 * 1024;
        let (allocated, looks) = (Arc::new(AtomicUsize::new(0)), AtomicUsize::new(0));
        let (end, wait) = mpsc::channel::<()>();
        let work = {
            let allocated = Arc::clone(&allocated);
            move || {
                allocated.store(MUCH, Ordering::SeqCst);
                let much = vec![1_u8; MUCH];
                let _ = wait.recv();
                much.len()
            }
        };
        let others = || {
            // It has been seen with all of it by then.
            if looks.fetch_add(1, Ordering::SeqCst) == 20 {
                let _ = end.send(());
            }
            allocated.load(Ordering::SeqCst)
        };
        assert_eq!(bounded(work, LONG, MUCH / 2, others).await.unwrap(), MUCH);
    }
}
