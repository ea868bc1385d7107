//! Compiled definitions, kept from one command to the next: compiling one takes a hundred times as long as loading what
//! came of it. And the digests of their files, by which they are found.
//!
//! What is loaded here is run as it is, so only this user's own files are (see [`Cache::load`]). Anything odd, whatever
//! it is, means that the definition is compiled again, and never an error.

#[cfg(unix)]
mod digests;

use std::fs::Metadata;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::{
    fs::{self, DirBuilder, File},
    io::Write as _,
    os::fd::AsRawFd as _,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _},
    time::{Duration, SystemTime},
};

#[cfg(unix)]
use tempfile::NamedTempFile;
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::group::Digest;

/// How large the cache may become, in bytes. A definition in Rust takes some 300 KiB, one in Python 35 MiB.
const LIMIT: u64 = 1024 * 1024 * 1024;

/// How old an unfinished file must be to be somebody's who died while writing it.
#[cfg(unix)]
const ABANDONED: Duration = Duration::from_hours(1);

/// What the names of finished files end with.
const SUFFIX: &str = ".cwasm";

/// What the names of unfinished files begin with.
#[cfg(unix)]
const UNFINISHED: &str = "unfinished-";

/// A directory of compiled definitions, and of the digests of their files. Any number of processes can use one at a time.
#[derive(Debug, Clone)]
pub struct Cache {
    directory: PathBuf,
    limit: u64,
    /// The user that we run as.
    user: u32,
}

impl Cache {
    /// The user's: `drillmaster` in `$XDG_CACHE_HOME`, else in `~/.cache`. None where nobody's home is known. It need
    /// not be there.
    #[must_use]
    pub fn of_user() -> Option<Self> {
        let home = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let home = home.or_else(|| Some(std::env::home_dir()?.join(".cache")))?;
        Some(Self::below(&home))
    }

    /// Where it is.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// `drillmaster` in a directory, which need not be there.
    #[must_use]
    pub fn below(home: &Path) -> Self {
        #[cfg(unix)]
        let user = rustix::process::geteuid().as_raw();
        #[cfg(not(unix))]
        let user = 0;
        Self { directory: home.join("drillmaster"), limit: LIMIT, user }
    }

    /// The definition with this digest, as this engine compiled it; none if it is not here or anything is odd.
    pub(super) fn load(&self, engine: &Engine, digest: &Digest) -> Option<Component> {
        let path = self.path(engine, digest);
        match self.try_load(engine, &path) {
            Ok(component) => Some(component),
            Err(reason) => {
                tracing::debug!("{} is not used: {reason}", path.display());
                None
            }
        }
    }

    /// Keeps a compiled definition, and lets go of the least recently used ones where they get too many.
    pub(super) fn store(&self, engine: &Engine, digest: &Digest, component: &Component) {
        let path = self.path(engine, digest);
        if let Err(reason) = self.try_store(&path, component) {
            tracing::debug!("{} is not written: {reason}", path.display());
        }
    }

    /// The name says what was compiled and by what. Should two engines that differ have one name, the file itself says
    /// so, and is refused when it is loaded.
    fn path(&self, engine: &Engine, digest: &Digest) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        self.directory.join(format!("{digest}-{:016x}{SUFFIX}", hasher.finish()))
    }
}

#[cfg(unix)]
impl Cache {
    fn try_load(&self, engine: &Engine, path: &Path) -> io::Result<Component> {
        self.check_directory()?;
        let file = open(path, self.user)?;
        // Loaded through the open file: what has been checked is what is mapped, whoever may have renamed what since.
        let descriptor = if cfg!(target_os = "linux") { "/proc/self/fd" } else { "/dev/fd" };
        let descriptor = Path::new(descriptor).join(file.as_raw_fd().to_string());
        // SAFETY: `deserialize_file` runs what it is given; the bytes must be what `Component::serialize` once gave, of
        // any version of wasmtime, and must stay as they are as long as they are mapped.
        // - They are what `serialize` gave: the file, checked through the descriptor that is mapped, belongs to the
        //   user that we run as and nobody else may write to it; only root can give a user a file that another one has
        //   made. The directory is this user's alone too, so that nobody else can have put some other file of the
        //   user's here. And what drillmaster puts here is `try_store`'s: `serialize`'s bytes, all of them, and on the
        //   disk before the file has its name.
        // - They stay so: `try_store` never writes to a file that has its name. It replaces and removes files as a
        //   whole, which leaves mapped ones as they are.
        // Whoever can break this, the user and root, can as well replace this program.
        #[expect(unsafe_code, reason = "mapping compiled code is what makes a command fast; the proof is above")]
        let component = unsafe { Component::deserialize_file(engine, &descriptor) };
        let component = component.map_err(|error| io::Error::other(format!("{error:#}")))?;
        // It is the most recently used one now; the order is of no importance to this command.
        let _ = file.set_modified(SystemTime::now());
        Ok(component)
    }

