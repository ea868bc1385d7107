//! What happens after a while, counted from the start of the process.

use std::env;
use std::process;
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The number in a variable; none when it is unset, empty or no number.
pub(crate) fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

/// How long until the milliseconds in a variable have passed since the start; zero when it is unset or past.
pub(crate) fn remaining(name: &str) -> Duration {
    Duration::from_millis(number(name).unwrap_or(0)).saturating_sub(START.elapsed())
}

/// Exits with `EXIT_CODE` once `EXIT_AFTER_MS` has passed, if it is set. Returns at once, and starts the clock.
pub(crate) fn exit_later() {
    LazyLock::force(&START);
    if number("EXIT_AFTER_MS").is_none() {
        return;
    }
    thread::spawn(|| {
        thread::sleep(remaining("EXIT_AFTER_MS"));
        let code = env::var("EXIT_CODE").ok().and_then(|code| code.parse().ok()).unwrap_or(0);
        println!("exiting with {code}");
        process::exit(code);
    });
}
