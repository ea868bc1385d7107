//! What the person trusts: project files, by path and content, and directories.
//!
//! A `drillmaster.toml` comes with a repository, and so is not the person's word. What it grants and builds counts once
//! the person has said so of exactly that file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::group::Digest;

use super::StateDirectory;

/// The most that is read of a record.
const RECORD_LIMIT: u64 = 64 * 1024;

/// What the person trusts, one file for each. Deleting it loses that and nothing else.
#[derive(Debug, Clone)]
pub struct TrustStore {
    directory: PathBuf,
}

/// Something that the person trusts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Trusted {
    /// Where it is, without symlinks.
    pub path: PathBuf,
    /// What exactly.
    pub what: TrustedContent,
}

/// What is trusted at a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrustedContent {
    /// A file with this SHA-256 digest.
    File(String),
    /// The directory of this identity, whatever is in it.
    Directory(DirectoryId),
}

/// What tells a directory from another one that comes to have its path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DirectoryId {
    device: u64,
    inode: u64,
    /// When it was made, in nanoseconds since 1970, where the file system knows: it can give an inode once more.
    made: Option<u128>,
}

/// What the person trusts cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// Nothing says where to keep it.
    #[error("cannot tell where to keep what is trusted: neither XDG_STATE_HOME nor HOME is set")]
    NoHome,
    /// It cannot be written.
    #[error("cannot keep what is trusted in {}: {error}", path.display())]
    Unwritable {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// What is to be trusted cannot be found.
    #[error("cannot look at {}: {error}", path.display())]
    NotFound {
        /// What.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

impl TrustStore {
    /// The user's, in the state directory. It need not be there.
    ///
    /// # Errors
    /// If nothing says where that is.
    pub fn of_user() -> Result<Self, TrustError> {
        Ok(Self::below(&StateDirectory::of_all().ok_or(TrustError::NoHome)?))
    }

    fn below(state: &Path) -> Self {
        Self { directory: state.join("trusted") }
    }

    /// Whether a file is trusted as it is: this path, without symlinks, with this content.
    #[must_use]
    pub fn trusts_file(&self, path: &Path, content: &Digest) -> bool {
        self.read(path).is_some_and(|found| found.what == TrustedContent::File(content.to_string()))
    }

    /// Whether a directory is trusted: the one that was at this path, without symlinks, when the person said so.
    #[must_use]
    pub fn trusts_directory(&self, path: &Path) -> bool {
        match (self.read(path).map(|found| found.what), directory_id(path)) {
            (Some(TrustedContent::Directory(trusted)), Ok(found)) => trusted == found,
            _ => false,
        }
    }

    /// From now on a file is trusted with this content.
    ///
    /// # Errors
    /// If that cannot be kept.
    pub fn trust_file(&self, path: &Path, content: &Digest) -> Result<(), TrustError> {
        self.write(&Trusted { path: path.to_owned(), what: TrustedContent::File(content.to_string()) })
    }

    /// From now on a directory is trusted.
    ///
    /// # Errors
    /// If it cannot be found, or that cannot be kept.
    pub fn trust_directory(&self, path: &Path) -> Result<(), TrustError> {
        let id = directory_id(path).map_err(|error| TrustError::NotFound { path: path.to_owned(), error })?;
        self.write(&Trusted { path: path.to_owned(), what: TrustedContent::Directory(id) })
    }

    /// From now on what is at a path is not trusted; whether it was.
    ///
    /// # Errors
    /// If that cannot be kept.
    pub fn revoke(&self, path: &Path) -> Result<bool, TrustError> {
        let record = self.record(path);
        match fs::remove_file(&record) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(TrustError::Unwritable { path: record, error }),
        }
    }

    /// All that is trusted, by path.
    #[must_use]
    pub fn all(&self) -> Vec<Trusted> {
        let records = fs::read_dir(&self.directory).into_iter().flatten().flatten();
        let mut all: Vec<_> = records.filter_map(|record| read(&record.path())).collect();
        all.sort();
        all
    }

    /// The record of a path. What it says counts only if it names that path.
    fn read(&self, path: &Path) -> Option<Trusted> {
        read(&self.record(path)).filter(|found| found.path == path)
    }

    fn record(&self, path: &Path) -> PathBuf {
        self.directory.join(Digest::of(path.as_os_str().as_encoded_bytes()).to_string())
    }

    fn write(&self, trusted: &Trusted) -> Result<(), TrustError> {
        let record = self.record(&trusted.path);
        let unwritable = |error| TrustError::Unwritable { path: record.clone(), error };
        super::private::make_directory(&self.directory).map_err(unwritable)?;
        let json = serde_json::to_vec(trusted).map_err(|error| unwritable(error.into()))?;
        // For this user alone from the beginning, and whole or not at all.
        let mut file = tempfile::NamedTempFile::new_in(&self.directory).map_err(unwritable)?;
        io::Write::write_all(&mut file, &json).map_err(unwritable)?;
        file.persist(&record).map_err(|error| unwritable(error.error)).map(drop)
    }
}

/// A record that only this user can have written; none if there is no such.
fn read(record: &Path) -> Option<Trusted> {
    super::ownership::is_own(&record.canonicalize().ok()?).ok()?;
    let text = super::private::read(record, RECORD_LIMIT).ok()?;
    serde_json::from_slice(&text).ok()
}

fn directory_id(path: &Path) -> io::Result<DirectoryId> {
    let found = fs::metadata(path)?;
    if !found.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    let made = found.created().ok().and_then(|made| made.duration_since(std::time::UNIX_EPOCH).ok());
    #[cfg(unix)]
    let (device, inode) = {
        use std::os::unix::fs::MetadataExt as _;
        (found.dev(), found.ino())
    };
    #[cfg(not(unix))]
    let (device, inode) = (0, 0);
    Ok(DirectoryId { device, inode, made: made.map(|made| made.as_nanos()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, TrustStore) {
        let home = tempfile::tempdir().unwrap();
        let store = TrustStore::below(&home.path().canonicalize().unwrap());
        (home, store)
    }

    #[test]
    fn a_file_is_trusted_by_path_and_content() {
        let (_home, store) = store();
        let (first, second) = (Digest::of(b"first"), Digest::of(b"second"));
        let path = Path::new("/p/drillmaster.toml");
        assert!(!store.trusts_file(path, &first));
        store.trust_file(path, &first).unwrap();
        assert!(store.trusts_file(path, &first));
        assert!(!store.trusts_file(path, &second) && !store.trusts_file(Path::new("/q/drillmaster.toml"), &first));
        store.trust_file(path, &second).unwrap();
        assert!(!store.trusts_file(path, &first) && store.trusts_file(path, &second));
        assert!(store.revoke(path).unwrap());
        assert!(!store.trusts_file(path, &second));
        assert!(!store.revoke(path).unwrap());
    }

    #[test]
    fn a_directory_is_trusted_until_another_one_has_its_path() {
        let (home, store) = store();
        let path = home.path().canonicalize().unwrap().join("shop");
        assert!(store.trust_directory(&path).is_err());
        fs::create_dir(&path).unwrap();
        store.trust_directory(&path).unwrap();
        assert!(store.trusts_directory(&path) && !store.trusts_file(&path, &Digest::of(b"")));
        fs::write(path.join("app.py"), "").unwrap();
        assert!(store.trusts_directory(&path));
        fs::rename(&path, path.with_file_name("before")).unwrap();
        assert!(!store.trusts_directory(&path));
        fs::create_dir(&path).unwrap();
        assert!(!store.trusts_directory(&path) && !store.trusts_directory(&path.with_file_name("before")));
    }

    #[test]
    fn everything_that_is_trusted_is_listed_and_what_says_nothing_is_not() {
        let (_home, store) = store();
        assert_eq!(store.all(), []);
        store.trust_file(Path::new("/p/b"), &Digest::of(b"b")).unwrap();
        store.trust_file(Path::new("/p/a"), &Digest::of(b"a")).unwrap();
        fs::write(store.directory.join("odd"), "{").unwrap();
        let paths: Vec<_> = store.all().into_iter().map(|trusted| trusted.path).collect();
        assert_eq!(paths, [PathBuf::from("/p/a"), PathBuf::from("/p/b")]);
    }

    #[cfg(unix)]
    #[test]
    fn a_record_that_others_can_write_to_says_nothing() {
        use std::os::unix::fs::PermissionsExt;
        let (_home, store) = store();
        let (path, content) = (Path::new("/p/a"), Digest::of(b"a"));
        store.trust_file(path, &content).unwrap();
        let mode = |mode| fs::set_permissions(store.record(path), PermissionsExt::from_mode(mode)).unwrap();
        mode(0o666);
        assert!(!store.trusts_file(path, &content));
        mode(0o600);
        assert!(store.trusts_file(path, &content));
        // Nor does the record of one path say anything of another.
        fs::rename(store.record(path), store.record(Path::new("/p/b"))).unwrap();
        assert!(!store.trusts_file(Path::new("/p/b"), &content));
    }
}
