//! Which files and directories of this machine containers mount and images are built from.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::group::{option_with, shell_word};

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

    /// How a path that overlaps with it stands to it, as "lies in drillmaster's state, /s".
    pub(super) fn relation(&self, path: &Path) -> String {
        let Self { what, path: found, .. } = self;
        match path {
            path if path == found => format!("is {what}"),
            path if found.starts_with(path) => format!("holds {what}, {}", found.display()),
            _ => format!("lies in {what}, {}", found.display()),
        }
    }
}

/// What is the kernel's.
pub(super) fn kernel() -> impl Iterator<Item = OutOfReach> {
    KERNEL.into_iter().map(|(what, path)| OutOfReach::new(what, path))
}

/// Directories of version control, which hold credentials, and hooks that run on this machine.
const REPOSITORIES: [&str; 11] =
    [".git", ".hg", ".svn", ".jj", ".bzr", ".sl", ".pijul", "_darcs", "CVS", "_FOSSIL_", ".fslckout"];

/// What is in a bare repository.
const BARE: [&str; 3] = ["HEAD", "objects", "refs"];

/// What programs of this machine obey when they find it in a project: editors, shells and version control.
const OBEYED: [&str; 7] = [".devcontainer", ".direnv", ".envrc", ".github", ".husky", ".idea", ".vscode"];

/// The directory below which a definition finds what it mounts and builds. Every path is absolute, without symlinks and `..`.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// The directory.
    pub directory: PathBuf,
    /// Directories that hold what is a person's and no project: homes, and what desktops keep in them.
    pub private: Vec<PathBuf>,
    /// Whether everybody can write to the directory, so that what lies in it is not one project's.
    pub is_everybodys: bool,
    /// Whether the person trusts it, so that its services may write to what they mount.
    pub is_trusted: bool,
    /// Where other file systems, or other parts of this one, are mounted.
    pub mount_points: Vec<PathBuf>,
    /// The definitions and what they are built of, which nothing writes that they start.
    pub defining: Vec<OutOfReach>,
    /// What is granted by name, and the symlinks on the way there: whoever could replace it would say what is granted.
    pub pinned: Vec<PathBuf>,
    /// Where the code of definitions may write.
    pub lent: Vec<PathBuf>,
}

