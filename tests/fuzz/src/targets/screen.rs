//! What is shown of a run, whatever names, logs and errors hold.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use drillmaster::component::{CallError, Hook, Level, LogLine};
use drillmaster::docker::fuzzing;
use drillmaster::engine::{EngineError, ImageProgress, PortOwner};
use drillmaster::grants::{Asked, Denied};
use drillmaster::group::Protocol;
use drillmaster::plan::{Exit, Observed, Plan, Published, Request, reconcile};
use drillmaster::report::{Json, Lines, Show, Terminal, Trace, log_json, prefixed, summary};
use drillmaster::run::{Event, Failure, GrantSource, Phase, ServiceOutcome, StartOutcome};

use crate::declared::sound_group;
use crate::input::Input;
use crate::shown;

const SERVICES: [&str; 4] = ["db", "app", "web", "a-rather-long-name"];
const PHASES: [Phase; 6] =
    [Phase::Pulling, Phase::Building, Phase::Starting, Phase::Pinging, Phase::Initialising, Phase::Stopping];

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let (columns, rows) = (usize::from(input.any::<u8>()), usize::from(input.any::<u8>() % 32));
    let (colors, verbose) = (input.any(), input.any());
    let (lines, terminal, json) = (Paper::default(), Paper::default(), Paper::default());
    let shows: [Box<dyn Show>; 3] = [
        Box::new(Lines::new(lines.clone(), verbose)),
        Box::new(Terminal::new(terminal.clone(), Box::new(move || (columns, rows)), colors, verbose)),
        Box::new(Json::new(json.clone(), verbose)),
    ];
    let mut told = 0;
    while told < 40 && !input.is_empty() {
        told += 1;
        match input.up_to(9) {
            0 => on_each(&shows, |show| show.tick()),
            1 => {
                let text = input.text();
                on_each(&shows, |show| show.notice(&text));
            }
            2 => {
                let trace = trace(&mut input);
                on_each(&shows, |show| show.trace(&trace));
            }
            _ => {
                let event = event(&mut input);
                on_each(&shows, |show| show.show(event.clone()));
            }
        }
    }
    let error = input.optional(Input::text);
    on_each(&shows, |show| show.finish(2, error.as_deref()));
    shown::styled(&lines.text());
    shown::json_lines(&json.text());
    shown::terminal(&terminal.text(), columns);
    results(&mut input);
}

fn on_each(shows: &[Box<dyn Show>], tell: impl Fn(&dyn Show)) {
    for show in shows {
        tell(&**show);
    }
}

/// What goes to stdout.
fn results(input: &mut Input<'_>) {
    let outcome = StartOutcome(input.list(4, |input| (service(input), outcome(input))).into_iter().collect());
    let text = summary(&outcome);
    shown::plain(&text);
    assert_eq!(text.lines().count(), outcome.0.len(), "{text:?}");
    let (service, line) = (service(input), input.text());
    let shown_line = prefixed(&service, input.up_to(40), &line, None);
    shown::styled(&shown_line);
    assert_eq!(shown_line.lines().count(), 1, "{shown_line:?}");
    let wrapped = prefixed(&service, 8, &line, Some(40 + usize::from(input.any::<u8>())));
    shown::styled(&wrapped);
    let is_marked = |row: &str| row.trim_start_matches(' ').starts_with("| ");
    assert!(service.len() > 8 || wrapped.lines().skip(1).all(is_marked), "{wrapped:?}");
    let log = shown::json_lines(&log_json(&service, &line));
    assert_eq!(log, [serde_json::json!({ "service": service, "line": line })]);
}

fn outcome(input: &mut Input<'_>) -> ServiceOutcome {
    match input.up_to(3) {
        0 => ServiceOutcome::Ready { published: input.list(3, published), took: input.optional(time) },
        1 => ServiceOutcome::Failed(failure(input)),
        2 => ServiceOutcome::NotStarted { because: service(input) },
        _ => ServiceOutcome::Interrupted,
    }
}

fn service(input: &mut Input<'_>) -> String {
    input.word(&SERVICES)
}

fn time(input: &mut Input<'_>) -> Duration {
    Duration::from_millis(input.pick(&[0, 1, 999, 9_999, 120_000, u64::MAX]))
}

fn published(input: &mut Input<'_>) -> Published {
    let address = input.word(&["127.0.0.1", "::1"]);
    Published {
        container: input.any(),
        protocol: input.pick(&[Protocol::Tcp, Protocol::Udp]),
        address,
        host: input.any(),
    }
}

