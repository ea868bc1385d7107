//! Whether what a service mounts can be led elsewhere by another container, now or when the engine starts one of them
//! again by itself.
//!
//! The engine follows a mount's path when it starts a container. A container that can write to a directory on that path
//! can put a symlink there; so no mount lies below what any other container writes to, whoever's it is, and whether it
//! runs or not.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::group::{Service, option_with};

/// A file or directory of the machine in a container.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostMount {
    /// The container's name, be it one of ours or not.
    pub container: String,
    /// Where it is on the machine, without symlinks where that is known.
    pub source: PathBuf,
    /// Whether the container can only read it.
    pub read_only: bool,
    /// Whether it is a container of some group that runs.
    pub is_running: bool,
}

/// Why a service's mounts are not safe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExposedMount {
    /// A container writes to a directory that the mount lies in.
    BelowWritable {
        /// What the service mounts.
        source: PathBuf,
        /// What the container mounts.
        directory: PathBuf,
        /// The container's name.
        container: String,
    },
    /// The service would write to a directory that a container's mount lies in.
    AboveMounted {
        /// What the service mounts.
        source: PathBuf,
        /// What the container mounts.
        mounted: PathBuf,
        /// The container's name.
        container: String,
    },
    /// A container of a group writes to a directory that was moved since it was started, nobody knows where to.
    WriterOfMoved {
        /// Where the directory was.
        directory: PathBuf,
        /// The container's name.
        container: String,
    },
}

impl fmt::Display for ExposedMount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BelowWritable { source, directory, container } => write!(
                f,
                "{source} lies in {directory}, to which the container {container} writes: it could put a symlink to \
                 anywhere in its place; remove that container, or {allow} would allow it",
                allow = option_with("--allow-mount", directory),
                source = source.display(),
                directory = directory.display(),
            ),
            Self::AboveMounted { source, mounted, container } => write!(
                f,
                "the container {container} mounts {mounted}, which lies in {source}: the service could put a symlink to \
                 anywhere in its place; let the service only read {source}, remove that container, or {allow} would \
                 allow it",
                allow = option_with("--allow-mount", source),
                source = source.display(),
                mounted = mounted.display(),
            ),
            Self::WriterOfMoved { directory, container } => write!(
                f,
                "the container {container} writes to what was {}, and is not there any more: it could be what is mounted \
                 here; stop that container first",
                directory.display(),
            ),
        }
    }
}

impl std::error::Error for ExposedMount {}

/// Looks whether a service's mounts are safe beside those of all containers of the engine. The service's own containers,
/// whose names these are, do not count: they are stopped before the new one starts. Nor does what is written in a directory
/// that was granted by name.
///
/// # Errors
/// The first one that is not.
pub fn check_exposure(
    service: &Service,
    own: &[String],
    found: &[HostMount],
    is_granted: impl Fn(&Path) -> bool,
    is_there: impl Fn(&Path) -> bool,
) -> Result<(), ExposedMount> {
    for mount in service.mounts.values() {
        for other in found.iter().filter(|other| !own.contains(&other.container)) {
            let (source, container) = (mount.source.clone(), other.container.clone());
            let is_forgiven = is_granted(&mount.source);
            if other.is_running && !other.read_only && !is_forgiven && !is_there(&other.source) {
                return Err(ExposedMount::WriterOfMoved { directory: other.source.clone(), container });
            }
            // A grant of what is mounted alone would be one of whatever is put in its place.
            if !other.read_only && lies_in(&source, &other.source) && !is_granted(&other.source) {
                return Err(ExposedMount::BelowWritable { source, directory: other.source.clone(), container });
            }
            if !mount.read_only && lies_in(&other.source, &source) && !is_forgiven {
                return Err(ExposedMount::AboveMounted { source, mounted: other.source.clone(), container });
            }
        }
    }
    Ok(())
}

