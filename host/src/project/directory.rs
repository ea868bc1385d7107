//! The project directory, and the paths that a definition may name.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::grants::{Fence, Grants, OutOfReach, Project};
use crate::group::{Paths, option_with};

use super::PROJECT_FILE;
use super::below::directories_below;
use super::mount_points::mount_points;
use super::ownership::{is_everybodys, owner};
use super::private_directories::private_directories;
use super::ways::ways_to;

/// The directory below which a definition finds what it mounts and builds.
#[derive(Debug)]
pub struct ProjectDirectory {
    directory: PathBuf,
    is_trusted: bool,
    granted: BTreeSet<PathBuf>,
    /// All that is granted, and where the code of definitions may write, as it was written.
    grants: Grants,
    out_of_reach: Vec<OutOfReach>,
    defining: Vec<OutOfReach>,
    /// What defines groups of other projects than the one in this directory.
    elsewhere: fn(&Path) -> Vec<OutOfReach>,
    /// Made when the first path is looked at: most definitions name none.
    fence: OnceLock<Fence>,
}

/// Why nothing can be found there.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The directory cannot be found.
    #[error("cannot find the directory of {}: {error}", file.display())]
    NotFound {
        /// The file that lies in it.
        file: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// What was granted cannot be found.
    #[error("cannot find {}, which --allow-mount grants: {error}", path.display())]
    Grant {
        /// What.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

impl ProjectDirectory {
    /// The directory that a file lies in: a definition, or what names it. Beyond it, a definition's paths may lead to
    /// what is granted, and wherever they lead, not to what is out of reach. Services write below it only if it is
    /// trusted, and neither what defines the group nor what is found to define others once a path is looked at.
    ///
    /// # Errors
    /// If it cannot be found, or something that was granted.
    pub fn of(
        file: &Path,
        is_trusted: bool,
        grants: &Grants,
        out_of_reach: impl IntoIterator<Item = OutOfReach>,
        defining: Vec<OutOfReach>,
        elsewhere: fn(&Path) -> Vec<OutOfReach>,
    ) -> Result<Self, ProjectError> {
        let directory = directory_of(file)?;
        let granted = grants.mount.iter().map(|path| {
            let not_found = |error| ProjectError::Grant { path: path.clone(), error };
            path.canonicalize().map_err(not_found)
        });
        Ok(Self {
            granted: granted.collect::<Result<_, _>>()?,
            grants: grants.clone(),
            out_of_reach: out_of_reach.into_iter().collect(),
            defining,
            elsewhere,
            fence: OnceLock::new(),
            is_trusted,
            directory,
        })
    }

    fn fence(&self) -> &Fence {
        self.fence.get_or_init(|| {
            let directory = self.directory.clone();
            let project = Project {
                private: private(&directory),
                is_everybodys: is_everybodys(&directory),
                is_trusted: self.is_trusted,
                mount_points: mount_points(),
                defining: found(&[self.defining.clone(), (self.elsewhere)(&directory)].concat()),
                pinned: self.grants.paths().flat_map(ways_to).collect(),
                lent: self.grants.write.iter().map(|directory| resolved(&directory.path)).collect(),
                directory,
            };
            Fence::new(project, PROJECT_FILE, self.granted.clone(), found(&self.out_of_reach))
        })
    }

    /// Whether containers may write to a directory with all that is in it, as far as one looks.
    fn may_write_below(&self, written: &str, directory: &Path) -> Result<(), String> {
        for above in directory.ancestors() {
            let has = |name: &str| above.join(name).symlink_metadata().is_ok();
            self.fence().may_write_in(written, directory, above, has).map_err(|denied| denied.to_string())?;
        }
        directories_below(directory).try_for_each(|(directory, names)| {
            let has = |name: &str| names.contains(OsStr::new(name));
            self.fence().may_write_beside(written, &directory, has).map_err(|denied| denied.to_string())
        })
    }

    /// Whether a path leads to a file or directory. What is behind anything else is a program of this machine, or the
    /// machine itself; the person can grant the former by its name.
    fn is_mountable(&self, written: &str, path: &Path) -> Result<(), String> {
        let found = std::fs::metadata(path).map_err(|error| format!("{written} cannot be found: {error}"))?;
        let shown = path.display();
        match kind(&found) {
            Kind::Ordinary => Ok(()),
            Kind::Device => Err(format!("{written} leads to {shown}, which is a device: no option allows that")),
            Kind::Channel if self.is_granted(path) => Ok(()),
            Kind::Channel => Err(format!(
                "{written} leads to {shown}, which is a socket or pipe of a program on this machine; {} would allow it",
                option_with("--allow-mount", path)
            )),
        }
    }
}

/// What can be at a path.
enum Kind {
    /// A file or a directory.
    Ordinary,
    /// A socket or a pipe.
    Channel,
    /// A block or character device.
    Device,
}

#[cfg(unix)]
fn kind(found: &std::fs::Metadata) -> Kind {
    use std::os::unix::fs::FileTypeExt as _;
    let found = found.file_type();
    if found.is_socket() || found.is_fifo() {
        Kind::Channel
    } else if found.is_block_device() || found.is_char_device() {
        Kind::Device
    } else {
        Kind::Ordinary
    }
}

#[cfg(not(unix))]
fn kind(_: &std::fs::Metadata) -> Kind {
    Kind::Ordinary
}

/// The directory that a file lies in, without symlinks.
///
/// # Errors
/// If it cannot be found.
pub fn directory_of(file: &Path) -> Result<PathBuf, ProjectError> {
    let found = file.canonicalize();
    let found = found.map_err(|error| ProjectError::NotFound { file: file.to_owned(), error })?;
    Ok(found.parent().unwrap_or(Path::new("/")).to_owned())
}

/// Whether what is in a directory, which has no symlinks, is not one project's: it is a home directory or what a desktop
/// keeps in one, holds one of these, or everybody can write there.
#[must_use]
pub fn is_no_project(directory: &Path) -> bool {
    is_everybodys(directory) || private(directory).iter().any(|private| private.starts_with(directory))
}

/// The same, with paths that have no symlinks; and the symlinks that lead there, which can be read.
fn found(out_of_reach: &[OutOfReach]) -> Vec<OutOfReach> {
    let ways = |one: &OutOfReach| {
        let mut ways = ways_to(&one.path);
        let itself = ways.pop().map(|path| OutOfReach { path, ..*one });
        let links = ways.into_iter().map(|link| OutOfReach::to_write(one.what, link));
        itself.into_iter().chain(links).collect::<Vec<_>>()
    };
    out_of_reach.iter().flat_map(ways).collect()
}

/// The private directories of people, as far as they could concern a directory.
fn private(directory: &Path) -> Vec<PathBuf> {
    private_directories(owner(directory)).iter().map(|path| resolved(path)).collect()
}

/// Where a path leads, or would if all of it were there.
#[must_use]
pub fn resolved(path: &Path) -> PathBuf {
    let Some((above, found)) = path.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?))) else {
        return path.to_owned();
    };
    // Component by component: joining nothing would add a slash.
    path.strip_prefix(above).into_iter().flatten().fold(found, |path, name| path.join(name))
}

