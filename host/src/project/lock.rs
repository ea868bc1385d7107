//! One changing command per group at a time.

use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::files::open_own;

/// How often a lock that somebody else holds is tried.
const RETRY: Duration = Duration::from_millis(50);

/// The longest that somebody else's command is waited for.
const PATIENCE: Duration = Duration::from_mins(30);

/// The right to change a group, until it is dropped or the process ends, in whatever way.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Why the lock cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// The file cannot be used.
    #[error("cannot lock {file}: {source}")]
    File {
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// Somebody else has it, and nobody wants to wait.
    #[error("{owner} is changing this group")]
    Taken {
        /// Who has it.
        owner: String,
    },
    /// Somebody else has it for too long.
    #[error("{owner} has been changing this group for more than {} minutes", PATIENCE.as_secs() / 60)]
    Busy {
        /// Who has it.
        owner: String,
    },
}

impl Lock {
    /// Takes the lock, once nobody else has it; `waiting` is told once for whom. Without it nobody is waited for.
    ///
    /// The operating system frees it when its owner dies, so there is none to be taken over.
    ///
    /// # Errors
    /// If the file cannot be used, or somebody else has the lock, for half an hour if that was to be waited for.
    pub async fn take(path: &Path, command: &str, waiting: Option<impl FnOnce(&str)>) -> Result<Self, LockError> {
        let failed = |source| LockError::File { file: path.display().to_string(), source };
        let mut file = open_own(path).map_err(failed)?;
        let waits = waiting.is_some();
        let mut waiting = waiting;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(error)) => return Err(failed(error)),
                Err(TryLockError::WouldBlock) => {
                    let owner = owner(&mut file);
                    if !waits {
                        return Err(LockError::Taken { owner });
                    }
                    if Instant::now() > deadline {
                        return Err(LockError::Busy { owner });
                    }
                    if let Some(waiting) = waiting.take() {
                        waiting(&owner);
                    }
                    sleep(RETRY).await;
                }
            }
        }
        // It is for those who wait: a disk that is full keeps nobody from stopping what runs.
        let signed = file.set_len(0).and_then(|()| file.rewind());
        let _ = signed.and_then(|()| write!(file, "{command} (pid {})", std::process::id()));
        Ok(Self { _file: file })
    }
}

/// Who has the lock, as it wrote there.
fn owner(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.take(200).read_to_string(&mut text));
    if read.is_ok() && !text.is_empty() { text } else { "another drillmaster".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_second_one_waits_and_is_told_for_whom() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        let first = Lock::take(&path, "drillmaster start", Some(|_: &str| panic!("nobody has it"))).await.unwrap();
        let (told, owner) = tokio::sync::oneshot::channel();
        let same = path.clone();
        let second = tokio::spawn(async move {
            Lock::take(&same, "drillmaster stop", Some(|owner: &str| told.send(owner.to_owned()).unwrap())).await
        });
        let expected = format!("drillmaster start (pid {})", std::process::id());
        assert_eq!(owner.await.unwrap(), expected);
        let third = Lock::take(&path, "drillmaster stop", None::<fn(&str)>).await.unwrap_err().to_string();
        assert_eq!(third, format!("{expected} is changing this group"));
        drop(first);
        second.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_lock_file_that_cannot_be_made_is_named() {
        let error = Lock::take(Path::new("/no/such/lock"), "drillmaster start", None::<fn(&str)>).await.unwrap_err();
        assert!(error.to_string().contains("/no/such/lock"), "{error}");
    }
}
