//! `{key}` in the values of variables, against a reader that goes character by character.

use std::str;

use drillmaster::group::{MissingKey, Template};

pub(super) fn run(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let template = Template::new(text);
    let keys: Vec<&str> = template.keys().collect();
    // Every second key has a value, in which nothing is looked for again.
    let value = |key: &str| if key.len().is_multiple_of(2) { Some("<{a}>") } else { None };
    let mut found = Vec::new();
    let mut filled = String::new();
    let mut missing = None;
    let mut rest = text;
    let mut before = None;
    while let Some(first) = rest.chars().next() {
        let opening = rest.len() - rest.trim_start_matches('{').len();
        let is_shells = opening == 1 && before == Some('$');
        let place = key_before_brace(&rest[opening..]).filter(|_| opening > 0 && !is_shells);
        let Some((key, closing)) = place else {
            // A run of braces as a whole: what follows the second of them is no place of its own.
            let length = opening.max(first.len_utf8());
            filled.push_str(&rest[..length]);
            before = Some(first);
            rest = &rest[length..];
            continue;
        };
        let width = opening.min(closing).min(3);
        filled.push_str(&rest[..opening - width]);
        if width == 2 {
            filled.extend(["{", key, "}"]);
        } else {
            found.push(key);
            match value(key) {
                Some(value) if width == 3 => filled.extend(["{", value, "}"]),
                Some(value) => filled.push_str(value),
                None => missing = missing.or(Some(MissingKey(key.to_owned()))),
            }
        }
        before = Some('}');
        rest = &rest[opening + key.len() + width..];
    }
    assert_eq!(keys, found);
    assert_eq!(template.fill(value), missing.map_or(Ok(filled), Err));
}

/// The key that a text begins with, and how many braces close it.
fn key_before_brace(text: &str) -> Option<(&str, usize)> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '.' | '-'))?;
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let after = &text[end..];
    let closing = after.len() - after.trim_start_matches('}').len();
    (begins && closing > 0).then_some((&text[..end], closing))
}
