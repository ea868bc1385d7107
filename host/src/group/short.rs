//! Texts that others wrote, cut to what a person reads.

use std::borrow::Cow;

/// The text, or at most so many bytes of its beginning and an ellipsis.
#[must_use]
pub fn short(text: &str, bytes: usize) -> Cow<'_, str> {
    match text.floor_char_boundary(bytes) {
        all if all == text.len() => Cow::Borrowed(text),
        end => Cow::Owned(format!("{}…", &text[..end])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(short("all", 3), "all");
        assert_eq!(short("all of it", 3), "all…");
        assert_eq!(short("xää", 4), "xä…");
    }
}
