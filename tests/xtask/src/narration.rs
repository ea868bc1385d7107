//! Everything that is shown: our own lines and the children's output, through one lock that knows when something was
//! last shown and whether a line is unfinished.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const ERASE: &str = "\r\x1b[K";

struct Shown {
    at: Option<Instant>,
    cursor: Cursor,
}

/// Where the last output left the cursor.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cursor {
    /// At the start of a line.
    Start,
    /// After a child's unfinished line.
    Unfinished,
    /// After what may be overwritten: a progress bar, or a heartbeat.
    Passing,
    /// After a heartbeat, which whatever comes next overwrites.
    Heartbeat,
}

static SHOWN: Mutex<Shown> = Mutex::new(Shown { at: None, cursor: Cursor::Start });

/// Where a child's output goes on to.
#[derive(Clone, Copy)]
pub(crate) enum Stream {
    Out,
    Err,
}

/// Shows a line of ours.
pub(crate) fn line(text: &str) {
    let mut shown = lock();
    let start = fresh_line(shown.cursor);
    show(&mut shown, Stream::Err, format!("{start}{text}\n").as_bytes(), Cursor::Start);
}

/// Shows that a child which says nothing is still alive. On a terminal the next line takes its place.
pub(crate) fn heartbeat(text: &str) {
    let mut shown = lock();
    let start = fresh_line(shown.cursor);
    let (end, cursor) = if on_terminal() { ("", Cursor::Heartbeat) } else { ("\n", Cursor::Start) };
    show(&mut shown, Stream::Err, format!("{start}{text}{end}").as_bytes(), cursor);
}

/// Shows a piece of a child's output, as it is.
pub(crate) fn pass(stream: Stream, bytes: &[u8]) {
    let mut shown = lock();
    if shown.cursor == Cursor::Heartbeat {
        show(&mut shown, Stream::Err, ERASE.as_bytes(), Cursor::Start);
    }
    let cursor = match (bytes.last(), stream) {
        (None | Some(b'\n'), _) => Cursor::Start,
        (Some(_), Stream::Err) if on_terminal() => Cursor::Passing,
        (Some(_), _) => Cursor::Unfinished,
    };
    show(&mut shown, stream, bytes, cursor);
}

/// How long nothing has been shown.
pub(crate) fn silence() -> Duration {
    lock().at.map_or(Duration::ZERO, |at| at.elapsed())
}

/// Whether a person watches.
pub(crate) fn on_terminal() -> bool {
    io::stderr().is_terminal()
}

/// What brings the cursor to the start of an empty line.
fn fresh_line(cursor: Cursor) -> &'static str {
    match cursor {
        Cursor::Start => "",
        Cursor::Unfinished => "\n",
        Cursor::Passing | Cursor::Heartbeat => ERASE,
    }
}

fn show(shown: &mut Shown, stream: Stream, bytes: &[u8], cursor: Cursor) {
    // Nobody is left to be told when this fails: the terminal or the reader of the pipe is gone.
    let _ = match stream {
        Stream::Out => {
            let mut out = io::stdout().lock();
            out.write_all(bytes).and_then(|()| out.flush())
        }
        Stream::Err => io::stderr().lock().write_all(bytes),
    };
    shown.at = Some(Instant::now());
    shown.cursor = cursor;
}

fn lock() -> MutexGuard<'static, Shown> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}
