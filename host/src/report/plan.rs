//! A plan, for people and as JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;

use crate::plan::{Action, Change, Health, ImageAction, ImageReason, Old, Plan, Reason, State, Step, Uncompared};

use super::json_text::{Layout, json};
use super::style::padded;
use super::visible;

/// A plan for people: what happens to each service and why, then what else is done.
#[must_use]
pub fn plan_text(plan: &Plan) -> String {
    let mut text = String::new();
    let width = plan.steps.iter().map(|step| step.service.name.len()).max().unwrap_or(0);
    for step in &plan.steps {
        for (index, line) in step_lines(step).iter().enumerate() {
            let name = if index == 0 { step.service.name.as_str() } else { "" };
            let _ = writeln!(text, "{}  {}", padded(&visible(name), width), visible(line));
        }
    }
    for network in new_networks(plan) {
        let _ = writeln!(text, "network {network}: create");
    }
    for spare in plan.spare_networks() {
        let _ = writeln!(text, "network {}: remove the newer one of two", visible(&spare.name));
    }
    for orphan in &plan.orphans {
        let _ = writeln!(text, "{}: left alone, no definition declares it (any more)", visible(orphan));
    }
    text + &in_short(plan) + "\n"
}

/// What a step does and why, and below it each change on a line of its own.
#[must_use]
pub fn step_lines(step: &Step) -> Vec<String> {
    let word = step.action.word();
    let (reason, changes): (String, &[Change]) = match &step.reason {
        Reason::Changed(changes) => ("changed".to_owned(), changes),
        other => (other.to_string(), &[]),
    };
    let mut lines = vec![format!("{word}: {reason}")];
    lines.extend(changes.iter().map(|change| format!("  {change}")));
    if !step.has_image() {
        lines.push(format!("  {}", step.image));
    }
    lines.extend(
        step.stopped_services()
            .into_iter()
            .map(|service| format!("  stop {service} first, which has its host port and gets a new container later")),
    );
    lines.extend(step.uncompared.iter().map(|uncompared| format!("  {uncompared}")));
    if !step.litter.is_empty() {
        lines.push(format!("  remove {} left over", counted(step.litter.len(), "container")));
    }
    lines
}

/// The plan in a line.
fn in_short(plan: &Plan) -> String {
    if plan.is_nothing() {
        return "nothing to do".to_owned();
    }
    let words = ["create", "replace", "restart", "start again", "keep"];
    let count = |word: &str| plan.steps.iter().filter(|step| step.action.word() == word).count();
    let counts = words.iter().map(|word| (count(word), word)).filter(|(count, _)| *count > 0);
    counts.map(|(count, word)| format!("{count} to {word}")).collect::<Vec<_>>().join(", ")
}

pub(super) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// The networks that have to be created.
fn new_networks(plan: &Plan) -> Vec<String> {
    let there = |name: &String| plan.networks.iter().any(|network| network.name == *name);
    plan.needed_networks().into_iter().filter(|name| !there(name)).collect()
}

/// A plan as JSON, ending with a line break. The same plan gives the same bytes.
#[must_use]
pub fn plan_json(plan: &Plan) -> String {
    json(&PlanJson::of(plan), Layout::Readable)
}

/// A plan as it is shown to programs. Fields are only ever added.
#[derive(Debug, Serialize)]
pub(super) struct PlanJson<'a> {
    group: &'a str,
    nothing_to_do: bool,
    steps: Vec<StepJson<'a>>,
    create_networks: Vec<String>,
    remove_networks: Vec<&'a str>,
    orphans: &'a [String],
}

#[derive(Debug, Serialize)]
struct StepJson<'a> {
    service: &'a str,
    action: &'static str,
    reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    because_of: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<i64>,
    changes: Vec<ChangeJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_compared: Option<NotComparedJson<'a>>,
    image: ImageJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    container: Option<&'a str>,
    removes: Vec<&'a str>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    stops_first: BTreeSet<&'a str>,
    definition: Option<String>,
    fields: BTreeMap<String, String>,
}

/// A field that differs, as it is shown to programs.
#[derive(Debug, Serialize)]
pub(super) struct ChangeJson<'a> {
    field: &'a str,
    old: Option<&'a str>,
    new: Option<&'a str>,
    /// It was something else, and nobody knows what.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    old_unknown: bool,
}

