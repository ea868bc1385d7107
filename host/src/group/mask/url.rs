//! URLs and the like with a password in them.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

/// Users of whom everybody knows that they are no secret although they stand alone before the `@`.
const KNOWN_USERS: [&str; 3] = ["git", "anonymous", "hg"];

/// From how many characters on the user of a URL that is not of the web is taken for a key.
const KEY: usize = 20;

static SCHEME: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)+//"));

/// Where a URL ends that stands in a longer text.
static END: LazyLock<Regex> = LazyLock::new(|| pattern(r#"[\s"'`<>]"#));

/// `user:password@host`, and Oracle's `user/password@//host`.
static CREDENTIALS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^[^\s:@/=]*:(?P<s>[^\s@][^\s]*)@[^\s@]*$|^\w+/(?P<o>[^\s@]+)@(?://|[\w.-]+[:/])\S*$"));

/// A pattern in which letters are those of ASCII: the others have no case and are in no word. What it finds begins and
/// ends at characters all the same, since what it looks for there is ASCII.
pub(super) fn pattern(text: &str) -> Regex {
    RegexBuilder::new(text).unicode(false).build().expect("the pattern is a constant that the tests use")
}

/// Whether a value is a URL and nothing else.
pub(super) fn is_url(value: &str) -> bool {
    SCHEME.find(value.as_bytes()).is_some_and(|scheme| scheme.start() == 0)
}

/// The passwords of the URLs in a text.
pub(super) fn in_text(text: &str, secrets: &mut Vec<Range<usize>>) {
    let mut from = 0;
    if !text.contains("://") {
        return;
    }
    while let Some(scheme) = SCHEME.find_at(text.as_bytes(), from) {
        let end = END.find_at(text.as_bytes(), scheme.end()).map_or(text.len(), |end| end.start());
        secrets.extend(of_url(text, scheme.range(), end));
        from = end;
    }
}

/// The password of a value or word that is a URL, or something like one, from its beginning to its end.
pub(super) fn of_word(word: &str) -> Option<Range<usize>> {
    if let Some(scheme) = SCHEME.find(word.as_bytes()).filter(|scheme| scheme.start() == 0) {
        return of_url(word, scheme.range(), word.len());
    }
    if !word.contains('@') {
        return None;
    }
    let found = CREDENTIALS.captures(word.as_bytes())?;
    let password = found.name("s").or_else(|| found.name("o"))?;
    let no_password = word.starts_with("mailto:") || word[password.end()..].starts_with("@sha256:");
    (!no_password).then(|| password.range())
}

/// The password of a URL that begins with a scheme and ends there. A password can itself hold `/`, `?`, `#` and `@`: the
/// last `@` counts, rather than that the end of a password is shown.
fn of_url(text: &str, scheme: Range<usize>, end: usize) -> Option<Range<usize>> {
    let begin = scheme.end;
    let user = &text[begin..begin + text[begin..end].rfind('@')?];
    match user.split_once(':') {
        // A port and a path in which there is an `@`, as in `http://registry:4873/@scope/package`.
        Some((_, rest)) if is_port_and_path(rest) && user.ends_with('/') => None,
        Some((name, _)) => Some(begin + name.len() + 1..begin + user.len()),
        // `https://example.org/@somebody`
        None if user.split_once('/').is_some_and(|(host, _)| host.contains('.') || host.is_empty()) => None,
        None => {
            let of_web = text[scheme].to_ascii_lowercase().starts_with("http");
            let is_key = !KNOWN_USERS.contains(&user) && (of_web || user.len() >= KEY);
            is_key.then(|| begin..begin + user.len())
        }
    }
}

fn is_port_and_path(text: &str) -> bool {
    text.split_once('/').is_some_and(|(port, _)| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}
