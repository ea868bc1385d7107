//! The projects that a group belongs to.

use std::io;
use std::path::{Path, PathBuf};

/// The project directories whose definitions may change a group, in a file.
///
/// A definition chooses its group's name, and could choose that of somebody else's group, whose containers and volumes
/// would then be its own. So a group belongs to the project that began it, and to those that a person has said it does.
/// Losing the file loses that and nothing else.
#[derive(Debug)]
pub struct Projects {
    file: PathBuf,
    known: Vec<String>,
}

/// The projects of a group cannot be kept.
#[derive(Debug, thiserror::Error)]
#[error("cannot keep whose the group is in {}: {error}", file.display())]
pub struct ProjectsError {
    file: PathBuf,
    error: io::Error,
}

impl Projects {
    /// Those that a file names; none if it is not there.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn open(file: &Path) -> Result<Self, ProjectsError> {
        let text = match std::fs::read_to_string(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            read => read.map_err(|error| ProjectsError { file: file.to_owned(), error })?,
        };
        Ok(Self { file: file.to_owned(), known: text.lines().map(str::to_owned).collect() })
    }

    /// The project that the group belongs to, if this is none of its own. A group that nobody has begun is anybody's.
    #[must_use]
    pub fn other_than(&self, project: &Path) -> Option<&str> {
        if self.known.contains(&line(project)) { None } else { self.known.first().map(String::as_str) }
    }

    /// From now on the group belongs to this project too.
    ///
    /// # Errors
    /// If that cannot be written.
    pub fn add(&mut self, project: &Path) -> Result<(), ProjectsError> {
        let project = line(project);
        if self.known.contains(&project) {
            return Ok(());
        }
        self.known.push(project);
        let text = self.known.join("\n") + "\n";
        std::fs::write(&self.file, text).map_err(|error| ProjectsError { file: self.file.clone(), error })
    }
}

/// A path as a line of the file.
fn line(project: &Path) -> String {
    project.to_string_lossy().replace('\\', "\\\\").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_belongs_to_whom_began_it_and_to_those_that_were_added() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("projects");
        let open = || Projects::open(&file).unwrap();
        assert_eq!(open().other_than(Path::new("/a")), None);
        open().add(Path::new("/a\nb")).unwrap();
        assert_eq!(open().other_than(Path::new("/a\nb")), None);
        assert_eq!(open().other_than(Path::new("/a")), Some("/a\\nb"));
        assert_eq!(open().other_than(Path::new("b")), Some("/a\\nb"));
        open().add(Path::new("/c")).unwrap();
        open().add(Path::new("/c")).unwrap();
        assert_eq!(open().other_than(Path::new("/c")), None);
        assert_eq!(open().other_than(Path::new("/a\nb")), None);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "/a\\nb\n/c\n");
    }

    #[test]
    fn a_file_that_cannot_be_used_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let error = Projects::open(directory.path()).unwrap_err().to_string();
        assert!(error.contains(&directory.path().display().to_string()), "{error}");
        let mut projects = Projects::open(&directory.path().join("no/such/projects")).unwrap();
        assert!(projects.add(Path::new("/a")).unwrap_err().to_string().contains("no/such/projects"));
    }
}
