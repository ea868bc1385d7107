//! The memory that all calls of a command use together.
//!
//! A call grows step by step, and nobody knows beforehand how far. Growth that does not fit waits until other calls have
//! ended. Calls that all wait for each other would wait for ever: so as much as one call may use is set aside, and those
//! that wait get it one after the other, each until it ends.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::grants::Memory;

/// What all calls of a command use together, unless one call alone may use more than half of it.
const TOTAL: usize = 1024 * 1024 * 1024;

/// What each call takes besides its memories and tables: its stack, and what drillmaster keeps for it.
const BASE: usize = 2 * 1024 * 1024;

/// The memory for all calls of a command.
#[derive(Debug, Clone)]
pub(super) struct Budget(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// How many bytes one call may use: so many are set aside.
    limit: usize,
    /// How many bytes the calls share that have not got what is set aside.
    shared: usize,
    used: Mutex<Used>,
    /// Told when a call has ended.
    freed: Notify,
    /// Whose turn it is to have what is set aside. It is fair: first come, first served.
    turn: Arc<Semaphore>,
}

#[derive(Debug, Default)]
struct Used {
    /// Of what is shared.
    shared: usize,
    /// Of what is set aside.
    aside: usize,
    /// The most of both together so far.
    #[cfg(test)]
    peak: usize,
}

/// What one call has of it, until the last copy is dropped.
#[derive(Debug, Clone)]
pub(super) struct Share(Arc<Mutex<Held>>);

#[derive(Debug)]
struct Held {
    budget: Arc<Inner>,
    shared: usize,
    aside: usize,
    /// It has what is set aside.
    turn: Option<OwnedSemaphorePermit>,
    waited: Duration,
    waits_since: Option<Instant>,
}

impl Budget {
    /// For calls of which each may use so much.
    pub(super) fn new(of_a_call: Memory) -> Self {
        let limit = of_a_call.bytes().saturating_add(BASE);
        Self(Arc::new(Inner {
            limit,
            shared: TOTAL.saturating_sub(limit).max(limit),
            used: Mutex::default(),
            freed: Notify::new(),
            turn: Arc::new(Semaphore::new(1)),
        }))
    }

    /// Nothing yet, for a call.
    pub(super) fn share(&self) -> Share {
        let budget = Arc::clone(&self.0);
        Share(Arc::new(Mutex::new(Held {
            budget,
            shared: 0,
            aside: 0,
            turn: None,
            waited: Duration::ZERO,
            waits_since: None,
        })))
    }

    /// How many bytes all calls have now.
    pub(super) fn used(&self) -> usize {
        let used = self.0.used();
        used.shared + used.aside
    }

    /// The most bytes that they have had.
    #[cfg(test)]
    pub(super) fn peak(&self) -> usize {
        self.0.used().peak
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(Memory::default())
    }
}

