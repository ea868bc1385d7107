//! The build context: a directory as the tar file that the builder takes, and the digest of all an image is built from.

mod ignore;
mod open;
mod pattern;
mod timeless;

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use cap_std::fs::{Dir, DirEntry, Metadata, PermissionsExt as _};

use crate::files::read_to;
use crate::group::{Build, Digest};

use super::{Fetches, fetches};

use ignore::{Ignore, Matches, Mistake};
use open::open_regular;
use timeless::TimelessDigester;

/// The most that is packed, in GiB. More than that is nearly always data that was forgotten there, and every start would
/// read all of it.
const LIMIT_GIB: u64 = 4;

/// How deep directories may be nested. Each is open while those in it are read.
const DEEPEST: usize = 200;

/// The most files and directories that are looked at, packed or not.
const MOST_ENTRIES: usize = 1_000_000;

/// The most that is read of a `.dockerignore`.
const IGNORE_LIMIT: u64 = 1024 * 1024;

/// The most that is read of a Dockerfile.
const DOCKERFILE_LIMIT: u64 = 1024 * 1024;

/// What an image is built from, packed for the builder.
#[derive(Debug)]
pub struct BuildContext {
    /// The tar file. It has no name, and is gone when it is closed.
    pub file: File,
    /// What is in it.
    pub content: BuildContent,
}

/// What an image is built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildContent {
    /// The digest of the files and of everything else that shapes the image.
    pub digest: Digest,
    /// What the Dockerfile lets the engine download.
    pub fetches: Fetches,
}

/// Why a build context cannot be packed. Who tells it names the directory.
#[derive(Debug, thiserror::Error)]
pub enum BuildContextError {
    /// It is no directory; or there is a symlink in its path, where there was none when it was checked.
    #[error("it is no directory, or no longer the one that was checked: a part of its path is a symlink now")]
    Moved,
    /// Something in it cannot be read.
    #[error("{}: {error}", path.display())]
    Unreadable {
        /// What.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// There is no Dockerfile.
    #[error("{}: {}", path.display(), NO_DOCKERFILE)]
    NoDockerfile {
        /// Where it is looked for.
        path: PathBuf,
    },
    /// A line of the `.dockerignore` is no pattern.
    #[error("{}, line {line}: `{pattern}` is not a pattern: {reason}", file.display())]
    Pattern {
        /// The `.dockerignore`.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What stands there.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There is too much in it.
    #[error(
        "with {} it comes to more than {limit} bytes, the most that is sent to a builder; name in {} what the image is \
         not built from",
        path.display(), ignore.display()
    )]
    TooLarge {
        /// What did not fit any more.
        path: PathBuf,
        /// How much fits.
        limit: u64,
        /// The `.dockerignore`, which may not be there.
        ignore: PathBuf,
    },
    /// Its directories are nested too deep.
    #[error(
        "{} is nested more than {DEEPEST} directories deep; name in {} what the image is not built from",
        path.display(), ignore.display()
    )]
    TooDeep {
        /// The one that is too deep.
        path: PathBuf,
        /// The `.dockerignore`, which may not be there.
        ignore: PathBuf,
    },
    /// There are too many files in it.
    #[error(
        "with {} it has more than {most} files and directories; name in {} what the image is not built from",
        path.display(), ignore.display()
    )]
    TooMany {
        /// The directory with which there are too many.
        path: PathBuf,
        /// How many may be there.
        most: usize,
        /// The `.dockerignore`, which may not be there.
        ignore: PathBuf,
    },
    /// The packed files cannot be written.
    #[error("cannot pack it into a temporary file in {}: {}", std::env::temp_dir().display(), .0)]
    Unwritable(io::Error),
}

impl BuildContext {
    /// Packs what a build takes: all of the directory but what its `.dockerignore` leaves out. It blocks.
    ///
    /// # Errors
    /// If the directory cannot be read, holds more than 4 GiB, or its `.dockerignore` is wrong.
    pub fn pack(build: &Build, platform: Option<&str>) -> Result<Self, BuildContextError> {
        let file = tempfile::tempfile().map_err(BuildContextError::Unwritable)?;
        let mut tee = Tee { digester: TimelessDigester::default(), file };
        let dockerfile = pack(build, LIMIT_GIB << 30, MOST_ENTRIES, &mut tee)?;
        tee.file.rewind().map_err(BuildContextError::Unwritable)?;
        let digest = with_the_rest(&tee.digester.finish(), build, platform);
        Ok(Self { file: tee.file, content: BuildContent { digest, fetches: fetches(&dockerfile, &build.arguments) } })
    }

    /// The content that [`pack`](Self::pack) would pack. It blocks.
    ///
    /// # Errors
    /// As `pack` does.
    pub fn look(build: &Build, platform: Option<&str>) -> Result<BuildContent, BuildContextError> {
        let mut digester = TimelessDigester::default();
        let dockerfile = pack(build, LIMIT_GIB << 30, MOST_ENTRIES, &mut digester)?;
        let digest = with_the_rest(&digester.finish(), build, platform);
        Ok(BuildContent { digest, fetches: fetches(&dockerfile, &build.arguments) })
    }
}