/// Whether a path lies in a directory, and is not that directory itself: who writes to that cannot replace it.
fn lies_in(path: &Path, directory: &Path) -> bool {
    path != directory && path.starts_with(directory)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::group::{MemoryPaths, MountDeclaration, ServiceDeclaration, Source, check};

    /// A service that mounts a directory of `/project`.
    fn mounting(source: &str, read_only: bool) -> Service {
        let mount = MountDeclaration { source: source.into(), target: "/data".into(), read_only };
        let service =
            ServiceDeclaration { name: "a".into(), image: "i".into(), mounts: vec![mount], ..Default::default() };
        let declaration = crate::group::Declaration { services: vec![service], ..Default::default() };
        let sources = vec![Source { file: "f".into(), digest: crate::group::Digest::of(b""), declaration }];
        let name = crate::group::GroupName::new("g").unwrap();
        let mut services: BTreeMap<_, _> = check(sources, MemoryPaths::default().check(&name)).unwrap().services;
        services.remove("a").unwrap()
    }

    /// What is wrong with mounting a directory beside another container's mount.
    fn wrong(mine: (&str, bool), theirs: (&str, bool)) -> Option<String> {
        let found =
            [HostMount { container: "other".into(), source: theirs.0.into(), read_only: theirs.1, is_running: true }];
        let own = ["g-a".to_owned()];
        check_exposure(&mounting(mine.0, mine.1), &own, &found, |_| false, |_| true)
            .err()
            .map(|exposed| exposed.to_string())
    }

    const READ: bool = true;
    const WRITE: bool = false;

    #[test]
    fn nothing_is_mounted_below_what_another_container_writes() {
        for read_only in [READ, WRITE] {
            let told = wrong(("data/x/y", read_only), ("/project/data", WRITE)).unwrap();
            assert!(
                told.starts_with("/project/data/x/y lies in /project/data, to which the container other writes"),
                "{told}"
            );
        }
        assert_eq!(wrong(("data/x", WRITE), ("/project/data", READ)), None);
        assert_eq!(wrong(("database", READ), ("/project/data", WRITE)), None);
    }

    #[test]
    fn nothing_is_written_above_what_another_container_mounts() {
        for read_only in [READ, WRITE] {
            let told = wrong(("data", WRITE), ("/project/data/x", read_only)).unwrap();
            assert!(
                told.starts_with("the container other mounts /project/data/x, which lies in /project/data"),
                "{told}"
            );
        }
        assert_eq!(wrong(("data", READ), ("/project/data/x", READ)), None);
        assert_eq!(wrong(("data", READ), ("/project/data/x", WRITE)), None);
    }

    #[test]
    fn the_same_directory_can_be_shared() {
        for (mine, theirs) in [(READ, WRITE), (WRITE, READ), (WRITE, WRITE)] {
            assert_eq!(wrong(("data", mine), ("/project/data", theirs)), None);
        }
    }

    #[test]
    fn the_services_own_containers_and_what_is_granted_do_not_count() {
        let found = |name: &str| {
            [HostMount { container: name.into(), source: "/project/data".into(), read_only: false, is_running: true }]
        };
        let check_exposure = |service: &Service, own: &[String], found: &[HostMount], granted: fn(&Path) -> bool| {
            super::check_exposure(service, own, found, granted, |_| true)
        };
        let service = mounting("data/x", READ);
        let own = ["g-a".to_owned(), "g-a.old".to_owned()];
        for name in ["g-a", "g-a.old"] {
            assert_eq!(check_exposure(&service, &own, &found(name), |_| false), Ok(()));
        }
        assert!(check_exposure(&service, &own, &found("g-a2"), |_| false).is_err());
        let inside: fn(&Path) -> bool = |path| path.starts_with("/project/data/x");
        assert!(check_exposure(&service, &own, &found("g-a2"), inside).is_err());
        let granted: fn(&Path) -> bool = |path| path.starts_with("/project/data");
        assert_eq!(check_exposure(&service, &own, &found("g-a2"), granted), Ok(()));
    }

    #[test]
    fn who_writes_to_a_directory_that_was_moved_could_write_anywhere() {
        let found = |is_running, read_only| {
            [HostMount { container: "g-b".into(), source: "/before/data".into(), read_only, is_running }]
        };
        let check = |service: &Service, found: &[HostMount]| {
            check_exposure(service, &["g-a".to_owned()], found, |_| false, |path| path.starts_with("/project"))
        };
        let told = check(&mounting("data/x", READ), &found(true, WRITE)).unwrap_err().to_string();
        assert!(
            told.starts_with("the container g-b writes to what was /before/data, and is not there any more"),
            "{told}"
        );
        for harmless in [found(false, WRITE), found(true, READ)] {
            assert_eq!(check(&mounting("data/x", READ), &harmless), Ok(()));
        }
    }
}
