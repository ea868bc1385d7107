//! Values that hooks leave for the services that start after them, saved.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::files::{Symlink, open_regular, read_to, replace_durably};
use crate::group::is_key;

/// The most bytes that a key can have.
pub const MAX_KEY: usize = 256;

/// The most bytes that a value can have.
pub const MAX_VALUE: usize = 64 * 1024;

/// The most bytes that all values of a group can have together, with what keeping them takes.
pub const MAX_TOTAL: usize = 4 * 1024 * 1024;

/// What keeping a value takes in the file besides its texts.
const OVERHEAD: usize = 64;

/// The most that is read of the file: all values, with their texts escaped as JSON can have it at worst.
const FILE_LIMIT: u64 = 16 * MAX_TOTAL as u64;

/// The values of one group.
///
/// Each value belongs to the container whose hook set it (to the container's `instance`, which is known before the
/// container is) and goes with it. Two containers of a service exist while one replaces the other: the value set last
/// counts, and the other one counts again should the newer container go.
///
/// Each change is on disk, atomically and with mode 0600, before the call returns. Losing the file loses the values and
/// nothing else.
#[derive(Debug)]
pub struct Context {
    file: PathBuf,
    values: Mutex<Values>,
    /// Whether there are other values in the file, which could not be read.
    is_unread: bool,
}

/// For each key the values set by different containers, the last one at the end.
type Values = BTreeMap<String, Vec<Value>>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Value {
    value: String,
    instance: String,
}

/// Why a value cannot be read or kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContextError {
    /// The key is not one.
    #[error("{0:?} cannot be a context key: a letter or `_`, then letters, digits, `_`, `.` or `-`")]
    NoKey(String),
    /// The key is too long.
    #[error("a context key has {0} bytes; {MAX_KEY} are allowed")]
    LongKey(usize),
    /// The value is too large.
    #[error("the value of {key} has {size} bytes; {MAX_VALUE} are allowed")]
    TooLarge {
        /// The key.
        key: String,
        /// What it has.
        size: usize,
    },
    /// There are too many values.
    #[error("with {key} all context values of the group would have more than the {} MiB that are allowed", MAX_TOTAL / 1024 / 1024)]
    TooMany {
        /// The key of the one that was too much.
        key: String,
    },
    /// The file cannot be read or written.
    #[error("cannot {action} the context values in {file}: {reason}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        file: String,
        /// Why it failed.
        reason: String,
    },
}

