//! A run for programs: one JSON object a line for each event.

use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::component::{CallError, Level};
use crate::engine::ImageProgress;
use crate::run::{Author, Event, Failure, GrantSource, Phase};

use super::json_text::{Layout, json};
use super::plan::PlanJson;
use super::status::AddressJson;
use super::{Show, Trace};

/// Writes a line of JSON for each event, and one at the end.
pub struct Json<W> {
    verbose: bool,
    out: Mutex<W>,
}

impl<W: Write> Json<W> {
    /// Lines written to `out`; those of level debug too, if `verbose`.
    pub fn new(out: W, verbose: bool) -> Self {
        Self { verbose, out: Mutex::new(out) }
    }

    fn line(&self, line: &EventJson<'_>) {
        let text = json(line, Layout::OneLine);
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // In one write and at once: somebody reads along.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}

impl<W: Write + Send> Show for Json<W> {
    fn show(&self, event: Event) {
        if !matches!(&event, Event::Log(line) if line.level == Level::Debug && !self.verbose) {
            self.line(&EventJson::of(&event));
        }
    }

    fn trace(&self, trace: &Trace) {
        let Trace { kind, what, took, outcome } = trace;
        self.line(&EventJson::Trace { kind, what, took_ms: milliseconds(*took), outcome: outcome.as_deref() });
    }

    fn notice(&self, text: &str) {
        self.line(&EventJson::Notice { text });
    }

    fn tick(&self) {}

    fn interval(&self) -> Duration {
        Duration::from_hours(1)
    }

    fn make_way(&self) -> bool {
        false
    }

    fn finish(&self, exit_code: u8, error: Option<&str>) {
        self.line(&EventJson::Finished { exit_code, error });
    }
}

/// An event as programs see it. Events and fields are only ever added.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum EventJson<'a> {
    Planned {
        plan: Box<PlanJson<'a>>,
    },
    Phase {
        service: &'a str,
        phase: &'static str,
    },
    Progress {
        service: &'a str,
        #[serde(flatten)]
        progress: ProgressJson<'a>,
    },
    ImageReady {
        service: &'a str,
    },
    Grants {
        in_force: Vec<GrantsJson<'a>>,
    },
    Log {
        service: Option<&'a str>,
        level: &'static str,
        by: &'static str,
        text: &'a str,
    },
    Denied {
        service: Option<&'a str>,
        hook: &'a str,
        what: String,
        grant: Option<String>,
    },
    LogCut {
        service: Option<&'a str>,
        limit: &'a str,
    },
    ToolOutput {
        tool: &'a str,
        by: &'static str,
        text: &'a str,
    },
    Ready {
        service: &'a str,
        took_ms: Option<u64>,
        addresses: Vec<AddressJson<'a>>,
    },
    Failed {
        service: &'a str,
        error: String,
        #[serde(flatten)]
        quote: Option<QuoteJson<'a>>,
        log_tail: Vec<String>,
    },
    NotStarted {
        service: &'a str,
        because: &'a str,
    },
    Interrupted {
        service: &'a str,
    },
    Stopped {
        service: &'a str,
        ran: bool,
        removed: bool,
        took_ms: u64,
    },
    NotStopped {
        service: &'a str,
        error: String,
        #[serde(flatten)]
        quote: Option<QuoteJson<'a>>,
    },
    Removed {
        what: &'static str,
        name: &'a str,
    },
    HookFailed {
        service: Option<&'a str>,
        hook: String,
        error: String,
        #[serde(flatten)]
        quote: Option<QuoteJson<'a>>,
    },
    Warning {
        text: &'a str,
    },
    Notice {
        text: &'a str,
    },
    Trace {
        kind: &'a str,
        what: &'a str,
        took_ms: u64,
        outcome: Option<&'a str>,
    },
    Finished {
        exit_code: u8,
        error: Option<&'a str>,
    },
}

#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum ProgressJson<'a> {
    Layer { id: &'a str, status: &'a str, done_bytes: Option<u64>, total_bytes: Option<u64> },
    Step { number: u32, of: u32, instruction: &'a str },
    Line { by: &'static str, text: &'a str },
}

/// Grants, and who gave them.
#[derive(Debug, Serialize)]
struct GrantsJson<'a> {
    grants: &'a [String],
    from: &'a str,
}

