//! How much is logged in all calls of a command: `ping` is called ten times a second.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

const MIB: usize = 1024 * 1024;

/// What one service may log.
const OF_SERVICE: Amount = Amount { bytes: 4 * MIB, lines: 40_000 };

/// What all services of a command may log together.
const OF_ALL: Amount = Amount { bytes: 32 * MIB, lines: 320_000 };

/// What was logged so far; shared by all calls.
#[derive(Debug, Clone, Default)]
pub(in crate::component) struct LogTotal(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    /// By service; what belongs to none, as `fields` does, has an account of its own.
    services: BTreeMap<Option<String>, Count>,
    all: Count,
}

#[derive(Debug, Default)]
struct Count {
    amount: Amount,
    /// It was too much, and the person knows.
    is_over: bool,
    /// The lines that were not shown.
    not_shown: usize,
}

#[derive(Debug, Default, Clone, Copy)]
struct Amount {
    bytes: usize,
    lines: usize,
}

/// Whether something is shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Admitted {
    Yes,
    /// It is the first that is not: what may be logged.
    NoMore(String),
    No,
}

impl LogTotal {
    /// Counts so many bytes and lines of a service, and says whether they are shown.
    pub(super) fn admit(&self, service: Option<&str>, bytes: usize, lines: usize) -> Admitted {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let more = Amount { bytes, lines };
        // A service that is silenced does not count for the others any more.
        let Counts { services, all } = &mut *counts;
        let of_service = services.entry(service.map(str::to_owned)).or_default();
        let admitted = match of_service.add(more, OF_SERVICE, "service") {
            Admitted::Yes => all.add(more, OF_ALL, "command"),
            other => other,
        };
        if admitted != Admitted::Yes {
            of_service.not_shown += lines;
        }
        admitted
    }

    /// Counts lines of a service that are not shown, whether they would be admitted or not.
    pub(super) fn drop(&self, service: Option<&str>, lines: usize) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.services.entry(service.map(str::to_owned)).or_default().not_shown += lines;
    }

    /// How many lines were not shown, by service.
    pub(in crate::component) fn not_shown(&self) -> Vec<(Option<String>, usize)> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all = counts.services.iter().map(|(service, count)| (service.clone(), count.not_shown));
        all.filter(|(_, lines)| *lines > 0).collect()
    }
}

impl Count {
    fn add(&mut self, more: Amount, most: Amount, whose: &str) -> Admitted {
        let bytes = self.amount.bytes.saturating_add(more.bytes);
        let lines = self.amount.lines.saturating_add(more.lines);
        if !self.is_over && bytes <= most.bytes && lines <= most.lines {
            self.amount = Amount { bytes, lines };
            return Admitted::Yes;
        }
        if std::mem::replace(&mut self.is_over, true) {
            return Admitted::No;
        }
        let Amount { bytes, lines } = most;
        Admitted::NoMore(format!("{} MiB or {lines} lines a {whose}", bytes / MIB))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_services_together_log_no_more_than_a_command_may() {
        let total = LogTotal::default();
        let shown = |service: usize| total.admit(Some(&service.to_string()), OF_SERVICE.bytes, 1);
        assert!((0..8).all(|service| shown(service) == Admitted::Yes));
        assert_eq!(shown(8), Admitted::NoMore("32 MiB or 320000 lines a command".to_owned()));
        assert_eq!(shown(9), Admitted::No);
    }

    #[test]
    fn nothing_small_follows_what_was_too_much() {
        let total = LogTotal::default();
        assert!(matches!(total.admit(None, OF_SERVICE.bytes + 1, 1), Admitted::NoMore(_)));
        assert_eq!(total.admit(None, 1, 1), Admitted::No);
        assert_eq!(total.admit(Some("other"), 1, 1), Admitted::Yes);
        total.drop(Some("third"), 3);
        assert_eq!(total.not_shown(), [(None, 2), (Some("third".to_owned()), 3)]);
    }
}
