//! The colours of what is shown, and texts made to fit.

use std::borrow::Cow;
use std::time::Duration;

use anstyle::{AnsiColor, Style};

use super::visible;

pub(super) const PLAIN: Style = Style::new();
pub(super) const ERROR: Style = AnsiColor::Red.on_default().bold();
pub(super) const WARNING: Style = AnsiColor::Yellow.on_default();
pub(super) const DIMMED: Style = Style::new().dimmed();
pub(super) const GOOD: Style = AnsiColor::Green.on_default();

const COLORS: [AnsiColor; 6] = [
    AnsiColor::Cyan,
    AnsiColor::Magenta,
    AnsiColor::Blue,
    AnsiColor::Green,
    AnsiColor::BrightCyan,
    AnsiColor::BrightMagenta,
];

/// A service's color: always the same one for the same name.
pub(super) fn color_of(service: &str) -> Style {
    let sum: usize = service.bytes().map(usize::from).sum();
    COLORS[sum % COLORS.len()].on_default()
}

/// A text that others wrote, in a style, or bare where there is no style.
pub(super) fn styled(text: &str, style: Style) -> String {
    painted(&visible(text), style)
}

/// A text that is safe for a terminal, in the same way.
pub(super) fn painted(text: &str, style: Style) -> String {
    if style == PLAIN { text.to_owned() } else { format!("{style}{text}{style:#}") }
}

/// The widest column that others begin behind: no service's name is longer, but for those in labels of others.
pub(super) const WIDEST: usize = 63;

/// A text with spaces up to the end of its column.
pub(super) fn padded(text: &str, width: usize) -> String {
    let width = width.min(WIDEST);
    format!("{text:width$}")
}

/// A styled line cut to a number of columns, whatever it is written in.
pub(super) fn fit(line: &str, columns: usize) -> Cow<'_, str> {
    console::truncate_str(line, columns, "…")
}

/// How many columns a styled line takes.
pub(super) fn columns_of(line: &str) -> usize {
    console::measure_text_width(line)
}

/// A time that somebody waits for, with no more digits than they can read.
pub(super) fn time(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        seconds @ 10..120 => format!("{seconds} s"),
        seconds => format!("{}:{:02} min", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_at_the_columns_it_takes_and_keeps_its_styles() {
        assert_eq!(fit("grüße", 5), "grüße");
        assert_eq!(fit("漢字漢字", 6), "漢字…");
        assert_eq!(fit("\u{1b}[31mlong enough\u{1b}[0m", 5), "\u{1b}[31mlong…\u{1b}[0m");
        assert_eq!(columns_of("\u{1b}[31m漢字\u{1b}[0m"), 4);
    }

    #[test]
    fn no_column_is_wider_than_a_name_can_be() {
        assert_eq!(padded("db", 4), "db  ");
        // Wider than what can be formatted at all.
        assert_eq!(padded("db", 100_000).len(), WIDEST);
    }

    #[test]
    fn times_are_as_precise_as_one_can_read() {
        let shown = |seconds| time(Duration::from_secs_f64(seconds));
        assert_eq!([shown(0.04), shown(9.94), shown(10.9), shown(125.0)], ["0.0 s", "9.9 s", "10 s", "2:05 min"]);
    }
}