/// What others wrote, word for word, and who.
#[derive(Debug, Serialize)]
struct QuoteJson<'a> {
    by: &'static str,
    text: &'a str,
}

impl<'a> QuoteJson<'a> {
    fn of(failure: &'a Failure) -> Option<Self> {
        let (author, text) = failure.quotes()?;
        Some(Self { by: author_word(author), text })
    }

    fn of_call(error: &'a CallError) -> Option<Self> {
        Some(Self { by: author_word(Author::Definition), text: error.quotes()? })
    }
}

impl<'a> EventJson<'a> {
    fn of(event: &'a Event) -> Self {
        match event {
            Event::Planned(plan) => Self::Planned { plan: Box::new(PlanJson::of(plan)) },
            Event::Phase { service, phase } => Self::Phase { service, phase: phase_word(*phase) },
            Event::Progress { service, progress } => Self::Progress { service, progress: ProgressJson::of(progress) },
            Event::ImageReady { service } => Self::ImageReady { service },
            Event::Grants(sources) => {
                let source = |source: &'a GrantSource| GrantsJson { grants: &source.grants, from: &source.from };
                Self::Grants { in_force: sources.iter().map(source).collect() }
            }
            Event::Log(line) => Self::Log {
                service: line.service.as_deref(),
                level: level_word(line.level),
                by: author_word(Author::Definition),
                text: &line.text,
            },
            Event::Denied { service, denied } => Self::Denied {
                service: service.as_deref(),
                hook: &denied.hook,
                what: denied.what(),
                grant: denied.grant(),
            },
            Event::LogCut { service, limit } => Self::LogCut { service: service.as_deref(), limit },
            Event::ToolOutput { tool, line } => Self::ToolOutput { tool, by: "tool", text: line },
            Event::Ready { service, took, published } => Self::Ready {
                service,
                took_ms: took.map(milliseconds),
                addresses: published.iter().map(AddressJson::of).collect(),
            },
            Event::Failed { service, failure, log_tail } => Self::Failed {
                service,
                error: failure.to_string(),
                quote: QuoteJson::of(failure),
                log_tail: String::from_utf8_lossy(log_tail).lines().map(str::to_owned).collect(),
            },
            Event::NotStarted { service, because } => Self::NotStarted { service, because },
            Event::Interrupted { service } => Self::Interrupted { service },
            Event::Stopped { service, ran, removed, took } => {
                Self::Stopped { service, ran: *ran, removed: *removed, took_ms: milliseconds(*took) }
            }
            Event::NotStopped { service, failure } => {
                Self::NotStopped { service, error: failure.to_string(), quote: QuoteJson::of(failure) }
            }
            Event::Removed { what, name } => Self::Removed { what, name },
            Event::HookFailed { service, hook, error } => Self::HookFailed {
                service: Some(service),
                hook: hook.to_string(),
                error: error.to_string(),
                quote: QuoteJson::of_call(error),
            },
            Event::GroupHookFailed { hook, error } => Self::HookFailed {
                service: None,
                hook: hook.to_string(),
                error: error.to_string(),
                quote: QuoteJson::of_call(error),
            },
            Event::Warning(text) => Self::Warning { text },
        }
    }
}

impl<'a> ProgressJson<'a> {
    fn of(progress: &'a ImageProgress) -> Self {
        match progress {
            ImageProgress::Layer { id, status, bytes } => {
                let (done_bytes, total_bytes) = (bytes.map(|bytes| bytes.0), bytes.map(|bytes| bytes.1));
                Self::Layer { id, status, done_bytes, total_bytes }
            }
            ImageProgress::Step { number, of, instruction } => Self::Step { number: *number, of: *of, instruction },
            ImageProgress::Line(text) => Self::Line { by: author_word(Author::Engine), text },
        }
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn phase_word(phase: Phase) -> &'static str {
    match phase {
        Phase::Pulling => "pulling",
        Phase::Building => "building",
        Phase::Starting => "starting",
        Phase::Pinging => "pinging",
        Phase::Initialising => "initialising",
        Phase::Stopping => "stopping",
    }
}

fn author_word(author: Author) -> &'static str {
    match author {
        Author::Definition => "definition",
        Author::Engine => "engine",
    }
}

fn level_word(level: Level) -> &'static str {
    match level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    }
}

#[cfg(test)]
mod tests;
