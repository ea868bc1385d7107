//! Containers that carry a group's label, whoever made them: plans of every command, and what is shown of them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::SystemTime;

use drillmaster::group::{Account, Group, GroupName};
use drillmaster::plan::{
    Again, Claim, Observed, Plan, PullPolicy, Request, TeardownRequest, left_alone, reconcile, reload, restart, status,
    teardown,
};
use drillmaster::report::{StatusRow, plan_json, plan_text, status_json, status_text, visible};
use serde_json::{Value, json};

use crate::declared::{NAMES, sound_group};
use crate::engine;
use crate::input::Input;
use crate::shown;

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let group = sound_group(&mut input);
    let observed = observed(&mut input, &group);
    let services: Vec<String> = input.list(3, |input| input.word(&NAMES));
    let request = Request {
        selected: group.services.keys().cloned().collect(),
        recreate: services.iter().cloned().collect(),
        pull: input.pick(&[PullPolicy::Always, PullPolicy::Missing, PullPolicy::Never]),
        ..Request::default()
    };
    let context = |key: &str| (key.len() != 6).then_some("a value");
    let plan = reconcile(group.clone(), &request, &observed, &context);
    plan_shown(&plan);
    statuses_shown(&mut input, &observed, Some(&plan));
    statuses_shown(&mut input, &observed, None);
    let again = Again { services, dependents: input.any() };
    for plan in [reload(group.clone(), &again, request.pull, &observed, &context), restart(group, &again, &observed)] {
        match plan {
            Ok(plan) => plan_shown(&plan),
            Err(error) => shown::one_line(&visible(&error.to_string())),
        }
    }
    stopped(&mut input, &observed, again.services);
}

/// Containers as anybody could have labelled them; some are the group's own with another label or two.
fn observed(input: &mut Input<'_>, group: &Group) -> Observed {
    let own = engine::labels(group);
    let containers = input.list(6, |input| {
        let mut labels: HashMap<String, String> = match own.len() {
            0 => HashMap::new(),
            some => own[input.up_to(some - 1)].clone(),
        };
        for _ in 0..input.up_to(3) {
            let (name, value) = label(input, labels.get("dev.drillmaster.declared"));
            labels.insert(format!("dev.drillmaster.{name}"), value);
        }
        let stage = input.pick(&["", ".starting", ".old"]);
        // Mostly as its own service is called, so that it is one of the group's.
        let service = labels.get("dev.drillmaster.service").cloned().unwrap_or_default();
        let name = match input.up_to(5) {
            0 => input.word(&["shop-db", "shop-app", "other", ""]),
            _ => format!("shop-{service}"),
        };
        let name = format!("/{name}{stage}");
        engine::found(&input.word(&["0", "1", "2"]), &name, &labels, input.pick(&["running", "exited", "paused"]))
    });
    let networks = input.list(3, |input| {
        json!({ "Id": input.word(&["0", "1"]), "Name": input.word(&["drillmaster-shop", "drillmaster-shop-back"]) })
    });
    let observed = engine::observed(&group.name, &containers, &networks);
    for container in &observed.containers {
        let own = group.name.container(&container.service);
        assert_eq!(container.name, format!("{own}{}", container.stage.suffix()));
        assert!(!container.instance.is_empty());
    }
    assert!(observed.containers.len() + observed.foreign.len() >= containers.len());
    if !observed.foreign.is_empty() {
        shown::one_line(&visible(&left_alone(&group.name, &observed.foreign)));
    }
    claims_decided(input, &group.name, &observed);
    observed
}

/// Whoever claims it, it is said whose it is, and by their word it is theirs.
fn claims_decided(input: &mut Input<'_>, group: &GroupName, observed: &Observed) {
    let account = Account { machine: "machine".to_owned(), user: 1000, name: "alice@laptop".to_owned() };
    let is_there = input.any();
    let claim = Claim::new(account, &input.word(&["/project", "/other"]), Arc::new(move |_| is_there));
    if let Err(refused) = claim.check(group, observed) {
        shown::one_line(&visible(&refused.to_string()));
    }
    assert!(claim.named(true).check(group, observed).is_ok());
}

fn label(input: &mut Input<'_>, declared: Option<&String>) -> (&'static str, String) {
    match input.up_to(7) {
        0 | 1 => ("service", input.word(&NAMES)),
        2 => ("stop-timeout", input.text()),
        3 => ("dependencies", input.list(3, |input| input.word(&NAMES)).join(",")),
        4 => ("environment", input.text()),
        5 => (input.pick(&["instance", "owner", "project", "project-id"]), input.text()),
        _ => {
            let declared = declared.and_then(|text| serde_json::from_str(text).ok());
            let value = match declared {
                Some(declared) => changed(declared, input).to_string(),
                None => input.text(),
            };
            ("declared", value)
        }
    }
}

/// JSON with some of its texts and numbers changed.
fn changed(value: Value, input: &mut Input<'_>) -> Value {
    match value {
        Value::String(_) | Value::Null if input.rarely(4) => input.text().into(),
        Value::Number(_) if input.rarely(4) => input.any::<u64>().into(),
        Value::Array(list) => list.into_iter().map(|value| changed(value, input)).collect(),
        Value::Object(map) => map.into_iter().map(|(name, value)| (name, changed(value, input))).collect(),
        other => other,
    }
}

fn plan_shown(plan: &Plan) {
    shown::plain(&plan_text(plan));
    shown::json(&plan_json(plan));
}

fn statuses_shown(input: &mut Input<'_>, observed: &Observed, plan: Option<&Plan>) {
    let times = ["2026-11-22T11:58:30.123456789Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"];
    let rows: Vec<_> = status(observed, plan)
        .into_iter()
        .map(|status| StatusRow {
            status,
            running_since: input.optional(|input| input.word(&times)),
            orphan: input.any(),
        })
        .collect();
    let text = status_text(&rows, SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(input.any::<u32>().into()));
    shown::plain(&text);
    assert_eq!(text.lines().count(), rows.len());
    shown::json(&status_json(&rows));
}

fn stopped(input: &mut Input<'_>, observed: &Observed, exclude: Vec<String>) {
    let declared: Option<BTreeSet<String>> =
        input.optional(|input| input.list(3, |input| input.word(&NAMES)).into_iter().collect());
    let request = TeardownRequest { declared, exclude, orphans: input.any(), remove: input.any() };
    match teardown(observed, &request) {
        Ok(teardown) => {
            let mut gone = BTreeSet::new();
            for step in &teardown.steps {
                assert!(!request.exclude.contains(&step.service));
                let mut dependents = teardown.dependencies.dependents(&step.service);
                assert!(dependents.all(|other| gone.contains(other)), "{} is stopped too early", step.service);
                gone.insert(step.service.clone());
            }
        }
        Err(error) => shown::one_line(&visible(&error.to_string())),
    }
}
