//! A connection to a server whose answer has to begin in time: before the answer itself, a server may send any number of
//! interim ones (1xx), and reading these as fast as they come would leave no time to look at the clock.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use hyper::body::Body;
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// The most bytes that may come before the answer has begun: interim answers, and its own head.
const MAX_HEAD: usize = 256 * 1024;

/// The most bytes that are read at once.
const BUFFER: usize = 64 * 1024;

/// A stream that ends with an error if too much comes before the answer.
pub(in crate::component) struct BoundedHead {
    stream: TcpStream,
    received: usize,
    answered: Answered,
}

/// To be told when the head of the answer has come.
#[derive(Clone, Default)]
pub(in crate::component) struct Answered(Arc<AtomicBool>);

impl Answered {
    /// What comes from now on is the answer's body.
    pub(in crate::component) fn begins(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Begins to speak HTTP on a connection, for one request.
pub(in crate::component) async fn handshake<B>(
    stream: TcpStream,
) -> hyper::Result<(SendRequest<B>, Connection<TokioIo<BoundedHead>, B>, Answered)>
where
    B: Body + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let answered = Answered::default();
    let stream = BoundedHead { stream, received: 0, answered: answered.clone() };
    let (sender, connection) = Builder::new().max_buf_size(BUFFER).handshake(TokioIo::new(stream)).await?;
    Ok((sender, connection, answered))
}

impl AsyncRead for BoundedHead {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.received > MAX_HEAD && !self.answered.0.load(Ordering::Relaxed) {
            let reason = format!("more than {} KiB came before the answer", MAX_HEAD / 1024);
            return Poll::Ready(Err(io::Error::new(ErrorKind::InvalidData, reason)));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.received = self.received.saturating_add(buffer.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for BoundedHead {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
