//! Text that others wrote, made safe for a terminal.

use std::borrow::Cow;

use super::sgr::{Piece, pieces};

/// The text with all that is not seen, or does something else than being seen, written out: so that nothing a definition
/// or a container writes can move the cursor, change colours, turn text round or hide in it. Tabs stay, and so does what
/// joins emoji, and letters of scripts that need it.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if is_hidden(c) && !joins(before, c, chars.peek().copied()) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
        before = Some(c);
    }
    Cow::Owned(shown)
}

/// The same for a line of prose, of which the colours are no part: they are dropped.
#[must_use]
pub(super) fn plain(line: &str) -> String {
    pieces(line).map(|piece| if let Piece::Text(text) = piece { visible(text) } else { Cow::Borrowed("") }).collect()
}

/// The same for a line of a program that knows colours. They stay, for the writer to keep or strip, and end with the line.
#[must_use]
pub(super) fn colored(line: &str) -> String {
    let mut is_colored = false;
    let mut shown: String = pieces(line)
        .map(|piece| match piece {
            Piece::Text(text) => visible(text),
            Piece::Color(code) => {
                is_colored = true;
                Cow::Borrowed(code)
            }
            Piece::Style => Cow::Borrowed(""),
        })
        .collect();
    if is_colored {
        shown.push_str("\u{1b}[0m");
    }
    shown
}

/// Lines of drillmaster's own: those after the first are indented, so that none can be taken for one that somebody else
/// had a word in.
pub fn indented_lines(text: &str) -> impl Iterator<Item = String> {
    text.lines().enumerate().map(|(index, line)| {
        let indent = if index == 0 || line.starts_with("  ") { "" } else { "  " };
        format!("{indent}{}", plain(line))
    })
}

/// Control characters, what breaks lines as a line feed does, and what Unicode wants to be ignored where it is displayed:
/// what changes the direction, joins, selects a variant, fills a place or tags without being seen.
pub(super) fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a character does what it is there for: a joiner between two characters, or one variant of an emoji, none of
/// which is ASCII. In a word of Latin letters it only hides.
fn joins(before: Option<char>, c: char, after: Option<char>) -> bool {
    let is_seen = |c: char| !c.is_ascii() && !is_hidden(c);
    let is_emoji = |c: char| c == '\u{fe0f}' || is_seen(c);
    match c {
        '\u{200c}' | '\u{200d}' => before.is_some_and(is_emoji) && after.is_some_and(is_seen),
        '\u{fe0e}' | '\u{fe0f}' => before.is_some_and(is_seen),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_left_alone() {
        assert!(matches!(visible("grüße\tfrom → here"), Cow::Borrowed(_)));
    }

    #[test]
    fn escapes_and_overrides_are_shown_as_what_they_are() {
        assert_eq!(visible("\u{1b}[2Jgone\r"), "\\u{1b}[2Jgone\\r");
        assert_eq!(visible("a\u{202e}b\u{61c}"), "a\\u{202e}b\\u{61c}");
        assert_eq!(visible("\u{9b}1m"), "\\u{9b}1m");
        assert_eq!(visible("a\u{2028}b\u{85}"), "a\\u{2028}b\\u{85}");
    }

    #[test]
    fn what_is_not_seen_is_shown_as_what_it_is() {
        for hidden in ['\u{ad}', '\u{200b}', '\u{200d}', '\u{2060}', '\u{feff}', '\u{3164}', '\u{fe0f}', '\u{e0041}'] {
            assert_eq!(visible(&format!("post{hidden}gres")), format!("post{}gres", hidden.escape_default()));
        }
        assert_eq!(visible("\u{e0100}"), "\\u{e0100}");
    }

    #[test]
    fn emoji_and_scripts_with_joiners_are_left_alone() {
        for text in ["⚠\u{fe0f}  careful", "👩\u{200d}🚀", "❤\u{fe0f}\u{200d}🔥", "می\u{200c}خواهم"] {
            assert_eq!(visible(text), text);
        }
        // Nothing is hidden behind them.
        assert_eq!(visible("⚠\u{fe0f}\u{fe0f}\u{200d}"), "⚠\u{fe0f}\\u{fe0f}\\u{200d}");
    }

    #[test]
    fn a_line_of_a_program_keeps_its_colours_to_itself_and_prose_has_none() {
        let line = "\u{1b}[1;91mnpm ERR!\u{1b}[0m \u{1b}[8mhidden\u{1b}[2J\u{1b}]8;;http://a\u{7}";
        assert_eq!(colored(line), "\u{1b}[1;91mnpm ERR!\u{1b}[0m hidden\\u{1b}[2J\\u{1b}]8;;http://a\\u{7}\u{1b}[0m");
        assert_eq!(plain(line), "npm ERR! hidden\\u{1b}[2J\\u{1b}]8;;http://a\\u{7}");
        assert_eq!(colored("plain"), "plain");
    }

    #[test]
    fn only_the_first_of_some_lines_begins_where_lines_of_drillmaster_do() {
        let lines: Vec<_> = indented_lines("cannot build\nerror: forged\u{1b}[31m\n  | quoted\n  own\rx").collect();
        assert_eq!(lines, ["cannot build", "  error: forged", "  | quoted", "  own\\rx"]);
    }
}
