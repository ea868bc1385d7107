//! Where hooks reach the containers, also when the engine does something by itself.

use std::sync::Arc;

use super::world::World;
use crate::component::Containers as _;
use crate::engine::Engine;
use crate::group::{PortDeclaration, Protocol};
use crate::run::reach::Reach;

/// A running `app`, which publishes 8080 on a free port, and what reaches it.
async fn reached() -> (World, Reach) {
    let mut world = World::new("app");
    world.declared("app").ports = vec![PortDeclaration { container: 8080, host: None, protocol: Protocol::Tcp }];
    world.start().await;
    let reach = Reach::new(Arc::clone(&world.engine) as Arc<dyn Engine>);
    reach.put("app", world.engine.id_of("g-app").unwrap());
    (world, reach)
}

async fn host_ports(reach: &Reach) -> Result<Vec<u16>, String> {
    Ok(reach.ports("app").await?.iter().map(|port| port.host).collect())
}

#[tokio::test(start_paused = true)]
async fn a_container_that_the_engine_started_again_is_reached_at_its_new_port_only() {
    let (world, reach) = reached().await;
    assert_eq!(host_ports(&reach).await, Ok(vec![32_768]));
    world.engine.restart("app", 40_001);
    assert_eq!(host_ports(&reach).await, Ok(vec![40_001]));
}

#[tokio::test(start_paused = true)]
async fn a_container_that_does_not_run_has_no_port() {
    let (world, reach) = reached().await;
    world.stop(false, &[]).await;
    assert_eq!(host_ports(&reach).await, Err("the container of service `app` does not run".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_container_on_another_machine_has_no_port_on_this_one() {
    let (world, reach) = reached().await;
    world.engine.is_elsewhere();
    let error = host_ports(&reach).await.unwrap_err();
    assert!(error.starts_with("the engine does not run service `app` on this machine"), "{error}");
    assert_eq!(reach.is_running("app").await, Ok(true));
}
