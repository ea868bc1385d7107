//! Files where anybody may have put something else, and files of our own: reading neither waits nor takes without end, and
//! replacing is all or nothing.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Whether a symlink at a path is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Symlink {
    /// It is.
    Followed,
    /// It is an error.
    Refused,
}

/// Reads a regular file of at most `limit` bytes. Anything else is an error and not waited for: reading from a pipe could
/// take for ever.
pub(crate) fn read_regular(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_to(limit, open_regular(path, Symlink::Followed)?)
}

/// The same of a text.
pub(crate) fn read_regular_text(path: &Path, limit: u64) -> io::Result<String> {
    String::from_utf8(read_regular(path, limit)?).map_err(|_| io::Error::other("it is not UTF-8"))
}

/// Reads an open file, which has at most `limit` bytes.
pub(crate) fn read_to(limit: u64, file: impl io::Read) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    file.take(limit + 1).read_to_end(&mut content)?;
    if content.len() as u64 > limit {
        return Err(io::Error::other(format!("it has more than {limit} bytes, the most that is read")));
    }
    Ok(content)
}

/// Opens a regular file to read it.
pub(crate) fn open_regular(path: &Path, symlink: Symlink) -> io::Result<File> {
    // Looked at before, since opening a device can do something; and then what has been opened.
    match symlink {
        Symlink::Followed => is_regular(&std::fs::metadata(path)?)?,
        Symlink::Refused => is_regular(&std::fs::symlink_metadata(path)?)?,
    }
    open_at_once(OpenOptions::new().read(true), path, symlink)
}

/// Opens a regular file to read and write it, made for this user alone if there is none.
pub(crate) fn open_own(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    open_at_once(&mut options, path, Symlink::Refused)
}

/// Replaces a file of ours as a whole: a reader, or one who comes after a crash of this program, finds the old content or the
/// new one. One writer at a time.
pub(crate) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    replace_with(path, content, |_| Ok(()))
}

/// The same, also where the machine crashes. It waits for the disk.
pub(crate) fn replace_durably(path: &Path, content: &[u8]) -> io::Result<()> {
    replace_with(path, content, File::sync_all)
}

fn replace_with(path: &Path, content: &[u8], settle: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(".new");
    let new: PathBuf = path.with_file_name(name);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    let written = open_at_once(&mut options, &new, Symlink::Refused).and_then(|mut file| {
        file.write_all(content)?;
        settle(&file)
    });
    let replaced = written.and_then(|()| std::fs::rename(&new, path));
    if replaced.is_err() {
        let _ = std::fs::remove_file(&new);
    }
    replaced
}

/// Opens a file, but waits for nobody: should it be a pipe by now, its other end would be waited for.
fn open_at_once(options: &mut OpenOptions, path: &Path, symlink: Symlink) -> io::Result<File> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;

        use rustix::fs::OFlags;
        let mut flags = OFlags::NONBLOCK;
        if symlink == Symlink::Refused {
            flags |= OFlags::NOFOLLOW;
        }
        options.mode(0o600).custom_flags(flags.bits().cast_signed());
    }
    #[cfg(not(unix))]
    let _ = symlink;
    let file = options.open(path).map_err(|error| {
        // Opening it says so in the words of a loop of them.
        let is_symlink = std::fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
        if symlink == Symlink::Refused && is_symlink { io::Error::other("it is a symlink") } else { error }
    })?;
    is_regular(&file.metadata()?)?;
    Ok(file)
}

fn is_regular(found: &Metadata) -> io::Result<()> {
    if found.is_file() { Ok(()) } else { Err(io::Error::other("it is no regular file")) }
}

#[cfg(test)]
mod tests;
