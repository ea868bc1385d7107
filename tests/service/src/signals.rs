//! Signals: logged, then obeyed.

use std::io;
use std::process;
use std::thread;

use signal_hook::consts::{SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;

/// Logs each signal and exits with 128 and its number; of SIGTERM it only takes note when told to ignore it.
pub(crate) fn handle(ignore_sigterm: bool) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGQUIT])?;
    thread::spawn(move || {
        for signal in signals.forever() {
            println!("received {}", name(signal));
            if signal != SIGTERM || !ignore_sigterm {
                process::exit(128 + signal);
            }
        }
    });
    Ok(())
}

fn name(signal: i32) -> &'static str {
    match signal {
        SIGTERM => "SIGTERM",
        SIGINT => "SIGINT",
        _ => "SIGQUIT",
    }
}
