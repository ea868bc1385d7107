//! A run for programs: one JSON object a line for each event.

use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::component::Level;
use crate::engine::ImageProgress;
use crate::run::{Event, Phase};

use super::plan::PlanJson;
use super::status::AddressJson;
use super::visible::{Layout, json};
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
    Log {
        service: Option<&'a str>,
        level: &'static str,
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
    },
    Removed {
        what: &'static str,
        name: &'a str,
    },
    HookFailed {
        service: &'a str,
        hook: String,
        error: &'a str,
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
    Line { text: &'a str },
}

impl<'a> EventJson<'a> {
    fn of(event: &'a Event) -> Self {
        match event {
            Event::Planned(plan) => Self::Planned { plan: Box::new(PlanJson::of(plan)) },
            Event::Phase { service, phase } => Self::Phase { service, phase: phase_word(*phase) },
            Event::Progress { service, progress } => Self::Progress { service, progress: ProgressJson::of(progress) },
            Event::ImageReady { service } => Self::ImageReady { service },
            Event::Log(line) => {
                Self::Log { service: line.service.as_deref(), level: level_word(line.level), text: &line.text }
            }
            Event::Ready { service, took, published } => Self::Ready {
                service,
                took_ms: took.map(milliseconds),
                addresses: published.iter().map(AddressJson::of).collect(),
            },
            Event::Failed { service, failure, log_tail } => Self::Failed {
                service,
                error: failure.to_string(),
                log_tail: String::from_utf8_lossy(log_tail).lines().map(str::to_owned).collect(),
            },
            Event::NotStarted { service, because } => Self::NotStarted { service, because },
            Event::Interrupted { service } => Self::Interrupted { service },
            Event::Stopped { service, ran, removed, took } => {
                Self::Stopped { service, ran: *ran, removed: *removed, took_ms: milliseconds(*took) }
            }
            Event::NotStopped { service, failure } => Self::NotStopped { service, error: failure.to_string() },
            Event::Removed { what, name } => Self::Removed { what, name },
            Event::HookFailed { service, hook, reason } => {
                Self::HookFailed { service, hook: hook.to_string(), error: reason }
            }
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
            ImageProgress::Line(text) => Self::Line { text },
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

fn level_word(level: Level) -> &'static str {
    match level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::{Hook, LogLine};
    use crate::group::Protocol;
    use crate::plan::Published;
    use crate::run::Failure;

    fn written(write: impl FnOnce(&Json<Vec<u8>>)) -> String {
        let json = Json::new(Vec::new(), false);
        write(&json);
        String::from_utf8(json.out.into_inner().unwrap()).unwrap()
    }

    #[test]
    fn each_event_is_an_object_on_a_line() {
        let progress = |progress| Event::Progress { service: "db".into(), progress };
        let published = Published { container: 80, protocol: Protocol::Tcp, address: "127.0.0.1".into(), host: 8080 };
        let service = || "db".to_owned();
        let failure = || Failure::Exited { code: 3 };
        let took = Duration::from_millis(1234);
        let log = |level, text: &str| Event::Log(LogLine { service: None, level, text: text.into() });
        let rows = [
            (
                Event::Phase { service: service(), phase: Phase::Pinging },
                r#"{"event":"phase","service":"db","phase":"pinging"}"#,
            ),
            (
                progress(ImageProgress::Layer { id: "a".into(), status: "Downloading".into(), bytes: Some((1, 2)) }),
                r#"{"event":"progress","service":"db","kind":"layer","id":"a","status":"Downloading","done_bytes":1,"total_bytes":2}"#,
            ),
            (
                progress(ImageProgress::Step { number: 1, of: 2, instruction: "RUN make".into() }),
                r#"{"event":"progress","service":"db","kind":"step","number":1,"of":2,"instruction":"RUN make"}"#,
            ),
            (
                progress(ImageProgress::Line("cc".into())),
                r#"{"event":"progress","service":"db","kind":"line","text":"cc"}"#,
            ),
            (Event::ImageReady { service: service() }, r#"{"event":"image-ready","service":"db"}"#),
            (
                log(Level::Warn, "one \u{1b}[2J"),
                r#"{"event":"log","service":null,"level":"warn","text":"one \u001b[2J"}"#,
            ),
            (
                Event::Ready { service: service(), took: Some(took), published: vec![published] },
                r#"{"event":"ready","service":"db","took_ms":1234,"addresses":[{"container_port":80,"protocol":"tcp","host":"127.0.0.1","host_port":8080}]}"#,
            ),
            (
                Event::Ready { service: service(), took: None, published: vec![] },
                r#"{"event":"ready","service":"db","took_ms":null,"addresses":[]}"#,
            ),
            (
                Event::Failed { service: service(), failure: failure(), log_tail: b"one\ntwo\n".to_vec() },
                r#"{"event":"failed","service":"db","error":"its container exited with code 3 before the service was ready","log_tail":["one","two"]}"#,
            ),
            (
                Event::NotStarted { service: service(), because: "app".into() },
                r#"{"event":"not-started","service":"db","because":"app"}"#,
            ),
            (Event::Interrupted { service: service() }, r#"{"event":"interrupted","service":"db"}"#),
            (
                Event::Stopped { service: service(), ran: true, removed: false, took },
                r#"{"event":"stopped","service":"db","ran":true,"removed":false,"took_ms":1234}"#,
            ),
            (
                Event::NotStopped { service: service(), failure: Failure::Interrupted },
                r#"{"event":"not-stopped","service":"db","error":"interrupted"}"#,
            ),
            (
                Event::Removed { what: "network", name: "drillmaster-g".into() },
                r#"{"event":"removed","what":"network","name":"drillmaster-g"}"#,
            ),
            (
                Event::HookFailed { service: service(), hook: Hook::PreStop, reason: "busy".into() },
                r#"{"event":"hook-failed","service":"db","hook":"pre-stop","error":"busy"}"#,
            ),
            (Event::Warning("look out".into()), r#"{"event":"warning","text":"look out"}"#),
        ];
        for (event, expected) in rows {
            assert_eq!(written(|json| json.show(event)), format!("{expected}\n"));
        }
    }

    #[test]
    fn what_is_not_an_event_of_a_run_is_a_line_too() {
        let trace = Trace { kind: "docker", what: "pull db".into(), took: Duration::from_millis(14), outcome: None };
        let text = written(|json| {
            json.notice("waiting");
            json.trace(&trace);
            json.finish(0, None);
            json.finish(2, Some("no such file"));
        });
        assert_eq!(
            text,
            concat!(
                r#"{"event":"notice","text":"waiting"}"#,
                "\n",
                r#"{"event":"trace","kind":"docker","what":"pull db","took_ms":14,"outcome":null}"#,
                "\n",
                r#"{"event":"finished","exit_code":0,"error":null}"#,
                "\n",
                r#"{"event":"finished","exit_code":2,"error":"no such file"}"#,
                "\n",
            )
        );
    }

    #[test]
    fn debug_lines_are_for_those_who_ask() {
        let line = LogLine { service: None, level: Level::Debug, text: "hidden".into() };
        assert_eq!(written(|json| json.show(Event::Log(line))), "");
    }
}