/// Whether a build takes a path at or below its directory, as far as its `.dockerignore` says. It reads that file; where that
/// cannot be read, packing says why.
#[must_use]
pub fn is_packed(build: &Build, path: &Path) -> bool {
    let Ok(below) = path.strip_prefix(&build.directory) else { return false };
    let dockerfile = pattern::components(&build.dockerfile).unwrap_or_default().join("/");
    let ignore =
        open::open(&build.directory).ok().and_then(|root| find_ignore(&root, &build.directory, &dockerfile).ok());
    let Some((_, ignore)) = ignore else { return true };
    let mut above = PathBuf::new();
    let mut matches = Matches::default();
    for name in below.components() {
        above.push(name);
        matches = ignore.look(&above, &matches);
    }
    !matches.ignored
}

const NO_DOCKERFILE: &str = "there is no such file, from which the image would be built; a symlink is not followed: name \
    the file that it leads to";

/// The digest of the content together with that of the arguments and the like. Where the directory lies does not count.
fn with_the_rest(content: &Digest, build: &Build, platform: Option<&str>) -> Digest {
    Digest::of_json(&(content.to_string(), &build.dockerfile, &build.arguments, &build.target, platform))
}

/// Writes to a file what it digests.
struct Tee {
    digester: TimelessDigester,
    file: File,
}

impl Write for Tee {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.digester.write_all(&bytes[..written])?;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Packs the directory of a build, and gives the text of the Dockerfile as it was packed.
///
/// Entries are sorted and belong to root, so that the same content gives the same bytes but for the times. Symlinks are
/// packed as they are and never followed: the directory handle lets nothing outside be reached.
fn pack(build: &Build, limit: u64, most_entries: usize, to: &mut impl Write) -> Result<String, BuildContextError> {
    let directory = &build.directory;
    let root = open::open(directory).map_err(|error| match error.kind() {
        io::ErrorKind::NotADirectory => BuildContextError::Moved,
        _ => BuildContextError::Unreadable { path: directory.clone(), error },
    })?;
    let dockerfile = pattern::components(&build.dockerfile).unwrap_or_default().join("/");
    let (name, ignore) = find_ignore(&root, directory, &dockerfile)?;
    // It would be left out, and the engine would say that there is none.
    if root.metadata(&dockerfile).is_ok_and(|found| !found.is_file()) {
        let error = io::Error::other("it is no regular file");
        return Err(BuildContextError::Unreadable { path: directory.join(&dockerfile), error });
    }
    let mut packing = Packing {
        archive: tar::Builder::new(to),
        directory,
        ignore,
        // The builder needs these, and leaves them out of what the image sees if it finds them named there.
        always: [dockerfile, name].map(PathBuf::from),
        dockerfile: None,
        waiting: Vec::new(),
        limit,
        left: limit,
        most_entries,
        entries: 0,
    };
    packing.append_entries(&root, Path::new(""), &Matches::default())?;
    let dockerfile = packing
        .dockerfile
        .ok_or_else(|| BuildContextError::NoDockerfile { path: directory.join(&build.dockerfile) })?;
    packing.archive.into_inner().map_err(BuildContextError::Unwritable)?;
    Ok(dockerfile)
}

/// What is left out, and the file that says so: the one that belongs to the Dockerfile, else the one of the directory.
fn find_ignore(root: &Dir, directory: &Path, dockerfile: &str) -> Result<(String, Ignore), BuildContextError> {
    const NAME: &str = ".dockerignore";
    for name in [format!("{dockerfile}{NAME}"), NAME.to_owned()] {
        let path = directory.join(&name);
        let text = match open_regular(root, &name).and_then(|file| read_to(IGNORE_LIMIT, file)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            read => read.map_err(|error| BuildContextError::Unreadable { path: path.clone(), error })?,
        };
        let not_text =
            |_| BuildContextError::Unreadable { path: path.clone(), error: io::Error::other("it is not UTF-8") };
        let text = String::from_utf8(text).map_err(not_text)?;
        let ignore = Ignore::parse(&text).map_err(|Mistake { line, text, reason }| BuildContextError::Pattern {
            file: path,
            line,
            pattern: text,
            reason,
        })?;
        return Ok((name, ignore));
    }
    Ok((NAME.to_owned(), Ignore::default()))
}

struct Packing<'a, W: Write> {
    archive: tar::Builder<W>,
    directory: &'a Path,
    ignore: Ignore,
    /// What is packed whatever the patterns say.
    always: [PathBuf; 2],
    /// The text of the Dockerfile, once that is packed.
    dockerfile: Option<String>,
    /// The directories above the one being read that are packed only if something below them is.
    waiting: Vec<(PathBuf, tar::Header)>,
    limit: u64,
    left: u64,
    most_entries: usize,
    entries: usize,
}

