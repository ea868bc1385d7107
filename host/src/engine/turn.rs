//! Turns: how much hard work an engine is given at a time.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The right to have a container created, started, stopped or removed, until it is dropped.
#[derive(Debug)]
pub struct Turn {
    /// None if the turns were closed, which they never are.
    _permit: Option<OwnedSemaphorePermit>,
}

/// The turns of an engine, which are given in the order in which they are asked for.
#[derive(Debug)]
pub struct Turns(Arc<Semaphore>);

impl Turns {
    /// So many at a time.
    #[must_use]
    pub fn new(at_a_time: usize) -> Self {
        Self(Arc::new(Semaphore::new(at_a_time)))
    }

    /// The next one, once it has come.
    pub async fn next(&self) -> Turn {
        Turn { _permit: Arc::clone(&self.0).acquire_owned().await.ok() }
    }
}
