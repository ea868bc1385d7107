//! A run as plain lines, each with the service it is about.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};

use crate::component::{Level, LogLine};
use crate::engine::ImageProgress;
use crate::plan::{Action, Plan};
use crate::run::{Event, Phase};

use super::{step_lines, visible};

/// Between two words of progress of one service.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(2);

/// A service about which nothing was said for so long is mentioned again.
const SILENCE: Duration = Duration::from_secs(5);

const COLORS: [AnsiColor; 6] = [
    AnsiColor::Cyan,
    AnsiColor::Magenta,
    AnsiColor::Blue,
    AnsiColor::Green,
    AnsiColor::BrightCyan,
    AnsiColor::BrightMagenta,
];

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default();
const DIMMED: Style = Style::new().dimmed();

/// Writes a line for each event that a person wants to know of. Styles are for the writer to keep or strip.
pub struct Lines<W> {
    verbose: bool,
    state: Mutex<State<W>>,
}

struct State<W> {
    out: W,
    services: BTreeMap<String, Activity>,
    width: usize,
}

/// What a service is busy with.
struct Activity {
    doing: &'static str,
    since: Instant,
    last_line: Instant,
    last_progress: Option<Instant>,
    last_word: Option<String>,
}

impl<W: Write> Lines<W> {
    /// Lines written to `out`; those of level debug too, if `verbose`.
    pub fn new(out: W, verbose: bool) -> Self {
        Self { verbose, state: Mutex::new(State { out, services: BTreeMap::new(), width: 0 }) }
    }

    /// Shows an event.
    pub fn show(&self, event: Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Planned(plan) => state.planned(&plan),
            Event::Phase { service, phase } => state.phase(&service, phase),
            Event::Progress { service, progress } => state.progress(&service, &progress),
            Event::Log(line) if line.level > Level::Debug || self.verbose => state.log(&line),
            Event::Log(_) => {}
            Event::Ready { service, took, .. } => {
                state.services.remove(&service);
                if let Some(took) = took {
                    state.line(&service, Style::new(), &format!("ready after {:.1} s", took.as_secs_f64()));
                }
            }
            Event::Failed { service, failure, log_tail } => {
                state.services.remove(&service);
                state.line(&service, ERROR, &format!("failed: {failure}"));
                let log = String::from_utf8_lossy(&log_tail);
                if !log.trim().is_empty() {
                    state.line(&service, DIMMED, "the last lines of its container:");
                    log.lines().for_each(|line| state.line(&service, DIMMED, &format!("  {line}")));
                }
            }
            Event::NotStarted { service, because } => {
                state.line(&service, ERROR, &format!("not started, because {because} failed"));
            }
            Event::Interrupted { service } => {
                state.services.remove(&service);
                state.line(&service, WARNING, "interrupted, and stopped");
            }
            Event::Stopped { service, ran, removed, took } => {
                state.services.remove(&service);
                let text = match (ran, removed) {
                    (true, true) => format!("stopped and removed after {:.1} s", took.as_secs_f64()),
                    (true, false) => format!("stopped after {:.1} s", took.as_secs_f64()),
                    (false, true) => "removed".to_owned(),
                    (false, false) => "was stopped already".to_owned(),
                };
                state.line(&service, Style::new(), &text);
            }
            Event::NotStopped { service, failure } => {
                state.services.remove(&service);
                state.line(&service, ERROR, &format!("not stopped: {failure}"));
            }
            Event::Removed { what, name } => state.line("", Style::new(), &format!("{what} {name} removed")),
            Event::HookFailed { service, hook, reason } => {
                state.line(
                    &service,
                    WARNING,
                    &format!("{hook} failed, and the service is stopped all the same: {reason}"),
                );
            }
            Event::Warning(text) => state.line("", WARNING, &text),
        }
    }

    /// Mentions the services about which nothing was said for some time. To be called about every second.
    pub fn tick(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let silent: Vec<_> = state
            .services
            .iter()
            .filter(|(_, activity)| activity.last_line.elapsed() >= SILENCE)
            .map(|(service, activity)| {
                let word = activity.last_word.as_deref().map(|word| format!(": {word}")).unwrap_or_default();
                (service.clone(), format!("still {} ({} s){word}", activity.doing, activity.since.elapsed().as_secs()))
            })
            .collect();
        for (service, text) in silent {
            state.line(&service, DIMMED, &text);
        }
    }
}

impl<W: Write> State<W> {
    fn planned(&mut self, plan: &Plan) {
        self.width = plan.steps.iter().map(|step| step.service.name.len()).max().unwrap_or(0);
        for step in plan.steps.iter().filter(|step| !matches!(step.action, Action::Keep(_))) {
            for line in step_lines(step) {
                self.line(&step.service.name, Style::new(), &line);
            }
        }
        if !plan.orphans.is_empty() {
            let orphans = plan.orphans.join(", ");
            self.line(
                "",
                WARNING,
                &format!("this group has containers of services that are not declared (any more): {orphans}"),
            );
        }
    }

