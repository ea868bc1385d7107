//! What a definition says while it runs.

use std::sync::Arc;

use crate::grants::Denied;

use super::limits::short_error;

/// How important a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For the author of the definition.
    Debug,
    /// For everybody.
    Info,
    /// Something is not as it should be.
    Warn,
    /// Something failed.
    Error,
}

/// A line of a hook's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The service whose hook wrote it; none in `fields`.
    pub service: Option<String>,
    /// How important it is.
    pub level: Level,
    /// What it says. Nothing in it has been escaped.
    pub text: String,
}

/// What a call has for the person. Only the lines are the definition's words; all else is said by drillmaster, from what
/// it knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogEvent {
    /// The definition wrote a line.
    Line(LogLine),
    /// It was denied something.
    Denied {
        /// The service whose hook it was; none in `fields` and in hooks of the group.
        service: Option<String>,
        /// What it was denied.
        denied: Denied,
    },
    /// It has written as much as a call may: the rest is dropped.
    Cut {
        /// The service whose hook it is; none in `fields` and in hooks of the group.
        service: Option<String>,
        /// How much a call may write.
        limit: String,
    },
}

/// Takes what calls have for the person as it comes.
pub type LogSink = Arc<dyn Fn(LogEvent) + Send + Sync>;

/// The most bytes of log that one call may write.
const LIMIT: usize = 1024 * 1024;

/// The most lines of log that one call may write: each costs the reader more than its bytes.
const LINES: usize = 10_000;

/// How Go's runtime begins to say on its standard error why it gives up. Where it did follows in many lines.
const LAST_WORDS: [&str; 2] = ["panic: ", "fatal error: "];

/// The log of one call.
#[derive(Clone)]
pub(super) struct CallLog {
    sink: LogSink,
    service: Option<String>,
    state: Arc<std::sync::Mutex<State>>,
}

#[derive(Default)]
struct State {
    written: usize,
    lines: usize,
    cut: bool,
    last_error: Option<String>,
}

impl CallLog {
    pub(super) fn new(sink: LogSink, service: Option<String>) -> Self {
        Self { sink, service, state: Arc::default() }
    }

    /// Writes a message, a line at a time, as long as the call has not written too much.
    pub(super) fn write(&self, level: Level, message: &str) {
        if level == Level::Error || LAST_WORDS.iter().any(|words| message.starts_with(words)) {
            self.lock().last_error = Some(short_error(message));
        }
        for line in message.lines() {
            let mut state = self.lock();
            state.written = state.written.saturating_add(line.len());
            state.lines = state.lines.saturating_add(1);
            let too_much = state.written > LIMIT || state.lines > LINES;
            if too_much && std::mem::replace(&mut state.cut, true) {
                return;
            }
            drop(state);
            if too_much {
                let limit = format!("{} MiB or {LINES} lines", LIMIT / 1024 / 1024);
                return (self.sink)(LogEvent::Cut { service: self.service.clone(), limit });
            }
            let (service, text) = (self.service.clone(), line.to_owned());
            (self.sink)(LogEvent::Line(LogLine { service, level, text }));
        }
    }

    /// Tells what the call was denied, however much it has written.
    pub(super) fn deny(&self, denied: Denied) {
        (self.sink)(LogEvent::Denied { service: self.service.clone(), denied });
    }

    /// The service whose call it is; none for a call that is about the whole group.
    pub(super) fn service(&self) -> Option<&str> {
        self.service.as_deref()
    }

    /// The last message of level error, or with which a language says that it gives up. A definition that panics says why
    /// there, just before it traps.
    pub(super) fn last_error(&self) -> Option<String> {
        self.lock().last_error.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log() -> (CallLog, Arc<std::sync::Mutex<Vec<String>>>) {
        let lines = Arc::new(std::sync::Mutex::new(Vec::new()));
        let sink = Arc::clone(&lines);
        let told = move |event| {
            sink.lock().unwrap().push(match event {
                LogEvent::Line(line) => line.text,
                other => format!("{other:?}"),
            });
        };
        let log = CallLog::new(Arc::new(told), None);
        (log, lines)
    }

    #[test]
    fn a_message_of_several_lines_becomes_several_lines() {
        let (log, lines) = log();
        log.write(Level::Info, "one\ntwo");
        assert_eq!(*lines.lock().unwrap(), ["one", "two"]);
    }

    #[test]
    fn what_goes_beyond_the_limit_is_dropped_and_that_is_told() {
        let (log, lines) = log();
        log.write(Level::Info, "first");
        log.write(Level::Info, &"x".repeat(LIMIT));
        log.write(Level::Info, "lost");
        let lines = lines.lock().unwrap();
        assert_eq!(lines.len(), 2);
        assert!(lines[1].starts_with("Cut {"), "{}", lines[1]);
    }

    #[test]
    fn there_are_only_so_many_lines() {
        let (log, lines) = log();
        (0..LINES - 2).for_each(|_| log.write(Level::Info, "x"));
        log.write(Level::Info, &"\n".repeat(LINES));
        log.write(Level::Info, "lost");
        let lines = lines.lock().unwrap();
        assert_eq!(lines.len(), LINES + 1);
        assert!(lines[LINES].starts_with("Cut {"), "{}", lines[LINES]);
    }

    #[test]
    fn the_last_error_is_remembered() {
        let (log, _) = log();
        log.write(Level::Error, "panicked at lib.rs:1:1: oh");
        log.write(Level::Info, "after");
        assert_eq!(log.last_error().as_deref(), Some("panicked at lib.rs:1:1: oh"));
        log.write(Level::Warn, "panic: runtime error: oh");
        log.write(Level::Warn, "goroutine 1 [running]:");
        assert_eq!(log.last_error().as_deref(), Some("panic: runtime error: oh"));
    }
}
