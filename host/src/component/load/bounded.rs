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

/// How many bytes of memory this process has; none where that cannot be known.
pub(super) fn resident() -> usize {
    memory_stats().map_or(0, |stats| stats.physical_mem)
}

/// Does something in a thread of its own, unless it takes too long, or so many bytes more are used than before. It cannot be
/// interrupted: it goes on until the process ends, which has to be soon.
pub(super) async fn bounded<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
    time: Duration,
    memory: usize,
    used: impl Fn() -> usize,
) -> Result<T, Unfinished> {
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
    use std::sync::mpsc;

    use super::*;

    const LONG: Duration = Duration::from_mins(1);
    const MUCH: usize = usize::MAX;

    #[tokio::test]
    async fn what_is_done_in_time_is_done() {
        assert_eq!(bounded(|| 7, LONG, MUCH, resident).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn what_takes_too_long_is_not_waited_for() {
        let (end, wait) = mpsc::channel::<()>();
        let done = bounded(move || wait.recv(), Duration::from_millis(10), MUCH, resident).await;
        assert!(matches!(done, Err(Unfinished::TookTooLong)), "{done:?}");
        drop(end);
    }

    #[tokio::test]
    async fn what_takes_too_much_memory_is_not_waited_for() {
        let (end, wait) = mpsc::channel::<()>();
        let looks = std::cell::Cell::new(100);
        let used = || looks.replace(looks.get() + 1);
        let done = bounded(move || wait.recv(), LONG, 5, used).await;
        assert!(matches!(done, Err(Unfinished::TookTooMuch)), "{done:?}");
        assert_eq!(looks.get(), 106);
        drop(end);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_memory() {
        let some = vec![1_u8; 64 * 1024 * 1024];
        assert!(resident() > some.len());
    }
}
