//! The volumes that an image declares (`VOLUME`) and no definition names: a service takes them along from one container to
//! the next, whatever of it changes.
//!
//! The engine would give each container new ones without a name. So they are made for it as volumes of the group: named after
//! the container, and labelled with its service and their target, by which they are found when no container has them any more.
//! Those of a container that was never ready must not be found: nobody knows how far it came with them. A mark beside them,
//! which goes when it is ready, says so, since labels stay as they are.

use std::collections::{BTreeMap, BTreeSet};

use crate::group::{GroupName, Service};

use super::Container;

/// How many volumes an image may declare so that they last; the engine takes care of what is more.
const MOST: usize = 64;

/// What is written on a volume that was made for a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeFor {
    /// The service.
    pub service: String,
    /// The container's instance.
    pub instance: String,
    /// Where it is mounted; nothing for a mark.
    pub target: String,
}

/// A volume of the group that was made for a container of a service, or a mark that belongs to such volumes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnVolume {
    /// Its name in Docker.
    pub name: String,
    /// Whom it was made for.
    pub made_for: MadeFor,
}

/// The volumes of a new container of a service, by target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnVolumes {
    /// All of them.
    pub by_target: BTreeMap<String, String>,
    /// The names of those that are made for it, and are new.
    pub new: BTreeSet<String>,
    /// The names of what goes before: what was made for containers that were never ready, and last their marks.
    pub spoilt: Vec<String>,
}

impl OwnVolumes {
    /// Which volumes a new container has at these targets: those of the container that it replaces, else what was left for
    /// the service, the newest first, else new ones.
    #[must_use]
    pub fn choose(
        group: &GroupName,
        instance: &str,
        targets: BTreeSet<String>,
        handed: &BTreeMap<String, String>,
        left: &[OwnVolume],
    ) -> Self {
        let is_mark = |volume: &&OwnVolume| volume.name == group.unready_mark(&volume.made_for.instance);
        let unready: BTreeSet<&str> = left.iter().filter(is_mark).map(|mark| mark.made_for.instance.as_str()).collect();
        let handed_on = |volume: &&OwnVolume| handed.values().any(|name| *name == volume.name);
        let (spoilt, sound): (Vec<_>, Vec<_>) = left
            .iter()
            .filter(|volume| !handed_on(volume))
            .partition(|volume| unready.contains(volume.made_for.instance.as_str()));
        let (marks, spoilt): (Vec<_>, Vec<_>) = spoilt.into_iter().partition(is_mark);
        let mut chosen = Self {
            spoilt: spoilt.into_iter().chain(marks).map(|volume| volume.name.clone()).collect(),
            ..Self::default()
        };
        for (n, target) in targets.into_iter().enumerate() {
            // Their names begin with the time at which their containers were made.
            let newest =
                sound.iter().filter(|volume| volume.made_for.target == target).map(|volume| &volume.name).max();
            let name = handed.get(&target).or(newest).cloned().unwrap_or_else(|| {
                let name = group.own_volume(instance, n);
                chosen.new.insert(name.clone());
                name
            });
            chosen.by_target.insert(target, name);
        }
        chosen
    }
}

/// Where the image of a service declares volumes and the service itself mounts nothing.
#[must_use]
pub fn unmounted(service: &Service, declared: &BTreeSet<String>) -> BTreeSet<String> {
    let targets = service.mounts.keys().chain(service.volumes.keys()).chain(&service.tmpfs);
    let mounted: BTreeSet<String> = targets.map(|target| clean(target)).collect();
    let declared = declared.iter().map(|target| clean(target));
    declared.filter(|target| target != "/" && !mounted.contains(target)).take(MOST).collect()
}

