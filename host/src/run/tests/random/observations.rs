//! Whatever may stand in the engine when a command begins: containers at any stage, running or not, of the declared
//! fields or others, more of them than there should be, of services that are not declared, without their networks or
//! images.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;

use super::group::{Case, case};
use super::prepared::engine_with_another_group;
use crate::engine::NewContainer;
use crate::group::{Digest, Fingerprints, ServiceDeclaration};
use crate::plan::{ImageId, environment_fingerprints};
use crate::run::tests::world::World;

/// A group, and what stands.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) case: Case,
    containers: Vec<Stray>,
    network: bool,
    twin_network: bool,
    own_image: bool,
    /// The services that are left out, as bits.
    excluded: u8,
}

/// A container that stands.
#[derive(Debug, Clone)]
struct Stray {
    service: usize,
    /// What its name ends with; a person may have given it any.
    suffix: &'static str,
    runs: bool,
    fields: Fields,
    old_image: bool,
    other_values: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fields {
    Declared,
    Others,
    Orphan,
}

pub(super) fn found() -> impl Strategy<Value = Found> {
    let strays = prop::collection::vec(stray(), 0..10);
    let seldom = || prop::bool::weighted(0.2);
    (case(), strays, prop::bool::weighted(0.8), seldom(), any::<bool>(), prop_oneof![Just(0), 0_u8..64]).prop_map(
        |(case, containers, network, twin_network, own_image, excluded)| Found {
            case,
            containers,
            network,
            twin_network,
            own_image,
            excluded,
        },
    )
}

fn stray() -> impl Strategy<Value = Stray> {
    let suffix = prop_oneof![
        4 => Just(""), 2 => Just(".starting"), 2 => Just(".old"), 1 => Just("-renamed"), 1 => Just("-2.starting")
    ];
    let fields = prop_oneof![4 => Just(Fields::Declared), 2 => Just(Fields::Others), 1 => Just(Fields::Orphan)];
    let seldom = || prop::bool::weighted(0.2);
    (any::<usize>(), suffix, any::<bool>(), fields, seldom(), seldom()).prop_map(
        |(service, suffix, runs, fields, old_image, other_values)| Stray {
            service,
            suffix,
            runs,
            fields,
            old_image,
            other_values,
        },
    )
}

impl Found {
    /// The services to leave out.
    pub(super) fn excluded(&self) -> Vec<String> {
        let declared = self.case.declared().into_iter().enumerate();
        declared.filter(|(bit, _)| self.excluded & (1 << bit) != 0).map(|(_, service)| service.name).collect()
    }

    /// An engine in which all this stands beside the other group.
    pub(super) async fn world(&self) -> World {
        let declared = self.case.declared();
        let engine = engine_with_another_group(&declared).await;
        let world = World::on(Arc::clone(&engine), "g", declared);
        for (service, script) in self.case.scripts() {
            world.script(service, script);
        }
        if self.own_image {
            engine.add_image("own", "own-1");
        }
        for _ in 0..usize::from(self.network) + usize::from(self.twin_network) {
            engine.put_network(&world.name, &world.name.network());
        }
        let mut names = BTreeSet::new();
        for (index, stray) in self.containers.iter().enumerate() {
            if let Some(container) = self.container(&world, stray, index)
                && names.insert(container.name.clone())
            {
                let runs = stray.runs && (self.network || self.twin_network);
                engine.put(container, runs);
            }
        }
        world
    }

    /// A container, whose hook has left its value; none if the group has no service.
    fn container(&self, world: &World, stray: &Stray, index: usize) -> Option<NewContainer> {
        let orphan = ServiceDeclaration { name: "gone".into(), image: "image".into(), ..ServiceDeclaration::default() };
        let all = world.group().services;
        let mut service = match stray.fields {
            Fields::Orphan => {
                World::on(Arc::clone(&world.engine), "g", vec![orphan]).group().services.remove("gone")?
            }
            _ => all.values().nth(stray.service % all.len().max(1))?.clone(),
        };
        if stray.fields == Fields::Others {
            service.user = Some("nobody".to_owned());
        }
        let instance = format!("{}-{index}", service.name);
        if let Some(key) = self.case.key_of(&service.name) {
            world.context().set(key, &instance, &instance).unwrap();
        }
        let values = world.context().values();
        let value = |key: &str| if stray.other_values { Some("other") } else { values.get(key).map(String::as_str) };
        let env = service.env.iter().filter_map(|(name, text)| Some((name.clone(), text.fill(value).ok()?))).collect();
        // The image of a name that has moved on, or of one that is gone.
        let here = world.engine.image(&world.group().image_of(&service)).filter(|_| !stray.old_image);
        Some(NewContainer {
            group: world.name.clone(),
            owner: world.claim.owner().clone(),
            image: here.unwrap_or_else(|| ImageId("old".to_owned())),
            emptied_labels: BTreeSet::new(),
            name: format!("{}{}", world.name.container(&service.name), stray.suffix),
            fingerprints: Fingerprints::of_fields(&service, &instance, &world.key),
            environment: environment_fingerprints(&service, &value, &instance, &world.key),
            instance,
            service,
            env,
            definition: Digest::of(b"definition"),
            networks: Vec::new(),
            own_volumes: BTreeMap::new(),
        })
    }
}
