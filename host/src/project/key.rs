//! The key of the fingerprints in labels, kept in the state directory.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use crate::group::FingerprintKey;

use super::private;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
#[error("cannot make the key of the fingerprints in labels, {file}: {source}")]
pub struct KeyError {
    /// The file that holds it.
    file: String,
    /// Why.
    source: io::Error,
}

/// The key in a file; none if there is no such file, or something else in it.
#[must_use]
pub fn read_key(file: &Path) -> Option<FingerprintKey> {
    private::read(file, FingerprintKey::LENGTH as u64).ok()?.try_into().ok().map(FingerprintKey::new)
}

/// The key in a file, which is made if there is none, of random bytes and for this user alone. Should two commands make it
/// at the same time, both get the same.
///
/// # Errors
/// If there are no random bytes, or the file cannot be written.
pub fn make_key(file: &Path) -> Result<FingerprintKey, KeyError> {
    if let Some(key) = read_key(file) {
        return Ok(key);
    }
    let failed = |source: io::Error| KeyError { file: file.display().to_string(), source };
    let mut bytes = [0; FingerprintKey::LENGTH];
    getrandom::fill(&mut bytes).map_err(|error| failed(io::Error::other(error)))?;
    // What is there is no key, or it would have been read.
    if file.symlink_metadata().is_ok() {
        fs::remove_file(file).map_err(failed)?;
    }
    write_new(file, &bytes).map_err(failed)?;
    read_key(file).ok_or_else(|| failed(io::ErrorKind::InvalidData.into()))
}

/// Makes a file with this in it, unless somebody else is faster.
fn write_new(file: &Path, content: &[u8]) -> io::Result<()> {
    let directory = file.parent().ok_or(io::ErrorKind::InvalidInput)?;
    // Its mode is 0600 from the beginning.
    let mut new = tempfile::NamedTempFile::new_in(directory)?;
    new.write_all(content)?;
    new.as_file().sync_all()?;
    match new.persist_noclobber(file) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_then_read() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(".key");
        assert_eq!(read_key(&file), None);
        let made = make_key(&file).unwrap();
        assert_eq!(make_key(&file).unwrap(), made);
        assert_eq!(read_key(&file), Some(made.clone()));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "nothing else is left");
        fs::remove_file(&file).unwrap();
        assert_ne!(make_key(&file).unwrap(), made);
    }

    #[test]
    fn two_that_make_a_key_at_the_same_time_get_the_same() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(".key");
        let keys: Vec<_> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..8).map(|_| scope.spawn(|| make_key(&file).unwrap())).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    }

    #[test]
    fn what_is_no_key_is_replaced_by_one() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(".key");
        for content in [&b""[..], b"short", &[7; FingerprintKey::LENGTH + 1]] {
            fs::write(&file, content).unwrap();
            assert_eq!(read_key(&file), None);
            let made = make_key(&file).unwrap();
            assert_eq!(read_key(&file), Some(made));
        }
    }

    #[test]
    fn a_key_that_cannot_be_kept_is_an_error_that_names_its_file() {
        let directory = tempfile::tempdir().unwrap();
        let error = make_key(&directory.path().join("nowhere/.key")).unwrap_err().to_string();
        assert!(error.contains("nowhere/.key"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(".key");
        make_key(&file).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
