//! The plans of `reload` and `restart`.

use super::*;
use crate::group::{BuildDeclaration, Service};
use crate::plan::{Again, AgainError, Plan, PullPolicy, reload, restart};

/// `web` depends on `app`, which depends on `db`; `mail` stands by itself, and `app` is built.
fn declared() -> Vec<ServiceDeclaration> {
    let build = Some(BuildDeclaration { directory: "app".into(), dockerfile: None });
    vec![
        service("db", &[]),
        ServiceDeclaration { build, image: "own".into(), ..service("app", &["db"]) },
        service("web", &["app"]),
        service("mail", &[]),
    ]
}

/// The group, all of it running but for what a test changes.
fn found(change: impl Fn(&mut Container)) -> Observed {
    let mut all: Vec<_> = group(declared()).services.values().map(of).collect();
    all.iter_mut().for_each(change);
    let own = Image { context: Some(Digest::of(b"a")), ..image("image-1") };
    let own = (ImageName::new("drillmaster.invalid/g/own").unwrap(), own);
    let images = [(ImageName::new("image").unwrap(), image("image-1")), own].into_iter().collect();
    Observed { images, ..observed(all) }
}

fn request(services: &[&str], dependents: bool) -> Again {
    Again { services: services.iter().map(ToString::to_string).collect(), dependents }
}

fn lines(plan: Result<Plan, AgainError>) -> Vec<String> {
    plan.unwrap().steps.iter().map(ToString::to_string).collect()
}

fn reloaded(services: &[&str], dependents: bool, found: &Observed) -> Result<Plan, AgainError> {
    reload(group(declared()), &request(services, dependents), PullPolicy::Missing, found, &|_| None)
}

fn restarted(services: &[&str], dependents: bool, found: &Observed) -> Result<Plan, AgainError> {
    restart(group(declared()), &request(services, dependents), found)
}

#[test]
fn reload_replaces_what_is_asked_for_and_leaves_its_dependencies_alone() {
    let found = found(|_| ());
    assert_eq!(lines(reloaded(&["web"], false, &found)), ["app: keep (left alone)", "web: replace (asked for)"]);
    assert_eq!(lines(reloaded(&["mail"], false, &found)), ["mail: replace (asked for)"]);
    assert_eq!(
        lines(reloaded(&["app"], false, &found)),
        ["db: keep (left alone)", "app: build its image (asked for), replace (asked for)"]
    );
}

#[test]
fn reload_restarts_dependents_in_order_if_asked() {
    assert_eq!(
        lines(reloaded(&["db"], true, &found(|_| ()))),
        ["db: replace (asked for)", "app: restart (depends on db)", "web: restart (depends on db)"]
    );
}

#[test]
fn dependents_that_do_not_run_are_left_alone() {
    let found = found(|one| {
        if one.service == "web" {
            one.state = State::Stopped { exit_code: None };
        }
    });
    assert_eq!(lines(restarted(&["db"], true, &found)), ["db: restart (asked for)", "app: restart (depends on db)"]);
}

#[test]
fn dependents_that_are_paused_or_start_again_and_again_are_restarted_too() {
    for state in [State::Paused, State::Restarting { exit_code: Some(1) }] {
        let found = found(|one| {
            if one.service == "web" {
                one.state = state;
            }
        });
        assert_eq!(lines(restarted(&["db"], true, &found)).last().unwrap(), "web: restart (depends on db)", "{state}");
    }
}

#[test]
fn what_is_dead_cannot_be_restarted_and_is_replaced() {
    let found = found(|one| one.state = State::Dead);
    assert_eq!(lines(restarted(&["mail"], false, &found)), ["mail: replace (dead)"]);
}

#[test]
fn a_dependency_that_is_not_ready_is_told_by_its_word() {
    for (state, word) in [
        (State::Paused, "paused"),
        (State::Restarting { exit_code: Some(1) }, "restarting"),
        (State::Dead, "not running"),
        (State::Unknown, "in an unknown state"),
    ] {
        let found = found(|one| {
            if one.service == "db" {
                one.state = state;
            }
        });
        assert_eq!(
            restarted(&["app"], false, &found).unwrap_err().to_string(),
            format!("`app` depends on `db`, which is {word}; `drillmaster start` starts both")
        );
    }
}

#[test]
fn reload_creates_what_was_never_started() {
    let found = observed(Vec::new());
    assert_eq!(lines(reloaded(&["mail"], false, &found)), ["mail: create (new)"]);
    let unfinished = observed(vec![Container { stage: Stage::Starting, ..container(&service("mail", &[])) }]);
    assert_eq!(
        lines(reloaded(&["mail"], false, &unfinished)),
        ["mail: create (an earlier start did not finish), removing 1 left over"]
    );
}

#[test]
fn restart_keeps_the_container_whatever_has_changed_and_whether_it_runs_or_not() {
    for state in [State::Running, State::Stopped { exit_code: None }] {
        let found = found(|one| {
            one.state = state;
            one.recorded =
                recorded(&Service { user: Some("other".to_owned()), ..group(declared()).services["mail"].clone() });
        });
        assert_eq!(lines(restarted(&["mail"], false, &found)), ["mail: restart (asked for)"]);
    }
}

#[test]
fn restart_of_several_is_in_order_of_dependency() {
    assert_eq!(
        lines(restarted(&["web", "db", "app"], false, &found(|_| ()))),
        ["db: restart (asked for)", "app: restart (asked for)", "web: restart (asked for)"]
    );
}

#[test]
fn an_unknown_service_is_refused_with_the_known_ones() {
    for plan in [reloaded(&["mail", "wbe"], false, &found(|_| ())), restarted(&["wbe"], false, &found(|_| ()))] {
        assert_eq!(plan.unwrap_err().to_string(), "there is no service `wbe`; the services are: app, db, mail, web");
    }
}

#[test]
fn what_has_no_container_cannot_be_restarted() {
    assert_eq!(
        restarted(&["mail"], false, &observed(Vec::new())).unwrap_err().to_string(),
        "`mail` has not been started: there is no container to restart; `drillmaster start` makes one"
    );
}

#[test]
fn a_dependency_that_does_not_run_is_refused_unless_it_is_asked_for_as_well() {
    let found = found(|one| {
        if one.service == "db" {
            one.state = State::Stopped { exit_code: None };
        }
    });
    for plan in [reloaded(&["app"], false, &found), restarted(&["app"], false, &found)] {
        assert_eq!(
            plan.unwrap_err().to_string(),
            "`app` depends on `db`, which is not running; `drillmaster start` starts both"
        );
    }
    assert_eq!(
        lines(restarted(&["app", "db"], false, &found)),
        ["db: restart (asked for)", "app: restart (asked for)"]
    );
}