/// How far a definition's paths may lead. Every path is absolute, and has neither symlinks nor `..` in it.
#[derive(Debug, Clone)]
pub struct Fence {
    project: Project,
    /// The file of the project that grants, be it there or not.
    granting: PathBuf,
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
    /// It is below the project directory, but that, the first, is or holds a private one, the second.
    Private(PathBuf, PathBuf),
    /// It is below the project directory, but everybody can write there.
    Everybodys(PathBuf),
    /// Something else is mounted there: at it, above it or below it.
    MountPoint(PathBuf),
    /// It lies in a repository of this name.
    Repository(&'static str),
    /// It lies in what programs of this machine obey, which has this name.
    Obeyed(&'static str),
    /// It holds this, which programs of this machine obey.
    Holds(PathBuf),
    /// It lies in a repository that has another name: this.
    BareRepository(PathBuf),
    /// It holds this, which is granted by name.
    Pinned(PathBuf),
    /// It lies in a directory in which the code of definitions may write: this.
    Lent(PathBuf),
    /// Whoever writes to it could write what grants: this file.
    Granting(PathBuf),
    /// Services may not write to it: the project directory, which this is, is not trusted.
    Untrusted(PathBuf),
}

impl Fence {
    /// A fence round a project, in whose directory the file `granting` grants, and round what is granted besides.
    #[must_use]
    pub fn new(
        project: Project,
        granting: &str,
        granted: BTreeSet<PathBuf>,
        mut out_of_reach: Vec<OutOfReach>,
    ) -> Self {
        out_of_reach.extend(kernel());
        Self { granting: project.directory.join(granting), project, granted, out_of_reach }
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
        let out_of_reach = self.out_of_reach.iter().filter(|one| to_write || !one.can_be_read);
        if let Some(found) = out_of_reach.into_iter().find(|one| overlap(path, &one.path)) {
            return denied(Why::OutOfReach(found.clone()));
        }
        if let Some(pinned) = self.project.pinned.iter().find(|pinned| to_write && is_above(path, pinned)) {
            return denied(Why::Pinned(pinned.clone()));
        }
        if self.is_granted(path) {
            return Ok(());
        }
        self.why_not(path, to_write).map_or(Ok(()), denied)
    }

    /// Why a definition does not get a path that was not granted; none if it does.
    fn why_not(&self, path: &Path, to_write: bool) -> Option<Why> {
        let Project { directory, private, is_everybodys, is_trusted, mount_points, defining, lent, .. } = &self.project;
        let Ok(below) = path.strip_prefix(directory) else { return Some(Why::Outside(directory.clone())) };
        // People download to these: they are no projects, and have all that is theirs.
        if let Some(private) = private.iter().find(|private| private.starts_with(directory)) {
            return Some(Why::Private(directory.clone(), private.clone()));
        }
        if *is_everybodys {
            return Some(Why::Everybodys(directory.clone()));
        }
        let is_part = |name: &&str| below.iter().any(|part| part == *name);
        if let Some(name) = REPOSITORIES.iter().find(|name| is_part(name)) {
            return Some(Why::Repository(name));
        }
        let inside = |point: &&PathBuf| point.starts_with(directory) && *point != directory;
        if let Some(point) = mount_points.iter().filter(inside).find(|point| overlap(path, point)) {
            return Some(Why::MountPoint(point.clone()));
        }
        if let Some(lent) = lent.iter().find(|lent| is_above(lent, path)) {
            return Some(Why::Lent(lent.clone()));
        }
        if !to_write {
            return None;
        }
        if let Some(name) = OBEYED.iter().find(|name| is_part(name)) {
            return Some(Why::Obeyed(name));
        }
        if overlap(path, &self.granting) {
            return Some(Why::Granting(self.granting.clone()));
        }
        if let Some(found) = defining.iter().find(|found| overlap(path, &found.path)) {
            return Some(Why::OutOfReach(found.clone()));
        }
        (!is_trusted).then(|| Why::Untrusted(directory.clone()))
    }

    /// Whether a container may write in a directory that has entries of these names, and to which its path, or one above it,
    /// leads: not in a repository.
    ///
    /// # Errors
    /// Says that it is one.
    pub fn may_write_in(
        &self,
        written: &str,
        path: &Path,
        above: &Path,
        has: impl Fn(&str) -> bool,
    ) -> Result<(), PathDenied> {
        if self.is_granted(path) || !above.starts_with(&self.project.directory) || !is_bare_repository(has) {
            return Ok(());
        }
        let why = Why::BareRepository(above.to_owned());
        Err(PathDenied { written: written.to_owned(), path: path.to_owned(), why })
    }

    /// Whether a container may write to a directory that has entries of these names, and that a definition may have. A
    /// directory that was granted by name may hold anything.
    ///
    /// # Errors
    /// Says which of them is in the way, and what would allow it.
    pub fn may_write_beside(
        &self,
        written: &str,
        directory: &Path,
        has: impl Fn(&str) -> bool,
    ) -> Result<(), PathDenied> {
        match obeyed_entry(has).filter(|_| !self.is_granted(directory)) {
            Some(name) => Err(PathDenied {
                written: written.to_owned(),
                path: directory.to_owned(),
                why: Why::Holds(directory.join(name)),
            }),
            None => Ok(()),
        }
    }
}

/// One of the entries of a directory that programs of this machine obey, if there are some.
#[must_use]
pub fn obeyed_entry(has: impl Fn(&str) -> bool) -> Option<&'static str> {
    let bare = is_bare_repository(&has).then_some(BARE[0]);
    REPOSITORIES.into_iter().chain(OBEYED).find(|name| has(name)).or(bare)
}

/// Whether a directory with these entries is a repository itself, whatever it is called.
#[must_use]
pub fn is_bare_repository(has: impl Fn(&str) -> bool) -> bool {
    BARE.iter().all(|name| has(name))
}

/// Whether programs of this machine obey what is in a directory of this name.
#[must_use]
pub fn is_obeyed_name(name: &str) -> bool {
    REPOSITORIES.into_iter().chain(OBEYED).any(|obeyed| obeyed == name)
}

/// Whether one path is a directory that the other lies in.
pub(super) fn is_above(one: &Path, other: &Path) -> bool {
    one != other && other.starts_with(one)
}

/// Whether one path is the other, or lies in it.
pub(super) fn overlap(one: &Path, other: &Path) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

impl std::error::Error for PathDenied {}

impl fmt::Display for PathDenied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { written, path, why } = self;
        if let Why::Outside(project) = why {
            write!(f, "{written} leads outside the project directory {}", project.display())?;
        } else if Path::new(written) == path {
            write!(f, "{written} {}", reason(why, path))?;
        } else {
            write!(f, "{written} leads to {}, which {}", path.display(), reason(why, path))?;
        }
        match why {
            Why::OutOfReach(_) | Why::Pinned(_) => Ok(()),
            _ => write!(f, "; {} would allow it", option_with("--allow-mount", path)),
        }
    }
}

