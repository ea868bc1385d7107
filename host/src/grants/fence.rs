//! Which files and directories of this machine containers mount and images are built from.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

/// What is the kernel's.
const KERNEL: [(&str, &str); 3] =
    [("the kernel's files", "/proc"), ("the kernel's files", "/sys"), ("this machine's devices", "/dev")];

/// Something of this machine that containers do not get, whatever is granted: neither it nor what is below it, nor a
/// directory that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutOfReach {
    /// What it is, as in "the engine's socket".
    pub what: &'static str,
    /// Where it is.
    pub path: PathBuf,
    /// Whether it does no harm that a container reads it.
    pub can_be_read: bool,
}

impl OutOfReach {
    /// Something that containers neither read nor write.
    pub fn new(what: &'static str, path: impl Into<PathBuf>) -> Self {
        Self { what, path: path.into(), can_be_read: false }
    }

    /// Something that containers do not write.
    pub fn to_write(what: &'static str, path: impl Into<PathBuf>) -> Self {
        Self { can_be_read: true, ..Self::new(what, path) }
    }
}

/// How far a definition's paths may lead. Every path is absolute, and has neither symlinks nor `..` in it.
#[derive(Debug, Clone)]
pub struct Fence {
    project: PathBuf,
    /// The file of the project that grants, be it there or not.
    granting: PathBuf,
    home: PathBuf,
    granted: BTreeSet<PathBuf>,
    out_of_reach: Vec<OutOfReach>,
}

/// Why a definition does not get a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathDenied {
    /// As the definition wrote it.
    written: String,
    /// Where it leads.
    path: PathBuf,
    why: Why,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Why {
    /// It is this, holds it, or lies in it.
    OutOfReach(OutOfReach),
    /// It is not below the project directory, which is this.
    Outside(PathBuf),
    /// It is below the project directory, but that is the home directory, or one that holds it.
    InHome(PathBuf),
    /// Whoever writes to it could write what grants: this file.
    Granting(PathBuf),
}

impl Fence {
    /// A fence round a project directory, in which the file `granting` grants, and round what is granted besides.
    #[must_use]
    pub fn new(
        project: PathBuf,
        granting: &str,
        home: PathBuf,
        granted: BTreeSet<PathBuf>,
        mut out_of_reach: Vec<OutOfReach>,
    ) -> Self {
        out_of_reach.extend(KERNEL.map(|(what, path)| OutOfReach::new(what, path)));
        Self { granting: project.join(granting), project, home, granted, out_of_reach }
    }

    /// The project directory.
    #[must_use]
    pub fn project(&self) -> &Path {
        &self.project
    }

    /// Whether a path lies in something that was granted by name.
    #[must_use]
    pub fn is_granted(&self, path: &Path) -> bool {
        self.granted.iter().any(|granted| path.starts_with(granted))
    }

    /// Whether a definition gets a path, which it wrote like this.
    ///
    /// # Errors
    /// Says why not, and what would allow it.
    pub fn may_have(&self, written: &str, path: &Path, to_write: bool) -> Result<(), PathDenied> {
        let denied = |why| Err(PathDenied { written: written.to_owned(), path: path.to_owned(), why });
        let overlaps = |other: &Path| path.starts_with(other) || other.starts_with(path);
        let out_of_reach = self.out_of_reach.iter().filter(|one| to_write || !one.can_be_read);
        if let Some(found) = out_of_reach.into_iter().find(|one| overlaps(&one.path)) {
            return denied(Why::OutOfReach(found.clone()));
        }
        if self.is_granted(path) {
            return Ok(());
        }
        if !path.starts_with(&self.project) {
            return denied(Why::Outside(self.project.clone()));
        }
        // People download to their home directory: it is no project, and has all that is theirs.
        if self.home.starts_with(&self.project) {
            return denied(Why::InHome(self.project.clone()));
        }
        if to_write && overlaps(&self.granting) {
            return denied(Why::Granting(self.granting.clone()));
        }
        Ok(())
    }
}

impl std::error::Error for PathDenied {}

