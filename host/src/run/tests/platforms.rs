//! Images that are there for another platform than a service declares.

use super::world::{World, outcomes};
use crate::group::BuildDeclaration;
use crate::plan::{ImageAction, ImageReason, PullPolicy, Request};

const ARM: &str = "linux/arm64";
const INTEL: &str = "linux/amd64";

/// Services of one image, which is there for amd64 and has all platforms in the registry, and the platform of each.
fn world(services: &[(&str, &str)]) -> World {
    let names: Vec<_> = services.iter().map(|(name, _)| *name).collect();
    let mut world = World::new(&names.join(" "));
    world.engine.is_for("image-1", INTEL);
    world.engine.publish_image("image", "published");
    for (name, platform) in services {
        world.declared(name).platform = Some((*platform).to_owned()).filter(|platform| !platform.is_empty());
    }
    world
}

fn pulls(world: &World) -> Vec<String> {
    world.engine.calls().into_iter().filter(|call| call.starts_with("pull ")).collect()
}

#[tokio::test(start_paused = true)]
async fn an_image_for_another_platform_is_pulled() {
    let world = world(&[("a", ARM)]);
    let plan = world.plan().await;
    assert_eq!(plan.steps[0].image, ImageAction::Pull(ImageReason::Absent));
    let never = Request { pull: PullPolicy::Never, ..world.request() };
    assert_eq!(world.plan_for(never).await.unwrap().steps[0].image, ImageAction::Refuse);
    world.engine.fault_at(None);
    assert_eq!(world.start().await, outcomes(&[("a", "started")]));
    assert_eq!(pulls(&world), ["pull image for linux/arm64"]);
    assert!(world.plan().await.is_nothing());
}

#[tokio::test(start_paused = true)]
async fn an_image_for_the_platform_is_used_and_services_that_declare_none_ask_nothing() {
    let world = world(&[("a", INTEL), ("b", "")]);
    world.engine.fault_at(None);
    assert_eq!(world.start().await, outcomes(&[("a", "started"), ("b", "started")]));
    assert_eq!(pulls(&world), [""; 0]);
    let asked = |call: &&String| call.starts_with("platform of");
    assert_eq!(world.engine.calls().iter().filter(asked).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn services_of_one_image_and_several_platforms_get_each_their_own() {
    let world = world(&[("a", ARM), ("b", INTEL), ("c", "linux/riscv64")]);
    world.engine.fault_at(None);
    assert_eq!(world.start().await, outcomes(&[("a", "started"), ("b", "started"), ("c", "started")]));
    assert_eq!(pulls(&world).len(), 2, "{:?}", pulls(&world));
    // What has the name by now is for one of them alone.
    assert!(world.plan().await.is_nothing());
    world.stop(false, &[]).await;
    assert_eq!(world.start().await, outcomes(&[("a", "started"), ("b", "started"), ("c", "started")]));
    assert_eq!(pulls(&world).len(), 2, "{:?}", pulls(&world));
}

#[tokio::test(start_paused = true)]
async fn an_image_that_was_built_for_another_platform_is_built_again() {
    let mut world = World::new("a");
    world.declared("a").build = Some(BuildDeclaration { directory: "a".into(), dockerfile: None });
    world.start().await;
    let built = world.engine.image(&world.group().image_of(&world.group().services["a"])).unwrap();
    world.engine.is_for(&built.0, INTEL);
    world.declared("a").platform = Some(ARM.into());
    assert_eq!(world.plan().await.steps[0].image, ImageAction::Build(ImageReason::Absent));
    assert_eq!(world.start().await, outcomes(&[("a", "started")]));
}
