//! What is found, in every combination: leftovers, images, networks.

use super::*;
use crate::group::{BuildDeclaration, SelectError, to_start};
use crate::plan::{ImageAction, ImageReason, Plan, PullPolicy, Request, recheck_image, reconcile};

/// A plan for one group with a request that a test changes.
fn plan(services: Vec<ServiceDeclaration>, observed: &Observed, change: impl FnOnce(&mut Request)) -> Plan {
    let group = group(services);
    let mut request = Request { selected: to_start(&group.dependencies(), &[]).unwrap(), ..Request::default() };
    change(&mut request);
    reconcile(group, &request, observed, &|_| None)
}

/// The plan's line for `db`, and the containers that it removes first.
fn line(services: Vec<ServiceDeclaration>, observed: &Observed, change: impl FnOnce(&mut Request)) -> String {
    let plan = plan(services, observed, change);
    let step = plan.steps.iter().find(|step| step.service.name == "db").unwrap();
    let removed: Vec<_> = step.litter.iter().map(|container| container.id.0.as_str()).collect();
    format!("{step} [{}]", removed.join(" "))
}

const STOPPED: State = State::Stopped { exit_code: None };

/// Containers of `db`, named after their stage and what runs of them.
fn stages(all: &[(Stage, State)]) -> Observed {
    let declared = service("db", &[]);
    let found = |(stage, state): &(Stage, State)| Container {
        id: ContainerId(format!("{stage:?}").to_lowercase()),
        stage: *stage,
        state: *state,
        ..container(&declared)
    };
    observed(all.iter().map(found).collect())
}

#[test]
fn leftovers_in_every_combination_of_stages() {
    use Stage::{Committed, Old, Starting};
    use State::Running;
    let table: &[(&[(Stage, State)], &str)] = &[
        (&[], "db: create (new) []"),
        (&[(Committed, Running)], "db: keep (already running) []"),
        (&[(Committed, STOPPED)], "db: start again (stopped) []"),
        (&[(Old, Running)], "db: start again (an earlier start did not finish) []"),
        (&[(Old, STOPPED)], "db: start again (stopped) []"),
        (&[(Starting, Running)], "db: create (an earlier start did not finish), removing 1 left over [starting]"),
        (&[(Starting, STOPPED)], "db: create (an earlier start did not finish), removing 1 left over [starting]"),
        (&[(Committed, Running), (Old, STOPPED)], "db: keep (already running), removing 1 left over [old]"),
        (&[(Committed, STOPPED), (Old, Running)], "db: start again (stopped), removing 1 left over [old]"),
        (&[(Committed, Running), (Starting, Running)], "db: keep (already running), removing 1 left over [starting]"),
        (&[(Committed, STOPPED), (Starting, STOPPED)], "db: start again (stopped), removing 1 left over [starting]"),
        (
            &[(Old, Running), (Starting, Running)],
            "db: start again (an earlier start did not finish), removing 1 left over [starting]",
        ),
        (&[(Old, STOPPED), (Starting, Running)], "db: start again (stopped), removing 1 left over [starting]"),
        (
            &[(Committed, Running), (Old, STOPPED), (Starting, Running)],
            "db: keep (already running), removing 2 left over [old starting]",
        ),
        (
            &[(Committed, STOPPED), (Old, STOPPED), (Starting, STOPPED)],
            "db: start again (stopped), removing 2 left over [old starting]",
        ),
    ];
    for (found, told) in table {
        assert_eq!(line(vec![service("db", &[])], &stages(found), |_| ()), *told, "{found:?}");
        let mut reversed = stages(found);
        reversed.containers.reverse();
        assert_eq!(line(vec![service("db", &[])], &reversed, |_| ()), *told, "{found:?}, listed the other way round");
    }
}

#[test]
fn of_two_committed_containers_the_newer_one_counts_whichever_is_listed_first() {
    let declared = service("db", &[]);
    let newer = Container { id: ContainerId("newer".into()), created: 2, ..container(&declared) };
    let older = Container { id: ContainerId("older".into()), created: 1, ..container(&declared) };
    for found in [vec![newer.clone(), older.clone()], vec![older, newer]] {
        assert_eq!(
            line(vec![declared.clone()], &observed(found), |_| ()),
            "db: keep (already running), removing 1 left over [older]"
        );
    }
}

#[test]
fn the_values_that_count_are_those_of_the_containers_that_do() {
    let declared = service("db", &[]);
    let of = |instance: &str, stage| Container {
        id: ContainerId(instance.to_owned()),
        instance: instance.to_owned(),
        stage,
        ..container(&declared)
    };
    let found =
        |all: &[Container]| observed(all.to_vec()).instances().into_iter().map(str::to_owned).collect::<Vec<_>>();
    let (committed, old) = (of("committed", Stage::Committed), of("old", Stage::Old));
    let starting = of("starting", Stage::Starting);
    assert_eq!(found(&[committed, old.clone(), starting.clone()]), ["committed"]);
    assert_eq!(found(&[old, starting.clone()]), ["old"]);
    assert!(found(&[starting]).is_empty());
}