    fn phase(&mut self, service: &str, phase: Phase) {
        let doing = match phase {
            Phase::Pulling => "pulling its image",
            Phase::Building => "building its image",
            Phase::Starting => "starting",
            Phase::Pinging => "waiting until it is ready",
            Phase::Initialising => "initialising",
            Phase::Stopping => "stopping",
        };
        let now = Instant::now();
        let activity = Activity { doing, since: now, last_line: now, last_progress: None, last_word: None };
        self.services.insert(service.to_owned(), activity);
        self.line(service, Style::new(), doing);
    }

    /// Shows a word of progress, unless there was one just now; a step of a build is always shown.
    fn progress(&mut self, service: &str, progress: &ImageProgress) {
        let Some(activity) = self.services.get_mut(service) else { return };
        let due = activity.last_progress.is_none_or(|last| last.elapsed() >= PROGRESS_INTERVAL);
        let text = match progress {
            ImageProgress::Layer { id, status, bytes: Some((done, total)) } => {
                format!("{id}: {status} {} %", done * 100 / total.max(&1))
            }
            ImageProgress::Layer { id, status, bytes: None } => format!("{id}: {status}"),
            ImageProgress::Step { number, of, instruction } => format!("Step {number}/{of} : {instruction}"),
            ImageProgress::Line(line) => line.clone(),
        };
        if due || matches!(progress, ImageProgress::Step { .. }) {
            activity.last_progress = Some(Instant::now());
            self.line(service, DIMMED, &text);
        } else {
            activity.last_word = Some(text);
        }
    }

    fn log(&mut self, line: &LogLine) {
        let style = match line.level {
            Level::Debug => DIMMED,
            Level::Info => Style::new(),
            Level::Warn => WARNING,
            Level::Error => ERROR,
        };
        self.line(line.service.as_deref().unwrap_or_default(), style, &format!("| {}", line.text));
    }

    /// Writes a text, each of its lines after the name of the service. There is nobody to tell if that fails.
    fn line(&mut self, service: &str, style: Style, text: &str) {
        if let Some(activity) = self.services.get_mut(service) {
            activity.last_line = Instant::now();
        }
        let width = self.width.max(service.len());
        let name = visible(service);
        let color = color_of(service);
        for text in text.lines() {
            let text = visible(text);
            let _ = writeln!(self.out, "{color}{name:width$}{color:#}  {style}{text}{style:#}");
        }
        let _ = self.out.flush();
    }
}

/// A line of a service, after the service's name in its color.
#[must_use]
pub fn prefixed(service: &str, width: usize, line: &str) -> String {
    let color = color_of(service);
    format!("{color}{:width$}{color:#}  {}\n", visible(service), visible(line))
}

/// A line of a service as a JSON object, ending with a line break. Nothing in it is lost.
#[must_use]
pub fn log_json(service: &str, line: &str) -> String {
    format!("{}\n", serde_json::json!({ "service": service, "line": line }))
}

/// A service's color: always the same one for the same name.
fn color_of(service: &str) -> Style {
    let sum: usize = service.bytes().map(usize::from).sum();
    COLORS[sum % COLORS.len()].on_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Failure;

    fn shown(events: Vec<Event>) -> String {
        let lines = Lines::new(anstream::StripStream::new(Vec::new()), false);
        for event in events {
            lines.show(event);
        }
        String::from_utf8(lines.state.into_inner().unwrap().out.into_inner()).unwrap()
    }

    #[test]
    fn a_failure_is_followed_by_the_last_lines_of_the_container() {
        let text = shown(vec![
            Event::Failed {
                service: "db".into(),
                failure: Failure::Exited { code: 3 },
                log_tail: b"one\ntwo \x1b[31mred\n".to_vec(),
            },
            Event::NotStarted { service: "web".into(), because: "db".into() },
        ]);
        assert_eq!(
            text,
            "db  failed: its container exited with code 3 before the service was ready\n\
             db  the last lines of its container:\n\
             db    one\n\
             db    two \\u{1b}[31mred\n\
             web  not started, because db failed\n"
        );
    }

    #[test]
    fn progress_is_shown_at_intervals_and_steps_always() {
        let progress = |progress| Event::Progress { service: "db".into(), progress };
        let line = |text: &str| progress(ImageProgress::Line(text.into()));
        let text = shown(vec![
            Event::Phase { service: "db".into(), phase: Phase::Building },
            line("one"),
            line("two"),
            progress(ImageProgress::Step { number: 2, of: 3, instruction: "RUN make".into() }),
        ]);
        assert_eq!(text, "db  building its image\ndb  one\ndb  Step 2/3 : RUN make\n");
    }

    #[test]
    fn debug_lines_are_for_those_who_ask() {
        let line = |level, text: &str| Event::Log(LogLine { service: Some("db".into()), level, text: text.into() });
        assert_eq!(shown(vec![line(Level::Debug, "hidden"), line(Level::Warn, "seen")]), "db  | seen\n");
    }
}
