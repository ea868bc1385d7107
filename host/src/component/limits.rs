//! How much one call may use, and what it is told when it wants more.

use std::time::Duration;

use async_trait::async_trait;
use wasmtime::component::{ResourceTable, ResourceTableError};
use wasmtime::{ResourceLimiterAsync, Result, Trap};

use crate::group::{mask_text, short};

use super::budget::Share;

const MIB: usize = 1024 * 1024;

/// The most elements of all tables together: a language runtime has some ten thousand.
const TABLE_ELEMENTS: usize = 1_000_000;
/// What an element of a table takes.
const TABLE_ELEMENT: usize = size_of::<usize>();
/// The most core instances, tables and memories. A Python component has tens of each.
pub(super) const INSTANCES: usize = 200;
const TABLES: usize = 200;
const MEMORIES: usize = 50;

/// The most handles that a call can hold at a time.
pub(super) const HANDLES: usize = 10_000;
/// The most of them that WASI's can be: each connection takes a descriptor, of which a process often has only 1024.
pub(super) const WASI_HANDLES: usize = 256;
/// The most bytes that one call of the host can be given.
pub(super) const HOST_CALL: usize = 16 * MIB;
/// The most random bytes that can be asked for at once.
pub(super) const RANDOM: u64 = 64 * 1024;

/// The most bytes that a definition can declare, with what keeping them takes.
const DECLARED: usize = 4 * MIB;
/// What keeping one declared text or number takes besides its bytes.
const ITEM: usize = 64;

/// The most bytes and lines of an error that are kept.
const ERROR: usize = 16 * 1024;
const ERROR_LINES: usize = 200;

/// A table of handles that takes so many.
pub(super) fn table(most: usize) -> ResourceTable {
    let mut table = ResourceTable::new();
    table.set_max_capacity(most);
    table
}

/// A definition wanted more than it may have: a sentence about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Exceeded(pub(super) String);

/// Counts over the whole store, where wasmtime's own limiter looks at each memory for itself.
#[derive(Debug)]
pub(super) struct Limits {
    /// The most bytes of all linear memories and tables together.
    limit: usize,
    /// What the call has of the memory for all calls.
    share: Share,
    used: usize,
    table_elements: usize,
    exceeded: Option<Exceeded>,
    declared: usize,
}

impl Limits {
    /// With this many bytes of memory, which come out of what all calls have together.
    pub(super) fn new(memory: usize, share: Share) -> Self {
        Self { limit: memory, share, used: 0, table_elements: 0, exceeded: None, declared: 0 }
    }

    /// What the call has of the memory for all calls.
    pub(super) fn share(&self) -> &Share {
        &self.share
    }

    /// How long the call has waited until there was memory for it.
    pub(super) fn waited(&self) -> Duration {
        self.share.waited()
    }

    /// Takes note of something that is declared: each text of it with its bytes.
    pub(super) fn declare(&mut self, texts: &[&str]) -> Result<(), Exceeded> {
        let bytes = texts.iter().map(|text| text.len() + ITEM).sum::<usize>() + ITEM;
        self.declared = self.declared.saturating_add(bytes);
        if self.declared > DECLARED {
            return Err(Exceeded(format!("it declares more than the {} MiB that all fields may take", DECLARED / MIB)));
        }
        Ok(())
    }

    /// What was asked for beyond a limit, if a call crashed because of that.
    pub(super) fn reason(&self, crash: &wasmtime::Error) -> Option<Exceeded> {
        if let Some(exceeded) = crash.downcast_ref().or(self.exceeded.as_ref()) {
            return Some(exceeded.clone());
        }
        if let Some(Trap::StackOverflow) = crash.downcast_ref() {
            return Some(Exceeded("its calls are nested too deeply: the stack is exhausted".to_owned()));
        }
        let handles = || {
            let kinds = "files, connections, streams and the like";
            Exceeded(format!("it holds more than {HANDLES} handles at a time, or {WASI_HANDLES} of {kinds}"))
        };
        if let Some(ResourceTableError::Full) = crash.downcast_ref() {
            return Some(handles());
        }
        // These have no type of their own.
        let told = crash.root_cause().to_string();
        if told.contains("store handle limit exceeded") {
            Some(handles())
        } else if told.contains("fuel allocated for hostcalls") {
            Some(Exceeded(format!("it passed more than {} MiB to drillmaster at once", HOST_CALL / MIB)))
        } else if told.starts_with("requested len") {
            Some(Exceeded(format!("it wanted more than {} KiB of random bytes at once", RANDOM / 1024)))
        } else if told.starts_with("resource limit exceeded") {
            Some(Exceeded(format!("it is made of more than {TABLES} tables or {MEMORIES} memories")))
        } else {
            None
        }
    }

