//! Texts that others wrote, within a sentence of drillmaster's.

use std::borrow::Cow;

/// What each further line of such a text begins with, so that none can be taken for a line of drillmaster's.
pub const QUOTE: &str = "  | ";

/// The text, of which the first line goes on in the line of whoever quotes it; each further one is marked. What is marked
/// stays as it is.
#[must_use]
pub fn quoted(text: &str) -> Cow<'_, str> {
    let text = text.trim_end_matches(['\r', '\n']);
    if !text.contains('\n') {
        return Cow::Borrowed(text);
    }
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default().to_owned();
    Cow::Owned(lines.fold(first, |quoted, line| {
        let mark = if line.starts_with(QUOTE) { "" } else { QUOTE };
        quoted + "\n" + mark + line
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_but_the_first_is_marked_once() {
        assert!(matches!(quoted("no disk"), Cow::Borrowed("no disk")));
        assert_eq!(
            quoted("no disk\nerror: forged\r\n\ndenied: x\n\n"),
            "no disk\n  | error: forged\n  | \n  | denied: x"
        );
        assert_eq!(quoted(&quoted("a\nb")), "a\n  | b");
        assert_eq!(quoted(""), "");
    }
}
