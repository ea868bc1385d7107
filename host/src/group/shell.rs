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

/// An option with a path, to be copied; without the path if a terminal cannot show that as it is.
#[must_use]
pub fn option_with(option: &str, path: &Path) -> String {
    shell_word(path).map_or_else(|| format!("{option} with its path"), |path| format!("{option} {path}"))
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
        assert_eq!(option_with("--allow-mount", Path::new("/x; rm")), "--allow-mount '/x; rm'");
        assert_eq!(option_with("--allow-mount", Path::new("/x\u{1b}")), "--allow-mount with its path");
        for path in ["/p\u{1b}[2J", "/p\nx", "/p\u{202e}x", "/p\u{a0}x"] {
            assert_eq!(word(path), None, "{path:?}");
        }
    }
}
