//! The projects that a group belongs to beside the one that its labels name.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::group::{Account, KnownProject};

/// The projects of which a person has said, or of which it was found, that a group is theirs too, in a file.
///
/// Whose a group is stands in the labels of its things. These cannot be changed, though: when another project has a group by
/// its person's word, or because the first one's directory has moved, that is remembered here. Losing the file loses that and
/// nothing else.
#[derive(Debug)]
pub struct Projects {
    file: PathBuf,
    known: BTreeSet<KnownProject>,
}

/// The projects of a group cannot be kept.
#[derive(Debug, thiserror::Error)]
#[error("cannot keep whose the group is in {}: {error}", file.display())]
pub struct ProjectsError {
    file: PathBuf,
    error: io::Error,
}

impl Projects {
    /// Those that a file names, which lies in this account's state; none if it is not there.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn open(file: &Path, account: &Account) -> Result<Self, ProjectsError> {
        let text = match std::fs::read_to_string(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            read => read.map_err(|error| ProjectsError { file: file.to_owned(), error })?,
        };
        let known = text.lines().filter_map(|line| read_line(line, account)).collect();
        Ok(Self { file: file.to_owned(), known })
    }

    /// All of them.
    #[must_use]
    pub fn known(&self) -> &BTreeSet<KnownProject> {
        &self.known
    }

    /// From now on the group belongs to these projects too.
    ///
    /// # Errors
    /// If that cannot be written.
    pub fn add(&mut self, projects: BTreeSet<KnownProject>) -> Result<(), ProjectsError> {
        if projects.is_subset(&self.known) {
            return Ok(());
        }
        self.known.extend(projects);
        let text: String = self.known.iter().map(line).collect();
        std::fs::write(&self.file, text).map_err(|error| ProjectsError { file: self.file.clone(), error })
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

/// The project's id and its directory.
fn line(project: &KnownProject) -> String {
    format!("{} {}\n", project.id, escaped(&project.directory))
}

fn escaped(directory: &str) -> String {
    directory.replace('\\', "\\\\").replace('\n', "\\n")
}

fn unescaped(text: &str) -> String {
    let mut characters = text.chars();
    let mut directory = String::new();
    while let Some(character) = characters.next() {
        directory.push(match character {
            '\\' if characters.next() == Some('n') => '\n',
            other => other,
        });
    }
    directory
}

/// A line as [`line`] writes it, or as drillmaster 0.1 did: the directory alone, which was one of this account's.
fn read_line(line: &str, account: &Account) -> Option<KnownProject> {
    if line.starts_with('/') {
        return Some(account.owner(&unescaped(line)).known());
    }
    let (id, directory) = line.split_once(' ')?;
    Some(KnownProject { id: id.to_owned(), directory: unescaped(directory) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        Account { machine: "m".to_owned(), user: 1000, name: "alice@laptop".to_owned() }
    }

    fn known(directory: &str) -> KnownProject {
        account().owner(directory).known()
    }

    #[test]
    fn what_was_added_is_known_until_it_is_forgotten() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("projects");
        let open = || Projects::open(&file, &account()).unwrap();
        assert!(open().known().is_empty());
        open().add([known("/a\n\\b"), known("/c")].into()).unwrap();
        let elsewhere = KnownProject { id: "0123".to_owned(), directory: "/on another machine".to_owned() };
        open().add([elsewhere.clone()].into()).unwrap();
        assert_eq!(*open().known(), [known("/a\n\\b"), known("/c"), elsewhere].into());
        open().forget().unwrap();
        assert!(open().known().is_empty() && !file.exists());
        open().forget().unwrap();
    }

    #[test]
    fn the_directories_that_an_earlier_version_kept_are_this_accounts() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("projects");
        std::fs::write(&file, "/a\\nb\n/c\n\nnothing\n").unwrap();
        assert_eq!(*Projects::open(&file, &account()).unwrap().known(), [known("/a\nb"), known("/c")].into());
    }

    #[test]
    fn a_file_that_cannot_be_used_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let error = Projects::open(directory.path(), &account()).unwrap_err().to_string();
        assert!(error.contains(&directory.path().display().to_string()), "{error}");
        let mut projects = Projects::open(&directory.path().join("no/such/projects"), &account()).unwrap();
        assert!(projects.add([known("/a")].into()).unwrap_err().to_string().contains("no/such/projects"));
    }
}
