//! A run in a terminal: lines that stay, and below them a live part with a line for each service.
//!
//! The terminal is in order between two writes: the cursor is visible and rests below the live part, lines wrap as
//! always, no style is on. So there is nothing to restore, however the process ends.

use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::run::Event;

use super::board::Board;
use super::fold::folded;
use super::frame::frame;
use super::said::{Said, in_force, said, width_of};
use super::style::{DIMMED, columns_of};
use super::{Show, Trace, indented_lines};

/// Between these the cursor is hidden, and a terminal that knows how shows everything at once.
const BEGIN: &str = "\x1b[?2026h\x1b[?25l";
const END: &str = "\x1b[?25h\x1b[?2026l";
const LINE_END: &str = "\r\n";
const CLEAR_LINE: &str = "\x1b[K";
const DOWN: &str = "\x1b[1B";

/// Lines that follow each other faster than this are drawn together: drawing takes longer than saying.
const TOGETHER: Duration = Duration::from_millis(30);

/// The most lines that wait to be drawn.
const WAITING: usize = 1000;

/// The size of a terminal: columns and rows.
pub type Size = Box<dyn Fn() -> (usize, usize) + Send + Sync>;

/// Draws on a terminal.
pub struct Terminal<W> {
    verbose: bool,
    colors: bool,
    size: Size,
    state: Mutex<State<W>>,
}

struct State<W> {
    out: W,
    board: Board,
    /// The columns of the names in the lines that stay.
    width: usize,
    /// The live part as it stands on the terminal.
    drawn: Vec<String>,
    /// How wide the terminal was then.
    columns: usize,
    /// Lines that stay and are not drawn yet; where others may have a word in them, with what their further rows begin with.
    waiting: Vec<(String, Option<String>)>,
    last: Option<Instant>,
    ended: bool,
}

impl<W: Write> Terminal<W> {
    /// Draws on `out`, which is asked for its size before each time. With debug lines too, if `verbose`.
    pub fn new(out: W, size: Size, colors: bool, verbose: bool) -> Self {
        let state = State {
            out,
            board: Board::default(),
            width: 0,
            drawn: Vec::new(),
            columns: usize::MAX,
            waiting: Vec::new(),
            last: None,
            ended: false,
        };
        Self { verbose, colors, size, state: Mutex::new(state) }
    }

    fn lock(&self) -> MutexGuard<'_, State<W>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn say(&self, state: &mut State<W>, said: &[Said]) {
        for said in said {
            let line = said.shown(&mut state.width);
            state.waiting.push((line, Some(said.margin(state.width))));
        }
        let just_now = state.last.is_some_and(|last| last.elapsed() < TOGETHER);
        if !just_now || state.waiting.len() > WAITING {
            self.draw(state);
        }
    }

    /// Writes the lines that wait, and draws the live part anew below them.
    fn draw(&self, state: &mut State<W>) {
        let bare = |line: String| if self.colors { line } else { anstream::adapter::strip_str(&line).to_string() };
        let (columns, rows) = (self.size)();
        let now = Instant::now();
        let live = if state.ended { Vec::new() } else { frame(&state.board, now, columns, rows) };
        let waiting = std::mem::take(&mut state.waiting).into_iter();
        let rows = |(line, margin): (String, Option<String>)| match margin {
            Some(margin) => folded(&line, columns, &margin),
            None => vec![line],
        };
        let lines: Vec<_> = waiting.flat_map(rows).map(bare).collect();
        let live = live.into_iter().map(bare).collect();
        state.last = Some(now);
        state.draw(&lines, live, columns.max(1));
    }
}

impl<W: Write + Send> Show for Terminal<W> {
    fn show(&self, event: Event) {
        let mut state = self.lock();
        if let Event::Planned(plan) = &event {
            state.width = width_of(plan);
        }
        if let Event::Grants(grants) = &event {
            state.waiting.push((in_force(grants), None));
            self.draw(&mut state);
        }
        // A debug line that is not shown is not the last word either.
        let said = said(&event, self.verbose);
        if !said.is_empty() || !matches!(event, Event::Log(_)) {
            state.board.feed(&event, Instant::now());
        }
        if !said.is_empty() {
            self.say(&mut state, &said);
        }
    }