/// A path in a container as the engine has it: without double, last and needless parts.
fn clean(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// Whether a volume of this name is one to which the engine gave a name, since nobody did.
#[must_use]
pub fn is_anonymous(name: &str) -> bool {
    name.len() == 64 && name.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
}

impl Container {
    /// The volumes that it has and no definition names, by target; those too that the engine made for a container of an
    /// earlier version.
    #[must_use]
    pub fn own_volumes(&self, group: &GroupName) -> BTreeMap<String, String> {
        let is_own = |name: &str| group.is_own_volume(&self.service, name) || is_anonymous(name);
        self.volumes.iter().filter(|(_, name)| is_own(name)).map(|(at, name)| (at.clone(), name.clone())).collect()
    }

    /// The names of those that were made for it and no earlier one.
    pub fn made_volumes<'a>(&'a self, group: &GroupName) -> impl Iterator<Item = &'a String> + use<'a> {
        let made = (0..MOST).map(|n| group.own_volume(&self.instance, n)).collect::<BTreeSet<_>>();
        self.volumes.values().filter(move |name| made.contains(*name))
    }

    /// Those without a name of the group's, by target: nothing finds them once the container is gone.
    pub fn anonymous_volumes(&self) -> impl Iterator<Item = (&String, &String)> {
        self.volumes.iter().filter(|(_, name)| is_anonymous(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(ToString::to_string).collect()
    }

    fn left(instance: &str, name: &str, target: &str) -> OwnVolume {
        let made_for = MadeFor { service: "db".into(), instance: instance.into(), target: target.into() };
        OwnVolume { name: format!("drillmaster-g-{instance}.{name}"), made_for }
    }

    fn choose(targets: &[&str], handed: &[(&str, &str)], left: &[OwnVolume]) -> OwnVolumes {
        let handed = handed.iter().map(|(target, name)| ((*target).to_owned(), (*name).to_owned())).collect();
        OwnVolumes::choose(&GroupName::new("g").unwrap(), "db-3-f", set(targets), &handed, left)
    }

    #[test]
    fn what_is_handed_comes_first_then_the_newest_that_was_left_then_a_new_one() {
        let left = [left("db-1-f", "0", "/b"), left("db-2-f", "0", "/b"), left("db-2-f", "1", "/a")];
        let chosen = choose(&["/a", "/b", "/c"], &[("/a", "handed"), ("/z", "other")], &left);
        let names: Vec<_> = chosen.by_target.values().map(String::as_str).collect();
        assert_eq!(names, ["handed", "drillmaster-g-db-2-f.0", "drillmaster-g-db-3-f.2"]);
        assert_eq!(chosen.new, set(&["drillmaster-g-db-3-f.2"]));
        assert!(chosen.spoilt.is_empty());
    }

    #[test]
    fn what_a_container_left_that_was_never_ready_goes_and_its_mark_last() {
        let left = [left("db-2-f", "unready", ""), left("db-2-f", "0", "/a"), left("db-1-f", "0", "/a")];
        let chosen = choose(&["/a"], &[], &left);
        assert_eq!(chosen.by_target["/a"], "drillmaster-g-db-1-f.0");
        assert_eq!(chosen.spoilt, ["drillmaster-g-db-2-f.0", "drillmaster-g-db-2-f.unready"]);
        // What a container has already is not taken from it.
        let chosen = choose(&["/a", "/b"], &[("/a", "drillmaster-g-db-2-f.0")], &left);
        assert_eq!(chosen.spoilt, ["drillmaster-g-db-2-f.unready"]);
    }

    #[test]
    fn what_the_service_mounts_is_known_however_the_path_is_written() {
        let service: Service = serde_json::from_value(serde_json::json!({
            "name": "db", "image": "image", "tmpfs": ["/run/"],
            "volumes": { "/data": { "name": "data", "read_only": false } },
        }))
        .unwrap();
        let declared = set(&["/data/", "//run", "/var/./lib//db/", "/", "/data/sub", "/x/../y"]);
        assert_eq!(unmounted(&service, &declared), set(&["/var/lib/db", "/data/sub", "/y"]));
        let many = (0..1000).map(|n| format!("/{n}")).collect();
        assert_eq!(unmounted(&service, &many).len(), MOST);
    }

    #[test]
    fn a_name_that_the_engine_made_is_known() {
        assert!(is_anonymous(&"0f".repeat(32)));
        for other in ["data", &"0f".repeat(31), &"0F".repeat(32), &"0g".repeat(32)] {
            assert!(!is_anonymous(other), "{other}");
        }
    }
}
