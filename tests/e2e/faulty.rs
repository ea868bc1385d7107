//! Requests to the engine that go wrong: a few here, and as many as one likes with `cargo xtask faults`.

use std::time::SystemTime;

use drillmaster_tests::faults::faults;

const RUNS: u32 = 8;

#[test]
fn commands_whose_requests_go_wrong_tell_the_truth_and_are_put_right_by_the_next_start() {
    let seed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    println!("seed {seed}");
    let report = faults(RUNS, seed, |line| println!("{line}"));
    assert!(report.failures.is_empty(), "{report}");
}