impl Context {
    /// The values kept in a file; none if there is no such file yet.
    ///
    /// # Errors
    /// If the file is there and cannot be read.
    pub fn open(file: &Path) -> Result<Self, ContextError> {
        let unreadable = |error: io::Error| ContextError::File {
            action: "read",
            file: file.display().to_string(),
            reason: format!("{error}; without the file the values are lost, and nothing else"),
        };
        let values = match open_regular(file, Symlink::Refused).and_then(|open| read_to(FILE_LIMIT, open)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| unreadable(error.into()))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(unreadable(error)),
        };
        Ok(Self { file: file.to_owned(), values: Mutex::new(values), is_unread: false })
    }

    /// No values, in the place of those in a file that cannot be read. Nothing can be saved: they stay as they are.
    #[must_use]
    pub fn unread(file: &Path) -> Self {
        Self { file: file.to_owned(), values: Mutex::default(), is_unread: true }
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<String> {
        self.lock().get(key).and_then(|values| values.last()).map(|value| value.value.clone())
    }

    /// All values by key.
    #[must_use]
    pub fn values(&self) -> BTreeMap<String, String> {
        let current = |(key, values): (&String, &Vec<Value>)| Some((key.clone(), values.last()?.value.clone()));
        self.lock().iter().filter_map(current).collect()
    }

    /// The values by key that some containers' hooks set: what [`values`](Self::values) would be after
    /// [`keep_only`](Self::keep_only).
    #[must_use]
    pub fn values_of(&self, instances: &BTreeSet<&str>) -> BTreeMap<String, String> {
        let of = |values: &Vec<Value>| {
            values
                .iter()
                .rev()
                .find(|value| instances.contains(value.instance.as_str()))
                .map(|value| value.value.clone())
        };
        self.lock().iter().filter_map(|(key, values)| Some((key.clone(), of(values)?))).collect()
    }

    /// Saves a value that belongs to a container.
    ///
    /// # Errors
    /// If the key is none, the value too large, or the file cannot be written; nothing is changed then.
    pub fn set(&self, key: &str, value: &str, instance: &str) -> Result<(), ContextError> {
        if key.len() > MAX_KEY {
            return Err(ContextError::LongKey(key.len()));
        }
        if !is_key(key) {
            return Err(ContextError::NoKey(key.to_owned()));
        }
        if value.len() > MAX_VALUE {
            return Err(ContextError::TooLarge { key: key.to_owned(), size: value.len() });
        }
        self.change(|all| {
            let values = all.entry(key.to_owned()).or_default();
            values.retain(|other| other.instance != instance);
            values.push(Value { value: value.to_owned(), instance: instance.to_owned() });
            let size = |value: &Value| value.value.len() + value.instance.len() + OVERHEAD;
            let total: usize = all.iter().map(|(key, values)| key.len() + values.iter().map(size).sum::<usize>()).sum();
            if total > MAX_TOTAL { Err(ContextError::TooMany { key: key.to_owned() }) } else { Ok(()) }
        })
    }

    /// Forgets the values of all containers but some: the others are gone.
    ///
    /// # Errors
    /// If the file cannot be written, in which they are found again until it can.
    pub fn keep_only(&self, instances: &BTreeSet<&str>) -> Result<(), ContextError> {
        self.retain(|value| instances.contains(value.instance.as_str()))
    }

    /// Forgets the values of a container that is removed.
    ///
    /// # Errors
    /// As [`keep_only`](Self::keep_only), with which the next command forgets them.
    pub fn forget(&self, instance: &str) -> Result<(), ContextError> {
        self.retain(|value| value.instance != instance)
    }

    /// What is gone is gone for this command, also where the file cannot be written.
    fn retain(&self, keep: impl Fn(&Value) -> bool) -> Result<(), ContextError> {
        let mut all = self.lock();
        if all.values().flatten().all(&keep) {
            return Ok(());
        }
        all.retain(|_, values| {
            values.retain(&keep);
            !values.is_empty()
        });
        self.save(&all)
    }

    /// Changes the values, in the file first and then here.
    fn change(&self, change: impl FnOnce(&mut Values) -> Result<(), ContextError>) -> Result<(), ContextError> {
        let mut values = self.lock();
        let mut changed = values.clone();
        change(&mut changed)?;
        self.save(&changed)?;
        *values = changed;
        Ok(())
    }

    fn save(&self, values: &Values) -> Result<(), ContextError> {
        let failed =
            |reason: String| ContextError::File { action: "save", file: self.file.display().to_string(), reason };
        if self.is_unread {
            return Err(failed("those that are there cannot be read".to_owned()));
        }
        let json = serde_json::to_vec_pretty(values).expect("strings have a JSON form");
        replace_durably(&self.file, &json).map_err(|error| failed(error.to_string()))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Values> {
        self.values.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("context.json");
        (directory, file)
    }

    #[test]
    fn a_value_is_kept_across_commands() {
        let (_directory, file) = context();
        Context::open(&file).unwrap().set("db.url", "postgres://{x}", "db").unwrap();
        assert_eq!(Context::open(&file).unwrap().get("db.url").as_deref(), Some("postgres://{x}"));
        assert_eq!(Context::open(&file).unwrap().get("other"), None);
    }

    #[test]
    fn values_go_with_their_container() {
        let (_directory, file) = context();
        let context = Context::open(&file).unwrap();
        context.set("a", "1", "db-1").unwrap();
        context.set("b", "2", "web-1").unwrap();
        context.forget("db-1").unwrap();
        assert_eq!(Context::open(&file).unwrap().values(), BTreeMap::from([("b".into(), "2".into())]));
        context.keep_only(&BTreeSet::new()).unwrap();
        assert!(Context::open(&file).unwrap().values().is_empty());
    }

    #[test]
    fn the_value_set_last_counts_and_the_other_one_again_when_its_container_goes() {
        let (_directory, file) = context();
        let context = Context::open(&file).unwrap();
        context.set("url", "old", "db-1").unwrap();
        context.set("url", "new", "db-2").unwrap();
        assert_eq!(context.get("url").as_deref(), Some("new"));
        context.forget("db-2").unwrap();
        assert_eq!(context.get("url").as_deref(), Some("old"));
    }

    #[test]
    fn what_cannot_be_kept_is_refused_and_changes_nothing() {
        let (_directory, file) = context();
        let context = Context::open(&file).unwrap();
        context.set("key", "before", "db").unwrap();
        assert!(matches!(context.set("no key", "x", "db"), Err(ContextError::NoKey(_))));
        assert_eq!(context.set(&"k".repeat(MAX_KEY + 1), "x", "db"), Err(ContextError::LongKey(MAX_KEY + 1)));
        assert!(matches!(context.set("key", &"x".repeat(MAX_VALUE + 1), "db"), Err(ContextError::TooLarge { .. })));
        assert_eq!(context.get("key").as_deref(), Some("before"));
    }

    #[test]
    fn all_values_together_have_a_limit() {
        let (_directory, file) = context();
        let context = Context::open(&file).unwrap();
        let full = (0..=MAX_TOTAL / MAX_VALUE)
            .map(|n| context.set(&format!("key{n}"), &"x".repeat(MAX_VALUE), "db"))
            .find_map(Result::err);
        assert!(matches!(full, Some(ContextError::TooMany { .. })));
    }

    #[test]
    fn empty_values_count_with_what_keeping_them_takes() {
        let (_directory, file) = context();
        let many = 2 * MAX_TOTAL / OVERHEAD;
        let value = || Value { value: String::new(), instance: "db".to_owned() };
        let values: Values = (0..many).map(|n| (format!("k{n}"), vec![value()])).collect();
        std::fs::write(&file, serde_json::to_vec(&values).unwrap()).unwrap();
        let full = Context::open(&file).unwrap().set("one.more", "", "db");
        assert_eq!(full, Err(ContextError::TooMany { key: "one.more".to_owned() }));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_can_read_the_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_directory, file) = context();
        Context::open(&file).unwrap().set("password", "secret", "db").unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_an_error_that_names_it() {
        let (_directory, file) = context();
        std::fs::write(&file, "not json").unwrap();
        let error = Context::open(&file).unwrap_err().to_string();
        assert!(error.contains("cannot read the context values in") && error.contains("context.json"), "{error}");
    }

    #[test]
    fn values_that_cannot_be_read_are_left_as_they_are() {
        let (_directory, file) = context();
        std::fs::write(&file, "not json").unwrap();
        let context = Context::unread(&file);
        context.forget("db").unwrap();
        let error = context.set("key", "value", "db").unwrap_err().to_string();
        assert!(error.ends_with("those that are there cannot be read"), "{error}");
        assert!(context.values().is_empty());
        assert_eq!(std::fs::read(&file).unwrap(), b"not json");
    }

    #[test]
    fn values_of_what_is_gone_do_not_count_where_the_file_cannot_be_written() {
        let (directory, file) = context();
        let context = Context::open(&file).unwrap();
        context.set("a", "1", "db-1").unwrap();
        context.set("a", "2", "db-2").unwrap();
        drop(directory);
        assert!(context.forget("db-2").is_err());
        assert_eq!(context.get("a").as_deref(), Some("1"));
        assert!(context.keep_only(&BTreeSet::new()).is_err());
        assert!(context.values().is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_leads_elsewhere_is_not_read() {
        let (directory, file) = context();
        std::fs::write(directory.path().join("other"), "{}").unwrap();
        std::os::unix::fs::symlink(directory.path().join("other"), &file).unwrap();
        assert!(Context::open(&file).is_err());
    }
}
