//! A command while it runs.

use std::io::{PipeReader, Read, Write as _};
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::history::History;
use super::run::Run;
use crate::process;
use crate::wait;

const POLL: Duration = Duration::from_millis(1);
/// How long output is still read after the end: what the command left behind may hold the pipes open.
const DRAIN: Duration = Duration::from_secs(2);

/// A running command. Dropping it kills it.
#[derive(Debug)]
pub struct Running {
    child: Child,
    shown: String,
    start: Instant,
    deadline: Duration,
    stdout: Output,
    stderr: Output,
    history: History,
    /// The other end of a pipe that nobody reads.
    _unread: Option<PipeReader>,
}

impl Running {
    pub(super) fn new(
        mut child: Child,
        shown: String,
        deadline: Duration,
        history: History,
        unread: Option<PipeReader>,
    ) -> Self {
        let stdout = Output::of(child.stdout.take());
        let stderr = Output::of(child.stderr.take());
        Self { child, shown, start: Instant::now(), deadline, stdout, stderr, history, _unread: unread }
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has written to stdout so far.
    #[must_use]
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// What it has written to stderr so far.
    #[must_use]
    pub fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// How long it has been running.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// Whether it has ended.
    ///
    /// # Panics
    ///
    /// When the system cannot tell.
    #[must_use]
    pub fn has_ended(&mut self) -> bool {
        self.status().is_some()
    }

    /// Writes to its standard input, which was left open.
    ///
    /// # Panics
    ///
    /// When it is closed, or it reads nothing.
    pub fn types(&mut self, text: &str) {
        let stdin = self.child.stdin.as_mut().expect("its standard input was left open");
        stdin.write_all(text.as_bytes()).expect("it reads");
    }

    /// Sends it a signal; nothing if it has ended.
    pub fn signal(&self, signal: Signal) {
        // As a child of ours that was not waited for, nobody else has its id even when it has ended.
        let _ = process::send(self.pid(), signal);
    }

    /// Waits until a condition holds, for at most the rest of the command's time.
    ///
    /// # Panics
    ///
    /// When it does not come to hold, with the output so far; `what` then completes "waited … for". The condition is
    /// asked once more after the command's end, and then no longer.
    pub fn until(&mut self, what: &str, mut condition: impl FnMut(&Self) -> bool) -> &mut Self {
        let left = self.deadline.saturating_sub(self.start.elapsed());
        let mut ended = false;
        let held = wait::some_within(left, || {
            if condition(self) {
                return Some(true);
            }
            // A condition may come to hold with the last thing that the command does.
            if std::mem::replace(&mut ended, self.has_ended()) { Some(false) } else { None }
        });
        let why = match held {
            Some(true) => return self,
            Some(false) => "it has ended",
            None => "its time is up",
        };
        panic!("waited for {what}, in vain: {why}\n{}", self.so_far());
    }

    /// Waits for its end.
    ///
    /// # Panics
    ///
    /// When it does not end within its time: it is then killed, and the message holds the output so far.
    #[must_use]
    pub fn wait(mut self) -> Run {
        loop {
            if let Some(status) = self.status() {
                let duration = self.start.elapsed();
                self.stdout.drain();
                self.stderr.drain();
                let (stdout, stderr) = (self.stdout(), self.stderr());
                return Run::new(self.shown.clone(), status, duration, stdout, stderr, &self.history);
            }
            if self.start.elapsed() > self.deadline {
                self.kill();
                panic!("did not end within {:?}, and was killed\n{}", self.deadline, self.so_far());
            }
            thread::sleep(POLL);
        }
    }

    fn status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap_or_else(|error| panic!("cannot wait for `{}`: {error}", self.shown))
    }

    fn kill(&mut self) {
        // An error means that it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn so_far(&self) -> String {
        format!("$ {}\n--- stdout\n{}\n--- stderr\n{}", self.shown, self.stdout(), self.stderr())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.kill();
            self.history.add(&format!("{}\n--- killed by the test\n\n", self.so_far()));
        }
    }
}

/// What is read from a pipe, while it is read.
#[derive(Debug)]
struct Output {
    bytes: Arc<Mutex<Vec<u8>>>,
    ended: Receiver<()>,
}

impl Output {
    fn of(pipe: Option<impl Read + Send + 'static>) -> Self {
        let bytes: Arc<Mutex<Vec<u8>>> = Arc::default();
        let (end, ended) = mpsc::channel();
        if let Some(mut pipe) = pipe {
            let bytes = Arc::clone(&bytes);
            thread::spawn(move || {
                let _end = end;
                let mut buffer = [0; 8192];
                while let Ok(count @ 1..) = pipe.read(&mut buffer) {
                    bytes.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&buffer[..count]);
                }
            });
        }
        Self { bytes, ended }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    /// Waits for the pipe's end, but not for long.
    fn drain(&self) {
        let _ = self.ended.recv_timeout(DRAIN);
    }
}
