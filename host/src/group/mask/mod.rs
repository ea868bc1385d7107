//! The one rule by which secrets are masked, wherever fields, commands and errors are shown.
//!
//! It is a rule of thumb: it goes by names (`DB_PASSWORD`), by the form of values (a URL with a password, a token with a
//! known prefix), and by what programs take on their command lines (`mysql -pX`). Where the secret part of a value is
//! known, the rest stays readable. It masks rather one value too many than one too few.

mod commands;
mod names;
mod patterns;
mod url;

use std::borrow::Cow;
use std::ops::Range;

/// What is shown instead of a secret.
pub const MASK: &str = "***";

/// The fewest bytes of a value that are found again in a text: shorter ones are in every text.
const SHORTEST: usize = 4;

/// The value of something that has a name: a variable, a label, a build argument.
#[must_use]
pub fn mask_value<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    if value.is_empty() {
        return Cow::Borrowed(value);
    }
    let is_url = names::holds_url(name) && url::is_url(value);
    if names::is_secret(name) && !names::is_harmless(name, value) && !is_url {
        return Cow::Borrowed(MASK);
    }
    let masked = mask_whole(value);
    let hidden = matches!(masked, Cow::Owned(_));
    if !hidden && names::holds_connection(name) && !patterns::is_plain_connection(value) {
        return Cow::Borrowed(MASK);
    }
    masked
}

/// A program and its arguments.
#[must_use]
pub fn mask_argv(argv: &[String]) -> Vec<Cow<'_, str>> {
    let mut options = commands::Options::default();
    argv.iter()
        .map(|word| {
            let mut secrets = patterns::secrets(word);
            secrets.extend(patterns::secrets_of_a_word(word));
            secrets.extend(options.secrets(word));
            hide(word, secrets)
        })
        .collect()
}

/// A text in which there may be anything: an error, what an engine says, a trace.
#[must_use]
pub fn mask_text(text: &str) -> Cow<'_, str> {
    let mut secrets = patterns::secrets(text);
    secrets.extend(commands::secrets(text));
    hide(text, secrets)
}

/// A text in which values may be repeated that have these names and are known: those that are secret are masked wherever
/// they stand.
#[must_use]
pub fn mask_known<'n>(text: &str, values: impl IntoIterator<Item = (&'n str, &'n str)>) -> String {
    let is_secret = |(name, value): &(&str, &str)| value.len() >= SHORTEST && mask_value(name, value) == MASK;
    let secrets = values.into_iter().filter(is_secret);
    secrets.fold(text.to_owned(), |text, (_, value)| text.replace(value, MASK))
}

/// A value that stands by itself: what begins with it ends with it.
fn mask_whole(value: &str) -> Cow<'_, str> {
    let mut secrets = patterns::secrets(value);
    secrets.extend(patterns::secrets_of_a_word(value));
    secrets.extend(patterns::secrets_of_pairs(value));
    secrets.extend(commands::secrets(value));
    hide(value, secrets)
}

/// The text with the mask in place of each of its secrets.
fn hide(text: &str, mut secrets: Vec<Range<usize>>) -> Cow<'_, str> {
    secrets.retain(|secret| !secret.is_empty() && &text[secret.clone()] != MASK);
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    secrets.sort_by_key(|secret| secret.start);
    let mut hidden = String::with_capacity(text.len());
    let mut shown = 0;
    for secret in secrets {
        if secret.start >= shown {
            hidden.push_str(&text[shown..secret.start]);
            hidden.push_str(MASK);
        }
        shown = shown.max(secret.end);
    }
    hidden.push_str(&text[shown..]);
    Cow::Owned(hidden)
}

#[cfg(test)]
mod tests;