    fn trace(&self, trace: &Trace) {
        self.say(&mut self.lock(), &Said::lines("", DIMMED, &trace.to_string()));
    }

    fn notice(&self, text: &str) {
        let mut state = self.lock();
        state.waiting.extend(indented_lines(text).map(|line| (line, None)));
        self.draw(&mut state);
    }

    fn tick(&self) {
        self.draw(&mut self.lock());
    }

    fn interval(&self) -> Duration {
        Duration::from_millis(100)
    }

    /// Takes the live part away for good.
    fn make_way(&self) -> bool {
        let mut state = self.lock();
        state.ended = true;
        self.draw(&mut state);
        true
    }
}

impl<W: Write> State<W> {
    /// In one write. There is nobody to tell if it fails.
    fn draw(&mut self, lines: &[String], live: Vec<String>, columns: usize) {
        if lines.is_empty() && live == self.drawn && columns == self.columns {
            return;
        }
        let staying: String = lines.iter().flat_map(|line| [line, LINE_END]).collect();
        let text = if self.drawn.is_empty() && live.is_empty() {
            staying
        } else {
            // A terminal that became narrower has wrapped what is wider now.
            let height = |line: &String| columns_of(line).max(1).div_ceil(columns);
            let height = self.drawn.iter().map(height).sum::<usize>();
            let up = if height == 0 { String::new() } else { format!("\x1b[{height}A") };
            // Line by line: some terminals keep what is cleared from their first line on among what has scrolled away.
            let all_anew = !lines.is_empty() || columns != self.columns || live.len() < height;
            let erase =
                if all_anew { format!("{CLEAR_LINE}{DOWN}").repeat(height) + CLEAR_LINE + &up } else { String::new() };
            let live: String = live.iter().flat_map(|line| [line, CLEAR_LINE, LINE_END]).collect();
            format!("{BEGIN}{up}\r{erase}{staying}{live}{CLEAR_LINE}{END}")
        };
        (self.drawn, self.columns) = (live, columns);
        if text.is_empty() {
            return;
        }
        let _ = self.out.write_all(text.as_bytes());
        let _ = self.out.flush();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::component::{Level, LogLine};
    use crate::run::Phase;

    /// A terminal of few talents that does not wrap, to see what stands on it.
    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Seen>>);

    #[derive(Default)]
    struct Seen {
        rows: Vec<Vec<char>>,
        row: usize,
        column: usize,
        hidden: bool,
        codes: usize,
    }

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let mut seen = self.0.lock().unwrap();
            let mut text = std::str::from_utf8(bytes).unwrap();
            while let Some(c) = text.chars().next() {
                text = &text[c.len_utf8()..];
                match c {
                    '\r' => seen.column = 0,
                    '\n' => seen.row += 1,
                    '\u{1b}' => {
                        let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap();
                        seen.code(&text[1..end], text.as_bytes()[end]);
                        text = &text[end + 1..];
                    }
                    _ => seen.put(c),
                }
            }
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Seen {
        fn put(&mut self, c: char) {
            let (row, column) = (self.row, self.column);
            self.rows.resize(self.rows.len().max(row + 1), Vec::new());
            let cells = &mut self.rows[row];
            cells.resize(cells.len().max(column + 1), ' ');
            cells[column] = c;
            self.column += 1;
        }

        fn code(&mut self, parameter: &str, code: u8) {
            self.codes += 1;
            let (row, column) = (self.row, self.column);
            match (parameter, code) {
                ("?25", b'h' | b'l') => self.hidden = code == b'l',
                ("?2026", _) | (_, b'm') => {}
                (up, b'A') => self.row -= up.parse::<usize>().unwrap(),
                ("1", b'B') => self.row += 1,
                ("", b'K') => {
                    if let Some(cells) = self.rows.get_mut(row) {
                        cells.truncate(column);
                    }
                }
                other => panic!("no such code: {other:?}"),
            }
        }
    }

