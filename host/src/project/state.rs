//! The directory in which state is kept between commands.

use std::io;
use std::path::{Path, PathBuf};

use crate::group::GroupName;

/// The state of one group on one engine.
///
/// Deleting it loses the values of the context, and the key without which the values of older containers cannot be compared
/// with what is declared; and nothing else.
#[derive(Debug, Clone)]
pub struct StateDirectory(PathBuf);

/// Why there is no state directory.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Nothing says where it should be.
    #[error("cannot tell where to keep state: neither XDG_STATE_HOME nor HOME is set")]
    NoHome,
    /// It cannot be made.
    #[error("cannot make the state directory {directory}: {source}; set XDG_STATE_HOME to a directory of yours")]
    NotMade {
        /// The directory.
        directory: String,
        /// Why.
        source: io::Error,
    },
}

impl StateDirectory {
    /// The directory `drillmaster/ENGINE/GROUP` in `$XDG_STATE_HOME`, else in `~/.local/state`. It need not be there.
    ///
    /// # Errors
    /// If nothing says where it should be.
    pub fn of(engine: &str, group: &GroupName) -> Result<Self, StateError> {
        Ok(Self::below(&Self::of_all().ok_or(StateError::NoHome)?, engine, group))
    }

    /// The directory of all groups on all engines, `drillmaster`; none if nothing says where it should be.
    #[must_use]
    pub fn of_all() -> Option<PathBuf> {
        let home = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let home = home.or_else(|| Some(std::env::home_dir()?.join(".local/state")))?;
        Some(home.join("drillmaster"))
    }

    fn below(all: &Path, engine: &str, group: &GroupName) -> Self {
        // An engine's id can hold characters that a file name should not.
        let engine: String = engine.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        Self(all.join(engine).join(group.as_str()))
    }

    /// Makes the directory if it is not there, for this user alone.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn make(&self) -> Result<(), StateError> {
        private(&self.0).map_err(|source| StateError::NotMade { directory: self.0.display().to_string(), source })
    }

    /// The file that holds the context.
    #[must_use]
    pub fn context(&self) -> PathBuf {
        self.0.join("context.json")
    }

    /// The file that says what the engine was asked for and may still be doing.
    #[must_use]
    pub fn pending(&self) -> PathBuf {
        self.0.join("pending")
    }

    /// The file that says which projects the group belongs to.
    #[must_use]
    pub fn projects(&self) -> PathBuf {
        self.0.join("projects")
    }

    /// The file that holds the key of the fingerprints in labels, the same for all groups on the engine. No group can have
    /// this name.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.0.with_file_name(".key")
    }

    /// The file that is locked while a command changes the group.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.0.join("lock")
    }
}

/// Makes a directory and those above it, for this user alone.
pub(super) fn private(directory: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_engine_and_group_has_a_directory_of_its_own() {
        let home = tempfile::tempdir().unwrap();
        let of = |engine, group| StateDirectory::below(home.path(), engine, &GroupName::new(group).unwrap()).0;
        assert_eq!(of("AB:CD", "todo"), home.path().join("AB-CD/todo"));
        assert_ne!(of("AB:CD", "todo"), of("AB:CE", "todo"));
        assert_ne!(of("AB:CD", "todo"), of("AB:CD", "tada"));
    }

    #[test]
    fn all_groups_on_an_engine_have_one_key() {
        let home = tempfile::tempdir().unwrap();
        let key = |engine, group| StateDirectory::below(home.path(), engine, &GroupName::new(group).unwrap()).key();
        assert_eq!(key("e", "todo"), home.path().join("e/.key"));
        assert_eq!(key("e", "todo.x"), key("e", "shop"));
        assert_ne!(key("e", "todo"), key("f", "todo"));
        assert!(GroupName::new(".key").is_err());
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_named() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("e"), "a file").unwrap();
        let state = StateDirectory::below(home.path(), "e", &GroupName::new("g").unwrap());
        let error = state.make().unwrap_err().to_string();
        assert!(error.contains("/e/g") && error.contains("XDG_STATE_HOME"), "{error}");
    }
}
