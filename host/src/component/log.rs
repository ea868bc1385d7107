//! What a definition says while it runs.

mod total;

use std::sync::Arc;

use crate::grants::Denied;
use crate::group::short;

use super::limits::short_error;

use total::Admitted;
pub(super) use total::LogTotal;

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
    /// It has written as much as a call may, or as all calls may together: the rest is dropped.
    Cut {
        /// The service whose hook it is; none in `fields` and in hooks of the group.
        service: Option<String>,
        /// How much may be written, as `1 MiB or 10000 lines a call`.
        limit: String,
    },
}

/// Takes what calls have for the person as it comes.
pub type LogSink = Arc<dyn Fn(LogEvent) + Send + Sync>;

/// The most bytes of log that one call may write.
const LIMIT: usize = 1024 * 1024;

/// The most lines of log that one call may write: each costs the reader more than its bytes.
const LINES: usize = 10_000;

/// The most bytes of an error of a service that has logged all that it may.
const LAST_ERROR: usize = 1024;

/// How Go's runtime begins to say on its standard error why it gives up. Where it did follows in many lines.
const LAST_WORDS: [&str; 2] = ["panic: ", "fatal error: "];

/// The log of one call.
#[derive(Clone)]
pub(super) struct CallLog {
    sink: LogSink,
    service: Option<String>,
    state: Arc<std::sync::Mutex<State>>,
    /// What the service has logged in all calls.
    total: LogTotal,
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
        Self { sink, service, state: Arc::default(), total: LogTotal::default() }
    }

    /// The same log, which counts towards what a service may log in all calls.
    pub(super) fn counted_in(self, total: &LogTotal) -> Self {
        Self { total: total.clone(), ..self }
    }

    /// Writes a message, a line at a time, as long as the call has not written too much.
    pub(super) fn write(&self, level: Level, message: &str) {
        if level == Level::Error || LAST_WORDS.iter().any(|words| message.starts_with(words)) {
            self.lock().last_error = Some(short_error(message));
        }
        let mut lines = message.lines();
        while let Some(line) = lines.next() {
            let mut state = self.lock();
            state.written = state.written.saturating_add(line.len());
            state.lines = state.lines.saturating_add(1);
            if state.written <= LIMIT && state.lines <= LINES {
                drop(state);
                self.admit(level, line.to_owned());
                continue;
            }
            let is_told = std::mem::replace(&mut state.cut, true);
            drop(state);
            if !is_told {
                self.cut(format!("{} MiB or {LINES} lines a call", LIMIT / 1024 / 1024));
            }
            return self.total.drop(self.service.as_deref(), 1 + lines.count());
        }
    }

    /// An error of the call as it is told: less of it, if the service has logged all that it may.
    pub(super) fn error(&self, text: &str) -> String {
        let text = short_error(text);
        match self.total.admit(self.service.as_deref(), text.len(), text.lines().count()) {
            Admitted::Yes => text,
            Admitted::NoMore(_) | Admitted::No => short(&text, LAST_ERROR).into_owned(),
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

    /// Writes a line, unless the service has logged too much in all calls.
    fn admit(&self, level: Level, text: String) {
        match self.total.admit(self.service.as_deref(), text.len(), 1) {
            Admitted::Yes => (self.sink)(LogEvent::Line(LogLine { service: self.service.clone(), level, text })),
            Admitted::NoMore(limit) => self.cut(limit),
            Admitted::No => {}
        }
    }

    fn cut(&self, limit: String) {
        (self.sink)(LogEvent::Cut { service: self.service.clone(), limit });
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

    #[test]
    fn many_calls_of_a_service_log_no_more_than_one_service_may() {
        let lines = Arc::new(std::sync::Mutex::new(Vec::new()));
        let total = LogTotal::default();
        let call = |service: &str| {
            let sink = Arc::clone(&lines);
            let sink = Arc::new(move |event: LogEvent| sink.lock().unwrap().push(event));
            CallLog::new(sink, Some(service.to_owned())).counted_in(&total)
        };
        (0..100).for_each(|_| call("loud").write(Level::Info, &"x\n".repeat(LINES - 1)));
        call("quiet").write(Level::Info, "heard");
        assert_eq!(call("loud").error(&"x".repeat(LIMIT)).len(), LAST_ERROR + "…".len());
        assert_eq!(call("quiet").error("no disk"), "no disk");
        // What the host itself has to say is always told.
        call("loud").deny(Denied { hook: "ping".to_owned(), asked: crate::grants::Asked::Listen });
        let lines = lines.lock().unwrap();
        let is_line = |event: &&LogEvent| matches!(event, LogEvent::Line(_));
        assert_eq!(lines.iter().filter(is_line).count(), 40_000 + 1);
        let limit = "4 MiB or 40000 lines a service".to_owned();
        assert_eq!(lines[40_000], LogEvent::Cut { service: Some("loud".to_owned()), limit });
        assert!(matches!(lines.last(), Some(LogEvent::Denied { .. })));
    }
}
