//! The lines that an event leaves for good, whichever way the rest is shown.

use anstyle::Style;

use crate::component::Level;
use crate::plan::{Action, Plan};
use crate::run::{Event, Phase};

use super::step_lines;
use super::style::{DIMMED, ERROR, PLAIN, WARNING, color_of, padded, styled};

/// A line about a service, or about none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) service: String,
    style: Style,
    text: String,
}

impl Said {
    /// Each line of a text.
    pub(super) fn lines(service: &str, style: Style, text: &str) -> Vec<Said> {
        let line = |text: &str| Said { service: service.to_owned(), style, text: text.to_owned() };
        text.lines().map(line).collect()
    }

    /// The line with its styles, the name in a column of its own, which becomes as wide as it has to be.
    pub(super) fn line(&self, width: &mut usize) -> String {
        *width = self.service.len().max(*width);
        let width = *width;
        let color = if self.service.is_empty() { PLAIN } else { color_of(&self.service) };
        let name = styled(&padded(&self.service, width), color);
        format!("{name}  {}", styled(&self.text, self.style))
    }
}

/// The columns that the names of a plan's services take.
pub(super) fn width_of(plan: &Plan) -> usize {
    plan.steps.iter().map(|step| step.service.name.len()).max().unwrap_or(0)
}

/// What is being done with a service.
pub(super) fn doing(phase: Phase) -> &'static str {
    match phase {
        Phase::Pulling => "pulling its image",
        Phase::Building => "building its image",
        Phase::Starting => "starting",
        Phase::Pinging => "waiting until it is ready",
        Phase::Initialising => "initialising",
        Phase::Stopping => "stopping",
    }
}

/// What a person should be able to read afterwards. Phases and progress are not among it, and of the definitions' log
/// the lines of level debug only if `verbose`.
pub(super) fn said(event: &Event, verbose: bool) -> Vec<Said> {
    match event {
        Event::Planned(plan) => planned(plan),
        Event::Phase { .. } | Event::Progress { .. } | Event::ImageReady { .. } | Event::Ready { took: None, .. } => {
            Vec::new()
        }
        Event::Log(line) if line.level == Level::Debug && !verbose => Vec::new(),
        Event::Log(line) => {
            let style = match line.level {
                Level::Debug => DIMMED,
                Level::Info => PLAIN,
                Level::Warn => WARNING,
                Level::Error => ERROR,
            };
            Said::lines(line.service.as_deref().unwrap_or_default(), style, &format!("| {}", line.text))
        }
        Event::Ready { service, took: Some(took), .. } => {
            Said::lines(service, PLAIN, &format!("ready after {:.1} s", took.as_secs_f64()))
        }
        Event::Failed { service, failure, log_tail } => {
            let mut lines = Said::lines(service, ERROR, &format!("failed: {failure}"));
            let log = String::from_utf8_lossy(log_tail);
            if !log.trim().is_empty() {
                lines.extend(Said::lines(service, DIMMED, "the last lines of its container:"));
                lines.extend(log.lines().flat_map(|line| Said::lines(service, DIMMED, &format!("  {line}"))));
            }
            lines
        }
        Event::NotStarted { service, because } => {
            Said::lines(service, ERROR, &format!("not started, because {because} failed"))
        }
        Event::Interrupted { service } => Said::lines(service, WARNING, "interrupted, and stopped"),
        Event::Stopped { service, ran, removed, took } => {
            let text = match (ran, removed) {
                (true, true) => format!("stopped and removed after {:.1} s", took.as_secs_f64()),
                (true, false) => format!("stopped after {:.1} s", took.as_secs_f64()),
                (false, true) => "removed".to_owned(),
                (false, false) => "was stopped already".to_owned(),
            };
            Said::lines(service, PLAIN, &text)
        }
        Event::NotStopped { service, failure } => Said::lines(service, ERROR, &format!("not stopped: {failure}")),
        Event::Removed { what, name } => Said::lines("", PLAIN, &format!("{what} {name} removed")),
        Event::HookFailed { service, hook, reason } => {
            Said::lines(service, WARNING, &format!("{hook} failed, and the service is stopped all the same: {reason}"))
        }
        Event::Warning(text) => Said::lines("", WARNING, text),
    }
}

fn planned(plan: &Plan) -> Vec<Said> {
    let steps = plan.steps.iter().filter(|step| !matches!(step.action, Action::Keep(_)));
    let mut lines: Vec<_> = steps
        .flat_map(|step| step_lines(step).into_iter().map(|line| (step.service.name.as_str(), line)))
        .flat_map(|(service, line)| Said::lines(service, PLAIN, &line))
        .collect();
    for step in plan.steps.iter().filter(|step| matches!(step.action, Action::Keep(_))) {
        let text = step.uncompared.as_ref().map(|uncompared| format!("kept, and {uncompared}"));
        lines.extend(text.iter().flat_map(|text| Said::lines(&step.service.name, WARNING, text)));
    }
    if !plan.orphans.is_empty() {
        let orphans = plan.orphans.join(", ");
        let text = format!("this group has containers of services that are not declared (any more): {orphans}");
        lines.extend(Said::lines("", WARNING, &text));
    }
    lines
}
