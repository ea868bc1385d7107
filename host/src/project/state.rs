//! The directory in which state is kept between commands.

use std::io;
use std::path::{Path, PathBuf};

use crate::group::GroupName;

use super::is_private;
use super::ownership::NotOwn;
use super::private::make_directory;

/// The directories of a group, its engine, and of all engines.
const LEVELS: usize = 3;

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
    /// Somebody else may say what is in it.
    #[error(
        "drillmaster keeps there what it does next, and somebody else could change it: {0}\nLook at it, and remove it or make \
         it yours; or set XDG_STATE_HOME to a directory of yours"
    )]
    NotOwn(#[from] NotOwn),
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
    /// If it cannot be made, or is not this user's alone.
    pub fn make(&self) -> Result<(), StateError> {
        self.check()?;
        make_directory(&self.0)
            .map_err(|source| StateError::NotMade { directory: self.0.display().to_string(), source })
    }

    /// Makes sure that nobody else may have put there what is there: neither the directory and those above it, up to the one
    /// of all groups, nor any of its files is a symlink, belongs to another user, or can be written by one.
    ///
    /// # Errors
    /// What is not so.
    pub fn check(&self) -> Result<(), StateError> {
        let directories = self.0.ancestors().take(LEVELS);
        directories.map(Path::to_owned).chain(self.files()).try_for_each(|path| is_private(&path).map_err(Into::into))
    }

    fn files(&self) -> [PathBuf; 5] {
        [self.lock(), self.pending(), self.projects(), self.context(), self.key()]
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

    #[cfg(unix)]
    #[test]
    fn what_somebody_else_may_have_put_there_is_refused_with_what_to_do() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let home = tempfile::tempdir().unwrap();
        let all = home.path().join("drillmaster");
        let state = StateDirectory::below(&all, "e", &GroupName::new("g").unwrap());
        state.check().unwrap();
        state.make().unwrap();
        let refused = |path: &Path| {
            let error = state.check().unwrap_err().to_string();
            assert!(error.contains(&path.display().to_string()) && error.contains("XDG_STATE_HOME"), "{error}");
            assert_eq!(state.make().unwrap_err().to_string(), error);
        };
        for directory in [&all, &all.join("e"), &all.join("e/g")] {
            std::fs::set_permissions(directory, PermissionsExt::from_mode(0o777)).unwrap();
            refused(directory);
            std::fs::set_permissions(directory, PermissionsExt::from_mode(0o755)).unwrap();
        }
        for file in state.files() {
            symlink("/etc/passwd", &file).unwrap();
            refused(&file);
            std::fs::remove_file(&file).unwrap();
            std::fs::write(&file, "").unwrap();
            std::fs::set_permissions(&file, PermissionsExt::from_mode(0o666)).unwrap();
            refused(&file);
            std::fs::remove_file(&file).unwrap();
        }
        std::fs::rename(&all, home.path().join("elsewhere")).unwrap();
        symlink(home.path().join("elsewhere"), &all).unwrap();
        refused(&all);
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
