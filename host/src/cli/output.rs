//! Standard output and standard error, each written by a thread of its own: a reader that does not read, or a terminal
//! that is held, holds up what waits to be written, and nothing else.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Write};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anstream::AutoStream;

/// The most bytes that wait to be written.
const LIMIT: usize = 1024 * 1024;

/// The most bytes that are written at a time. After each it is seen that somebody reads.
const PIECE: usize = 4096;

/// A person's terminal that takes nothing for so long is held: what happens goes on, and what finds no room is left out.
const PATIENCE: Duration = Duration::from_secs(1);

/// The same once the person wants to leave.
const HURRIED: Duration = Duration::from_millis(100);

/// The longest that somebody who wants to leave waits for a reader that does read.
const LEAVING: Duration = Duration::from_secs(1);

/// The time after which a reader is asked again who has said that it cannot take anything now.
const AGAIN: Duration = Duration::from_millis(10);

/// What is for programs, or was asked for: all of it is waited for, unless the person wants to leave.
static STDOUT: LazyLock<Arc<Output>> = LazyLock::new(|| Output::begin(Box::new(standard_output()), None));

/// What is for the person.
static STDERR: LazyLock<Arc<Output>> = LazyLock::new(|| Output::begin(Box::new(standard_error()), Some(PATIENCE)));

/// Standard output.
pub(super) fn stdout() -> Writer {
    Writer { to: Arc::clone(&STDOUT), after: Arc::clone(&STDERR) }
}

/// Standard output without the styles that it cannot show.
pub(super) fn styled_stdout() -> AutoStream<Box<dyn Write + Send>> {
    AutoStream::new(Box::new(stdout()), AutoStream::choice(&io::stdout()))
}

/// Standard error.
pub(super) fn stderr() -> Writer {
    Writer { to: Arc::clone(&STDERR), after: Arc::clone(&STDOUT) }
}

/// Standard error without the styles that it cannot show.
pub(super) fn styled_stderr() -> AutoStream<Box<dyn Write + Send>> {
    AutoStream::new(Box::new(stderr()), AutoStream::choice(&io::stderr()))
}

/// Whether there is something for the person that has not been taken.
pub(super) fn is_behind() -> bool {
    STDERR.lock().is_busy()
}

/// From now on nobody waits for a reader that does not read.
pub(super) fn hurry() {
    STDOUT.hurry();
    STDERR.hurry();
}

/// Why something could not be written to standard output; none if all of it was, or its reader has gone away, as after
/// `| head`.
pub(super) fn lost() -> Option<String> {
    let failed = STDOUT.lock().failed.clone();
    failed.filter(|(kind, _)| *kind != ErrorKind::BrokenPipe).map(|(_, reason)| reason)
}

/// Waits until what was written is where it belongs, as long as that makes sense.
pub(super) fn finish() {
    // What went wrong with the former is told by `lost`; of the latter there is nobody to tell.
    let _ = STDOUT.finish();
    let _ = STDERR.finish();
}

/// A stream that is written by a thread of its own.
struct Output {
    state: Mutex<State>,
    /// Told whenever there is something to write, and when it is written.
    changed: Condvar,
}

struct State {
    waiting: VecDeque<u8>,
    /// Whether the thread is writing what it has taken from there.
    is_writing: bool,
    /// When the reader was last seen to take something, or when there was last nothing to take.
    taken: Instant,
    /// How long a reader is waited for that takes nothing, unless the person wants to leave; for ever if none.
    patience: Option<Duration>,
    /// Whether the person wants to leave.
    is_hurried: bool,
    /// The lines that found no room since the last one that did.
    left_out: usize,
    failed: Option<(ErrorKind, String)>,
}

impl State {
    fn is_busy(&self) -> bool {
        self.is_writing || !self.waiting.is_empty()
    }

    /// How long a reader is waited for that takes nothing; for ever if none.
    fn patience(&self) -> Option<Duration> {
        if self.is_hurried { Some(HURRIED) } else { self.patience }
    }

    fn failure(&self) -> io::Result<()> {
        self.failed.as_ref().map_or(Ok(()), |(kind, reason)| Err(io::Error::new(*kind, reason.clone())))
    }
}

