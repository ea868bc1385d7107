//! The project directory, and the paths that a definition may name.

use std::io;
use std::path::{Path, PathBuf};

use crate::group::Paths;

/// The directory below which a definition finds what it mounts and builds.
#[derive(Debug, Clone)]
pub struct ProjectDirectory(PathBuf);

impl ProjectDirectory {
    /// The directory that a definition lies in.
    ///
    /// # Errors
    /// If it cannot be found.
    pub fn of(definition: &Path) -> io::Result<Self> {
        let definition = definition.canonicalize()?;
        Ok(Self(definition.parent().unwrap_or(Path::new("/")).to_owned()))
    }
}

impl Paths for ProjectDirectory {
    fn resolve(&self, path: &str) -> Result<PathBuf, String> {
        if path.is_empty() {
            return Err("the path is empty".to_owned());
        }
        // Symlinks and `..` are followed first: what counts is where the path leads.
        let resolved = self.0.join(path).canonicalize().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => format!("{path} does not exist below {}", self.0.display()),
            _ => format!("{path} cannot be found: {error}"),
        })?;
        if resolved.starts_with(&self.0) {
            Ok(resolved)
        } else {
            Err(format!("{path} leads outside the project directory {}", self.0.display()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project() -> (tempfile::TempDir, ProjectDirectory) {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("app")).unwrap();
        std::fs::write(directory.path().join("app.wasm"), "").unwrap();
        let project = ProjectDirectory::of(&directory.path().join("app.wasm")).unwrap();
        (directory, project)
    }

    #[test]
    fn a_path_below_the_project_is_found() {
        let (directory, project) = project();
        let expected = directory.path().canonicalize().unwrap().join("app");
        assert_eq!(project.resolve("app").unwrap(), expected);
        assert_eq!(project.resolve("./app/../app").unwrap(), expected);
    }

    #[test]
    fn a_path_that_leads_out_is_refused() {
        let (_directory, project) = project();
        for path in ["..", "/etc", "app/../.."] {
            let error = project.resolve(path).unwrap_err();
            assert!(error.contains("leads outside the project directory"), "{path}: {error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_symlink_that_leads_out_is_refused() {
        let (directory, project) = project();
        std::os::unix::fs::symlink("/etc", directory.path().join("link")).unwrap();
        assert!(project.resolve("link").unwrap_err().contains("leads outside the project directory"));
    }

    #[test]
    fn a_path_that_is_not_there_is_named() {
        let (_directory, project) = project();
        assert!(project.resolve("ap").unwrap_err().starts_with("ap does not exist below"));
        assert_eq!(project.resolve("").unwrap_err(), "the path is empty");
    }
}
