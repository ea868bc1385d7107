//! The projects that a group belongs to beside the one that its labels name.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::files::replace;
use crate::group::{Account, Adoption};

use super::private;

/// The most that is read of the file.
const LIMIT: u64 = 1024 * 1024;

/// Of which projects a person has said, or it was found, that a group is theirs whatever its labels say, in a file.
///
/// The labels cannot be changed: when another project has a group by its person's word, or because the directory of the one
/// before has moved, that is remembered here. It holds for that project, and not the other way round. Losing the file loses
/// that and nothing else.
#[derive(Debug)]
pub struct Projects {
    file: PathBuf,
    adoptions: BTreeSet<Adoption>,
}

/// The projects of a group cannot be kept.
#[derive(Debug, thiserror::Error)]
#[error("cannot keep whose the group is in {}: {error}", file.display())]
pub struct ProjectsError {
    file: PathBuf,
    error: io::Error,
}

impl Projects {
    /// What a file says, which lies in this account's state; nothing if it is not there.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn open(file: &Path, account: &Account) -> Result<Self, ProjectsError> {
        let text = match private::read(file, LIMIT) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read.map_err(|error| ProjectsError { file: file.to_owned(), error })?,
        };
        let adoptions = String::from_utf8_lossy(&text).lines().filter_map(|line| read_line(line, account)).collect();
        Ok(Self { file: file.to_owned(), adoptions })
    }

    /// All of it.
    #[must_use]
    pub fn adoptions(&self) -> &BTreeSet<Adoption> {
        &self.adoptions
    }

    /// From now on this holds too.
    ///
    /// # Errors
    /// If that cannot be written.
    pub fn add(&mut self, adoptions: BTreeSet<Adoption>) -> Result<(), ProjectsError> {
        let failed = |error| ProjectsError { file: self.file.clone(), error };
        self.adoptions.extend(adoptions);
        let lines = self.adoptions.iter().map(|adoption| Ok(serde_json::to_string(adoption)? + "\n"));
        let text = lines.collect::<io::Result<String>>().map_err(failed)?;
        replace(&self.file, text.as_bytes()).map_err(failed)
    }

    /// Nothing is left of the group that could belong to anybody.
    ///
    /// # Errors
    /// If that cannot be written.
    pub fn forget(self) -> Result<(), ProjectsError> {
        match std::fs::remove_file(&self.file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ProjectsError { file: self.file, error }),
            _ => Ok(()),
        }
    }
}

/// A line of JSON, or as drillmaster 0.1 wrote it: the directory of one of this account's projects.
fn read_line(line: &str, account: &Account) -> Option<Adoption> {
    if line.starts_with('/') {
        let directory = line.replace("\\n", "\n").replace("\\\\", "\\");
        return Some(Adoption { by: account.owner(&directory).known(), of: None, moved: false });
    }
    serde_json::from_str(line).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        Account { machine: "m".to_owned(), user: 1000, name: "alice@laptop".to_owned() }
    }

    fn adoption(by: &str, of: Option<&str>) -> Adoption {
        let known = |directory: &str| account().owner(directory).known();
        Adoption { by: known(by), of: of.map(known), moved: of.is_some() }
    }

    #[test]
    fn what_was_added_is_known_until_it_is_forgotten() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("projects");
        let open = || Projects::open(&file, &account()).unwrap();
        assert!(open().adoptions().is_empty());
        open().add([adoption("/a\n\\b", Some("/c")), adoption("/c", None)].into()).unwrap();
        open().add([adoption("/d", Some("/e"))].into()).unwrap();
        let all = [adoption("/a\n\\b", Some("/c")), adoption("/c", None), adoption("/d", Some("/e"))];
        assert_eq!(*open().adoptions(), all.into());
        open().forget().unwrap();
        assert!(open().adoptions().is_empty() && !file.exists());
        open().forget().unwrap();
    }

    #[test]
    fn the_directories_that_an_earlier_version_kept_have_what_it_made() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("projects");
        std::fs::write(&file, "/a\\nb\n/c\n\nnothing\n{\"by\": 1}\n").unwrap();
        let known = Projects::open(&file, &account()).unwrap();
        assert_eq!(*known.adoptions(), [adoption("/a\nb", None), adoption("/c", None)].into());
    }

    #[test]
    fn a_file_that_cannot_be_used_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let error = Projects::open(directory.path(), &account()).unwrap_err().to_string();
        assert!(error.contains(&directory.path().display().to_string()), "{error}");
        let mut projects = Projects::open(&directory.path().join("no/such/projects"), &account()).unwrap();
        assert!(projects.add([adoption("/a", None)].into()).unwrap_err().to_string().contains("no/such/projects"));
    }
}
