//! Opening the directory that was checked, and no other that somebody put in its place; and files in it, and nothing else.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use cap_std::fs::{Dir, File, OpenOptions};

/// Opens a directory by an absolute path without symlinks, as it was when it was checked. If there is one in it now, it
/// is not followed.
///
/// # Errors
/// [`io::ErrorKind::NotADirectory`] for a symlink too.
#[cfg(unix)]
pub(super) fn open(directory: &Path) -> io::Result<Dir> {
    use rustix::fs::{CWD, Mode, OFlags, openat};

    // Those above are only gone through, which takes no right to read them.
    #[cfg(target_os = "linux")]
    let through = OFlags::PATH;
    #[cfg(not(target_os = "linux"))]
    let through = OFlags::RDONLY;
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut opened = openat(CWD, "/", flags | through, Mode::empty())?;
    for name in directory.strip_prefix("/").map_err(io::Error::other)? {
        opened = openat(&opened, name, flags | through, Mode::empty())?;
    }
    let opened = openat(&opened, ".", flags | OFlags::RDONLY, Mode::empty())?;
    Ok(Dir::from_std_file(opened.into()))
}

/// Opens a directory by an absolute path without symlinks, as it was when it was checked.
///
/// # Errors
/// [`io::ErrorKind::NotADirectory`] if it leads elsewhere now.
#[cfg(not(unix))]
pub(super) fn open(directory: &Path) -> io::Result<Dir> {
    if directory.canonicalize()? != directory {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    Dir::open_ambient_dir(directory, cap_std::ambient_authority())
}

/// Opens a regular file in a directory to read it. Anything else is an error and not waited for.
pub(super) fn open_regular(directory: &Dir, name: impl AsRef<OsStr>) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use cap_std::fs::OpenOptionsExt as _;
        // Opening a pipe would wait for its other end.
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    let file = directory.open_with(Path::new(&name), &options)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is no regular file")) }
}
