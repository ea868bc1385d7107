//! Values in which `{key}` stands for a value of the context.

use serde::{Deserialize, Serialize};

/// A text with places for values of the context.
///
/// `{key}` is such a place when `key` is a context key ([`is_key`]); `{{key}}` is the text `{key}`, and `{{{key}}}` the
/// value in braces. All else is left as it is: JSON, templates of other languages, and `${key}`, which is a shell's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Template(String);

/// A key that a template refers to and that has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no value has been set for {{{0}}}")]
pub struct MissingKey(pub String);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
        self.parts().into_iter().filter_map(|part| match part {
            Part::Key(key) => Some(key),
            Part::Text(_) => None,
        })
    }

    /// The text with every place filled.
    ///
    /// # Errors
    /// Names the first key for which `value` has nothing.
    pub fn fill<'v>(&self, value: impl Fn(&str) -> Option<&'v str>) -> Result<String, MissingKey> {
        self.parts().into_iter().try_fold(String::new(), |mut filled, part| {
            filled.push_str(match part {
                Part::Text(text) => text,
                Part::Key(key) => value(key).ok_or_else(|| MissingKey(key.to_owned()))?,
            });
            Ok(filled)
        })
    }

    /// What it is made of, from its beginning to its end.
    fn parts(&self) -> Vec<Part<'_>> {
        let text = self.0.as_str();
        let mut parts = Vec::new();
        let mut told = 0;
        let mut at = 0;
        while let Some(brace) = text[at..].find('{').map(|brace| at + brace) {
            let braces = text[brace..].bytes().take_while(|byte| *byte == b'{').count();
            let begin = brace + braces;
            at = begin;
            let Some(key) = key_before_brace(&text[begin..]) else { continue };
            let end = begin + key.len();
            let closing = text[end..].bytes().take_while(|byte| *byte == b'}').count();
            // The braces that belong to the key: of `{"a": {key}}` only the inner ones.
            let width = braces.min(closing).min(3);
            if width == 1 && text[..begin - 1].ends_with('$') {
                continue;
            }
            parts.push(Part::Text(&text[told..begin - width]));
            match width {
                1 => parts.push(Part::Key(key)),
                2 => parts.push(Part::Text(&text[begin - 1..=end])),
                _ => parts.extend([Part::Text("{"), Part::Key(key), Part::Text("}")]),
            }
            told = end + width;
            at = told;
        }
        parts.push(Part::Text(&text[told..]));
        parts
    }
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
    fn a_key_in_doubled_braces_is_a_text_and_in_three_a_value_in_braces() {
        assert_eq!(fill("{{user}}").unwrap(), "{user}");
        assert_eq!(fill("{{{user}}}").unwrap(), "{ada}");
        assert_eq!(fill("${{HOME}}/{{user}}{user}").unwrap(), "${HOME}/{user}ada");
        assert_eq!(Template::new("{{a}} {{{b}}} {c}").keys().collect::<Vec<_>>(), ["b", "c"]);
    }

    #[test]
    fn a_key_takes_only_the_braces_that_close_with_it() {
        assert_eq!(fill(r#"{"a":{user}}"#).unwrap(), r#"{"a":ada}"#);
        assert_eq!(fill(r#"{"a":{"b":{user}}}"#).unwrap(), r#"{"a":{"b":ada}}"#);
        assert_eq!(fill("{{user}").unwrap(), "{ada");
        assert_eq!(fill("{{{user}}").unwrap(), "{{user}");
        assert_eq!(fill("{user}}}").unwrap(), "ada}}");
    }

    #[test]
    fn braces_round_anything_but_a_key_are_left_alone() {
        for text in [
            r#"{"a": 1}"#,
            r#"{"db":{"port":5432}}"#,
            r#"[{"a":{"b":{}}}]"#,
            "{{ .Name }}",
            "{{.Name}}:{{ range . }}{{ end }}",
            "Host(`{{ normalize .Name }}`)",
            "{{}}",
            "}}{{",
            "{user:d}",
            "{user!r}",
            "{0}",
            "{}",
            "{ user }",
            "{1}",
            "a { b",
            "} {",
            "ä{ö}ü",
            "{",
            "",
        ] {
            assert_eq!(fill(text).unwrap(), text);
        }
    }

    #[test]
    fn what_a_shell_would_fill_is_left_to_it() {
        for text in ["${HOME}", "${user}", "$${user}", "a ${user}${db.url}", "${user:-nobody}", "${{ github.sha }}"] {
            assert_eq!(fill(text).unwrap(), text);
        }
        assert_eq!(fill("$ {user} $x{user}").unwrap(), "$ ada $xada");
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
