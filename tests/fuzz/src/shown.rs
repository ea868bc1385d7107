//! What may reach a terminal.

use serde_json::Value;

/// Whether a terminal does something else with a character than showing it, or nothing.
fn steers(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_unseen =
        matches!(c, '\u{ad}' | '\u{200b}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
    c.is_control() || turns || is_unseen
}

/// Nothing in a text steers a terminal, but for line breaks and tabs.
#[track_caller]
pub(crate) fn plain(text: &str) {
    if let Some(found) = text.chars().find(|c| steers(*c) && !matches!(c, '\n' | '\t')) {
        panic!("{found:?} reaches the terminal: {text:?}");
    }
}

/// The same, and there is one line.
#[track_caller]
pub(crate) fn one_line(text: &str) {
    plain(text);
    assert!(!text.contains('\n'), "there is more than one line: {text:?}");
}

/// Each line is JSON in which nothing steers a terminal.
#[track_caller]
pub(crate) fn json_lines(text: &str) -> Vec<Value> {
    plain(text);
    assert!(text.is_empty() || text.ends_with('\n'), "the last line does not end: {text:?}");
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line:?}"))).collect()
}

/// The whole is JSON in which nothing steers a terminal.
#[track_caller]
pub(crate) fn json(text: &str) -> Value {
    plain(text);
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text:?}"))
}

/// The same, but for styles.
#[track_caller]
pub(crate) fn styled(text: &str) {
    plain(&without_codes(text, |_, code| code == 'm'));
}

/// What a live display writes: nothing steers a terminal but what the display needs, and no live line is too wide.
#[track_caller]
pub(crate) fn terminal(text: &str, columns: usize) {
    for line in text.split_inclusive("\r\n") {
        let shown = without_codes(line, |parameters, code| match code {
            'h' | 'l' => matches!(parameters, "?25" | "?2026"),
            'A' | 'm' => true,
            'B' => parameters == "1",
            'K' => parameters.is_empty(),
            _ => false,
        });
        let shown = shown.replace('\r', "");
        plain(&shown);
        let is_live = line.ends_with("\u{1b}[K\r\n");
        let width = console::measure_text_width(shown.trim_end_matches('\n'));
        assert!(!is_live || width < columns.max(2), "{width} of {columns} columns: {shown:?}");
    }
}

/// A text without the codes that are known, by their parameters and their letter.
fn without_codes(text: &str, is_known: impl Fn(&str, char) -> bool) -> String {
    let mut pieces = text.split("\u{1b}[");
    let mut shown = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (parameters, rest) = piece.split_at(piece.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(0));
        let mut rest = rest.chars();
        match rest.next() {
            Some(code) if is_known(parameters, code) => shown.push_str(rest.as_str()),
            _ => shown.extend(["\u{1b}[", piece]),
        }
    }
    shown
}
