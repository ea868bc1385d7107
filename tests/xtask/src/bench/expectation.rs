//! What is promised, and whether it holds.

use std::fmt::Write as _;

use super::contender::{Kind, LINKS};
use super::figures::Figures;
use super::loading::Loading;

/// How many times the bare loop's time a start with nothing to do may take.
const TIMES_BARE: f64 = 2.0;
/// How many times faster than Compose it should be.
const TIMES_FASTER: f64 = 3.0;
/// How much slower than the better one of Compose and the bare loop a cold start or a stop may be.
const SLOWER: f64 = 1.05;
/// How much each link of a chain may take above the bare loop's time, in milliseconds.
const LINK_MS: f64 = 150.0;
/// How much loading a definition may add to that of the smallest one, in milliseconds.
const RUST_MS: f64 = 5.0;
const PYTHON_MS: f64 = 20.0;
const SOURCE_MS: f64 = 60.0;

/// A line for each expectation.
pub(super) fn check(figures: &Figures, loading: &Loading) -> String {
    let mut lines = String::new();
    let mut expect = |what: String, found: Option<(f64, f64, &str)>| {
        let _ = match found {
            None => write!(lines, "\nnot run         {what}"),
            Some((found, limit, unit)) => {
                let verdict = if found <= limit { "holds" } else { "DOES NOT HOLD" };
                write!(lines, "\n{verdict:<15} {what}: {found:.2}{unit}")
            }
        };
    };
    for services in [1, 10, 50] {
        let scenario = format!("nothing to do, {services}");
        let of = |kind| figures.median(&scenario, kind);
        let ours = of(Kind::Drillmaster);
        let ratio = |theirs: Option<f64>| Some(ours? / theirs?);
        expect(
            format!("{scenario}: at most {TIMES_BARE} times the bare loop's time"),
            ratio(of(Kind::Floor)).map(|ratio| (ratio, TIMES_BARE, "×")),
        );
        expect(
            format!("{scenario}: at most a third of Compose's time"),
            ratio(of(Kind::Compose)).map(|ratio| (ratio, 1.0 / TIMES_FASTER, "×")),
        );
    }
    for scenario in ["cold start, 1", "cold start, 10", "cold start, 20", "stop, 10"] {
        let of = |kind| figures.median(scenario, kind);
        let better = of(Kind::Floor).map(|floor| of(Kind::Compose).map_or(floor, |compose| compose.min(floor)));
        let ratio = of(Kind::Drillmaster).zip(better).map(|(ours, better)| ours / better);
        expect(
            format!("{scenario}: within 5 % of the better one of Compose and the bare loop"),
            ratio.map(|ratio| (ratio, SLOWER, "×")),
        );
    }
    let of = |kind| figures.median("chain of 5", kind);
    let number = f64::from(u32::try_from(LINKS).unwrap_or(1));
    let above = of(Kind::Drillmaster).zip(of(Kind::Floor)).map(|(ours, floor)| (ours - floor) / number);
    expect(
        format!("chain of 5: at most {LINK_MS} ms a link above the bare loop"),
        above.map(|above| (above, LINK_MS, " ms")),
    );
    for (language, limit) in [("Rust", RUST_MS), ("Python", PYTHON_MS), ("Python source", SOURCE_MS)] {
        expect(
            format!("loading a definition in {language}: at most {limit} ms above the smallest one"),
            loading.added(language).map(|added| (added, limit, " ms")),
        );
    }
    lines
}
