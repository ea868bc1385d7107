//! What lies below a directory, as far as one looks.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::grants::{OutOfReach, is_bare_repository, is_obeyed_name, obeyed_entry};

use super::ownership::{NotOwn, is_own_entry};
use super::{PROJECT_FILE, resolved};

/// How many files and directories are looked at below what is mounted to be written to.
const LOOKED_AT: usize = 20_000;

/// A directory and those below it, each with the names of what is in it: the first 20,000 files and directories.
pub(super) fn directories_below(directory: &Path) -> impl Iterator<Item = (PathBuf, BTreeSet<OsString>)> {
    let mut left = LOOKED_AT;
    let mut directories = vec![directory.to_owned()];
    std::iter::from_fn(move || {
        let directory = directories.pop()?;
        let mut names = BTreeSet::new();
        // It may be a file; or what a container has made, as a database, which this account may not read.
        for entry in std::fs::read_dir(&directory).into_iter().flatten().flatten().take(left) {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                directories.push(entry.path());
            }
            names.insert(entry.file_name());
        }
        left -= names.len();
        Some((directory, names))
    })
}

/// What programs obey in a directory and below it, as far as one looks, and what it lies in: what grants, and what version
/// control, editors and shells go by. The code of definitions writes nothing of it.
#[must_use]
pub fn obeyed_around(directory: &Path) -> Vec<OutOfReach> {
    let directory = resolved(directory);
    let obeyed = |above: &&Path| {
        let name = above.file_name().unwrap_or_default().to_string_lossy();
        is_obeyed_name(&name) || is_bare_repository(|name| above.join(name).symlink_metadata().is_ok())
    };
    let above = directory.ancestors().find(obeyed);
    let above = above.map(|above| OutOfReach::to_write("what programs of this machine obey", above));
    let below = directories_below(&directory).flat_map(|(directory, names)| {
        let has = |name: &str| names.contains(OsStr::new(name));
        let grants = has(PROJECT_FILE).then(|| OutOfReach::to_write("what grants", directory.join(PROJECT_FILE)));
        let obeyed = obeyed_entry(has)
            .map(|name| OutOfReach::to_write("what programs of this machine obey", directory.join(name)));
        grants.into_iter().chain(obeyed)
    });
    above.into_iter().chain(below).collect()
}

/// What the files are called that have code which definitions in Python and JavaScript import. What containers write is seldom
/// called so.
const IMPORTABLE: [&str; 3] = ["js", "mjs", "py"];

/// Looks whether what a definition can import from a directory, or from below it, is the person's own, as far as one looks:
/// the files by their names, and the directories that they lie in.
///
/// # Errors
/// The first that is not.
pub fn importable_are_own(directory: &Path) -> Result<(), NotOwn> {
    let is_importable = |name: &OsString| {
        let extension = Path::new(name).extension().unwrap_or_default();
        IMPORTABLE.iter().any(|importable| extension == *importable)
    };
    for (below, names) in directories_below(directory) {
        let files: Vec<_> = names.iter().filter(|name| is_importable(name)).map(|name| below.join(name)).collect();
        let directories = below.ancestors().take_while(|above| *above != directory).filter(|_| !files.is_empty());
        for path in directories.map(Path::to_owned).chain(files.iter().map(|file| resolved(file))) {
            is_own_entry(&path)?;
        }
    }
    Ok(())
}
