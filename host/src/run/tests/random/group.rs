//! Random groups, and what happened to each service before.

use proptest::prelude::*;

use crate::group::{BuildDeclaration, MountDeclaration, ServiceDeclaration};
use crate::run::tests::world::Script;

/// The names of the services, in the order in which they can depend on each other; it is no alphabetical one.
const NAMES: [&str; 6] = ["mail", "db", "web", "app", "cache", "api"];

/// The keys that their hooks set.
const KEYS: [&str; 6] = ["mail.url", "db.url", "web.url", "app.url", "cache.url", "api.url"];

/// The directory that images are built from.
pub(super) const DIRECTORY: &str = "/project/app";

/// A group, what happened to it before, and what a command is about.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) services: Vec<Drawn>,
    /// Since then the shared image has become another one.
    pub(super) another_image: bool,
    /// Since then something was written to the directory that images are built from.
    pub(super) another_context: bool,
    /// The services that `reload` and `restart` are about, as bits.
    pub(super) picked: u8,
    /// With what depends on them.
    pub(super) dependents: bool,
    /// Chooses where a second thing goes wrong.
    pub(super) dice: usize,
}

/// One service.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is drawn by itself")]
pub(super) struct Drawn {
    /// Those of the services before it that it depends on, as bits.
    depends_on: u8,
    image: DrawnImage,
    leaves: Leaves,
    /// Whether the values that its dependencies leave are in its environment.
    takes: bool,
    volume: bool,
    network: bool,
    always_start_new: bool,
    slow: bool,
    pub(super) before: Before,
}

/// What a service's container is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DrawnImage {
    Shared,
    Own,
    Built,
}

/// What `post-start-init` leaves in the context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaves {
    Nothing,
    /// The same value for each container.
    Same,
    /// Another value for each container.
    Another,
}

/// What stood there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    Nothing,
    /// A container as declared.
    Container {
        runs: bool,
    },
    /// A container of other fields.
    Changed {
        runs: bool,
    },
    /// A container, and the service is not declared any more.
    Orphan,
}

pub(super) fn case() -> impl Strategy<Value = Case> {
    let services = prop::collection::vec(drawn(), 1..=NAMES.len());
    (services, any::<bool>(), any::<bool>(), 1_u8..64, any::<bool>(), any::<usize>()).prop_map(
        |(mut services, another_image, another_context, picked, dependents, dice)| {
            // A group without any service is refused.
            if services[0].before == Before::Orphan {
                services[0].before = Before::Nothing;
            }
            Case { services, another_image, another_context, picked, dependents, dice }
        },
    )
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let image = prop_oneof![3 => Just(DrawnImage::Shared), 1 => Just(DrawnImage::Own), 1 => Just(DrawnImage::Built)];
    let leaves = prop_oneof![1 => Just(Leaves::Nothing), 1 => Just(Leaves::Same), 1 => Just(Leaves::Another)];
    let before = prop_oneof![
        2 => Just(Before::Nothing),
        6 => any::<bool>().prop_map(|runs| Before::Container { runs }),
        4 => any::<bool>().prop_map(|runs| Before::Changed { runs }),
        1 => Just(Before::Orphan),
    ];
    let often = || prop::bool::weighted(0.7);
    let seldom = || prop::bool::weighted(0.2);
    (0_u8..64, image, leaves, often(), seldom(), seldom(), seldom(), seldom(), before).prop_map(
        |(depends_on, image, leaves, takes, volume, network, always_start_new, slow, before)| Drawn {
            depends_on,
            image,
            leaves,
            takes,
            volume,
            network,
            always_start_new,
            slow,
            before,
        },
    )
}

impl Case {
    /// The services as they are declared now.
    pub(super) fn declared(&self) -> Vec<ServiceDeclaration> {
        self.declare(|before| before != Before::Orphan, |_| false)
    }

    /// The services as they were declared before.
    pub(super) fn declared_before(&self) -> Vec<ServiceDeclaration> {
        self.declare(|before| before != Before::Nothing, |before| matches!(before, Before::Changed { .. }))
    }

    /// The services of which something is true, with a changed field where something else is.
    fn declare(&self, is: impl Fn(Before) -> bool, changed: impl Fn(Before) -> bool) -> Vec<ServiceDeclaration> {
        let there: Vec<_> = self.services.iter().enumerate().filter(|(_, drawn)| is(drawn.before)).collect();
        let declare = |(index, drawn): &(usize, &Drawn)| {
            let needed: Vec<_> =
                there.iter().filter(|(other, _)| other < index && drawn.depends_on & (1 << other) != 0).collect();
            let (image, build) = match drawn.image {
                DrawnImage::Shared => ("image", None),
                DrawnImage::Own => ("own", None),
                DrawnImage::Built => {
                    ("built", Some(BuildDeclaration { directory: "app".to_owned(), dockerfile: None }))
                }
            };
            let taken = needed.iter().filter(|(_, other)| drawn.takes && other.leaves != Leaves::Nothing);
            let mut env: Vec<_> = taken
                .map(|(other, _)| (format!("{}_URL", NAMES[*other].to_uppercase()), format!("{{{}}}", KEYS[*other])))
                .collect();
            env.push(("MODE".to_owned(), if changed(drawn.before) { "old" } else { "new" }.to_owned()));
            let data =
                MountDeclaration { source: NAMES[*index].to_owned(), target: "/data".to_owned(), read_only: false };
            ServiceDeclaration {
                name: NAMES[*index].to_owned(),
                image: image.to_owned(),
                build,
                env,
                dependencies: needed.iter().map(|(other, _)| NAMES[*other].to_owned()).collect(),
                always_start_new: drawn.always_start_new,
                volumes: drawn.volume.then_some(data).into_iter().collect(),
                networks: drawn.network.then(|| "back".to_owned()).into_iter().collect(),
                ..ServiceDeclaration::default()
            }
        };
        there.iter().map(declare).collect()
    }

    /// What each service's hooks do.
    pub(super) fn scripts(&self) -> impl Iterator<Item = (&'static str, Script)> {
        self.services.iter().enumerate().map(|(index, drawn)| {
            let script = Script {
                ready_after: std::time::Duration::from_millis(if drawn.slow { 250 } else { 0 }),
                sets: (drawn.leaves == Leaves::Same).then_some((KEYS[index], "the same")),
                sets_instance: (drawn.leaves == Leaves::Another).then_some(KEYS[index]),
                ..Script::default()
            };
            (NAMES[index], script)
        })
    }

    /// The key that the hook of a service sets, if it does.
    pub(super) fn key_of(&self, service: &str) -> Option<&'static str> {
        let index = NAMES.iter().position(|name| *name == service)?;
        (self.services[index].leaves != Leaves::Nothing).then_some(KEYS[index])
    }

    /// What happened to a service before.
    pub(super) fn before(&self, service: &str) -> Before {
        let index = NAMES.iter().position(|name| *name == service).unwrap();
        self.services[index].before
    }

    /// The declared services that are picked; all if none is.
    pub(super) fn picked(&self) -> Vec<String> {
        let bit = |name: &str| 1 << NAMES.iter().position(|known| *known == name).unwrap();
        let declared: Vec<String> = self.declared().into_iter().map(|service| service.name).collect();
        let picked: Vec<_> = declared.iter().filter(|name| self.picked & bit(name) != 0).cloned().collect();
        if picked.is_empty() { declared } else { picked }
    }
}