    fn try_store(&self, path: &Path, component: &Component) -> io::Result<()> {
        let bytes = component.serialize().map_err(|error| io::Error::other(format!("{error:#}")))?;
        if bytes.len() as u64 > self.limit {
            return Err(io::Error::other("it is larger than the cache may become"));
        }
        let mut file = self.begin()?;
        file.write_all(&bytes)?;
        // A machine that loses its power must not find the name and half of the bytes.
        file.as_file().sync_all()?;
        file.persist(path)?;
        self.shrink(path)
    }

    /// A new file, for this user alone from the beginning, and removed unless it is given its name.
    fn begin(&self) -> io::Result<NamedTempFile> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.directory)?;
        self.check_directory()?;
        tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(&self.directory)
    }

    /// Removes the least recently used files until the rest is small enough, never the newest one, and what was
    /// abandoned. Another process may do the same at the same time: what is gone already is gone.
    fn shrink(&self, newest: &Path) -> io::Result<()> {
        let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let path = entry?.path();
            let Ok(metadata) = path.symlink_metadata() else { continue };
            let used = metadata.modified()?;
            if name(&path).ends_with(SUFFIX) {
                files.push((used, metadata.len(), path));
            } else if name(&path).starts_with(UNFINISHED) && used.elapsed().is_ok_and(|age| age > ABANDONED) {
                let _ = fs::remove_file(path);
            }
        }
        files.sort();
        let mut total: u64 = files.iter().map(|(_, size, _)| size).sum();
        for (_, size, path) in files.iter().filter(|(_, _, path)| path != newest) {
            if total <= self.limit {
                break;
            }
            total -= size;
            let _ = fs::remove_file(path);
        }
        Ok(())
    }

    fn check_directory(&self) -> io::Result<()> {
        private(&fs::metadata(&self.directory)?, fs::FileType::is_dir, self.user, 0o700)
    }
}

/// Opens a file of this user's alone.
#[cfg(unix)]
fn open(path: &Path, user: u32) -> io::Result<File> {
    let check = |found| private(&found, fs::FileType::is_file, user, 0o600);
    // Before, since opening a pipe would wait for its other end; and then what has been opened.
    check(fs::symlink_metadata(path)?)?;
    let file = File::open(path)?;
    check(file.metadata()?)?;
    Ok(file)
}

/// Whether something is what it should be, and belongs to this user, with exactly this mode.
#[cfg(unix)]
fn private(found: &Metadata, is: impl Fn(&fs::FileType) -> bool, user: u32, mode: u32) -> io::Result<()> {
    let odd = |what: String| Err(io::Error::other(what));
    if !is(&found.file_type()) {
        return odd("it is something else".to_owned());
    }
    if found.uid() != user {
        return odd(format!("it belongs to user {}, not to {user}", found.uid()));
    }
    match found.mode() & 0o7777 {
        found if found == mode => Ok(()),
        found => odd(format!("its mode is {found:o} and not {mode:o}")),
    }
}

/// Who else may write to a file cannot be told here: nothing is kept.
#[cfg(not(unix))]
impl Cache {
    pub(super) fn digest(&self, _file: &Metadata) -> Option<Digest> {
        None
    }

    pub(super) fn note_digest(&self, _file: &Metadata, _digest: &Digest) {}

    fn try_load(&self, _engine: &Engine, _path: &Path) -> io::Result<Component> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }

    fn try_store(&self, _path: &Path, _component: &Component) -> io::Result<()> {
        let _ = (self.limit, self.user);
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }
}

#[cfg(all(test, unix))]
mod tests;
