//! What is kept for this user alone: nobody else may have put it there, or change it.

use std::io;
use std::path::Path;

use crate::files::{Symlink, open_regular, read_to};

use super::ownership::{NotOwn, is_private};

/// Makes a directory and those above it, for this user alone.
///
/// # Errors
/// Also if it is there, and not this user's alone.
pub(super) fn make_directory(directory: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)?;
    check(directory).map_err(io::Error::other)
}

/// Makes sure that a file or directory, if there is one, is no symlink, belongs to this user or root, and that nobody else may
/// write to it.
///
/// # Errors
/// What is not so.
pub fn check(path: &Path) -> Result<(), NotOwn> {
    match std::fs::symlink_metadata(path) {
        Ok(found) => is_private(path, &found),
        // Whoever uses it says what is the matter.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(()),
        Err(error) => Err(NotOwn::Unknown { path: path.display().to_string(), reason: error.to_string() }),
    }
}

/// Reads a file that is this user's alone, as the directory is in which it lies.
pub(super) fn read(file: &Path, limit: u64) -> io::Result<Vec<u8>> {
    file.parent().map_or(Ok(()), check).map_err(io::Error::other)?;
    let opened = open_regular(file, Symlink::Refused)?;
    is_private(file, &opened.metadata()?).map_err(io::Error::other)?;
    read_to(limit, opened)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn what_others_can_change_or_lead_elsewhere_is_not_read() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("state");
        make_directory(&directory).unwrap();
        let mode = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
        let file = directory.join("file");
        assert_eq!(read(&file, 9).unwrap_err().kind(), io::ErrorKind::NotFound);
        std::fs::write(&file, "mine").unwrap();
        mode(&file, 0o600);
        assert_eq!(read(&file, 9).unwrap(), b"mine");
        for (path, wrong, right) in [(&file, 0o602, 0o600), (&directory, 0o777, 0o700), (&directory, 0o1777, 0o700)] {
            mode(path, wrong);
            let error = read(&file, 9).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{} can be written by other users", path.display())), "{error}");
            mode(path, right);
        }
        let link = directory.join("link");
        symlink(&file, &link).unwrap();
        assert!(read(&link, 9).is_err());
        let elsewhere = home.path().join("elsewhere");
        symlink(&directory, &elsewhere).unwrap();
        assert!(read(&elsewhere.join("file"), 9).unwrap_err().to_string().contains("is a symlink"));
        assert!(make_directory(&elsewhere).unwrap_err().to_string().contains("is a symlink"));
    }
}