impl Inner {
    fn used(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    /// Takes what each call needs to begin with. Waits until there is so much.
    pub(super) async fn begin(&self) {
        self.take(BASE).await;
    }

    /// Takes so many bytes more. Waits until there are so many. In all, a call must not take more than its limit.
    pub(super) async fn take(&self, bytes: usize) {
        if self.try_take(bytes) {
            return;
        }
        let budget = Arc::clone(&self.held().budget);
        let _waiting = Waiting::of(self);
        let mut turn = std::pin::pin!(Arc::clone(&budget.turn).acquire_owned());
        loop {
            let mut freed = std::pin::pin!(budget.freed.notified());
            // Before it is tried: what is freed in between must not be missed.
            freed.as_mut().enable();
            if self.try_take(bytes) {
                return;
            }
            tokio::select! {
                turn = &mut turn => {
                    // The semaphore is never closed.
                    self.held().turn = turn.ok();
                    self.try_take(bytes);
                    return;
                }
                () = freed => {}
            }
        }
    }

    /// How long it has waited in all. That is not its own doing.
    pub(super) fn waited(&self) -> Duration {
        let held = self.held();
        held.waited + held.waits_since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    fn try_take(&self, bytes: usize) -> bool {
        let mut held = self.held();
        let budget = Arc::clone(&held.budget);
        let mut used = budget.used();
        if held.turn.is_some() {
            debug_assert!(used.aside + bytes <= budget.limit, "a call does not take more than its limit");
            held.aside += bytes;
            used.aside += bytes;
        } else if used.shared.saturating_add(bytes) <= budget.shared {
            held.shared += bytes;
            used.shared += bytes;
        } else {
            return false;
        }
        #[cfg(test)]
        {
            used.peak = used.peak.max(used.shared + used.aside);
        }
        true
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut used = self.budget.used();
        used.shared -= self.shared;
        used.aside -= self.aside;
        drop(used);
        self.budget.freed.notify_waiters();
    }
}

/// A call that waits, as long as this lives: the call can be given up meanwhile.
struct Waiting<'a>(&'a Share);

impl<'a> Waiting<'a> {
    fn of(share: &'a Share) -> Self {
        share.held().waits_since = Some(Instant::now());
        Self(share)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut held = self.0.held();
        if let Some(since) = held.waits_since.take() {
            held.waited += since.elapsed();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::{Pin, pin};
    use std::task::Poll;

    use futures_util::future::join_all;
    use tokio::task::yield_now;
    use tokio::time::{advance, timeout};

    use super::*;

    const MIB: usize = 1024 * 1024;

    /// Whether something is done by now.
    async fn is_done(mut work: Pin<&mut impl Future>) -> bool {
        poll_fn(|context| Poll::Ready(work.as_mut().poll(context).is_ready())).await
    }

    #[tokio::test]
    async fn what_is_not_there_is_waited_for_and_comes_when_others_end() {
        let budget = Budget::default();
        let shares: Vec<_> = (0..3).map(|_| budget.share()).collect();
        for share in &shares {
            share.take(255 * MIB).await;
        }
        // One has what is set aside; nobody else can have it.
        let aside = budget.share();
        aside.take(100 * MIB).await;
        let (next, last) = (budget.share(), budget.share());
        let (mut next_waits, mut last_waits) = (pin!(next.take(200 * MIB)), pin!(last.take(200 * MIB)));
        assert!(!is_done(next_waits.as_mut()).await && !is_done(last_waits.as_mut()).await);
        drop(aside);
        assert!(is_done(next_waits.as_mut()).await && !is_done(last_waits.as_mut()).await);
        drop(shares);
        assert!(is_done(last_waits.as_mut()).await);
        assert_eq!(budget.used(), 400 * MIB);
        assert!(budget.peak() <= TOTAL, "{}", budget.peak());
    }

    #[tokio::test]
    async fn calls_that_all_want_more_than_there_is_end_one_after_the_other() {
        let budget = Budget::default();
        let calls = (0..50).map(async |_| {
            let share = budget.share();
            share.begin().await;
            for _ in 0..16 {
                share.take(16 * MIB).await;
                yield_now().await;
            }
        });
        join_all(calls).await;
        assert_eq!(budget.used(), 0);
        assert!((TOTAL / 2..=TOTAL).contains(&budget.peak()), "{}", budget.peak());
    }

    #[tokio::test]
    async fn two_hundred_small_calls_do_not_wait() {
        let budget = Budget::default();
        let shares: Vec<_> = (0..200).map(|_| budget.share()).collect();
        for share in &shares {
            share.begin().await;
            share.take(MIB).await;
        }
        assert!(shares.iter().all(|share| share.waited().is_zero()));
    }

    #[tokio::test]
    async fn a_call_that_may_have_more_than_all_together_can_have_it() {
        let budget = Budget::new(Memory::of_mib(4096).unwrap());
        let share = budget.share();
        share.begin().await;
        share.take(4096 * MIB).await;
        assert!(share.waited().is_zero());
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_is_given_up_while_it_waits_is_in_nobodys_way_and_knows_how_long_it_has_waited() {
        let budget = Budget::default();
        let (all, aside) = (budget.share(), budget.share());
        all.take(budget.0.shared).await;
        aside.take(MIB).await;
        let (given_up, patient) = (budget.share(), budget.share());
        assert!(timeout(Duration::from_secs(3), given_up.take(MIB)).await.is_err());
        let mut waits = pin!(patient.take(MIB));
        assert!(!is_done(waits.as_mut()).await);
        advance(Duration::from_secs(2)).await;
        assert_eq!(patient.waited(), Duration::from_secs(2));
        drop(aside);
        assert!(is_done(waits.as_mut()).await);
        advance(Duration::from_secs(1)).await;
        assert_eq!((given_up.waited(), patient.waited()), (Duration::from_secs(3), Duration::from_secs(2)));
    }
}
