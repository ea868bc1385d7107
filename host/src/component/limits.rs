//! How much memory one call may use.

use wasmtime::{ResourceLimiter, Result};

/// The most bytes of all linear memories of a call together.
const MEMORY: usize = 256 * 1024 * 1024;
/// The most elements of all tables together: a language runtime has some ten thousand.
const TABLE_ELEMENTS: usize = 1_000_000;
/// The most core instances, tables and memories. A Python component has tens of each.
const INSTANCES: usize = 200;
const TABLES: usize = 200;
const MEMORIES: usize = 50;

/// Counts over the whole store, where wasmtime's own limiter looks at each memory for itself.
#[derive(Debug, Default)]
pub(super) struct Limits {
    memory: usize,
    table_elements: usize,
    exceeded: bool,
}

impl Limits {
    /// What was asked for beyond the limit, if anything was.
    pub(super) fn exceeded(&self) -> Option<String> {
        self.exceeded.then(|| format!("it wanted more than the {} MiB of memory a call may use", MEMORY / 1024 / 1024))
    }

    fn grow(&mut self, used: fn(&mut Self) -> &mut usize, current: usize, desired: usize, limit: usize) -> bool {
        let total = used(self).saturating_add(desired.saturating_sub(current));
        if total > limit {
            self.exceeded = true;
            return false;
        }
        *used(self) = total;
        true
    }
}

impl ResourceLimiter for Limits {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> Result<bool> {
        Ok(self.grow(|limits| &mut limits.memory, current, desired, MEMORY))
    }

    fn table_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> Result<bool> {
        Ok(self.grow(|limits| &mut limits.table_elements, current, desired, TABLE_ELEMENTS))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_are_counted_together() {
        let mut limits = Limits::default();
        assert!(limits.memory_growing(0, MEMORY / 2, None).unwrap());
        assert!(limits.memory_growing(0, MEMORY / 2, None).unwrap());
        assert!(limits.exceeded().is_none());
        assert!(!limits.memory_growing(MEMORY / 2, MEMORY / 2 + 1, None).unwrap());
        assert!(limits.exceeded().unwrap().contains("256 MiB"));
    }
}
