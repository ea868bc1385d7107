//! The lines that an event leaves for good, whichever way the rest is shown.

use anstyle::Style;

use crate::component::Level;
use crate::group::QUOTE;
use crate::plan::{Action, Plan};
use crate::run::{Event, GrantSource, Phase};

use super::step_lines;
use super::style::{DIMMED, ERROR, PLAIN, WARNING, color_of, padded, painted, styled};
use super::visible::{colored, indented_lines, plain, visible};

/// What a line begins with that somebody else wrote.
const BAR: &str = "| ";

/// A line about a service, or about none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) service: String,
    style: Style,
    /// Safe for a terminal, but for colours that the writer may have to strip.
    text: String,
}

impl Said {
    /// A line of drillmaster's own. What it has of others cannot begin another one.
    pub(super) fn line(service: &str, style: Style, text: &str) -> Said {
        Said { service: service.to_owned(), style, text: visible(text).into_owned() }
    }

    /// A sentence of drillmaster's own that may quote others, of which each further line is indented.
    pub(super) fn lines(service: &str, style: Style, text: &str) -> Vec<Said> {
        let line = |text| Said { service: service.to_owned(), style, text };
        indented_lines(text).map(line).collect()
    }

    /// A line that somebody else wrote, behind a bar.
    fn quoted(service: &str, style: Style, text: &str) -> Said {
        Said { service: service.to_owned(), style, text: format!("{BAR}{text}") }
    }

    /// What each further row begins with, if it takes more than one.
    pub(super) fn margin(&self, width: usize) -> String {
        format!("{}  {}", padded("", width), mark(&self.text))
    }

    /// The line with its styles, the name in a column of its own, which becomes as wide as it has to be.
    pub(super) fn shown(&self, width: &mut usize) -> String {
        *width = self.service.len().max(*width);
        let width = *width;
        let color = if self.service.is_empty() { PLAIN } else { color_of(&self.service) };
        let name = styled(&padded(&self.service, width), color);
        format!("{name}  {}", painted(&self.text, self.style))
    }
}

/// What the further rows of a line begin with that begins so.
fn mark(text: &str) -> &'static str {
    if text.starts_with(QUOTE) {
        QUOTE
    } else if text.starts_with(BAR) {
        BAR
    } else {
        "  "
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
        // Whoever shows it begins a line with it: it is about the command.
        Event::Grants(_) => Vec::new(),
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
            vec![Said::quoted(line.service.as_deref().unwrap_or_default(), style, &plain(&line.text))]
        }
        Event::Denied { service, denied } => {
            vec![Said::line(service.as_deref().unwrap_or_default(), WARNING, &denied.to_string())]
        }
        Event::LogCut { service, limit } => {
            let text = format!("it has logged more than {limit}; the rest is dropped");
            vec![Said::line(service.as_deref().unwrap_or_default(), WARNING, &text)]
        }
        Event::ToolOutput { line, .. } => vec![Said::quoted("", PLAIN, &colored(line))],
        Event::Ready { service, took: Some(took), .. } => {
            vec![Said::line(service, PLAIN, &format!("ready after {:.1} s", took.as_secs_f64()))]
        }
        Event::Failed { service, failure, log_tail } => {
            let mut lines = Said::lines(service, ERROR, &format!("failed: {failure}"));
            let log = String::from_utf8_lossy(log_tail);
            if !log.trim().is_empty() {
                lines.push(Said::line(service, DIMMED, "the last lines of its container:"));
                lines.extend(log.lines().map(|line| Said::quoted(service, DIMMED, &colored(line))));
            }
            lines
        }
        Event::NotStarted { service, because } => {
            vec![Said::line(service, ERROR, &format!("not started, because {because} failed"))]
        }
        Event::Interrupted { service } => vec![Said::line(service, WARNING, "interrupted")],
        Event::Stopped { service, ran, removed, took } => {
            let text = match (ran, removed) {
                (true, true) => format!("stopped and removed after {:.1} s", took.as_secs_f64()),
                (true, false) => format!("stopped after {:.1} s", took.as_secs_f64()),
                (false, true) => "removed".to_owned(),
                (false, false) => "was stopped already".to_owned(),
            };
            vec![Said::line(service, PLAIN, &text)]
        }
        Event::NotStopped { service, failure } => Said::lines(service, ERROR, &format!("not stopped: {failure}")),
        Event::Removed { what, name } => vec![Said::line("", PLAIN, &format!("{what} {name} removed"))],
        Event::HookFailed { service, hook, error } => {
            Said::lines(service, WARNING, &format!("{hook} failed, and the service is stopped all the same: {error}"))
        }
        Event::GroupHookFailed { hook, error } => Said::lines("", WARNING, &format!("{hook} failed: {error}")),
        Event::Warning(text) => Said::lines("", WARNING, text),
    }
}

fn planned(plan: &Plan) -> Vec<Said> {
    let steps = plan.steps.iter().filter(|step| !matches!(step.action, Action::Keep(_)));
    let mut lines: Vec<_> = steps
        .flat_map(|step| step_lines(step).into_iter().map(|line| (step.service.name.as_str(), line)))
        .map(|(service, line)| Said::line(service, PLAIN, &line))
        .collect();
    for step in plan.steps.iter().filter(|step| matches!(step.action, Action::Keep(_))) {
        let text = step.uncompared.as_ref().map(|uncompared| format!("kept, and {uncompared}"));
        lines.extend(text.map(|text| Said::line(&step.service.name, WARNING, &text)));
    }
    if !plan.orphans.is_empty() {
        let orphans = plan.orphans.join(", ");
        let text = format!("this group has containers of services that are not declared (any more): {orphans}");
        lines.push(Said::line("", WARNING, &text));
    }
    lines
}

/// The grants that are in force, in a line.
pub(super) fn in_force(sources: &[GrantSource]) -> String {
    let source = |GrantSource { grants, from }: &GrantSource| format!("{} (from {from})", grants.join(", "));
    let all = sources.iter().map(source).collect::<Vec<_>>().join("; ");
    visible(&format!("grants: {}", if all.is_empty() { "none" } else { &all })).into_owned()
}
