//! Which directories of this machine the code of a definition is lent, to read or to write.

use std::fmt;
use std::path::{Path, PathBuf};

use super::fence::{OutOfReach, is_above, kernel, overlap};

/// Why a definition is not lent a directory that was granted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct DirectoryDenied {
    /// The option that grants it.
    option: &'static str,
    /// As the person wrote it.
    written: PathBuf,
    /// Where it leads.
    path: PathBuf,
    /// What it is, holds, or lies in.
    found: OutOfReach,
}

/// Whether a definition is lent a directory: neither what is out of reach, nor what holds it or lies in it; and to write, none
/// that holds what else is granted, or a symlink on the way there, in whose place it could put another one. All paths are
/// absolute, without symlinks.
///
/// # Errors
/// Says what is in the way.
pub fn may_be_lent(
    option: &'static str,
    written: &Path,
    path: &Path,
    to_write: bool,
    out_of_reach: &[OutOfReach],
    pinned: &[PathBuf],
) -> Result<(), DirectoryDenied> {
    let found = out_of_reach.iter().cloned().chain(kernel()).filter(|one| to_write || !one.can_be_read);
    let found = found.into_iter().find(|one| overlap(path, &one.path));
    let pinned = pinned.iter().find(|pinned| to_write && is_above(path, pinned));
    match found.or_else(|| Some(OutOfReach::to_write("what is granted by name", pinned?))) {
        Some(found) => Err(DirectoryDenied { option, written: written.to_owned(), path: path.to_owned(), found }),
        None => Ok(()),
    }
}

impl fmt::Display for DirectoryDenied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { option, written, path, found } = self;
        write!(f, "{option} {}: ", written.display())?;
        if written == path {
            f.write_str("it ")?;
        } else {
            write!(f, "it leads to {}, which ", path.display())?;
        }
        f.write_str(&found.relation(path))?;
        f.write_str(if found.can_be_read {
            "; a definition can read it, with --allow-read"
        } else {
            "; nothing grants that"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lent(path: &str, to_write: bool) -> Result<(), String> {
        let out_of_reach = [
            OutOfReach::new("drillmaster's state", "/home/me/.local/state/drillmaster"),
            OutOfReach::to_write("what grants", "/home/me/p/drillmaster.toml"),
            OutOfReach::to_write("a definition", "/home/me/p/defs/app.wasm"),
            OutOfReach::to_write("sources of a definition", "/home/me/p/rust"),
        ];
        let option = if to_write { "--allow-write" } else { "--allow-read" };
        let written = Path::new(path.rsplit('/').next().unwrap());
        let pinned = ["/srv/granted/one", "/srv/data"].map(PathBuf::from);
        let lent = may_be_lent(option, written, Path::new(path), to_write, &out_of_reach, &pinned);
        lent.map_err(|denied| denied.to_string())
    }

    #[test]
    fn what_else_is_granted_cannot_be_replaced() {
        for path in ["/srv/data", "/srv/data/deep", "/srv/granted/one", "/srv/granted/other"] {
            assert_eq!((lent(path, false), lent(path, true)), (Ok(()), Ok(())), "{path}");
        }
        for path in ["/srv", "/srv/granted"] {
            assert_eq!(lent(path, false), Ok(()));
            assert!(lent(path, true).unwrap_err().contains("holds what is granted by name, /srv/"), "{path}");
        }
    }

    #[test]
    fn a_directory_of_the_project_is_lent() {
        for path in ["/home/me/p/out", "/home/me/p/defs/out", "/srv/data", "/home/me/.local/state/other"] {
            assert_eq!((lent(path, false), lent(path, true)), (Ok(()), Ok(())), "{path}");
        }
    }

    #[test]
    fn what_grants_and_definitions_are_only_read() {
        for path in ["/home/me/p", "/home/me/p/defs", "/home/me/p/rust", "/home/me/p/rust/src"] {
            assert_eq!(lent(path, false), Ok(()), "{path}");
            assert!(lent(path, true).unwrap_err().ends_with("; a definition can read it, with --allow-read"), "{path}");
        }
        assert_eq!(
            lent("/home/me/p", true).unwrap_err(),
            "--allow-write p: it leads to /home/me/p, which holds what grants, /home/me/p/drillmaster.toml; a definition \
             can read it, with --allow-read"
        );
    }

    #[test]
    fn what_is_out_of_reach_is_not_lent_at_all() {
        for path in ["/", "/home/me", "/home/me/.local/state/drillmaster", "/home/me/.local/state/drillmaster/e/g"] {
            for to_write in [false, true] {
                assert!(lent(path, to_write).unwrap_err().contains("drillmaster's state"), "{path}");
            }
        }
        for path in ["/proc/self", "/sys", "/dev/shm"] {
            assert!(lent(path, false).unwrap_err().ends_with("; nothing grants that"), "{path}");
        }
    }
}