impl<W: Write> Packing<'_, W> {
    fn append_entries(&mut self, directory: &Dir, path: &Path, above: &Matches) -> Result<(), BuildContextError> {
        if path.components().count() > DEEPEST {
            return Err(BuildContextError::TooDeep { path: self.directory.join(path), ignore: self.ignore_file() });
        }
        let found = directory.entries().map_err(|error| self.unreadable(path, error))?;
        let mut entries = Vec::new();
        for entry in found {
            self.entries += 1;
            if self.entries > self.most_entries {
                let (path, ignore) = (self.directory.join(path), self.ignore_file());
                return Err(BuildContextError::TooMany { path, most: self.most_entries, ignore });
            }
            entries.push(entry.map_err(|error| self.unreadable(path, error))?);
        }
        entries.sort_by_key(DirEntry::file_name);
        for entry in entries {
            let path = path.join(entry.file_name());
            let matches = self.ignore.look(&path, above);
            let packed = !matches.ignored || self.always.contains(&path);
            let metadata = entry.metadata().map_err(|error| self.unreadable(&path, error))?;
            if metadata.is_dir() {
                if packed || self.may_pack_below(&path, &matches) {
                    let outer = self.waiting.len();
                    self.waiting.push((path.clone(), header(&metadata, tar::EntryType::Directory)));
                    if packed {
                        self.append_waiting()?;
                    }
                    let directory = entry.open_dir().map_err(|error| self.unreadable(&path, error))?;
                    self.append_entries(&directory, &path, &matches)?;
                    self.waiting.truncate(outer);
                }
            } else if packed {
                self.append(directory, &entry, &path, &metadata)?;
            }
        }
        Ok(())
    }

    fn may_pack_below(&self, directory: &Path, matches: &Matches) -> bool {
        self.always.iter().any(|path| path.starts_with(directory))
            || self.ignore.may_bring_back_below(directory, matches)
    }

    /// Appends what is not a directory.
    fn append(
        &mut self,
        directory: &Dir,
        entry: &DirEntry,
        path: &Path,
        metadata: &Metadata,
    ) -> Result<(), BuildContextError> {
        if metadata.is_symlink() {
            let target = directory.read_link_contents(entry.file_name());
            let target = target.map_err(|error| self.unreadable(path, error))?;
            self.append_waiting()?;
            self.make_room(path, 0)?;
            let appended = self.archive.append_link(&mut header(metadata, tar::EntryType::Symlink), path, target);
            appended.map_err(BuildContextError::Unwritable)?;
        } else if metadata.is_file() {
            let file = open_regular(directory, entry.file_name()).map_err(|error| self.unreadable(path, error))?;
            self.append_waiting()?;
            self.make_room(path, metadata.len())?;
            let mut header = header(metadata, tar::EntryType::Regular);
            header.set_size(metadata.len());
            // A file can grow while it is read; the header has said how much there is.
            let file = file.take(metadata.len());
            let appended = if *path == self.always[0] {
                let text = read_to(DOCKERFILE_LIMIT, file).map_err(|error| self.unreadable(path, error))?;
                header.set_size(text.len() as u64);
                let appended = self.archive.append_data(&mut header, path, text.as_slice());
                self.dockerfile = Some(String::from_utf8_lossy(&text).into_owned());
                appended
            } else {
                self.archive.append_data(&mut header, path, file)
            };
            appended.map_err(|error| match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => BuildContextError::Unwritable(error),
                _ => self.unreadable(path, error),
            })?;
        }
        // Sockets, pipes and devices cannot be part of an image.
        Ok(())
    }

    fn append_waiting(&mut self) -> Result<(), BuildContextError> {
        for (path, mut header) in std::mem::take(&mut self.waiting) {
            self.make_room(&path, 0)?;
            self.archive.append_data(&mut header, &path, io::empty()).map_err(BuildContextError::Unwritable)?;
        }
        Ok(())
    }

    /// Counts what is about to be packed, with its header, so that many small files are too much as well.
    fn make_room(&mut self, path: &Path, length: u64) -> Result<(), BuildContextError> {
        self.left = self.left.checked_sub(length.saturating_add(512)).ok_or_else(|| BuildContextError::TooLarge {
            path: path.to_owned(),
            limit: self.limit,
            ignore: self.ignore_file(),
        })?;
        Ok(())
    }

    fn ignore_file(&self) -> PathBuf {
        self.directory.join(&self.always[1])
    }

    fn unreadable(&self, path: &Path, error: io::Error) -> BuildContextError {
        BuildContextError::Unreadable { path: self.directory.join(path), error }
    }
}

fn header(metadata: &Metadata, kind: tar::EntryType) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(metadata.permissions().mode());
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(seconds(metadata));
    header.set_size(0);
    header
}

/// When something was last changed, in seconds since 1970, as `docker build` has it. A server tells browsers by that whether
/// a page is another one, and `make` what is up to date.
fn seconds(metadata: &Metadata) -> u64 {
    let changed = metadata.modified().ok().and_then(|time| time.into_std().duration_since(UNIX_EPOCH).ok());
    changed.map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests;