impl<'a> ChangeJson<'a> {
    pub(super) fn of(change: &'a Change) -> Self {
        Self {
            field: &change.field,
            old: change.old.text(),
            new: change.new.as_deref(),
            old_unknown: change.old == Old::Unknown,
        }
    }
}

/// Fields of a container that stays of which it cannot be known whether they are as declared.
#[derive(Debug, Serialize)]
pub(super) struct NotComparedJson<'a> {
    because: &'static str,
    fields: &'a [String],
}

impl<'a> NotComparedJson<'a> {
    pub(super) fn of(uncompared: &'a Uncompared) -> Self {
        match uncompared {
            Uncompared::WithoutKey(fields) => Self { because: "no-key", fields },
            Uncompared::Unreadable => Self { because: "unreadable", fields: &[] },
        }
    }
}

#[derive(Debug, Serialize)]
struct ImageJson<'a> {
    name: &'a str,
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

impl<'a> PlanJson<'a> {
    pub(super) fn of(plan: &'a Plan) -> Self {
        Self {
            group: plan.group.name.as_str(),
            nothing_to_do: plan.is_nothing(),
            steps: plan.steps.iter().map(|step| StepJson::of(plan, step)).collect(),
            create_networks: new_networks(plan),
            remove_networks: plan.spare_networks().map(|network| network.id.0.as_str()).collect(),
            orphans: &plan.orphans,
        }
    }
}

impl<'a> StepJson<'a> {
    fn of(plan: &'a Plan, step: &'a Step) -> Self {
        let (reason, because_of, changes): (_, _, &[Change]) = match &step.reason {
            Reason::New => ("new", None, &[]),
            Reason::AlreadyRunning => ("already-running", None, &[]),
            Reason::NotRunning(State::Unknown) => ("unknown-state", None, &[]),
            Reason::NotRunning(state) => (state.word(), None, &[]),
            Reason::Health(Health::Starting) => ("health-starting", None, &[]),
            Reason::Health(health) => (health.word(), None, &[]),
            Reason::AlwaysStartNew => ("always-start-new", None, &[]),
            Reason::Changed(changes) => ("changed", None, changes),
            Reason::Unfinished => ("unfinished", None, &[]),
            Reason::Asked => ("asked", None, &[]),
            Reason::DependsOn(service) => ("depends-on", Some(service.as_str()), &[]),
            Reason::NotAsked => ("left-alone", None, &[]),
        };
        let described = step.service.described();
        Self {
            service: &step.service.name,
            action: match step.action {
                Action::Keep(_) => "keep",
                Action::StartAgain(_) => "start-again",
                Action::Restart(_) => "restart",
                Action::Create => "create",
                Action::Replace(_) => "replace",
            },
            reason,
            because_of,
            exit_code: step.action.found().and_then(|found| found.state.exit_code()),
            changes: changes.iter().map(ChangeJson::of).collect(),
            not_compared: step.uncompared.as_ref().map(NotComparedJson::of),
            image: ImageJson::of(step),
            container: step.action.found().map(|found| found.id.0.as_str()),
            removes: step.litter.iter().map(|container| container.id.0.as_str()).collect(),
            stops_first: step.stopped_services(),
            definition: plan.group.definitions.get(&step.service.name).map(ToString::to_string),
            fields: described.into_iter().map(|(name, text)| (name, text.shown())).collect(),
        }
    }
}

impl<'a> ImageJson<'a> {
    fn of(step: &'a Step) -> Self {
        let name = step.service.image.as_str();
        let reason = |reason: ImageReason| {
            Some(match reason {
                ImageReason::Absent => "absent",
                ImageReason::ContextChanged => "context-changed",
                ImageReason::Asked => "asked",
            })
        };
        let (action, reason) = match step.image {
            _ if step.has_image() => ("use", None),
            ImageAction::Use(_) => ("use", None),
            ImageAction::Pull(why) => ("pull", reason(why)),
            ImageAction::Build(why) => ("build", reason(why)),
            ImageAction::Refuse => ("refuse", None),
        };
        Self { name, action, reason }
    }
}
