use super::*;
use crate::plan::{Teardown, TeardownRequest, teardown};

/// The containers of `web`, which depends on `app`, which depends on `db`.
fn chain() -> Observed {
    let group = group(vec![service("web", &["app"]), service("app", &["db"]), service("db", &[])]);
    observed(group.services.values().map(of).collect())
}

/// A teardown as text: a line for each step, then what else is done.
fn text(plan: &Teardown) -> Vec<String> {
    let mut lines: Vec<_> = plan
        .steps
        .iter()
        .map(|step| {
            let ids =
                |containers: &[Container]| containers.iter().map(|one| one.id.0.clone()).collect::<Vec<_>>().join(" ");
            format!("{}: stop {}; remove {}", step.service, ids(&step.containers), ids(&step.litter))
                .trim_end()
                .to_owned()
        })
        .collect();
    lines.extend(plan.networks.iter().map(|network| format!("remove network {}", network.name)));
    lines.extend(plan.orphans.iter().map(|service| format!("{service}: orphan")));
    lines
}

fn request() -> TeardownRequest {
    TeardownRequest::default()
}

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

#[test]
fn services_stop_after_those_that_depend_on_them() {
    let plan = teardown(&chain(), &request()).unwrap();
    assert_eq!(text(&plan), ["web: stop web-1; remove", "app: stop app-1; remove", "db: stop db-1; remove"]);
}

#[test]
fn networks_go_only_when_everything_does() {
    let all = teardown(&chain(), &TeardownRequest { remove: true, ..request() }).unwrap();
    assert!(text(&all).contains(&"remove network drillmaster-g".to_owned()));
    let some = TeardownRequest { remove: true, exclude: names(&["db"]), ..request() };
    assert!(teardown(&chain(), &some).unwrap().networks.is_empty());
}

#[test]
fn what_stays_up_keeps_what_it_needs() {
    let error = teardown(&chain(), &TeardownRequest { exclude: names(&["web"]), ..request() }).unwrap_err();
    assert!(error.to_string().contains("depends on `app`"), "{error}");
    let error = teardown(&chain(), &TeardownRequest { exclude: names(&["bd"]), ..request() }).unwrap_err();
    assert!(error.to_string().contains("the services are: app, db, web"), "{error}");
}

#[test]
fn a_service_without_a_container_can_be_excluded() {
    let declared = Some(["web", "app", "db", "mail"].map(str::to_owned).into());
    let request = TeardownRequest { declared, exclude: names(&["mail"]), ..request() };
    assert_eq!(teardown(&chain(), &request).unwrap().steps.len(), 3);
}

#[test]
fn orphans_are_left_alone_unless_asked_for() {
    let declared = Some(["app", "db"].map(str::to_owned).into());
    let left = TeardownRequest { declared, ..request() };
    assert_eq!(
        text(&teardown(&chain(), &left).unwrap()),
        ["app: stop app-1; remove", "db: stop db-1; remove", "web: orphan"]
    );
    let stopped = TeardownRequest { orphans: true, ..left };
    assert_eq!(teardown(&chain(), &stopped).unwrap().steps.len(), 3);
}

#[test]
fn what_a_replacement_left_is_removed() {
    let declared = service("db", &[]);
    let old = Container { id: ContainerId("db-0".into()), stage: Stage::Old, ..container(&declared) };
    let plan = teardown(&observed(vec![container(&declared), old]), &request()).unwrap();
    assert_eq!(text(&plan), ["db: stop db-1; remove db-0"]);
}

#[test]
fn what_is_stopped_and_what_is_removed_in_every_combination_of_stages() {
    use Stage::{Committed, Old, Starting};
    let table: &[(&[Stage], &str)] = &[
        (&[Committed], "db: stop committed; remove"),
        (&[Old], "db: stop old; remove"),
        (&[Starting], "db: stop starting; remove"),
        (&[Committed, Old], "db: stop committed; remove old"),
        (&[Committed, Starting], "db: stop committed starting; remove"),
        (&[Old, Starting], "db: stop old starting; remove"),
        (&[Committed, Old, Starting], "db: stop committed starting; remove old"),
    ];
    for (stages, told) in table {
        let found = |stage: &Stage| Container {
            id: ContainerId(format!("{stage:?}").to_lowercase()),
            stage: *stage,
            ..container(&service("db", &[]))
        };
        let mut all: Vec<_> = stages.iter().map(found).collect();
        assert_eq!(text(&teardown(&observed(all.clone()), &request()).unwrap()), [*told]);
        all.reverse();
        assert_eq!(text(&teardown(&observed(all), &request()).unwrap()), [*told], "listed the other way round");
    }
}

#[test]
fn a_stop_can_leave_out_only_what_does_not_need_what_is_stopped() {
    let stopped = |exclude: &[&str]| {
        let plan = teardown(&chain(), &TeardownRequest { exclude: names(exclude), ..request() });
        plan.map(|plan| plan.steps.into_iter().map(|step| step.service).collect::<Vec<_>>().join(" "))
            .map_err(|error| error.to_string())
    };
    let needs = |excluded: &str, needs: &str| {
        Err(format!("--exclude {excluded}: it depends on `{needs}`, which would be stopped; exclude `{needs}` as well"))
    };
    assert_eq!(stopped(&[]).unwrap(), "web app db");
    assert_eq!(stopped(&["db"]).unwrap(), "web app");
    assert_eq!(stopped(&["db", "app"]).unwrap(), "web");
    assert_eq!(stopped(&["db", "app", "web"]).unwrap(), "");
    assert_eq!(stopped(&["web"]), needs("web", "app"));
    assert_eq!(stopped(&["app"]), needs("app", "db"));
    assert_eq!(stopped(&["web", "db"]), needs("web", "app"));
}

#[test]
fn labels_that_claim_a_circle_do_not_keep_anything_up() {
    let depending = |name: &str, on: &str| Container {
        dependencies: BTreeSet::from([on.to_owned()]),
        ..container(&service(name, &[]))
    };
    let plan = teardown(&observed(vec![depending("a", "b"), depending("b", "a")]), &request()).unwrap();
    assert_eq!(plan.steps.len(), 2);
    assert_eq!(plan.dependencies.of("a").count(), 0);
}
