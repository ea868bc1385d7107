//! Text that others wrote, made safe for a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Serialize;

/// The text with control characters made visible, so that nothing a definition or a container writes can move the
/// cursor, change colours or hide other text. Tabs stay.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().fold(String::with_capacity(text.len()), |mut shown, c| {
        if is_hidden(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
        shown
    }))
}

/// A value as JSON in which nothing is hidden either: what JSON may hold as it is, and a terminal would obey, is escaped,
/// which means the same.
///
/// # Panics
/// Never: texts, numbers and lists have a JSON form.
pub(super) fn json(value: &impl Serialize, layout: Layout) -> String {
    let json = match layout {
        Layout::OneLine => serde_json::to_string(value),
        Layout::Readable => serde_json::to_string_pretty(value),
    };
    let json = json.expect("texts, numbers and lists have a JSON form") + "\n";
    let is_left = |c: char| is_hidden(c) && c != '\n';
    if !json.contains(is_left) {
        return json;
    }
    json.chars().fold(String::with_capacity(json.len()), |mut shown, c| {
        if is_left(c) {
            // All of these have four digits.
            let _ = write!(shown, "\\u{:04x}", u32::from(c));
        } else {
            shown.push(c);
        }
        shown
    })
}

/// How JSON is laid out.
#[derive(Debug, Clone, Copy)]
pub(super) enum Layout {
    OneLine,
    Readable,
}

/// Control characters, those that change the direction of what follows, and those that break lines as a line feed does.
fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_left_alone() {
        assert!(matches!(visible("grüße\tfrom → here"), Cow::Borrowed(_)));
    }

    #[test]
    fn json_means_the_same_and_steers_no_terminal() {
        let text = "\u{1b}[2J \u{9b}1m \u{7f}\u{85}\u{202e}\u{61c} ä\n";
        for layout in [Layout::OneLine, Layout::Readable] {
            let shown = json(&[text], layout);
            assert!(!shown.contains(|c: char| is_hidden(c) && c != '\n'), "{shown:?}");
            assert_eq!(serde_json::from_str::<[String; 1]>(&shown).unwrap(), [text]);
        }
        assert_eq!(json(&["a\u{9b}"], Layout::OneLine), "[\"a\\u009b\"]\n");
    }

    #[test]
    fn escapes_and_overrides_are_shown_as_what_they_are() {
        assert_eq!(visible("\u{1b}[2Jgone\r"), "\\u{1b}[2Jgone\\r");
        assert_eq!(visible("a\u{202e}b\u{61c}"), "a\\u{202e}b\\u{61c}");
        assert_eq!(visible("\u{9b}1m"), "\\u{9b}1m");
    }
}
