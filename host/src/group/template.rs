//! Values in which `{key}` stands for a value of the context.

use serde::{Deserialize, Serialize};

/// A text with places for values of the context.
///
/// `{key}` is such a place when `key` is a context key ([`is_key`]); `{{` and `}}` are literal braces; all other
/// braces are left as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Template(String);

/// A key that a template refers to and that has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no value has been set for {{{0}}}")]
pub struct MissingKey(pub String);

enum Part<'a> {
    Text(&'a str),
    Key(&'a str),
}

impl Template {
    /// A template. Every text is one.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The template as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The keys it refers to, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.parts().filter_map(|part| match part {
            Part::Key(key) => Some(key),
            Part::Text(_) => None,
        })
    }

    /// The text with every place filled.
    ///
    /// # Errors
    /// Names the first key for which `value` has nothing.
    pub fn fill<'v>(&self, value: impl Fn(&str) -> Option<&'v str>) -> Result<String, MissingKey> {
        self.parts().try_fold(String::new(), |mut filled, part| {
            filled.push_str(match part {
                Part::Text(text) => text,
                Part::Key(key) => value(key).ok_or_else(|| MissingKey(key.to_owned()))?,
            });
            Ok(filled)
        })
    }

    fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let mut rest = self.0.as_str();
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let (part, length) = next_part(rest);
            rest = &rest[length..];
            Some(part)
        })
    }
}

/// The first part of a text that is not empty, and how many bytes it takes.
fn next_part(text: &str) -> (Part<'_>, usize) {
    if let Some(doubled) = ["{{", "}}"].into_iter().find(|braces| text.starts_with(braces)) {
        return (Part::Text(&doubled[..1]), 2);
    }
    if let Some(key) = text.strip_prefix('{').and_then(key_before_brace) {
        return (Part::Key(key), key.len() + 2);
    }
    let next_brace = text.char_indices().skip(1).find(|(_, c)| matches!(c, '{' | '}'));
    let length = next_brace.map_or(text.len(), |(at, _)| at);
    (Part::Text(&text[..length]), length)
}

/// The key that a text begins with, if a brace follows it. No more is looked at than can belong to it: there may be many
/// braces that nothing closes.
fn key_before_brace(text: &str) -> Option<&str> {
    let (key, rest) = text.split_at(text.find(|c| !is_of_key(c))?);
    (is_key(key) && rest.starts_with('}')).then_some(key)
}

/// Whether a text can be a context key: a letter or `_`, then letters, digits, `_`, `.` or `-`.
#[must_use]
pub fn is_key(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') && text.chars().all(is_of_key)
}

fn is_of_key(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(text: &str) -> Result<String, MissingKey> {
        Template::new(text).fill(|key| match key {
            "user" => Some("ada"),
            "db.url" => Some("postgres://{user}@appdb"),
            _ => None,
        })
    }

    #[test]
    fn a_key_in_braces_is_replaced_and_what_it_brings_is_not_looked_at_again() {
        assert_eq!(fill("{user}").unwrap(), "ada");
        assert_eq!(fill("x={db.url}/{user}!").unwrap(), "x=postgres://{user}@appdb/ada!");
    }

    #[test]
    fn doubled_braces_are_literal_ones() {
        assert_eq!(fill("{{user}}").unwrap(), "{user}");
        assert_eq!(fill("{{{user}}}").unwrap(), "{ada}");
    }

    #[test]
    fn braces_round_anything_but_a_key_are_left_alone() {
        for text in [r#"{"a": 1}"#, "{}", "{ user }", "{1}", "a { b", "} {", "ä{ö}ü", "{"] {
            assert_eq!(fill(text).unwrap(), text);
        }
    }

    #[test]
    fn braces_that_nothing_closes_cost_no_more_than_other_text() {
        // Looking for the end of each would take minutes.
        let text = "{a ".repeat(1_000_000);
        assert_eq!(Template::new(&text).keys().count(), 0);
    }

    #[test]
    fn a_key_without_a_value_is_named() {
        assert_eq!(fill("{user}{nobody}"), Err(MissingKey("nobody".into())));
        assert_eq!(Template::new("{a}-{b}").keys().collect::<Vec<_>>(), ["a", "b"]);
    }
}
