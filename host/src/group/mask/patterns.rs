//! What values look like that are secret, or in which a part is.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::{Captures, Regex};

use super::names;
use super::url::{self, pattern};

/// Tokens that begin with what they are of, and what they go on with.
const TOKENS: [&str; 24] = [
    r"gh[pousr]_\w{6,}",
    r"github_pat_\w{6,}",
    r"gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[\w-]{6,}",
    r"xox[a-z]-[\w-]{6,}",
    r"xapp-[\w-]{6,}",
    r"[sr]k[-_](?:(?:live|test|proj|ant|or)[-_])?[\w-]{10,}",
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{8,}",
    r"AIza[\w-]{10,}",
    r"ya29\.[\w-]{10,}",
    r"GOCSPX-[\w-]{6,}",
    r"SG\.[\w-]{10,}\.[\w-]{10,}",
    r"sq0[a-z]{3}-[\w-]{10,}",
    r"shp(?:at|ca|pa|ss)_\w{6,}",
    r"whsec_[\w+/=]{6,}",
    r"npm_\w{6,}",
    r"pypi-[\w-]{16,}",
    r"dckr_pat_[\w-]{6,}",
    r"do[opr]_v1_\w{6,}",
    r"hf_\w{6,}",
    r"hv[sbr]\.[\w-]{10,}",
    r"gl(?:sa|c)_[\w=]{6,}",
    r"ATATT3[\w=-]{10,}",
    r"AGE-SECRET-KEY-1\w+",
    // Telegram's.
    r"[0-9]{8,10}:AA[\w-]{30,}",
];

/// The fewest bytes that a token has.
const SHORTEST_TOKEN: usize = 10;

static TOKEN: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"\b(?P<s>{})", TOKENS.join("|"))));

/// A form of which one part, `s`, is secret whatever stands before it. Most texts do not hold what gives it away (in small
/// letters), so that its pattern is seldom needed.
struct Form {
    given_away_by: &'static str,
    pattern: LazyLock<Regex>,
}

/// A form and what gives it away.
macro_rules! form {
    ($given_away_by:literal, $pattern:literal) => {
        Form { given_away_by: $given_away_by, pattern: LazyLock::new(|| pattern($pattern)) }
    };
}

