//! The client of the engine's API: every request has a bound on its whole answer, and every stream one on silence.

use std::pin::Pin;
use std::time::Duration;

use bollard::errors::Error;
use futures_util::{Stream, StreamExt as _, stream};
use tokio::time::timeout;

/// How long the engine may take to answer a request, down to the last byte.
pub(super) const REQUEST_TIMEOUT: Duration = Duration::from_mins(2);

/// bollard's own bound, which ends with the headers of an answer: longer than any of ours.
const NO_BOUND: Duration = Duration::from_hours(24 * 365);

/// A client of the engine's API. What is asked goes through it, so that no request is without a bound.
#[derive(Debug)]
pub(super) struct Client(bollard::Docker);

impl Client {
    pub(super) fn new(client: bollard::Docker) -> Self {
        Self(client.with_timeout(NO_BOUND))
    }

    /// Asks something that is answered soon.
    pub(super) async fn ask<'a, T, A>(&'a self, request: impl FnOnce(&'a bollard::Docker) -> A) -> Result<T, Error>
    where
        A: Future<Output = Result<T, Error>>,
    {
        self.ask_within(REQUEST_TIMEOUT, request).await
    }

    /// Asks something that may take this long.
    pub(super) async fn ask_within<'a, T, A>(
        &'a self,
        limit: Duration,
        request: impl FnOnce(&'a bollard::Docker) -> A,
    ) -> Result<T, Error>
    where
        A: Future<Output = Result<T, Error>>,
    {
        timeout(limit, request(&self.0)).await.map_err(|_| Error::RequestTimeoutError)?
    }

    /// Asks something that is answered piece by piece, and ends with an error when no piece comes for `silence`.
    pub(super) fn stream<'a, T, S>(
        &'a self,
        silence: Duration,
        request: impl FnOnce(&'a bollard::Docker) -> S,
    ) -> Pin<Box<dyn Stream<Item = Result<T, Error>> + Send + 'a>>
    where
        S: Stream<Item = Result<T, Error>> + Send + 'a,
        T: Send + 'a,
    {
        let pieces = Some(Box::pin(request(&self.0)));
        Box::pin(stream::unfold(pieces, move |pieces| async move {
            let mut pieces = pieces?;
            match timeout(silence, pieces.next()).await {
                Ok(piece) => Some((piece?, Some(pieces))),
                Err(_) => Some((Err(Error::RequestTimeoutError), None)),
            }
        }))
    }
}
