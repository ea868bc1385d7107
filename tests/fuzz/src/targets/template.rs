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
    while let Some(first) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("{{").or_else(|| rest.strip_prefix("}}")) {
            filled.push(first);
            rest = after;
        } else if let Some(key) = key_in_braces(rest) {
            found.push(key);
            match value(key) {
                Some(value) => filled.push_str(value),
                None => missing = missing.or(Some(MissingKey(key.to_owned()))),
            }
            rest = &rest[key.len() + 2..];
        } else {
            filled.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    assert_eq!(keys, found);
    assert_eq!(template.fill(value), missing.map_or(Ok(filled), Err));
}

/// The key in the braces that a text begins with.
fn key_in_braces(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('{')?;
    let end = inside.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '.' | '-'))?;
    let begins = inside.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    (begins && inside[end..].starts_with('}')).then_some(&inside[..end])
}