impl Paths for ProjectDirectory {
    fn resolve(&self, path: &str, to_write: bool) -> Result<PathBuf, String> {
        if path.is_empty() {
            return Err("the path is empty".to_owned());
        }
        // Symlinks and `..` are followed first: what counts is where the path leads.
        let resolved = self.directory.join(path).canonicalize().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => format!("{path} does not exist below {}", self.directory.display()),
            _ => format!("{path} cannot be found: {error}"),
        })?;
        self.fence().may_have(path, &resolved, to_write).map_err(|denied| denied.to_string())?;
        if to_write {
            self.may_write_below(path, &resolved)?;
        }
        self.is_mountable(path, &resolved)?;
        if resolved.to_str().is_none() {
            return Err(format!("{path} leads to {}, which is not UTF-8, as Docker wants it", resolved.display()));
        }
        Ok(resolved)
    }

    fn is_granted(&self, path: &Path) -> bool {
        self.fence().is_granted(path)
    }

    fn leads_to(&self, path: &Path) -> PathBuf {
        resolved(path)
    }

    fn is_there(&self, path: &Path) -> bool {
        path.try_exists().unwrap_or(true)
    }

    fn still_leads_there(&self, path: &Path) -> Result<(), String> {
        match path.canonicalize() {
            Ok(now) if now == path => Ok(()),
            Ok(now) => Err(format!("it leads to {} now", now.display())),
            Err(error) => Err(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A project with a directory `app` and a definition, beside a directory `outside`.
    struct World {
        root: tempfile::TempDir,
    }

    impl World {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            for directory in ["project/app", "outside/data"] {
                std::fs::create_dir_all(root.path().join(directory)).unwrap();
            }
            std::fs::write(root.path().join("project/app.wasm"), "").unwrap();
            Self { root }
        }

        /// The real path of something in it.
        fn path(&self, path: &str) -> PathBuf {
            self.root.path().canonicalize().unwrap().join(path)
        }

        fn project(&self, granted: &[&str], out_of_reach: &[&str]) -> Result<ProjectDirectory, ProjectError> {
            let mount = granted.iter().map(|path| self.root.path().join(path)).collect();
            let granted = Grants { mount, ..Grants::default() };
            let out_of_reach = out_of_reach.iter().map(|path| OutOfReach::new("a secret", self.root.path().join(path)));
            ProjectDirectory::of(
                &self.root.path().join("project/app.wasm"),
                true,
                &granted,
                out_of_reach,
                Vec::new(),
                |_| Vec::new(),
            )
        }

        #[cfg(unix)]
        fn link(&self, path: &str, target: &str) {
            std::os::unix::fs::symlink(self.root.path().join(target), self.root.path().join(path)).unwrap();
        }
    }

    #[test]
    fn a_path_below_the_project_is_found() {
        let world = World::new();
        let project = world.project(&[], &[]).unwrap();
        assert_eq!(project.resolve("app", true).unwrap(), world.path("project/app"));
        assert_eq!(project.resolve("./app/../app", true).unwrap(), world.path("project/app"));
    }

    #[test]
    fn a_path_that_leads_out_is_refused_with_what_would_allow_it() {
        let world = World::new();
        let project = world.project(&[], &[]).unwrap();
        let outside = world.path("outside").display().to_string();
        for path in ["../outside", "app/../../outside", &outside] {
            assert_eq!(
                project.resolve(path, false).unwrap_err(),
                format!(
                    "{path} leads outside the project directory {}; --allow-mount {outside} would allow it",
                    world.path("project").display()
                )
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_symlink_counts_as_what_it_leads_to() {
        let world = World::new();
        world.link("project/out", "outside/data");
        world.link("granted", "outside");
        let refused = world.project(&[], &[]).unwrap().resolve("out", false).unwrap_err();
        assert!(refused.contains("leads outside the project directory"), "{refused}");
        // The grant is a symlink as well.
        let project = world.project(&["granted"], &[]).unwrap();
        assert_eq!(project.resolve("out", true).unwrap(), world.path("outside/data"));
        assert!(project.is_granted(&world.path("outside/data")) && !project.is_granted(&world.path("project/app")));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_out_of_reach_is_so_by_any_name_and_before_it_is_there() {
        let world = World::new();
        world.link("alias", "outside");
        let project = world.project(&["outside"], &["alias/state/not/there/yet"]).unwrap();
        assert_eq!(project.resolve("../outside/data", true).unwrap(), world.path("outside/data"));
        let refused = project.resolve("../outside", true).unwrap_err();
        let state = world.path("outside/state/not/there/yet");
        assert!(refused.contains(&format!("holds a secret, {}", state.display())), "{refused}");
        std::fs::create_dir_all(&state).unwrap();
        assert!(project.resolve("../outside/state/not/there/yet", true).unwrap_err().contains("is a secret"));
        assert_eq!(resolved(&world.path("alias/state/not")), world.path("outside/state/not"));
        assert!(!resolved(&world.path("outside")).display().to_string().ends_with('/'));
    }

    #[test]
    fn a_grant_that_is_not_there_is_named() {
        let error = World::new().project(&["nowhere"], &[]).unwrap_err().to_string();
        assert!(error.contains("nowhere, which --allow-mount grants: "), "{error}");
    }

    #[test]
    fn a_path_that_is_not_there_is_named() {
        let project = World::new();
        let project = project.project(&[], &[]).unwrap();
        assert!(project.resolve("ap", true).unwrap_err().starts_with("ap does not exist below"));
        assert_eq!(project.resolve("", true).unwrap_err(), "the path is empty");
    }

    #[cfg(unix)]
    #[test]
    fn a_path_whose_place_a_symlink_has_taken_leads_elsewhere() {
        let world = World::new();
        let project = world.project(&[], &[]).unwrap();
        let app = project.resolve("app", true).unwrap();
        assert_eq!(project.still_leads_there(&app), Ok(()));
        std::fs::remove_dir(&app).unwrap();
        assert!(project.still_leads_there(&app).is_err());
        world.link("project/app", "outside");
        let outside = world.path("outside").display().to_string();
        assert_eq!(project.still_leads_there(&app), Err(format!("it leads to {outside} now")));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_path_that_docker_could_not_be_told_is_refused() {
        use std::os::unix::ffi::OsStrExt as _;
        let world = World::new();
        std::fs::create_dir(world.path("project").join(std::ffi::OsStr::from_bytes(b"\xff"))).unwrap();
        let link = world.path("project/link");
        std::os::unix::fs::symlink(std::ffi::OsStr::from_bytes(b"\xff"), link).unwrap();
        let refused = world.project(&[], &[]).unwrap().resolve("link", true).unwrap_err();
        assert!(refused.contains("not UTF-8"), "{refused}");
    }
}