impl fmt::Display for PathDenied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { written, path, why } = self;
        let would_allow = |f: &mut fmt::Formatter<'_>| write!(f, "; --allow-mount {} would allow it", path.display());
        match why {
            Why::Outside(project) => {
                write!(f, "{written} leads outside the project directory {}", project.display())?;
                return would_allow(f);
            }
            _ if Path::new(written) == path => write!(f, "{written} ")?,
            _ => write!(f, "{written} leads to {}, which ", path.display())?,
        }
        match why {
            Why::OutOfReach(OutOfReach { what, path: found, can_be_read }) => {
                match path {
                    path if path == found => write!(f, "is {what}")?,
                    path if found.starts_with(path) => write!(f, "holds {what}, {}", found.display())?,
                    _ => write!(f, "lies in {what}, {}", found.display())?,
                }
                f.write_str(if *can_be_read {
                    ": it can be mounted to be read only"
                } else {
                    ": no option allows that"
                })
            }
            Why::InHome(project) if project == path => {
                f.write_str("is the home directory, or holds it, and so is no project directory")?;
                would_allow(f)
            }
            Why::InHome(project) => {
                let project = project.display();
                write!(f, "lies in {project}, the home directory or one that holds it, which is no project directory")?;
                f.write_str(": put the definition and what it needs into a directory of their own")?;
                would_allow(f)
            }
            Why::Granting(file) => {
                let file = file.display();
                write!(f, "has or can have {file}, which grants: it can be mounted to be read only")?;
                would_allow(f)
            }
            Why::Outside(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fence round `/home/me/p`, with these grants.
    fn fence(granted: &[&str]) -> Fence {
        let out_of_reach = vec![
            OutOfReach::new("the engine's socket", "/run/docker.sock"),
            OutOfReach::new("drillmaster's state", "/home/me/.local/state/drillmaster"),
            OutOfReach::to_write("drillmaster itself", "/usr/bin/drillmaster"),
        ];
        let granted = granted.iter().map(PathBuf::from).collect();
        Fence::new("/home/me/p".into(), "drillmaster.toml", "/home/me".into(), granted, out_of_reach)
    }

    fn read(fence: &Fence, path: &str) -> Result<(), String> {
        fence.may_have(path, Path::new(path), false).map_err(|denied| denied.to_string())
    }

    fn write(fence: &Fence, path: &str) -> Result<(), String> {
        fence.may_have(path, Path::new(path), true).map_err(|denied| denied.to_string())
    }

    #[test]
    fn what_is_below_the_project_is_had_and_nothing_else() {
        let fence = fence(&[]);
        for path in ["/home/me/p/data", "/home/me/p/a/b"] {
            assert_eq!((read(&fence, path), write(&fence, path)), (Ok(()), Ok(())), "{path}");
        }
        for path in ["/etc", "/home/me/project", "/home/me/p2", "/home/you"] {
            let expected =
                format!("{path} leads outside the project directory /home/me/p; --allow-mount {path} would allow it");
            assert_eq!((read(&fence, path), write(&fence, path)), (Err(expected.clone()), Err(expected)), "{path}");
        }
    }

    #[test]
    fn what_is_granted_is_had_with_all_that_is_below_it() {
        let fence = fence(&["/etc", "/srv/data"]);
        for path in ["/etc", "/etc/ssl/certs", "/srv/data", "/home/me/p/data"] {
            assert_eq!(write(&fence, path), Ok(()), "{path}");
        }
        for path in ["/srv", "/srv/database", "/etcetera"] {
            assert!(read(&fence, path).unwrap_err().contains("leads outside"), "{path}");
        }
    }

    #[test]
    fn no_grant_allows_what_is_out_of_reach_or_holds_it() {
        let fence = fence(&["/"]);
        assert_eq!(write(&fence, "/etc"), Ok(()));
        assert_eq!(
            read(&fence, "/").unwrap_err(),
            "/ holds the engine's socket, /run/docker.sock: no option allows that"
        );
        assert_eq!(
            read(&fence, "/run/docker.sock").unwrap_err(),
            "/run/docker.sock is the engine's socket: no option allows that"
        );
        assert!(read(&fence, "/run").is_err());
        assert!(read(&fence, "/run/docker.socket").is_ok() && read(&fence, "/run/dock").is_ok());
        assert_eq!(
            read(&fence, "/home/me").unwrap_err(),
            "/home/me holds drillmaster's state, /home/me/.local/state/drillmaster: no option allows that"
        );
        assert_eq!(
            read(&fence, "/home/me/.local/state/drillmaster/engine/g").unwrap_err(),
            "/home/me/.local/state/drillmaster/engine/g lies in drillmaster's state, \
             /home/me/.local/state/drillmaster: no option allows that"
        );
        for path in ["/proc", "/proc/sys", "/sys", "/sys/fs/cgroup", "/dev", "/dev/sda"] {
            assert!(read(&fence, path).unwrap_err().ends_with("no option allows that"), "{path}");
        }
    }

    #[test]
    fn some_of_it_can_be_read() {
        let fence = fence(&["/usr"]);
        assert_eq!(read(&fence, "/usr/bin"), Ok(()));
        assert_eq!(
            write(&fence, "/usr/bin").unwrap_err(),
            "/usr/bin holds drillmaster itself, /usr/bin/drillmaster: it can be mounted to be read only"
        );
    }

    #[test]
    fn nobody_writes_what_grants_unless_that_is_granted() {
        for path in ["/home/me/p", "/home/me/p/drillmaster.toml"] {
            assert_eq!(read(&fence(&[]), path), Ok(()));
            assert_eq!(
                write(&fence(&[]), path).unwrap_err(),
                format!(
                    "{path} has or can have /home/me/p/drillmaster.toml, which grants: it can be mounted to be read \
                     only; --allow-mount {path} would allow it"
                )
            );
            assert_eq!(write(&fence(&["/home/me/p"]), path), Ok(()));
        }
    }

    #[test]
    fn a_home_directory_is_no_project() {
        for project in ["/home/me", "/home", "/"] {
            let fence = |granted: &[&str]| {
                let granted = granted.iter().map(PathBuf::from).collect();
                Fence::new(project.into(), "drillmaster.toml", "/home/me".into(), granted, vec![])
            };
            let error = read(&fence(&[]), "/home/me/.ssh").unwrap_err();
            assert!(error.contains("no project directory") && error.contains("--allow-mount /home/me/.ssh"), "{error}");
            assert_eq!(read(&fence(&["/home/me/data"]), "/home/me/data"), Ok(()));
        }
    }

    #[test]
    fn a_path_that_leads_somewhere_is_told_with_where() {
        let denied = fence(&["/"]).may_have("link", Path::new("/run"), false).unwrap_err();
        assert_eq!(
            denied.to_string(),
            "link leads to /run, which holds the engine's socket, /run/docker.sock: no option allows that"
        );
    }
}
