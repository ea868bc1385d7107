//! Writing to the terminal. A reader that has gone away, as after `| head`, is no reason to stop.

use std::io::Write as _;

use super::{output, screen};

/// Writes results, unless the screen has told them already.
pub(super) fn out(text: &str) {
    if screen::make_way() {
        let _ = output::styled_stdout().write_all(text.as_bytes());
    }
}

/// Writes a line for the person.
pub(super) fn tell(line: &str) {
    if !screen::notice(line) {
        let _ = writeln!(output::styled_stderr(), "{line}");
    }
}
