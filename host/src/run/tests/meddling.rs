//! What others do to containers and networks while a start runs, or between two.

use std::time::Duration;

use super::world::{Script, World, outcomes};
use crate::engine::Engine as _;
use crate::group::GroupName;

#[tokio::test(start_paused = true)]
async fn a_network_that_was_removed_is_made_again_and_the_containers_join_it() {
    let world = World::new("db web:db");
    world.start().await;
    world.stop(false, &[]).await;
    for network in world.engine.observe(&GroupName::new("g").unwrap()).await.unwrap().networks {
        world.engine.remove_network(&network.id).await.unwrap();
    }
    let ids = ["g-db", "g-web"].map(|name| world.engine.id_of(name));
    assert_eq!(world.start().await, outcomes(&[("db", "started"), ("web", "started")]));
    assert_eq!(["g-db", "g-web"].map(|name| world.engine.id_of(name)), ids);
    assert_eq!(world.engine.networks(), ["drillmaster-g"]);
    assert_eq!(world.called("post-start-init db"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_old_container_that_is_removed_while_it_is_replaced_is_not_missed() {
    let mut world = World::new("db");
    world.start().await;
    let old = world.engine.id_of("g-db").unwrap();
    world.declared("db").env = vec![("MODE".into(), "new".into())];
    world.script("db", Script { ready_after: Duration::from_secs(5), ..Script::default() });
    let (engine, gone) = (world.engine.clone(), old.clone());
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(2)).await;
        engine.remove(&gone).await.unwrap();
    });
    assert_eq!(world.start().await, outcomes(&[("db", "started")]));
    assert_eq!(world.engine.containers(), ["g-db*"]);
    assert_ne!(world.engine.id_of("g-db"), Some(old));
}
