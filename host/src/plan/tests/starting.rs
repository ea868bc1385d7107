use super::*;
use crate::group::{BuildDeclaration, to_start};
use crate::plan::{Plan, Request, environment_fingerprints, recheck, reconcile};

fn no_context(_: &str) -> Option<&'static str> {
    None
}

/// A request for all services of a group.
fn all(group: &Group) -> Request {
    Request { selected: to_start(&group.dependencies(), &[]).unwrap(), ..Request::default() }
}

fn plan(services: Vec<ServiceDeclaration>, observed: &Observed) -> Plan {
    let group = group(services);
    let request = all(&group);
    reconcile(group, &request, observed, &no_context)
}

/// A plan as text: a line for each step.
fn text(plan: &Plan) -> Vec<String> {
    let mut lines: Vec<_> = plan.steps.iter().map(ToString::to_string).collect();
    lines.extend(plan.orphans.iter().map(|service| format!("{service}: orphan")));
    lines
}

/// The plan's line for a service `db`, one container of which was found and changed in this way.
fn step(declared: &ServiceDeclaration, change: impl FnOnce(&mut Container)) -> String {
    let mut found = container(declared);
    change(&mut found);
    text(&plan(vec![declared.clone()], &observed(vec![found]))).join("\n")
}

#[test]
fn what_is_not_there_is_created_in_order_of_dependency() {
    let plan = plan(vec![service("a", &["z"]), service("z", &[])], &observed(vec![]));
    assert_eq!(text(&plan), ["z: create (new)", "a: create (new)"]);
}

#[test]
fn what_runs_as_declared_is_kept() {
    assert_eq!(step(&service("db", &[]), |_| ()), "db: keep (already running)");
}

#[test]
fn what_is_stopped_is_started_again() {
    assert_eq!(
        step(&service("db", &[]), |found| found.state = State::Stopped { exit_code: None }),
        "db: start again (stopped)"
    );
}

#[test]
fn what_is_not_ready_is_waited_for_and_told_by_its_word() {
    let word = |state, health| {
        step(&service("db", &[]), move |found| {
            found.state = state;
            found.health = health;
        })
    };
    for (state, told) in [
        (State::Stopped { exit_code: Some(78) }, "db: start again (stopped (exit code 78))"),
        (State::Paused, "db: start again (paused)"),
        (State::Restarting { exit_code: Some(1) }, "db: start again (restarting (exit code 1))"),
        (State::Restarting { exit_code: None }, "db: start again (restarting)"),
        (State::Unknown, "db: start again (in an unknown state)"),
        // It never runs again.
        (State::Dead, "db: replace (dead)"),
    ] {
        assert_eq!(word(state, Health::None), told);
    }
    for (health, told) in [
        (Health::Healthy, "db: keep (already running)"),
        (Health::Starting, "db: start again (starting (health))"),
        (Health::Unhealthy, "db: start again (unhealthy)"),
    ] {
        assert_eq!(word(State::Running, health), told);
    }
}

#[test]
fn what_is_up_is_not_replaced_by_always_start_new() {
    let declared = ServiceDeclaration { always_start_new: true, ..service("db", &[]) };
    for state in [State::Paused, State::Restarting { exit_code: Some(1) }] {
        assert!(step(&declared, |found| found.state = state).starts_with("db: start again"), "{state}");
    }
}

#[test]
fn always_start_new_replaces_what_is_stopped_and_keeps_what_runs() {
    let declared = ServiceDeclaration { always_start_new: true, ..service("db", &[]) };
    assert_eq!(step(&declared, |_| ()), "db: keep (already running)");
    assert_eq!(
        step(&declared, |found| found.state = State::Stopped { exit_code: None }),
        "db: replace (stopped, and always_start_new)"
    );
}

#[test]
fn other_fields_replace_whether_it_runs_or_not_and_are_named() {
    let before = service("db", &[]);
    let after =
        ServiceDeclaration { env: vec![("MODE".into(), "new".into())], user: Some("nobody".into()), ..before.clone() };
    for state in [State::Running, State::Stopped { exit_code: None }] {
        let found = Container { state, ..container(&before) };
        let plan = plan(vec![after.clone()], &observed(vec![found]));
        assert_eq!(text(&plan), ["db: replace (changed: env MODE: (not set) → new; user: (not set) → nobody)"]);
    }
}

#[test]
fn a_label_that_cannot_be_read_replaces_nothing_and_is_told() {
    let declared = service("db", &[]);
    let found = Container { recorded: Recorded::Unreadable, ..container(&declared) };
    let plan = plan(vec![declared], &observed(vec![found]));
    assert_eq!(text(&plan), ["db: keep (already running)"]);
    assert!(plan.is_nothing());
    assert!(crate::report::plan_text(&plan).contains("not compared: what its label says"), "{plan:?}");
}

#[test]
fn another_key_replaces_nothing_and_what_was_not_compared_is_told() {
    let declared =
        ServiceDeclaration { env: vec![("MODE".into(), "new".into())], user: Some("ada".into()), ..service("db", &[]) };
    let before = ServiceDeclaration { env: vec![("MODE".into(), "old".into())], ..declared.clone() };
    for key in [None, Some(FingerprintKey::new([1; FingerprintKey::LENGTH]))] {
        let found = Observed { key, ..observed(vec![container(&before)]) };
        let plan = plan(vec![declared.clone()], &found);
        assert_eq!(text(&plan), ["db: keep (already running)"]);
        let told = crate::report::plan_text(&plan);
        assert!(told.contains("\n      not compared: env MODE, user; the container was made with another"), "{told}");
        let json: serde_json::Value = serde_json::from_str(&crate::report::plan_json(&plan)).unwrap();
        let not_compared = serde_json::json!({"because": "no-key", "fields": ["env MODE", "user"]});
        assert_eq!(json["steps"][0]["not_compared"], not_compared);
    }
    // What takes no key is compared all the same.
    let limited = ServiceDeclaration { memory_limit_mib: Some(64), ..declared };
    let found = Observed { key: None, ..observed(vec![container(&before)]) };
    assert_eq!(text(&plan(vec![limited], &found)), ["db: replace (changed: memory_limit: (not set) → 64 MiB)"]);
}

