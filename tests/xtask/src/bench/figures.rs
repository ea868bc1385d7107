//! What was measured: medians, how far they spread, and ratios.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use super::contender::{Contender, Kind};

/// Times, by scenario and contender, in the order in which they were taken.
#[derive(Default)]
pub(super) struct Figures {
    scenarios: Vec<String>,
    times: BTreeMap<(String, Kind), Vec<Duration>>,
}

impl Figures {
    pub(super) fn add(&mut self, scenario: &str, contender: &Contender, took: Duration) {
        if !self.scenarios.iter().any(|known| known == scenario) {
            self.scenarios.push(scenario.to_owned());
        }
        self.times.entry((scenario.to_owned(), contender.kind)).or_default().push(took);
    }

    /// The median in milliseconds; none if it was not measured.
    pub(super) fn median(&self, scenario: &str, kind: Kind) -> Option<f64> {
        Some(self.sorted(scenario, kind)?.median)
    }

    /// A row a scenario, a column a contender: median, the fastest and the slowest, and how it compares to us.
    pub(super) fn table(&self, contenders: &[Contender]) -> String {
        let mut table = format!("\n{:<24}", "milliseconds");
        for contender in contenders {
            let _ = write!(table, "{:>28}", contender.name);
        }
        for scenario in &self.scenarios {
            let _ = write!(table, "\n{scenario:<24}");
            let ours = self.median(scenario, Kind::Drillmaster);
            for contender in contenders {
                let cell = self.sorted(scenario, contender.kind).map_or_else(
                    || "–".to_owned(),
                    |Spread { median, least, most, .. }| {
                        let ratio = ours.map_or(String::new(), |ours| format!(" {:.2}×", median / ours));
                        format!("{median:.0} ({least:.0}–{most:.0}){ratio}")
                    },
                );
                let _ = write!(table, "{cell:>28}");
            }
        }
        let rounds: Vec<String> = self
            .scenarios
            .iter()
            .filter_map(|scenario| Some(self.sorted(scenario, Kind::Floor)?.count.to_string()))
            .collect();
        let _ = write!(
            table,
            "\n\nMedian of whole processes, in turn (fastest–slowest), and how many times drillmaster's it is; rounds: {}.",
            rounds.join(", ")
        );
        table
    }

    fn sorted(&self, scenario: &str, kind: Kind) -> Option<Spread> {
        Spread::of(self.times.get(&(scenario.to_owned(), kind))?)
    }
}

/// Times in milliseconds, put together.
pub(super) struct Spread {
    pub(super) median: f64,
    pub(super) least: f64,
    pub(super) most: f64,
    pub(super) count: usize,
}

impl Spread {
    /// None of no times.
    pub(super) fn of(times: &[Duration]) -> Option<Self> {
        let mut times: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1000.0).collect();
        times.sort_by(f64::total_cmp);
        let (least, most) = (*times.first()?, *times.last()?);
        let middle = times.len() / 2;
        let median =
            if times.len().is_multiple_of(2) { f64::midpoint(times[middle - 1], times[middle]) } else { times[middle] };
        Some(Self { median, least, most, count: times.len() })
    }
}
