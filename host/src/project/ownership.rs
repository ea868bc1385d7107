//! Whether a file is the person's own: nobody else could have put it there, or can change it.

use std::fs::Metadata;
use std::path::Path;

/// Why a file is not taken for the person's own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotOwn {
    /// Another user owns it, or a directory above it.
    #[error("{path} belongs to the user {user}, and not to you or root")]
    Owner {
        /// What belongs to somebody else.
        path: String,
        /// The name of its owner, else the number.
        user: String,
    },
    /// Others may write to it, or to a directory above it.
    #[error("{path} can be written by other users (its mode is {mode:o}); `chmod o-w,g-w` takes that from them")]
    Writable {
        /// What others can write to.
        path: String,
        /// Its permissions.
        mode: u32,
    },
    /// It leads elsewhere.
    #[error("{path} is a symlink, and leads where somebody else may say")]
    Symlink {
        /// What is one.
        path: String,
    },
    /// It cannot be looked at.
    #[error("cannot look at {path}: {reason}")]
    Unknown {
        /// What cannot be looked at.
        path: String,
        /// Why.
        reason: String,
    },
}

/// Who may do what with a file or directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg(unix)]
struct Permissions {
    owner: u32,
    group: u32,
    /// As `chmod` has it, without the type of the file.
    mode: u32,
}

/// Looks whether a file and all directories above it belong to the person or root, and nobody else may write there: then
/// nobody else has written what it says. In a directory with the sticky bit, as `/tmp`, others cannot touch what is not
/// theirs; but the file must not lie in such a directory itself, where others could put files beside it.
///
/// `path` is absolute and has no symlinks.
///
/// # Errors
/// The first of them that is not so, from the file upwards.
#[cfg(unix)]
pub fn is_own(path: &Path) -> Result<(), NotOwn> {
    // The directory that holds the file is the second.
    are_own(path, |index| index > 1)
}

/// The same of a directory, in which others could put files beside what is there.
///
/// # Errors
/// The first that is not so, from the directory upwards.
#[cfg(unix)]
pub fn is_own_directory(path: &Path) -> Result<(), NotOwn> {
    are_own(path, |index| index > 0)
}

/// The same of a path and all above it, of which these may be directories with the sticky bit.
#[cfg(unix)]
fn are_own(path: &Path, may_be_sticky: impl Fn(usize) -> bool) -> Result<(), NotOwn> {
    for (index, part) in path.ancestors().enumerate() {
        let found = std::fs::symlink_metadata(part);
        let found =
            found.map_err(|error| NotOwn::Unknown { path: part.display().to_string(), reason: error.to_string() })?;
        belongs(part, &found, may_be_sticky(index))?;
    }
    Ok(())
}

/// Who else may write to a directory cannot be told here.
#[cfg(not(unix))]
pub fn is_own_directory(_: &Path) -> Result<(), NotOwn> {
    Ok(())
}

/// The same of a file or directory alone, in a directory that is the person's own.
///
/// # Errors
/// If it is not so.
pub fn is_own_entry(path: &Path) -> Result<(), NotOwn> {
    let found = std::fs::symlink_metadata(path);
    let found =
        found.map_err(|error| NotOwn::Unknown { path: path.display().to_string(), reason: error.to_string() })?;
    is_private(path, &found)
}

/// Looks whether a file or directory, of which this was found, is no symlink, belongs to the person or root, and nobody else
/// may write there.
///
/// # Errors
/// What is not so.
#[cfg(unix)]
pub(super) fn is_private(path: &Path, found: &Metadata) -> Result<(), NotOwn> {
    if found.is_symlink() {
        return Err(NotOwn::Symlink { path: path.display().to_string() });
    }
    belongs(path, found, false)
}

/// Who else may write to a file cannot be told here.
#[cfg(not(unix))]
pub(super) fn is_private(_: &Path, _: &Metadata) -> Result<(), NotOwn> {
    Ok(())
}

#[cfg(unix)]
fn belongs(path: &Path, found: &Metadata, may_be_sticky: bool) -> Result<(), NotOwn> {
    use std::os::unix::fs::MetadataExt as _;
    let permissions = Permissions { owner: found.uid(), group: found.gid(), mode: found.mode() & 0o7777 };
    let path = || path.display().to_string();
    if !super::account::trusted_users().contains(&permissions.owner) {
        return Err(NotOwn::Owner { path: path(), user: user_name(permissions.owner) });
    }
    if others_may_write(permissions, may_be_sticky, is_private_group) {
        return Err(NotOwn::Writable { path: path(), mode: permissions.mode });
    }
    Ok(())
}

