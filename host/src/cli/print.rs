//! Writing to the terminal. A reader that has gone away, as after `| head`, is no reason to stop what a command does, nor to
//! complain; that there is no room for what is written is one to say so.

use std::io::Write as _;

use crate::group::QUOTE;
use crate::report::{folded, indented_lines};

use super::{output, screen};

/// Writes results, unless the screen has told them already; false if they cannot be written (any more).
pub(super) fn out(text: &str) -> bool {
    if !screen::make_way() {
        return true;
    }
    let mut stdout = output::styled_stdout();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).is_ok()
}

/// How wide the terminal is that results go to, if that is one.
pub(super) fn columns() -> Option<usize> {
    let terminal = console::Term::stdout();
    terminal.is_term().then(|| usize::from(terminal.size().1))
}

/// Writes lines to stderr, which the screen has left or never had, and sees to it that a terminal begins no row with words
/// of others. There is nobody to tell if it fails.
pub(super) fn tell_lines(lines: impl Iterator<Item = String>, quote_others: bool) {
    let terminal = console::Term::stderr();
    let columns = if terminal.is_term() { usize::from(terminal.size().1) } else { usize::MAX };
    let mut stderr = output::styled_stderr();
    for line in lines {
        let is_quote = line.starts_with(QUOTE);
        let columns = if is_quote || quote_others { columns } else { usize::MAX };
        for row in folded(&line, columns, if is_quote { QUOTE } else { "  " }) {
            let _ = writeln!(stderr, "{row}");
        }
    }
}

/// Writes a line for the person.
pub(super) fn tell(text: &str) {
    if !screen::notice(text) {
        tell_lines(indented_lines(text), false);
    }
}
