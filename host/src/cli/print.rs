//! Writing to the terminal. A reader that has gone away, as after `| head`, is no reason to stop.

use std::io::Write as _;

/// Writes results.
pub(super) fn out(text: &str) {
    let _ = anstream::stdout().write_all(text.as_bytes());
}

/// Writes a line for the person.
pub(super) fn tell(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}
