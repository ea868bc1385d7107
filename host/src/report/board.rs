//! What every service is at, for the live part of a terminal: fed with events, it knows no terminal.

use std::time::{Duration, Instant};

use crate::plan::Plan;
use crate::run::{Event, Phase};

use super::image_work::ImageWork;
use super::visible::plain;

/// The services that there is something to tell of, in the order of the plan.
#[derive(Debug, Default)]
pub(super) struct Board {
    pub(super) rows: Vec<Row>,
}

/// One service.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) service: String,
    pub(super) standing: Standing,
    /// Since when.
    pub(super) since: Instant,
    /// Those of the services it depends on that are not ready.
    pub(super) after: Vec<String>,
    work: ImageWork,
    /// The last line of its hooks' log.
    said: Option<String>,
}

/// Where a service stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Its turn has not come.
    Waiting,
    Busy(Phase),
    Ready(Option<Duration>),
    Stopped(Duration),
    Failed,
    NotStarted,
    Interrupted,
}

impl Board {
    /// Takes notice of an event.
    pub(super) fn feed(&mut self, event: &Event, now: Instant) {
        match event {
            Event::Planned(plan) => self.planned(plan, now),
            Event::Phase { service, phase } => self.put(service, Standing::Busy(*phase), now),
            Event::Progress { service, progress } => {
                if let Some(row) = self.row(service) {
                    row.work.add(progress);
                }
            }
            Event::ImageReady { service } => self.put(service, Standing::Waiting, now),
            Event::Log(line) => {
                if let Some(row) = line.service.as_deref().and_then(|service| self.row(service)) {
                    row.said = Some(format!("| {}", plain(&line.text)));
                }
            }
            Event::Ready { service, took, .. } => {
                if took.is_some() || self.row(service).is_some() {
                    self.put(service, Standing::Ready(*took), now);
                }
                self.rows.iter_mut().for_each(|row| row.after.retain(|other| other != service));
            }
            Event::Failed { service, .. } | Event::NotStopped { service, .. } => {
                self.put(service, Standing::Failed, now);
            }
            Event::NotStarted { service, .. } => self.put(service, Standing::NotStarted, now),
            Event::Interrupted { service } => self.put(service, Standing::Interrupted, now),
            Event::Stopped { service, took, .. } => self.put(service, Standing::Stopped(*took), now),
            Event::Grants(_)
            | Event::Denied { .. }
            | Event::LogCut { .. }
            | Event::ToolOutput { .. }
            | Event::Removed { .. }
            | Event::HookFailed { .. }
            | Event::GroupHookFailed { .. }
            | Event::Warning(_) => {}
        }
    }

    fn planned(&mut self, plan: &Plan, now: Instant) {
        let steps = || plan.steps.iter().filter(|step| !step.is_nothing());
        let is_planned = |service: &String| steps().any(|step| step.service.name == *service);
        self.rows = steps()
            .map(|step| Row {
                after: step.service.dependencies.iter().filter(|other| is_planned(other)).cloned().collect(),
                ..Row::new(&step.service.name, now)
            })
            .collect();
    }

    fn row(&mut self, service: &str) -> Option<&mut Row> {
        self.rows.iter_mut().find(|row| row.service == service)
    }

    fn put(&mut self, service: &str, standing: Standing, now: Instant) {
        if self.row(service).is_none() {
            self.rows.push(Row::new(service, now));
        }
        let Some(row) = self.row(service) else { return };
        // An image that was got is no news any more, nor is what the hook before has said.
        (row.work, row.said) = (ImageWork::default(), None);
        (row.standing, row.since) = (standing, now);
    }
}

impl Row {
    fn new(service: &str, now: Instant) -> Self {
        Self {
            service: service.to_owned(),
            standing: Standing::Waiting,
            since: now,
            after: Vec::new(),
            work: ImageWork::default(),
            said: None,
        }
    }

    /// The last that is known of what is being done with it.
    pub(super) fn word(&self) -> Option<String> {
        match self.standing {
            Standing::Waiting if !self.after.is_empty() => Some(format!("for {}", self.after.join(", "))),
            Standing::Busy(Phase::Pulling | Phase::Building) => self.work.word(),
            Standing::Busy(_) => self.said.clone(),
            _ => None,
        }
    }
}
