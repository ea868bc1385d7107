//! Starts that are killed at random moments: a few here, and as many as one likes with `cargo xtask soak`.

use std::time::SystemTime;

use drillmaster_tests::soak::{Killed, soak};

const KILLS: u32 = 3;

#[track_caller]
fn assert_put_right(killed: Killed) {
    let seed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    println!("seed {seed}");
    let report = soak(killed, KILLS, seed, |line| println!("{line}"));
    assert!(report.failures.is_empty(), "{report}");
}

#[test]
fn starts_that_are_killed_at_random_moments_are_put_right_by_the_next() {
    assert_put_right(Killed::Start);
}

#[test]
fn replacements_that_are_killed_at_random_moments_are_put_right_by_the_next_start() {
    assert_put_right(Killed::Replacement);
}