    impl Paper {
        /// What stands there, and that the terminal is in order.
        fn text(&self) -> String {
            let seen = self.0.lock().unwrap();
            assert!(!seen.hidden, "the cursor is hidden");
            assert_eq!(seen.column, 0);
            let rows = seen.rows.iter().map(|row| row.iter().collect::<String>().trim_end().to_owned() + "\n");
            rows.collect::<String>().trim_end_matches('\n').to_owned()
        }
    }

    fn terminal(columns: &Arc<AtomicUsize>) -> (Paper, Terminal<Paper>) {
        let paper = Paper::default();
        let columns = Arc::clone(columns);
        let size: Size = Box::new(move || (columns.load(Ordering::Relaxed), 24));
        (paper.clone(), Terminal::new(paper, size, false, false))
    }

    fn log(text: &str) -> Event {
        Event::Log(LogLine { service: Some("db".into()), level: Level::Info, text: text.into() })
    }

    fn phase(phase: Phase) -> Event {
        Event::Phase { service: "db".into(), phase }
    }

    #[test]
    fn lines_that_stay_are_above_the_live_part_and_alone_at_the_end() {
        let (paper, terminal) = terminal(&Arc::new(AtomicUsize::new(80)));
        terminal.show(phase(Phase::Initialising));
        terminal.tick();
        terminal.show(log("one"));
        terminal.notice("two \u{1b}[2J");
        let text = paper.text();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[..2], ["db  | one", "two \\u{1b}[2J"]);
        assert!(lines[2].contains("db  initialising") && lines[2].ends_with("s  | one"), "{text}");
        assert_eq!(lines.len(), 3);
        terminal.finish(0, None);
        assert_eq!(paper.text(), "db  | one\ntwo \\u{1b}[2J");
        // Whatever comes now is only written.
        terminal.show(phase(Phase::Pinging));
        terminal.tick();
        terminal.notice("three");
        assert_eq!(paper.text(), "db  | one\ntwo \\u{1b}[2J\nthree");
    }

    #[test]
    fn what_others_write_begins_no_row() {
        let (paper, terminal) = terminal(&Arc::new(AtomicUsize::new(40)));
        terminal.show(log(&format!("{}error: forged", "x".repeat(34))));
        terminal.show(Event::Warning(format!("{}error: forged\nmore", "y".repeat(36))));
        terminal.tick();
        let (xs, ys) = ("x".repeat(34), "y".repeat(36));
        let expected = format!("db  | {xs}\n    | error: forged\n    {ys}\n      error: forged\n      more");
        assert_eq!(paper.text(), expected);
    }

    #[test]
    fn a_terminal_without_a_live_part_gets_no_control_characters() {
        let (paper, terminal) = terminal(&Arc::new(AtomicUsize::new(80)));
        terminal.show(log("one"));
        terminal.tick();
        terminal.finish(0, None);
        assert_eq!(paper.text(), "db  | one");
        assert_eq!(paper.0.lock().unwrap().codes, 0);
    }

    #[test]
    fn the_live_part_gives_back_the_lines_it_needs_no_more() {
        let (paper, terminal) = terminal(&Arc::new(AtomicUsize::new(80)));
        for service in ["a", "b", "c"] {
            terminal.show(Event::Phase { service: service.into(), phase: Phase::Stopping });
        }
        terminal.tick();
        assert_eq!(paper.text().lines().count(), 3);
        terminal.lock().board.rows.truncate(1);
        terminal.tick();
        assert_eq!(paper.text().lines().count(), 1, "{}", paper.text());
    }

    #[test]
    fn what_a_narrower_terminal_has_wrapped_is_drawn_over() {
        let columns = Arc::new(AtomicUsize::new(80));
        let (paper, terminal) = terminal(&columns);
        terminal.show(phase(Phase::Initialising));
        terminal.show(log("a line that does not stay within forty columns"));
        // As a terminal does: the one line below the first now takes two.
        columns.store(40, Ordering::Relaxed);
        {
            let mut seen = paper.0.lock().unwrap();
            let rest = seen.rows[1].split_off(40);
            seen.rows.push(rest);
            seen.row += 1;
        }
        terminal.tick();
        let text = paper.text();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert_eq!(lines[0], "db  | a line that does not stay within forty columns");
        assert!(lines[1].ends_with('…') && columns_of(lines[1]) == 39, "{text}");
    }
}
