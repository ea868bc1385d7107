//! Writing to the terminal. A reader that has gone away, as after `| head`, is no reason to stop what a command does, nor to
//! complain; that there is no room for what is written is one to say so.

use std::io::{self, ErrorKind, Write, stdout};
use std::sync::{Mutex, PoisonError};

use crate::group::QUOTE;
use crate::report::{folded, indented_lines};

use super::screen;

/// Why something could not be written to stdout, if that has happened.
static LOST: Mutex<Option<String>> = Mutex::new(None);

/// Writes results, unless the screen has told them already; false if they cannot be written (any more).
pub(super) fn out(text: &str) -> bool {
    if !screen::make_way() {
        return true;
    }
    let mut stdout = anstream::stdout();
    note(&stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
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
    let mut stderr = anstream::stderr();
    for line in lines {
        let is_quote = line.starts_with(QUOTE);
        let columns = if is_quote || quote_others { columns } else { usize::MAX };
        for row in folded(&line, columns, if is_quote { QUOTE } else { "  " }) {
            let _ = writeln!(stderr, "{row}");
        }
    }
}

/// Takes note of what came of writing to stdout; false if that failed.
pub(super) fn note<T>(written: &io::Result<T>) -> bool {
    let Err(error) = written else { return true };
    if !matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::Interrupted) {
        LOST.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| error.to_string());
    }
    false
}

/// Why something could not be written to stdout; none if everything was, or nobody wanted it.
pub(super) fn lost() -> Option<String> {
    LOST.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// stdout, of which notice is taken if it cannot be written to.
pub(super) struct Results;

impl Write for Results {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = stdout().write(bytes);
        note(&written);
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = stdout().flush();
        note(&flushed);
        flushed
    }
}

/// Writes a line for the person.
pub(super) fn tell(text: &str) {
    if !screen::notice(text) {
        tell_lines(indented_lines(text), false);
    }
}