/// Who else may write to a file cannot be told here.
#[cfg(not(unix))]
pub fn is_own(_: &Path) -> Result<(), NotOwn> {
    Ok(())
}

/// Whether users who are not trusted may write. Many systems give each person a group of their own and let it write to
/// all that is theirs (umask 002): such a group has nobody else in it.
#[cfg(unix)]
fn others_may_write(found: Permissions, may_be_sticky: bool, is_private_group: impl Fn(u32, u32) -> bool) -> bool {
    const STICKY: u32 = 0o1000;
    const GROUP: u32 = 0o020;
    const OTHERS: u32 = 0o002;
    if may_be_sticky && found.mode & STICKY != 0 {
        return false;
    }
    let by_group = found.mode & GROUP != 0 && found.group != 0 && !is_private_group(found.group, found.owner);
    found.mode & OTHERS != 0 || by_group
}

/// Whether a group has nobody in it but this user, whose own group it is.
#[cfg(unix)]
fn is_private_group(group: u32, user: u32) -> bool {
    let (Ok(Some(group)), Ok(Some(user))) =
        (nix::unistd::Group::from_gid(group.into()), nix::unistd::User::from_uid(user.into()))
    else {
        return false;
    };
    user.gid == group.gid && group.name == user.name && group.mem.iter().all(|member| *member == user.name)
}

#[cfg(unix)]
fn user_name(user: u32) -> String {
    let account = nix::unistd::User::from_uid(user.into()).ok().flatten();
    account.map_or_else(|| user.to_string(), |account| account.name)
}

/// The number of the user who owns a file or directory, where users have numbers.
#[must_use]
pub(super) fn owner(path: &Path) -> Option<u32> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        std::fs::metadata(path).ok().map(|found| found.uid())
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

/// Whether everybody may write to a directory, so that what lies in it says nothing of whose it is.
#[must_use]
pub(super) fn is_everybodys(directory: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        std::fs::metadata(directory).is_ok_and(|found| found.mode() & 0o002 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = directory;
        false
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn others_write_by_the_mode_and_a_group_that_is_not_the_owners_alone() {
        let may = |mode, private: bool| {
            let found = Permissions { owner: 1000, group: 1000, mode };
            (others_may_write(found, false, |_, _| private), others_may_write(found, true, |_, _| private))
        };
        assert_eq!(may(0o644, false), (false, false));
        assert_eq!(may(0o755, true), (false, false));
        assert_eq!(may(0o775, true), (false, false));
        assert_eq!(may(0o775, false), (true, true));
        assert_eq!(may(0o777, true), (true, true));
        assert_eq!(may(0o1777, true), (true, false));
        assert_eq!(may(0o1775, false), (true, false));
        let of_root = Permissions { owner: 0, group: 0, mode: 0o775 };
        assert!(!others_may_write(of_root, false, |_, _| false));
    }

    #[test]
    fn a_file_that_everybody_may_write_to_or_that_lies_among_everybodys_is_not_the_persons() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().canonicalize().unwrap();
        let below = home.join("a");
        std::fs::create_dir(&below).unwrap();
        let file = below.join("drillmaster.toml");
        std::fs::write(&file, "").unwrap();
        let mode = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
        mode(&file, 0o644);
        mode(&below, 0o755);
        assert_eq!(is_own(&file), Ok(()));
        mode(&file, 0o666);
        assert_eq!(is_own(&file), Err(NotOwn::Writable { path: file.display().to_string(), mode: 0o666 }));
        mode(&file, 0o644);
        for (path, changed) in [(&below, 0o777), (&below, 0o1777), (&home, 0o777)] {
            mode(path, changed);
            assert_eq!(is_own(&file), Err(NotOwn::Writable { path: path.display().to_string(), mode: changed }));
            assert!(is_everybodys(path));
            mode(path, 0o755);
        }
        mode(&home, 0o1777);
        assert_eq!(is_own(&file), Ok(()));
        let gone = below.join("gone");
        assert!(is_own(&gone).unwrap_err().to_string().starts_with(&format!("cannot look at {}", gone.display())));
    }
}
