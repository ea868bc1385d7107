//! Text that others wrote, made safe for a terminal.

use std::borrow::Cow;

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

/// Control characters, and those that change the direction of what follows.
fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
        assert_eq!(visible("a\u{202e}b"), "a\\u{202e}b");
        assert_eq!(visible("\u{9b}1m"), "\\u{9b}1m");
    }
}
