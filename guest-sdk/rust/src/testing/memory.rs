//! Context and log of a test, in the shape of the contract's imports.

use std::{cell::RefCell, collections::BTreeMap};

thread_local! {
    static CONTEXT: RefCell<BTreeMap<String, String>> = const { RefCell::new(BTreeMap::new()) };
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// What was logged in this thread, oldest first, as `info: the text`.
#[must_use]
pub fn log_lines() -> Vec<String> {
    LOG.with_borrow(Clone::clone)
}

/// Forgets this thread's context and log. Each test runs in a thread of its own, unless with `--test-threads=1`.
pub fn clear() {
    CONTEXT.with_borrow_mut(BTreeMap::clear);
    LOG.with_borrow_mut(Vec::clear);
}

pub(crate) mod context {
    use super::CONTEXT;

    const LONGEST_KEY: usize = 256;
    const LONGEST_VALUE: usize = 64 * 1024;

    pub(crate) fn get(key: &str) -> Option<String> {
        CONTEXT.with_borrow(|context| context.get(key).cloned())
    }

    pub(crate) fn set(key: &str, value: &str) -> Result<(), String> {
        if !is_key(key) {
            return Err(format!("`{key}` is no key: a letter or `_`, then letters, digits, `_`, `.` or `-`"));
        }
        if key.len() > LONGEST_KEY {
            return Err(format!("the key has {} bytes; {LONGEST_KEY} are allowed", key.len()));
        }
        if value.len() > LONGEST_VALUE {
            return Err(format!("the value of `{key}` is longer than 64 KiB"));
        }
        CONTEXT.with_borrow_mut(|context| context.insert(key.into(), value.into()));
        Ok(())
    }

    fn is_key(text: &str) -> bool {
        text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
    }
}

pub(crate) mod log {
    use super::LOG;

    pub(crate) fn debug(message: &str) {
        keep("debug", message);
    }

    pub(crate) fn info(message: &str) {
        keep("info", message);
    }

    pub(crate) fn warn(message: &str) {
        keep("warn", message);
    }

    pub(crate) fn error(message: &str) {
        keep("error", message);
    }

    fn keep(level: &str, message: &str) {
        LOG.with_borrow_mut(|lines| lines.push(format!("{level}: {message}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{context, log};

    #[test]
    fn the_context_keeps_values_until_it_is_cleared() {
        clear();
        assert_eq!(context::get("db.url"), None);
        context::set("db.url", "a").unwrap();
        context::set("db.url", "b").unwrap();
        assert_eq!(context::get("db.url").as_deref(), Some("b"));
        clear();
        assert_eq!(context::get("db.url"), None);
    }

    #[test]
    fn the_context_takes_only_keys_and_values_that_the_host_takes() {
        for key in ["", "1a", ".a", "a b", "ä", "a{"] {
            assert!(context::set(key, "value").is_err(), "{key}");
        }
        for key in ["a", "_", "A.b-c_1"] {
            context::set(key, "value").unwrap();
        }
        assert!(context::set("long", "x".repeat(64 * 1024)).is_ok());
        assert!(context::set("long", "x".repeat(64 * 1024 + 1)).is_err());
    }

    #[test]
    fn the_log_keeps_lines_with_their_level() {
        clear();
        log::debug("a");
        log::info(String::from("b"));
        log::warn("c");
        log::error("d");
        assert_eq!(log_lines(), ["debug: a", "info: b", "warn: c", "error: d"]);
    }
}