    /// Whether so many more bytes are allowed, of which the elements of tables may be some. Waits until there are so many.
    async fn grow(&mut self, bytes: usize, table_elements: usize) -> bool {
        let used = self.used.saturating_add(bytes);
        let elements = self.table_elements.saturating_add(table_elements);
        if used > self.limit {
            let mib = self.limit / MIB;
            self.exceeded = Some(Exceeded(format!(
                "it wanted more than the {mib} MiB of memory a call may use; --memory gives more"
            )));
        } else if elements > TABLE_ELEMENTS {
            self.exceeded =
                Some(Exceeded(format!("it wanted more than the {TABLE_ELEMENTS} table elements that a call may use")));
        } else {
            self.share.take(bytes).await;
            (self.used, self.table_elements) = (used, elements);
            return true;
        }
        false
    }
}

#[async_trait]
impl ResourceLimiterAsync for Limits {
    async fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        Ok(self.grow(more(current, desired, maximum), 0).await)
    }

    async fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        let more = more(current, desired, maximum);
        Ok(self.grow(more.saturating_mul(TABLE_ELEMENT), more).await)
    }

    fn instances(&self) -> usize {
        INSTANCES
    }

    fn tables(&self) -> usize {
        TABLES
    }

    fn memories(&self) -> usize {
        MEMORIES
    }
}

/// How much larger something becomes. Beyond its own maximum it does not: wasmtime asks all the same.
fn more(current: usize, desired: usize, maximum: Option<usize>) -> usize {
    if maximum.is_some_and(|maximum| desired > maximum) { 0 } else { desired.saturating_sub(current) }
}

/// The beginning of an error, if there is too much of it for a person to read, with secrets masked: it may repeat a command
/// or an address.
pub(super) fn short_error(text: &str) -> String {
    // Enough of it that nothing is cut in two that is shown.
    let beginning = short(text, 4 * ERROR);
    let masked = mask_text(&beginning);
    let kept = short(&masked, ERROR);
    match kept.match_indices('\n').nth(ERROR_LINES - 1) {
        Some((end, _)) => format!("{}\n…", &kept[..end]),
        None => kept.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::budget::Budget;

    fn limits(memory: usize) -> Limits {
        Limits::new(memory, Budget::default().share())
    }

    #[tokio::test]
    async fn memories_and_tables_are_counted_together() {
        let mut limits = limits(8 * MIB);
        assert!(limits.memory_growing(0, 4 * MIB, None).await.unwrap());
        assert!(limits.memory_growing(0, 2 * MIB, None).await.unwrap());
        assert!(limits.table_growing(0, 2 * MIB / TABLE_ELEMENT, None).await.unwrap());
        assert_eq!(limits.exceeded, None);
        assert!(!limits.memory_growing(4 * MIB, 4 * MIB + 1, None).await.unwrap());
        assert!(limits.exceeded.unwrap().0.contains("more than the 8 MiB"));
    }

    #[tokio::test]
    async fn elements_of_tables_are_counted_over_all_tables() {
        let mut limits = limits(256 * MIB);
        assert!(limits.table_growing(0, TABLE_ELEMENTS - 1, None).await.unwrap());
        assert!(!limits.table_growing(0, 2, None).await.unwrap());
        assert!(limits.exceeded.unwrap().0.contains("table elements"));
    }

    #[tokio::test]
    async fn what_fails_by_its_own_maximum_takes_nothing() {
        let mut limits = limits(MIB);
        for _ in 0..10 {
            limits.memory_growing(0, 2 * MIB, Some(MIB)).await.unwrap();
        }
        assert!(limits.memory_growing(0, MIB, Some(MIB)).await.unwrap());
        assert_eq!(limits.exceeded, None);
    }

    #[test]
    fn what_is_declared_is_counted_even_if_it_is_empty() {
        let mut limits = limits(256 * MIB);
        assert_eq!(limits.declare(&["x".repeat(DECLARED / 2).as_str()]), Ok(()));
        let error = (0..DECLARED).find_map(|_| limits.declare(&[""]).err());
        assert_eq!(error.unwrap().0, "it declares more than the 4 MiB that all fields may take");
    }

    #[test]
    fn an_error_is_kept_as_far_as_a_person_reads_it() {
        assert_eq!(short_error("one\ntwo\n"), "one\ntwo\n");
        assert!(short_error(&"x".repeat(ERROR * 2)).len() <= ERROR + "…".len());
        let lines = short_error(&"x\n".repeat(1_000));
        assert_eq!((lines.lines().count(), lines.lines().last()), (ERROR_LINES + 1, Some("…")));
    }
}