fn trace(input: &mut Input<'_>) -> Trace {
    Trace { kind: "docker", what: input.text(), took: time(input), outcome: input.optional(Input::text) }
}

fn event(input: &mut Input<'_>) -> Event {
    let service = service(input);
    match input.up_to(14) {
        0 => Event::Planned(Arc::new(plan(input))),
        1 => Event::Phase { service, phase: input.pick(&PHASES) },
        2 | 3 => Event::Progress { service, progress: progress(input) },
        4 => Event::ImageReady { service },
        5 | 6 => {
            let level = input.pick(&[Level::Debug, Level::Info, Level::Warn, Level::Error]);
            Event::Log(LogLine { service: input.any::<bool>().then_some(service), level, text: input.text() })
        }
        7 => Event::Ready { service, took: input.optional(time), published: input.list(2, published) },
        8 => Event::Failed { service, failure: failure(input), log_tail: input.any::<&[u8]>().to_vec() },
        9 => Event::NotStarted { service, because: input.text() },
        10 => Event::Stopped { service, ran: input.any(), removed: input.any(), took: time(input) },
        11 => Event::NotStopped { service, failure: failure(input) },
        12 => match input.up_to(2) {
            0 => Event::Interrupted { service },
            1 => Event::Removed { what: "volume", name: input.text() },
            _ => Event::HookFailed { service, hook: Hook::PreStop, error: CallError::Returned(input.text()) },
        },
        13 => match input.up_to(3) {
            0 => Event::Denied { service: None, denied: Denied { hook: "ping".into(), asked: asked(input) } },
            1 => Event::ToolOutput { tool: "make".into(), line: input.text() },
            2 => Event::Grants(vec![GrantSource { grants: input.list(2, Input::text), from: input.text() }]),
            _ => Event::LogCut { service: Some(service), limit: "1 MiB".into() },
        },
        _ => Event::Warning(input.text()),
    }
}

fn asked(input: &mut Input<'_>) -> Asked {
    match input.up_to(2) {
        0 => Asked::LookUp(input.text()),
        1 => Asked::OwnPort(input.text()),
        _ => Asked::Outside(input.text()),
    }
}

fn progress(input: &mut Input<'_>) -> ImageProgress {
    match input.up_to(3) {
        0 => {
            let line = input.word(&["Step 2/5 : RUN make", "STEP 1/", "Step 1/2:"]);
            fuzzing::build_progress(&line).unwrap_or(ImageProgress::Line(line))
        }
        1 => {
            let status = input.word(&["Downloading", "Pull complete", "Pulling from x", "Extracting"]);
            let detail = serde_json::json!({ "current": input.any::<i64>(), "total": input.any::<i64>() });
            let told = serde_json::json!({ "status": status, "id": input.word(&["a", "b"]), "progressDetail": detail });
            fuzzing::pull_progress(&told.to_string()).expect("this is how an engine tells of a pull")
        }
        2 => ImageProgress::Layer { id: input.text(), status: input.text(), bytes: Some((input.any(), input.any())) },
        _ => ImageProgress::Line(input.text()),
    }
}

fn failure(input: &mut Input<'_>) -> Failure {
    match input.up_to(5) {
        0 => Failure::Exited(Exit { code: input.any(), out_of_memory: input.any() }),
        1 => Failure::Hook { hook: Hook::Ping, error: CallError::Returned(input.text()) },
        2 => Failure::NotReady { within: time(input), last: input.text() },
        3 => Failure::Engine(EngineError::Refused { action: input.text(), reason: input.text() }),
        4 => Failure::Engine(EngineError::PortTaken { port: 1, owner: PortOwner::Container(input.text()) }),
        _ => Failure::Interrupted,
    }
}

/// A plan, sometimes with names that no service can have.
fn plan(input: &mut Input<'_>) -> Plan {
    let group = sound_group(input);
    let request = Request { selected: group.services.keys().cloned().collect(), ..Request::default() };
    let mut plan = reconcile(group, &request, &Observed::default(), &|_| None);
    plan.orphans = input.list(2, Input::text);
    if input.rarely(4) {
        plan.steps.iter_mut().for_each(|step| step.service.name = input.text());
    }
    plan
}

/// What was written, for whoever asks.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    fn text(&self) -> String {
        let bytes = self.0.lock().expect("nobody panics while writing").clone();
        String::from_utf8(bytes).expect("what is shown is UTF-8")
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics while writing").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
