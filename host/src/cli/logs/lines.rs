//! What comes in pieces, as lines.

/// A line that is longer is given in parts: what a container writes is nobody's promise.
const MAX_LINE: usize = 64 * 1024;

/// One stream of a container, of which some has come that is no whole line yet.
#[derive(Debug, Default)]
pub(super) struct Lines {
    rest: Vec<u8>,
}

impl Lines {
    /// The lines that a piece completes.
    pub(super) fn push(&mut self, piece: &[u8]) -> Vec<String> {
        self.rest.extend(piece);
        let mut lines = Vec::new();
        let mut begin = 0;
        while let Some(length) = line_of(&self.rest[begin..]) {
            lines.push(text(&self.rest[begin..begin + length]));
            begin += length;
        }
        self.rest.drain(..begin);
        lines
    }

    /// What is left once no more comes.
    pub(super) fn end(self) -> Option<String> {
        (!self.rest.is_empty()).then(|| text(&self.rest))
    }
}

/// How many bytes the first line takes, with its end, if there is a whole one, or one that is too long.
fn line_of(bytes: &[u8]) -> Option<usize> {
    let looked_at = &bytes[..bytes.len().min(MAX_LINE)];
    match looked_at.iter().position(|byte| *byte == b'\n') {
        Some(end) => Some(end + 1),
        None if bytes.len() > MAX_LINE => {
            // Not in the middle of a character.
            let in_character = |end: &usize| bytes[*end] & 0b1100_0000 == 0b1000_0000;
            Some((MAX_LINE - 3..=MAX_LINE).rev().find(|end| !in_character(end)).unwrap_or(MAX_LINE))
        }
        None => None,
    }
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line).trim_end_matches(['\n', '\r']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_put_together_and_taken_apart() {
        let mut lines = Lines::default();
        assert_eq!(lines.push(b"a"), [""; 0]);
        assert_eq!(lines.push(b"b\r\nc\n\nd"), ["ab", "c", ""]);
        assert_eq!(lines.push(b""), [""; 0]);
        assert_eq!(lines.end().as_deref(), Some("d"));
        assert_eq!(Lines::default().end(), None);
    }

    #[test]
    fn a_line_that_is_too_long_is_parted_between_characters_and_nothing_is_lost() {
        for before in 0..4 {
            let text = "x".repeat(before) + &"ä€🚀".repeat(20_000);
            let mut lines = Lines::default();
            let mut parts = lines.push(text.as_bytes());
            assert!(parts.len() > 1 && parts.iter().all(|part| part.len() <= MAX_LINE));
            parts.extend(lines.end());
            assert!(parts.concat() == text);
        }
        // What is no text at all is parted as well.
        let parts = Lines::default().push(&vec![0x80; 2 * MAX_LINE + 1]);
        assert_eq!(parts.len(), 2);
    }
}
