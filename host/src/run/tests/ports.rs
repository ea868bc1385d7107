//! Host ports: those that move from one service to another, and those that a definition leaves open.

use super::world::{Script, World, outcomes};
use crate::group::{PortDeclaration, Protocol};
use crate::plan::{Again, Request};

/// Services with the host ports that they are declared with; 0 for a free one.
fn world(services: &str, ports: &[(&str, u32)]) -> World {
    let mut world = World::new(services);
    world.publish(ports);
    world
}

impl World {
    fn publish(&mut self, ports: &[(&str, u32)]) {
        for (service, host) in ports {
            let host = Some(*host).filter(|host| *host != 0);
            self.declared(service).ports = vec![PortDeclaration { container: 80, host, protocol: Protocol::Tcp }];
        }
    }

    /// The host ports of a service's running container.
    async fn host_ports(&self, service: &str) -> Vec<u16> {
        let found = self.plan().await.steps.into_iter().find(|step| step.service.name == service).unwrap();
        found.action.found().unwrap().published.iter().map(|published| published.host).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn ports_move_to_dependencies_and_swap_and_go_round() {
    for (then, expected) in [
        ([("a", 2), ("b", 4), ("c", 3)], 2),
        ([("a", 2), ("b", 1), ("c", 3)], 2),
        ([("a", 2), ("b", 3), ("c", 1)], 3),
        ([("a", 3), ("b", 1), ("c", 2)], 3),
        ([("a", 2), ("b", 3), ("c", 4)], 3),
    ] {
        for services in ["a b:a c:b", "a b c", "a:c b:c c"] {
            let mut world = world(services, &[("a", 1), ("b", 2), ("c", 3)]);
            world.start().await;
            world.publish(&then);
            let outcome = world.start().await;
            let started = outcome.values().filter(|word| *word == "started").count();
            assert_eq!(started, expected, "{services} {then:?}: {outcome:?}");
            for (service, host) in then {
                assert_eq!(world.host_ports(service).await, [u16::try_from(host).unwrap()], "{services} {then:?}");
            }
            assert_eq!(world.engine.containers(), ["g-a*", "g-b*", "g-c*"]);
            assert!(world.plan().await.is_nothing());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_gives_way_is_prepared_and_stopped_once() {
    let mut world = world("a b", &[("a", 1), ("b", 2)]);
    world.start().await;
    world.publish(&[("a", 2), ("b", 1)]);
    world.engine.fault_at(None);
    world.start().await;
    assert_eq!((world.called("pre-stop a"), world.called("pre-stop b")), (1, 1));
    for stop in ["stop a", "stop b"] {
        assert_eq!(world.engine.calls().iter().filter(|call| *call == stop).count(), 1, "{stop}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_move_that_fails_on_the_way_converges_with_the_next_start() {
    let mut world = world("a b:a", &[("a", 1), ("b", 2)]);
    world.start().await;
    world.publish(&[("a", 2), ("b", 1)]);
    world.script("a", Script { init_fails: Some("no"), ..Script::default() });
    let outcome = world.start().await;
    assert_eq!(outcome["b"], "not started because of a");
    world.script("a", Script::default());
    assert_eq!(world.start().await, outcomes(&[("a", "started"), ("b", "started")]));
    // Also when it is given up.
    world.publish(&[("a", 1), ("b", 2)]);
    world.script("a", Script { init_fails: Some("no"), ..Script::default() });
    world.start().await;
    world.publish(&[("a", 2), ("b", 1)]);
    world.start().await;
    assert_eq!((world.host_ports("a").await, world.host_ports("b").await), (vec![2], vec![1]));
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_moment_of_a_move_is_put_right() {
    let mut at = 0;
    loop {
        let mut world = world("a b:a", &[("a", 1), ("b", 2)]);
        world.start().await;
        world.publish(&[("a", 2), ("b", 1)]);
        let crashed = world.start_until_crash(at).await;
        world.start().await;
        assert_eq!((world.host_ports("a").await, world.host_ports("b").await), (vec![2], vec![1]), "call {at}");
        if !crashed {
            break;
        }
        at += 1;
    }
    assert!(at > 15, "{at}");
}

#[tokio::test(start_paused = true)]
async fn what_a_killed_start_left_running_gives_its_port_back() {
    let mut world = world("a b:a", &[("a", 1), ("b", 2)]);
    world.script("b", Script { hangs_in: Some(crate::component::Hook::PostStartInit), ..Script::default() });
    let hanging = tokio::time::timeout(std::time::Duration::from_secs(5), world.start());
    hanging.await.unwrap_err();
    assert_eq!(world.engine.containers(), ["g-a*", "g-b.starting*"]);
    world.script("b", Script::default());
    world.publish(&[("a", 2), ("b", 1)]);
    world.start().await;
    assert_eq!((world.host_ports("a").await, world.host_ports("b").await), (vec![2], vec![1]));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_done_when_a_port_is_not_let_go() {
    let mut world = world("a b", &[("a", 1), ("b", 0)]);
    world.start().await;
    let port = world.host_ports("b").await[0];
    world.publish(&[("a", port.into())]);
    world.engine.fault_at(None);
    let refused = world.try_start().await.unwrap_err().to_string();
    assert!(refused.contains("--recreate b"), "{refused}");
    assert_eq!(world.engine.calls(), ["observe"]);
    let recreate = Request { recreate: ["b".to_owned()].into(), ..world.request() };
    assert!(world.try_start_for(recreate).await.unwrap().all_ready());
    assert_eq!(world.host_ports("a").await, [port]);
}

#[tokio::test(start_paused = true)]
async fn a_free_port_stays_as_long_as_its_container() {
    let world = world("a", &[("a", 0)]);
    world.start().await;
    let port = world.host_ports("a").await;
    world.stop(false, &[]).await;
    world.start().await;
    assert_eq!(world.host_ports("a").await, port);
    world.restart(&Again { services: vec!["a".into()], dependents: false }).await.unwrap();
    assert_eq!(world.host_ports("a").await, port);
}

#[tokio::test(start_paused = true)]
async fn a_free_port_that_is_taken_before_its_container_starts_is_another_one() {
    let mut world = world("a", &[("a", 0)]);
    world.engine.next_port(40_000, true);
    assert_eq!(world.start().await["a"], "started");
    assert_eq!(world.host_ports("a").await, [40_001]);
    assert_eq!(world.engine.containers(), ["g-a*"]);
    assert_eq!(world.initialised.lock().unwrap().len(), 1);
    // One that is declared is not another.
    world.publish(&[("a", 40_000)]);
    let failed = world.start().await.remove("a").unwrap();
    assert!(failed.starts_with("failed: host port 40000 is in use"), "{failed}");
}

#[tokio::test(start_paused = true)]
async fn free_ports_that_are_all_taken_are_an_error_in_the_end() {
    let world = world("a", &[("a", 0)]);
    for port in 40_000..40_020 {
        world.engine.next_port(port, true);
    }
    world.engine.next_port(40_000, true);
    let failed = world.start().await.remove("a").unwrap();
    assert!(failed.starts_with("failed: host port 40005 is in use"), "{failed}");
    assert_eq!(world.engine.containers(), ["g-a.starting"]);
}

#[tokio::test(start_paused = true)]
async fn a_free_port_that_somebody_took_meanwhile_is_an_error_with_the_way_out() {
    let world = world("a", &[("a", 0)]);
    world.engine.next_port(40_000, false);
    world.start().await;
    world.stop(false, &[]).await;
    world.engine.next_port(40_000, true);
    let failed = world.start().await.remove("a").unwrap();
    assert!(
        failed.starts_with("failed: host port 40000, which its container has had since it was created"),
        "{failed}"
    );
    assert!(failed.ends_with("stop that, or `drillmaster start --recreate a` gives it another one"), "{failed}");
    let recreate = Request { recreate: ["a".to_owned()].into(), ..world.request() };
    assert!(world.try_start_for(recreate).await.unwrap().all_ready());
    assert_eq!(world.host_ports("a").await, [40_001]);
}
