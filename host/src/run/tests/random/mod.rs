//! Random groups on the engine in memory: what holds for one that was written by hand has to hold for all.
//!
//! The cases are the same in every run. `PROPTEST_CASES` sets how many there are, `PROPTEST_RNG_SEED` chooses others;
//! a case that fails is printed as small as it can be made.

mod crashes;
mod faults;
mod group;
mod observations;
mod plans;
mod prepared;
mod settled;

use std::cell::Cell;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestRunner};

/// The seed unless the environment has one.
const SEED: u64 = 20_260_101;

/// Tries something with random cases, on a runtime whose time passes only when everybody waits. The test returns how
/// many ways it has tried a case in; their sum is printed.
fn for_random<S: Strategy>(default_cases: u32, cases: &S, test: impl AsyncFn(S::Value) -> usize) {
    let mut config = Config { failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = default_cases;
    }
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(SEED);
    }
    let (groups, ways) = (Cell::new(0), Cell::new(0));
    let tried = TestRunner::new(config).run(cases, |case| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        ways.set(ways.get() + runtime.block_on(test(case)));
        groups.set(groups.get() + 1);
        Ok(())
    });
    if let Err(failure) = tried {
        panic!("{failure}");
    }
    println!("{} groups in {} ways", groups.get(), ways.get());
}