static FORMS: [Form; 15] = [
    // Keys in PEM, also where their lines are written as `\n`, or cut off.
    form!("-----begin", r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----(?P<s>.*?)(?:-----END|\z)"),
    // JSON web tokens.
    form!("eyj", r"\b(?P<s>eyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)*)"),
    // Hashes of passwords, as in .htpasswd and /etc/shadow.
    form!("$", r#"(?P<s>\$(?:apr1|2[abxy]|argon2[id]{0,2}|[156y]|scrypt|pbkdf2[a-z0-9-]*)\$[^\s"',;:]+)"#),
    form!("sha", r"(?P<s>\{S?SHA[0-9]*\}[A-Za-z0-9+/=]+)"),
    // Addresses that are as good as a password.
    form!("hooks.slack", r#"(?i)hooks\.slack\.com/(?:services|workflows|triggers)/(?P<s>[^\s"'<>`]+)"#),
    form!("discord", r#"(?i)discord(?:app)?\.com/api/webhooks/(?P<s>[^\s"'<>`]+)"#),
    form!(".webhook.office", r#"(?i)\.webhook\.office\.com/(?P<s>[^\s"'<>`]+)"#),
    form!("api.telegram", r#"(?i)api\.telegram\.org/bot(?P<s>[^\s"'<>`/]+)"#),
    // Headers.
    form!(
        "authorization",
        r#"(?i)\bauthorization["']?\s*[:=]\s*["']?(?:(?:bearer|basic|digest|token|apikey|negotiate|aws4-hmac-sha256)\s+)?(?P<s>[^\s"'][^\r\n"']*)"#
    ),
    form!("cookie", r#"(?i)\b(?:set-)?cookie["']?:\s*(?P<s>[^\s"'][^\r\n"']*)"#),
    // SQL.
    form!("password", r"(?i)\bpassword\s+'(?P<s>[^']*)"),
    form!("identified", r"(?i)\bidentified\s+(?:with\s+\S+\s+)?(?:by|as)\s+'(?P<s>[^']*)"),
    form!("identified", r#"(?i)\bidentified\s+(?:with\s+\S+\s+)?(?:by|as)\s+"(?P<s>[^"]*)"#),
    // MongoDB's shell, OpenSSL's options.
    form!("auth(", r#"\bauth\(\s*["'][^"']*["']\s*,\s*["'](?P<s>[^"']*)"#),
    form!("pass:", r#"\bpass:(?P<s>[^\s"']+)"#),
];

/// What stands behind `Bearer` and `Basic`, also without the name of a header before them, if it is no word.
static BEARER: Form = form!("bearer", r"(?i)\bbearer\s+(?P<s>[A-Za-z0-9._~+/=-]{6,})");
static BASIC: Form = form!("basic", r"(?i)\bbasic\s+(?P<s>[A-Za-z0-9+/=]{8,})");

/// From how many characters on a text is no word in any case.
const NO_WORD: usize = 20;

/// The name and the sign of an assignment: `name=`, `"name" =`.
static ASSIGNED: Form = form!("=", r#"(?P<n>[A-Za-z_][\w.\[\]-]*)["']?[ \t]*:?=[ \t]*"#);

/// The name and the sign before a value in quotes or brackets: `"name": "`, also where the quotes are themselves in quotes.
static COLON: Form = form!(":", r#"(?P<n>[A-Za-z_][\w.-]*)(?:\\?["'])?\s*:\s*"#);
static ARROW: Form = form!("=>", r#"(?P<n>[A-Za-z_][\w.-]*)(?:\\?["'])?\s*=>\s*"#);

/// A line of YAML, or a header: `name: value`.
static LINE: Form = form!(
    ":",
    r#"(?m)(?:^[ \t]*(?:- )?|["'])(?P<n>[A-Za-z_][\w.-]*)[ \t]*:(?P<gap>[ \t]*)(?P<s>[^\s"'{\[|>][^\r\n"']*)"#
);

/// An element of XML: `<name>value</`.
static ELEMENT: Form = form!("</", r"<(?P<n>[A-Za-z_][\w.:-]*)>(?P<s>[^<>]+)</");

/// Names that say so only of what is assigned within a value: parameters of signed URLs.
const SIGNED: [&str; 4] = ["sig", "signature", "sas", "code"];

/// What a value can stand in.
pub(super) const QUOTES: [char; 2] = ['"', '\''];

/// How far behind a `;` or `&` the next name of a list is looked for.
const NEXT_NAME: usize = 64;

/// Every part of a text that is secret by its form.
pub(super) fn secrets(text: &str) -> Vec<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let is_there = |form: &&Form| lower.contains(form.given_away_by);
    let find =
        |form: &'static Form| Some(form).filter(is_there).map(|form| form.pattern.captures_iter(text.as_bytes()));
    let mut secrets = Vec::new();
    url::in_text(text, &mut secrets);
    if text.len() >= SHORTEST_TOKEN {
        secrets.extend(TOKEN.captures_iter(text.as_bytes()).filter_map(|found| part(&found, "s")));
    }
    secrets.extend(FORMS.iter().filter_map(find).flatten().filter_map(|found| part(&found, "s")));
    let schemes = [&BEARER, &BASIC].into_iter().filter_map(find).flatten().filter_map(|found| part(&found, "s"));
    secrets.extend(schemes.filter(|found| is_no_word(&text[found.clone()])));
    for found in [&LINE, &ELEMENT].into_iter().filter_map(find).flatten() {
        let (Some(name), Some(value)) = (part(&found, "n"), part(&found, "s")) else { continue };
        let name = &text[name];
        // Of that one the scheme is shown; see above.
        let is_authorization = name.to_ascii_lowercase().ends_with("authorization");
        // Headers alone need no space: `X-Api-Key:abc`, and not `auth:8080`.
        let is_together = found.name("gap").is_some_and(|gap| gap.is_empty()) && !name.contains('-');
        if !is_authorization
            && !is_together
            && names::is_secret(name)
            && !names::is_harmless(name, text[value.clone()].trim_end())
        {
            secrets.push(value);
        }
    }
    let signed = |name: &str| names::is_secret(name) || SIGNED.contains(&name.to_ascii_lowercase().as_str());
    if is_there(&&ASSIGNED) {
        values_behind(text, &ASSIGNED, signed, value_at, &mut secrets);
    }
    for quoted in [&COLON, &ARROW].into_iter().filter(is_there) {
        values_behind(text, quoted, names::is_secret, enclosed_at, &mut secrets);
    }
    secrets
}

/// Whether a text is no word: it has a digit or a sign in it, or a capital letter in its middle, or is too long.
fn is_no_word(text: &str) -> bool {
    text.len() >= NO_WORD || text.chars().skip(1).any(|c| !c.is_ascii_lowercase() && c != '-')
}

/// Where a part of what was found is.
fn part(found: &Captures<'_>, name: &str) -> Option<Range<usize>> {
    Some(found.name(name)?.range())
}

/// The values behind secret names, each found from where its name and sign end. What is secret is not looked at again, so
/// that a text takes no longer than it is long.
fn values_behind(
    text: &str,
    names: &Form,
    is_secret: impl Fn(&str) -> bool,
    value_at: impl Fn(&str, usize) -> Range<usize>,
    secrets: &mut Vec<Range<usize>>,
) {
    let mut from = 0;
    while let Some(found) = names.pattern.captures_at(text.as_bytes(), from) {
        from = found.get_match().end();
        let name = part(&found, "n").map_or("", |name| &text[name]);
        if is_secret(name) {
            let value = value_at(text, from);
            from = from.max(value.end);
            if !names::is_harmless(name, &text[value.clone()]) {
                secrets.push(value);
            }
        }
    }
}

/// The secret part of a word, or of a value that stands by itself.
pub(super) fn secrets_of_a_word(word: &str) -> Option<Range<usize>> {
    url::of_word(word)
}

/// The secret values of `name=value;name=value`, in which each value goes on to the next `;`, spaces and all.
pub(super) fn secrets_of_pairs(value: &str) -> Vec<Range<usize>> {
    let mut secrets = Vec::new();
    if !value.contains(';') {
        return secrets;
    }
    let mut start = 0;
    for pair in value.split(';') {
        if let Some((name, assigned)) = pair.split_once('=')
            && names::is_secret(name)
        {
            let begin = start + name.len() + 1;
            secrets.push(begin..begin + assigned.len());
        }
        start += pair.len() + 1;
    }
    secrets
}

/// Whether a connection string in which no secret was found has none: a URL, pairs, a host and a port, a word, a place for
/// a value of the context.
pub(super) fn is_plain_connection(value: &str) -> bool {
    static PLAIN: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^(?:[\w.*-]*(?::[0-9]+)?(?:,[\w.*-]+(?::[0-9]+)?)*|\{[\w.-]+\})$"));
    url::is_url(value)
        || PLAIN.is_match(value.as_bytes())
        || value.split([';', ' ']).all(|pair| pair.is_empty() || pair.contains('='))
}

/// The value that is assigned there: up to the end of its quotes or brackets, else up to a space, a quote, or the separator
/// before the next name.
fn value_at(text: &str, start: usize) -> Range<usize> {
    let enclosed = enclosed_at(text, start);
    if !enclosed.is_empty() {
        return enclosed;
    }
    let rest = &text[start..];
    let ends = |(at, c): (usize, char)| match c {
        ';' | '&' | ',' => is_before_a_name(&rest[at + 1..]),
        _ => c.is_whitespace() || QUOTES.contains(&c) || c == '`',
    };
    let length = rest.char_indices().find(|found| ends(*found)).map_or(rest.len(), |(at, _)| at);
    start..start + length
}

/// The value in quotes, escaped or not, or the list in brackets that begins there; empty if none does.
fn enclosed_at(text: &str, start: usize) -> Range<usize> {
    let rest = &text[start..];
    let quoted = rest.strip_prefix('\\').unwrap_or(rest);
    if quoted.starts_with(QUOTES) {
        return in_quotes(text, text.len() - quoted.len() + 1);
    }
    let list = rest.strip_prefix('[').map_or("", |list| &list[..list.find([']', '\n']).unwrap_or(list.len())]);
    if list.is_empty() { start..start } else { start + 1..start + 1 + list.len() }
}

/// What stands in quotes, the first of which ends there. Where that one was escaped, the other one is; where it was not,
/// those that are belong to the value.
pub(super) fn in_quotes(text: &str, start: usize) -> Range<usize> {
    let quote = text.as_bytes()[start - 1];
    let is_escaped = start > 1 && text.as_bytes()[start - 2] == b'\\';
    let mut escaped = false;
    let end = text.bytes().enumerate().skip(start).find_map(|(at, byte)| {
        let ends = byte == quote && escaped == is_escaped;
        escaped = byte == b'\\' && !escaped;
        ends.then_some(if is_escaped { at - 1 } else { at })
    });
    start..end.unwrap_or(text.len())
}

/// Whether a separator ends a value: nothing follows it, or a space, or the next name with its `=`.
fn is_before_a_name(rest: &str) -> bool {
    let name = rest.bytes().take(NEXT_NAME).take_while(|c| c.is_ascii_alphanumeric() || b"_.- ".contains(c)).count();
    rest.is_empty() || rest.starts_with(char::is_whitespace) || (name > 0 && rest[name..].starts_with('='))
}