/// What keeps a definition from getting a path, as the rest of a sentence about it.
fn reason(why: &Why, path: &Path) -> String {
    match why {
        Why::OutOfReach(found) => {
            found.relation(path)
                + if found.can_be_read { ": it can be mounted to be read only" } else { ": no option allows that" }
        }
        Why::Outside(project) => format!("lies outside the project directory {}", project.display()),
        Why::Private(project, private) => {
            let is = if private == project { "which is private" } else { "which holds private directories" };
            format!(
                "lies in {}, {is} and no project directory: put the definition and what it needs into a directory of \
                 their own",
                project.display()
            )
        }
        Why::Everybodys(project) => format!(
            "lies in {}, where everybody can write, which is no project directory: put the definition and what it needs \
             into a directory of their own",
            project.display()
        ),
        Why::MountPoint(point) if point == path => "is a mount point, and leads elsewhere".to_owned(),
        Why::MountPoint(point) if point.starts_with(path) => {
            format!("holds the mount point {}, which leads elsewhere", point.display())
        }
        Why::MountPoint(point) => format!("lies below the mount point {}, which leads elsewhere", point.display()),
        Why::Repository(name) => format!("lies in {name}, which holds a repository's credentials and hooks"),
        Why::Obeyed(name) => {
            format!("lies in {name}, which programs of this machine obey: it can be mounted to be read only")
        }
        Why::Holds(found) => {
            format!("holds {}, which programs of this machine obey: it can be mounted to be read only", found.display())
        }
        Why::BareRepository(repository) if repository == path => {
            "is a repository: it can be mounted to be read only".to_owned()
        }
        Why::BareRepository(repository) => {
            format!("lies in {}, which is a repository: it can be mounted to be read only", repository.display())
        }
        Why::Pinned(pinned) => format!(
            "holds {}, which is granted by name: a container could put a symlink in its place, and so say what is granted; \
             let it be read only, or grant one of the two",
            pinned.display()
        ),
        Why::Lent(lent) => format!(
            "lies in {}, to which the code of the definitions may write (--allow-write): it could put a symlink to \
             anywhere in its place",
            lent.display()
        ),
        Why::Granting(file) => {
            format!("has or can have {}, which grants: it can be mounted to be read only", file.display())
        }
        Why::Untrusted(project) => {
            let command = shell_word(project).map_or_else(String::new, |project| format!(" {project}"));
            let project = project.display();
            format!("would be written to, and {project} is not trusted: `drillmaster trust{command}` says that it is")
        }
    }
}

#[cfg(test)]
mod tests;
