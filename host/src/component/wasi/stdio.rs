//! A definition's standard output and error, as lines of its log.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};

use crate::component::log::{CallLog, Level};

/// The longest line that is kept together.
const MAX_LINE: usize = 64 * 1024;

/// Turns what is written into log lines.
#[derive(Clone)]
pub(super) struct LogStream(Arc<Mutex<Line>>);

/// The line that is not finished yet; written out when the call's store goes.
struct Line {
    log: CallLog,
    level: Level,
    bytes: Vec<u8>,
}

impl LogStream {
    pub(super) fn new(log: CallLog, level: Level) -> Self {
        Self(Arc::new(Mutex::new(Line { log, level, bytes: Vec::new() })))
    }
}

impl Line {
    fn finish(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        self.log.write(self.level, String::from_utf8_lossy(&bytes).trim_end_matches('\n'));
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if !self.bytes.is_empty() {
            self.finish();
        }
    }
}

impl StdoutStream for LogStream {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

impl IsTerminal for LogStream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl AsyncWrite for LogStream {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, written: &[u8]) -> Poll<io::Result<usize>> {
        let mut line = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for piece in written.split_inclusive(|byte| *byte == b'\n') {
            line.bytes.extend_from_slice(piece);
            if piece.ends_with(b"\n") || line.bytes.len() > MAX_LINE {
                line.finish();
            }
        }
        Poll::Ready(Ok(written.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