#[test]
fn recreate_replaces_what_runs_as_declared_and_says_that_it_was_asked_for() {
    let found = observed(vec![container(&service("db", &[])), container(&service("web", &[]))]);
    let services = vec![service("db", &[]), service("web", &[])];
    let plan = plan(services, &found, |request| request.recreate = ["db".to_owned()].into());
    let lines: Vec<_> = plan.steps.iter().map(ToString::to_string).collect();
    assert_eq!(lines, ["db: replace (asked for)", "web: keep (already running)"]);
}

#[test]
fn an_image_is_got_as_the_pull_policy_says() {
    let absent = Observed { images: Images::default(), ..observed(vec![]) };
    let running = observed(vec![container(&service("db", &[]))]);
    let stopped = Observed {
        images: Images::default(),
        ..observed(vec![Container { state: STOPPED, ..container(&service("db", &[])) }])
    };
    let table = [
        (&absent, PullPolicy::Missing, "db: pull its image (not here), create (new) []"),
        (&absent, PullPolicy::Always, "db: pull its image (asked for), create (new) []"),
        (&absent, PullPolicy::Never, "db: fail, because its image is not here and must not be pulled, create (new) []"),
        (&running, PullPolicy::Missing, "db: keep (already running) []"),
        (&running, PullPolicy::Always, "db: pull its image (asked for), keep (already running) []"),
        (&running, PullPolicy::Never, "db: keep (already running) []"),
        // A container keeps its image although the image has lost its name.
        (&stopped, PullPolicy::Missing, "db: start again (stopped) []"),
        (&stopped, PullPolicy::Never, "db: start again (stopped) []"),
    ];
    for (found, policy, told) in table {
        let line = line(vec![service("db", &[])], found, |request| request.pull = policy);
        assert_eq!(line, told, "{policy:?}");
    }
}

#[test]
fn another_image_that_was_pulled_meanwhile_replaces_what_would_stay() {
    let plan = plan(vec![service("db", &[])], &observed(vec![container(&service("db", &[]))]), |_| ());
    let step = plan.steps[0].clone();
    assert_eq!(recheck_image(step.clone(), &ImageId("image-1".into())), step);
    assert_eq!(
        recheck_image(step, &ImageId("sha256:0123456789abcdef".into())).to_string(),
        "db: replace (changed: image: image (image-1) → image (0123456789ab))"
    );
}

/// A service `db` that is built, and what is found of it when its image was built from some content.
fn built(from: Option<&str>) -> (ServiceDeclaration, Observed) {
    let declared = ServiceDeclaration {
        image: "mine".into(),
        build: Some(BuildDeclaration { directory: "app".into(), dockerfile: None }),
        ..service("db", &[])
    };
    let mut found = observed(vec![container(&declared)]);
    let context = from.map(|content| Digest::of(content.as_bytes()));
    let image = Image { context, ..image("image-1") };
    found.images = [(ImageName::new("drillmaster.invalid/g/mine").unwrap(), image)].into_iter().collect();
    (declared, found)
}

#[test]
fn an_image_is_built_again_when_what_it_is_built_from_changed() {
    let with = |content: &'static str| {
        move |request: &mut Request| {
            request.contexts = [("db".to_owned(), Digest::of(content.as_bytes()))].into();
        }
    };
    let (declared, found) = built(Some("a"));
    assert_eq!(line(vec![declared.clone()], &found, with("a")), "db: keep (already running) []");
    assert_eq!(
        line(vec![declared.clone()], &found, with("b")),
        "db: build its image (its build context changed), replace (changed: build context: ca978112ca1b → \
         3e23e8160039) []"
    );
    // Without a look at the directory nothing is known.
    assert_eq!(line(vec![declared], &found, |_| ()), "db: keep (already running) []");
}

#[test]
fn an_image_that_was_not_built_for_the_group_is_not_used_where_the_group_builds() {
    let contexts = |request: &mut Request| request.contexts = [("db".to_owned(), Digest::of(b"a"))].into();
    // Somebody gave it the name of the group's.
    let (declared, found) = built(None);
    let absent = Observed { containers: Vec::new(), ..found };
    assert_eq!(line(vec![declared.clone()], &absent, contexts), "db: build its image (not here), create (new) []");
    // Somebody else has an image of the declared name.
    let (_, found) = built(Some("a"));
    let other = images(&[("mine", "image-1")]);
    let absent = Observed { containers: Vec::new(), images: other, ..found };
    assert_eq!(line(vec![declared.clone()], &absent, contexts), "db: build its image (not here), create (new) []");
    // Another service of the group uses the group's too.
    let (_, found) = built(Some("a"));
    let user = ServiceDeclaration { image: "mine:latest".into(), ..service("web", &[]) };
    let plan = plan(vec![declared, user], &found, contexts);
    let expected = Image { context: Some(Digest::of(b"a")), ..image("image-1") };
    for step in &plan.steps {
        assert_eq!(step.image, ImageAction::Use(expected.clone()), "{}", step.service.name);
    }
}