impl Output {
    fn begin(to: Box<dyn Write + Send>, patience: Option<Duration>) -> Arc<Self> {
        let state = State {
            waiting: VecDeque::new(),
            is_writing: false,
            taken: Instant::now(),
            patience,
            is_hurried: false,
            left_out: 0,
            failed: None,
        };
        let output = Arc::new(Self { state: Mutex::new(state), changed: Condvar::new() });
        let writing = Arc::clone(&output);
        if let Err(error) = thread::Builder::new().name("output".to_owned()).spawn(move || writing.write_to(to)) {
            output.fail(&error);
        }
        output
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what there is to be written, for ever.
    fn write_to(&self, mut to: Box<dyn Write + Send>) {
        let mut piece = Vec::with_capacity(PIECE);
        loop {
            let mut state = self.lock();
            while state.waiting.is_empty() {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            let length = state.waiting.len().min(PIECE);
            piece.clear();
            piece.extend(state.waiting.drain(..length));
            state.is_writing = true;
            drop(state);
            let written = write_all(&mut to, &piece, || self.lock().taken = Instant::now());
            let mut state = self.lock();
            state.is_writing = false;
            drop(state);
            if let Err(error) = written {
                self.fail(&error);
            }
            self.changed.notify_all();
        }
    }

    fn fail(&self, error: &io::Error) {
        let mut state = self.lock();
        state.failed.get_or_insert_with(|| (error.kind(), error.to_string()));
        state.waiting.clear();
        self.changed.notify_all();
    }

    /// Leaves it to the thread to write this. Where there is no room, it is waited for as long as somebody reads.
    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let state = self.lock();
        let mut state = self.wait_while(state, None, State::patience, |state| state.waiting.len() >= LIMIT);
        state.failure()?;
        if state.waiting.len() >= LIMIT {
            state.left_out += bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")).count();
            return Ok(());
        }
        if !state.is_busy() {
            state.taken = Instant::now();
        }
        if state.left_out > 0 {
            let note = format!("\n({} lines were left out here, since nobody read them)\n", state.left_out);
            state.left_out = 0;
            state.waiting.extend(note.as_bytes());
        }
        state.waiting.extend(bytes);
        drop(state);
        self.changed.notify_all();
        Ok(())
    }

    /// Waits until all of it is written. A person who wants to leave does not wait for a slow reader either.
    fn finish(&self) -> io::Result<()> {
        let state = self.lock();
        let end = state.is_hurried.then(|| Instant::now() + LEAVING);
        self.wait_while(state, end, State::patience, State::is_busy).failure()
    }

    /// Waits so that what is written elsewhere does not come before it, but for no reader that does not read.
    fn settle(&self) {
        let patience = |state: &State| state.patience().or(Some(PATIENCE));
        drop(self.wait_while(self.lock(), None, patience, State::is_busy));
    }

    fn hurry(&self) {
        self.lock().is_hurried = true;
        self.changed.notify_all();
    }

    /// Waits as long as something holds, all goes well, and the reader reads, to this end.
    fn wait_while<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        end: Option<Instant>,
        patience: impl Fn(&State) -> Option<Duration>,
        holds: impl Fn(&State) -> bool,
    ) -> MutexGuard<'a, State> {
        while holds(&state) && state.failed.is_none() {
            let left = patience(&state).map(|patience| state.taken + patience).into_iter().chain(end).min();
            state = match left.map(|end| end.saturating_duration_since(Instant::now())) {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => break,
                Some(left) => self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
        state
    }
}

/// Writes all of this, and tells after each part of it that it was taken.
fn write_all(to: &mut dyn Write, mut bytes: &[u8], taken: impl Fn()) -> io::Result<()> {
    while !bytes.is_empty() {
        match to.write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(count) => {
                bytes = &bytes[count..];
                taken();
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // Somebody who shares it has made it so that it is not waited for.
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(AGAIN),
            Err(error) => return Err(error),
        }
    }
    to.flush()
}

/// A way to an [`Output`].
pub(super) struct Writer {
    to: Arc<Output>,
    /// What may be seen beside it, and was written before.
    after: Arc<Output>,
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.after.settle();
        self.to.write(bytes)?;
        Ok(bytes.len())
    }

    /// It is being written already: nobody has to wait for a reader before what is written last.
    fn flush(&mut self) -> io::Result<()> {
        self.to.lock().failure()
    }
}

/// Standard output itself, without the lock that somebody would wait for who says why the program panics.
#[cfg(unix)]
fn standard_output() -> impl Write + Send {
    descriptor(&io::stdout())
}

#[cfg(unix)]
fn standard_error() -> impl Write + Send {
    descriptor(&io::stderr())
}

#[cfg(unix)]
fn descriptor(of: &impl std::os::fd::AsFd) -> Box<dyn Write + Send> {
    match of.as_fd().try_clone_to_owned() {
        Ok(descriptor) => Box::new(std::fs::File::from(descriptor)),
        // It is closed.
        Err(_) => Box::new(io::sink()),
    }
}

#[cfg(not(unix))]
fn standard_output() -> impl Write + Send {
    io::stdout()
}

#[cfg(not(unix))]
fn standard_error() -> impl Write + Send {
    io::stderr()
}

#[cfg(test)]
mod tests;