#[test]
fn another_dependency_replaces_nothing() {
    let found = observed(vec![container(&service("db", &[])), container(&service("web", &[]))]);
    let plan = plan(vec![service("db", &[]), service("web", &["db"])], &found);
    assert_eq!(text(&plan), ["db: keep (already running)", "web: keep (already running)"]);
}

#[test]
fn another_image_under_the_same_name_replaces() {
    assert_eq!(
        step(&service("db", &[]), |found| found.image = ImageId("image-0".into())),
        "db: replace (changed: image: image (image-0) → image (image-1))"
    );
}

#[test]
fn an_image_whose_name_is_gone_replaces_nothing() {
    let declared = service("db", &[]);
    let mut observed = observed(vec![container(&declared)]);
    observed.images = Images::default();
    assert_eq!(text(&plan(vec![declared], &observed)), ["db: keep (already running)"]);
}

#[test]
fn what_was_never_finished_is_replaced_and_removed_first() {
    let declared = service("db", &[]);
    let found = Container { stage: Stage::Starting, ..container(&declared) };
    let plan = plan(vec![declared], &observed(vec![found]));
    assert_eq!(text(&plan), ["db: create (an earlier start did not finish), removing 1 left over"]);
    assert_eq!(plan.steps[0].litter[0].id, ContainerId("db-1".into()));
}

#[test]
fn an_old_container_beside_the_committed_one_is_left_over() {
    let declared = service("db", &[]);
    let old = Container { id: ContainerId("db-0".into()), stage: Stage::Old, ..container(&declared) };
    let plan = plan(vec![declared.clone()], &observed(vec![old, container(&declared)]));
    assert_eq!(text(&plan), ["db: keep (already running), removing 1 left over"]);
    assert_eq!(plan.steps[0].litter[0].id, ContainerId("db-0".into()));
}

#[test]
fn an_old_container_without_a_committed_one_is_the_committed_one() {
    let declared = service("db", &[]);
    let old = Container { stage: Stage::Old, state: State::Stopped { exit_code: None }, ..container(&declared) };
    let starting = Container { id: ContainerId("db-2".into()), stage: Stage::Starting, ..container(&declared) };
    let plan = plan(vec![declared], &observed(vec![starting, old]));
    assert_eq!(text(&plan), ["db: start again (stopped), removing 1 left over"]);
    assert_eq!(plan.steps[0].litter[0].id, ContainerId("db-2".into()));
}

#[test]
fn a_service_that_is_not_declared_is_an_orphan() {
    let plan = plan(vec![service("db", &[])], &observed(vec![container(&service("gone", &[]))]));
    assert_eq!(text(&plan), ["db: create (new)", "gone: orphan"]);
}

#[test]
fn an_excluded_service_has_no_step() {
    let group = group(vec![service("db", &[]), service("web", &["db"])]);
    let selected = to_start(&group.dependencies(), &["web".to_owned()]).unwrap();
    let plan = reconcile(group, &Request { selected, ..Request::default() }, &observed(vec![]), &no_context);
    assert_eq!(text(&plan), ["db: create (new)"]);
}

#[test]
fn an_image_that_is_not_there_is_built_or_pulled() {
    let built = ServiceDeclaration {
        image: "mine".into(),
        build: Some(BuildDeclaration { directory: "app".into(), dockerfile: None }),
        ..service("app", &[])
    };
    let pulled = ServiceDeclaration { image: "theirs".into(), ..service("db", &[]) };
    let plan = plan(vec![built, pulled, service("here", &[])], &observed(vec![]));
    assert_eq!(
        text(&plan),
        [
            "app: build its image (not here), create (new)",
            "db: pull its image (not here), create (new)",
            "here: create (new)"
        ]
    );
}

#[test]
fn another_value_in_the_context_replaces_and_a_lost_one_does_not() {
    let declared = ServiceDeclaration { env: vec![("URL".into(), "{db.url}".into())], ..service("web", &[]) };
    let group = group(vec![declared.clone()]);
    let request = all(&group);
    let found = container(&declared);
    let Recorded::Fingerprints { fields, .. } = found.recorded else { panic!("{found:?}") };
    let key = FingerprintKey::of_tests();
    let environment = environment_fingerprints(&group.services["web"], &|_| Some("one"), &found.instance, &key);
    let found =
        observed(vec![Container { recorded: Recorded::Fingerprints { fields, environment }, ..container(&declared) }]);
    let plan = |context| text(&reconcile(group.clone(), &request, &found, context));
    assert_eq!(plan(&|_| Some("one")), ["web: keep (already running)"]);
    assert_eq!(plan(&|_| Some("two")), ["web: replace (changed: env URL: {db.url} → {db.url} (another value))"]);
    assert_eq!(plan(&|_| None), ["web: keep (already running)"]);

    let step = reconcile(group.clone(), &request, &found, &|_| Some("one")).steps.remove(0);
    assert_eq!(recheck(step.clone(), &|_| Some("one"), &key), step);
    assert_eq!(
        recheck(step.clone(), &|_| Some("two"), &key).to_string(),
        "web: replace (changed: env URL: {db.url} → {db.url} (another value))"
    );
    let lost = FingerprintKey::new([1; FingerprintKey::LENGTH]);
    assert_eq!(recheck(step.clone(), &|_| Some("two"), &lost), step);
}
