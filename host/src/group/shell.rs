//! Commands that a person is to copy.

use std::borrow::Cow;
use std::path::Path;

/// A path as a shell takes it for one word; none if a terminal cannot show it as it is.
#[must_use]
pub fn shell_word(path: &Path) -> Option<String> {
    let text = path.to_str()?;
    let is_shown = |c: char| c.is_alphanumeric() || c.is_ascii_graphic() || c == ' ';
    text.chars().all(is_shown).then(|| shlex::try_quote(text).map(Cow::into_owned).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_to_a_shell_and_runs_nothing() {
        let word = |path: &str| shell_word(Path::new(path));
        assert_eq!(word("/home/me/p").as_deref(), Some("/home/me/p"));
        assert_eq!(word("/p/über mich").as_deref(), Some("'/p/über mich'"));
        for path in ["/p$(touch x)", "/p`x`", "/p;x", "/p'x", "/p\"x", "/p#c", "/p!x", "~x", "/p\\x", "-rf"] {
            let word = word(path).unwrap();
            assert_eq!(shlex::split(&word), Some(vec![path.to_owned()]), "{word}");
            assert!(word.contains(['\'', '"', '\\']) || path == "-rf", "{word}");
        }
        for path in ["/p\u{1b}[2J", "/p\nx", "/p\u{202e}x", "/p\u{a0}x"] {
            assert_eq!(word(path), None, "{path:?}");
        }
    }
}