#[test]
fn the_names_that_new_containers_get_are_known_beforehand() {
    use Stage::{Committed, Old, Starting};
    use State::Running;
    let names = |found: &[(Stage, State)], recreate: bool| {
        let recreate = move |request: &mut Request| {
            request.recreate.extend(recreate.then(|| "db".to_owned()));
        };
        let plan = plan(vec![service("db", &[])], &stages(found), recreate);
        plan.needed_names().into_iter().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(&[], false), "g-db g-db.starting");
    assert_eq!(names(&[(Starting, Running)], false), "g-db g-db.starting");
    assert_eq!(names(&[(Committed, Running)], false), "");
    assert_eq!(names(&[(Committed, STOPPED)], false), "");
    assert_eq!(names(&[(Old, STOPPED)], false), "g-db");
    assert_eq!(names(&[(Committed, Running)], true), "g-db g-db.old g-db.starting");
    assert_eq!(names(&[(Old, Running)], true), "g-db g-db.starting");
}

#[test]
fn a_build_whose_image_is_not_there_is_built_whatever_the_pull_policy() {
    let (declared, found) = built(None);
    let found = Observed { images: Images::default(), containers: Vec::new(), ..found };
    for pull in [PullPolicy::Always, PullPolicy::Missing, PullPolicy::Never] {
        let plan = plan(vec![declared.clone()], &found, |request| request.pull = pull);
        assert_eq!(plan.steps[0].image, ImageAction::Build(ImageReason::Absent), "{pull:?}");
    }
}

#[test]
fn orphans_are_named_once_each_and_left_alone() {
    let gone = |id: &str, name: &str| Container { id: ContainerId(id.into()), ..container(&service(name, &[])) };
    let found = observed(vec![gone("1", "zoo"), gone("2", "ape"), gone("3", "ape"), container(&service("db", &[]))]);
    let plan = plan(vec![service("db", &[])], &found, |_| ());
    assert_eq!(plan.orphans, ["ape", "zoo"]);
    assert_eq!(plan.steps.len(), 1);
    assert!(plan.is_nothing());
}

#[test]
fn a_start_can_leave_out_only_what_it_does_not_need() {
    let graph = group(vec![service("db", &[]), service("app", &["db"]), service("web", &["app"])]).dependencies();
    let select = |exclude: &[&str]| {
        let exclude: Vec<_> = exclude.iter().map(ToString::to_string).collect();
        to_start(&graph, &exclude).map(|all| all.into_iter().collect::<Vec<_>>().join(" "))
    };
    let needed = |excluded: &str, needed_by: &str| {
        Err(SelectError::NeededByStarted { excluded: excluded.to_owned(), needed_by: needed_by.to_owned() })
    };
    assert_eq!(select(&[]).unwrap(), "app db web");
    assert_eq!(select(&["web"]).unwrap(), "app db");
    assert_eq!(select(&["web", "app"]).unwrap(), "db");
    assert_eq!(select(&["web", "app", "db"]).unwrap(), "");
    assert_eq!(select(&["app"]), needed("app", "web"));
    assert_eq!(select(&["db"]), needed("db", "app"));
    assert_eq!(select(&["web", "db"]), needed("db", "app"));
}

#[test]
fn of_two_networks_of_one_name_no_third_is_made_and_the_newer_one_goes_and_a_teardown_removes_both() {
    let mut found = observed(vec![container(&service("db", &[]))]);
    found.networks.push(Network {
        id: NetworkId("network-2".to_owned()),
        name: "drillmaster-g".to_owned(),
        owner: None,
    });
    let plan = plan(vec![service("db", &[]), service("web", &[])], &found, |_| ());
    assert_eq!(plan.needed_networks(), ["drillmaster-g"]);
    assert_eq!(plan.spare_networks().map(|network| network.id.0.as_str()).collect::<Vec<_>>(), ["network-2"]);
    let text = crate::report::plan_text(&plan);
    assert!(
        text.contains("network drillmaster-g: remove the newer one of two\n") && !text.contains("create\n"),
        "{text}"
    );
    let request = crate::plan::TeardownRequest { remove: true, ..crate::plan::TeardownRequest::default() };
    let removed = crate::plan::teardown(&found, &request).unwrap().networks;
    assert_eq!(removed.iter().map(|network| network.id.0.as_str()).collect::<Vec<_>>(), ["network-1", "network-2"]);
}

#[test]
fn networks_that_are_not_there_are_created() {
    let further = ServiceDeclaration { networks: vec!["back".into()], ..service("db", &[]) };
    let mut found = observed(vec![]);
    assert!(
        crate::report::plan_text(&plan(vec![further.clone()], &found, |_| ()))
            .contains("network drillmaster-g-back: create")
    );
    found.networks.clear();
    assert_eq!(plan(vec![further], &found, |_| ()).needed_networks(), ["drillmaster-g", "drillmaster-g-back"]);
}
