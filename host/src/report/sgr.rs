//! The codes for colours and styles in what programs write: `ESC [ 1 ; 31 m`.

const BEGIN: &str = "\u{1b}[";

/// A part of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Text, which may hold any other code.
    Text(&'a str),
    /// A code after which what follows is seen: colours, bold, underlined and the like, or none of them.
    Color(&'a str),
    /// A code that hides what follows, or lets it blink.
    Style,
}

/// The parts of a line, in order.
pub(super) fn pieces(line: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = line;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some(end) = code_end(rest) {
            let (code, after) = rest.split_at(end);
            rest = after;
            return Some(if is_seen(&code[BEGIN.len()..end - 1]) { Piece::Color(code) } else { Piece::Style });
        }
        // What begins a code and is none is text.
        let mut from = 0;
        let end = loop {
            let Some(next) = rest[from..].find(BEGIN).map(|index| from + index) else { break rest.len() };
            if next > 0 && code_end(&rest[next..]).is_some() {
                break next;
            }
            from = next + BEGIN.len();
        };
        let (text, after) = rest.split_at(end);
        rest = after;
        Some(Piece::Text(text))
    })
}

/// Where the code ends with which a text begins.
fn code_end(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix(BEGIN)?;
    let end = parameters.find(|c: char| !c.is_ascii_digit() && c != ';' && c != ':')?;
    parameters[end..].starts_with('m').then_some(BEGIN.len() + end + 1)
}

/// Whether text is seen after a code with these parameters, and stands still.
fn is_seen(parameters: &str) -> bool {
    let mut numbers = parameters.split(';');
    while let Some(number) = numbers.next() {
        match number {
            "38" | "48" => {
                // A colour by its number in a table, or by red, green and blue.
                let more = if numbers.next() == Some("2") { 3 } else { 1 };
                if numbers.by_ref().take(more).count() < more {
                    return false;
                }
            }
            "5" | "6" | "8" => return false,
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart() {
        let all: Vec<_> = pieces("a\u{1b}[1;31mb\u{1b}[2Jc\u{1b}[m\u{1b}[8m").collect();
        let expected = [
            Piece::Text("a"),
            Piece::Color("\u{1b}[1;31m"),
            Piece::Text("b\u{1b}[2Jc"),
            Piece::Color("\u{1b}[m"),
            Piece::Style,
        ];
        assert_eq!(all, expected);
        assert_eq!(pieces("").count(), 0);
        assert_eq!(pieces("\u{1b}[\u{1b}[3").collect::<Vec<_>>(), [Piece::Text("\u{1b}[\u{1b}[3")]);
    }

    #[test]
    fn what_hides_text_is_told_from_a_colour_that_has_the_same_number() {
        for seen in ["", "0", "38;5;8", "38;2;5;6;8;1", "1;4;97", "4:3"] {
            assert!(is_seen(seen), "{seen}");
        }
        for hides in ["8", "1;8", "38;5;8;8", "5", "38;5"] {
            assert!(!is_seen(hides), "{hides}");
        }
    }
}
