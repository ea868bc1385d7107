//! Host ports that move from one service to another.

use super::{container, group, observed, service};
use crate::group::{PortDeclaration, Protocol, ServiceDeclaration};
use crate::plan::{
    Again, Container, Observed, Plan, Published, PullPolicy, Request, Stage, State, reconcile, reload, restart,
};
use crate::report::{plan_json, plan_text};

/// A service with a host port; none for a free one.
fn with_port(name: &str, dependencies: &[&str], host: Option<u32>) -> ServiceDeclaration {
    let ports = vec![PortDeclaration { container: 80, host, protocol: Protocol::Tcp }];
    ServiceDeclaration { ports, ..service(name, dependencies) }
}

/// Its running container, which has this host port.
fn running(declared: &ServiceDeclaration, host: u16) -> Container {
    let published = Published { container: 80, protocol: Protocol::Tcp, address: "127.0.0.1".into(), host };
    Container { published: vec![published], ..container(declared) }
}

fn plan(services: Vec<ServiceDeclaration>, found: Vec<Container>, change: impl FnOnce(&mut Request)) -> Plan {
    let mut request = Request { selected: services.iter().map(|s| s.name.clone()).collect(), ..Request::default() };
    change(&mut request);
    reconcile(group(services), &request, &observed(found), &|_| None)
}

/// The services whose containers each step stops first.
fn stopped_first(plan: &Plan) -> Vec<(&str, Vec<&str>)> {
    let steps = plan.steps.iter();
    steps.map(|step| (step.service.name.as_str(), step.stopped_services().into_iter().collect())).collect()
}

fn held(plan: &Plan) -> Option<String> {
    plan.held_port.as_ref().map(ToString::to_string)
}

#[test]
fn who_has_a_port_and_is_replaced_later_is_stopped_first() {
    let found = vec![running(&with_port("a", &[], Some(1)), 1), running(&with_port("b", &["a"], Some(2)), 2)];
    let moved = plan(vec![with_port("a", &[], Some(2)), with_port("b", &["a"], Some(3))], found.clone(), |_| ());
    assert_eq!((stopped_first(&moved), held(&moved)), (vec![("a", vec!["b"]), ("b", vec![])], None));
    assert!(plan_text(&moved).contains("stop b first, which has its host port"), "{}", plan_text(&moved));
    assert!(plan_json(&moved).contains("\"stops_first\": [\n        \"b\"\n      ]"), "{}", plan_json(&moved));
    assert!(moved.steps[0].to_string().ends_with(", stopping b first"), "{}", moved.steps[0]);
    let swapped = plan(vec![with_port("a", &[], Some(2)), with_port("b", &["a"], Some(1))], found, |_| ());
    assert_eq!(stopped_first(&swapped), [("a", vec!["b"]), ("b", vec!["a"])]);
}

#[test]
fn nobody_is_stopped_for_a_port_that_is_another_one() {
    let udp = |host| {
        let ports = vec![PortDeclaration { container: 80, host: Some(host), protocol: Protocol::Udp }];
        ServiceDeclaration { ports, ..service("b", &[]) }
    };
    let old = udp(2);
    let published = Published { container: 80, protocol: Protocol::Udp, address: "127.0.0.1".into(), host: 2 };
    let mut b = Container { published: vec![published], ..container(&old) };
    let a = running(&with_port("a", &[], Some(1)), 1);
    let services = || vec![with_port("a", &[], Some(2)), udp(3)];
    let none = [("a", vec![]), ("b", vec![])];
    assert_eq!(stopped_first(&plan(services(), vec![a.clone(), b.clone()], |_| ())), none);
    b.published[0].protocol = Protocol::Tcp;
    b.published[0].address = "127.0.0.2".into();
    assert_eq!(stopped_first(&plan(services(), vec![a.clone(), b.clone()], |_| ())), none);
    b.published[0].address = "0.0.0.0".into();
    assert_eq!(stopped_first(&plan(services(), vec![a.clone(), b.clone()], |_| ())), [("a", vec!["b"]), ("b", vec![])]);
    b.state = State::Paused;
    assert_eq!(stopped_first(&plan(services(), vec![a.clone(), b.clone()], |_| ())), [("a", vec!["b"]), ("b", vec![])]);
    b.state = State::Stopped { exit_code: None };
    assert_eq!(stopped_first(&plan(services(), vec![a, b], |_| ())), none);
}

#[test]
fn what_a_killed_start_left_running_is_stopped_first() {
    let left = Container {
        id: crate::plan::ContainerId("b-2".into()),
        stage: Stage::Starting,
        name: "g-b.starting".into(),
        ..running(&with_port("b", &["a"], Some(1)), 1)
    };
    let fresh = plan(vec![with_port("a", &[], Some(1)), with_port("b", &["a"], Some(2))], vec![left], |_| ());
    assert_eq!((stopped_first(&fresh), held(&fresh)), (vec![("a", vec!["b"]), ("b", vec![])], None));
}

#[test]
fn a_port_of_who_goes_on_is_refused_with_the_way_out() {
    let b = || running(&with_port("b", &[], Some(2)), 2);
    let orphan = held(&plan(vec![with_port("a", &[], Some(2))], vec![b()], |_| ())).unwrap();
    assert!(orphan.starts_with("`a` is to get host port 2, which the running container of `b` has"), "{orphan}");
    assert!(orphan.ends_with("`drillmaster stop --orphans` stops it"), "{orphan}");

    let services = || vec![with_port("a", &[], Some(2)), with_port("b", &[], Some(3))];
    let excluded = plan(services(), vec![b()], |request| {
        request.selected.remove("b");
    });
    assert!(held(&excluded).unwrap().contains("`drillmaster start` without excluding it"));

    let free = || with_port("b", &[], None);
    let got = || running(&free(), 2);
    let kept = plan(vec![with_port("a", &[], Some(2)), free()], vec![got()], |_| ());
    assert!(held(&kept).unwrap().ends_with("`drillmaster start --recreate b` gives it another one"));
    let again = plan(vec![with_port("a", &[], Some(2)), free()], vec![got()], |request| {
        request.recreate.insert("b".into());
    });
    assert_eq!((held(&again), stopped_first(&again)), (None, vec![("a", vec!["b"]), ("b", vec![])]));
}

#[test]
fn reload_and_restart_refuse_what_only_start_can_do() {
    let found = || {
        let stopped =
            Container { state: State::Stopped { exit_code: None }, ..container(&with_port("a", &[], Some(1))) };
        observed(vec![stopped, running(&with_port("b", &[], Some(2)), 2)])
    };
    let services = || vec![with_port("a", &[], Some(2)), with_port("b", &[], Some(3))];
    let request = Again { services: vec!["a".into()], dependents: false };
    let observed: Observed = found();
    let reloaded = reload(group(services()), &request, PullPolicy::Missing, &observed, &|_| None).unwrap();
    assert!(held(&reloaded).unwrap().contains("`drillmaster start`"));
    let restarted = restart(group(services()), &request, &observed).unwrap();
    assert!(held(&restarted).unwrap().contains("`drillmaster start`"));
    let both = Again { services: vec!["a".into(), "b".into()], dependents: false };
    let reloaded = reload(group(services()), &both, PullPolicy::Missing, &observed, &|_| None).unwrap();
    assert_eq!((held(&reloaded), stopped_first(&reloaded)), (None, vec![("a", vec!["b"]), ("b", vec![])]));
}
