//! The command line.

use std::time::{Duration, Instant};

use crate::input::Input;

const WORDS: [&str; 44] = [
    "start",
    "stop",
    "reload",
    "restart",
    "plan",
    "ps",
    "logs",
    "exec",
    "completions",
    "bash",
    "app.wasm",
    "./db.wasm",
    "db",
    "web",
    "--group",
    "--group=x",
    "--set",
    "a=b",
    "--set=x=",
    "--timeout",
    "--timeout=1.5",
    "1e19",
    "1e300",
    "-1",
    "NaN",
    "18446744073709551615",
    "--exclude",
    "--exclude=a,,b",
    "--recreate",
    "--pull",
    "never",
    "--json",
    "--remove",
    "--volumes",
    "--tail",
    "--no-tty",
    "--",
    "-f",
    "--verbose",
    "--offline",
    "--allow-net",
    "a.b:1",
    "--memory=4096",
    "--publish-on=::",
];

/// The most that is added to a time that somebody gives.
const MARGIN: Duration = Duration::from_hours(24);

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let words = input.list(8, |input| input.word(&WORDS));
    let words = std::iter::once("drillmaster".to_owned()).chain(words);
    match drillmaster::cli::command().try_get_matches_from(words) {
        Ok(matches) => {
            let (_, matches) = matches.subcommand().expect("a command is required");
            if let Ok(Some(timeout)) = matches.try_get_one::<Duration>("timeout") {
                assert!(Instant::now().checked_add(*timeout + MARGIN).is_some(), "{timeout:?} is no time to wait");
            }
        }
        Err(refusal) => assert!(matches!(refusal.exit_code(), 0 | 2), "{refusal}"),
    }
}
