//! Secrets on command lines: the values of options, and what a program takes in another way.

use std::ops::Range;

use super::names;
use super::patterns::{QUOTES, in_quotes};
use super::url;

/// What programs take secrets by, beside options whose names say so. A name that ends with `*` is a beginning.
const PROGRAMS: [Program; 22] = [
    Program { name: "mysql*", attached: &["-p"], detached: &[] },
    Program { name: "mariadb*", attached: &["-p"], detached: &[] },
    Program { name: "mongo*", attached: &["-p"], detached: &["-p"] },
    Program { name: "redis-*", attached: &["-a"], detached: &["-a", "AUTH", "auth"] },
    Program { name: "valkey-*", attached: &["-a"], detached: &["-a", "AUTH", "auth"] },
    Program { name: "keydb-*", attached: &["-a"], detached: &["-a", "AUTH", "auth"] },
    Program { name: "sshpass", attached: &["-p"], detached: &["-p"] },
    Program { name: "sqlcmd", attached: &["-P"], detached: &["-P"] },
    Program { name: "bcp", attached: &["-P"], detached: &["-P"] },
    Program { name: "cqlsh", attached: &["-p"], detached: &["-p"] },
    Program { name: "rabbitmqadmin", attached: &["-p"], detached: &["-p"] },
    Program { name: "elasticsearch-users", attached: &["-p"], detached: &["-p"] },
    Program { name: "cypher-shell", attached: &["-p"], detached: &["-p"] },
    Program { name: "az", attached: &["-p"], detached: &["-p"] },
    Program { name: "ldap*", attached: &["-w"], detached: &["-w"] },
    Program { name: "curl", attached: &["-u", "-U"], detached: &["-u", "-U", "--user", "--proxy-user"] },
    Program { name: "http", attached: &["-a"], detached: &["-a"] },
    Program { name: "etcdctl", attached: &[], detached: &["--user"] },
    Program { name: "smbclient", attached: &["-U"], detached: &["-U", "--user"] },
    Program { name: "zip", attached: &["-P"], detached: &["-P"] },
    Program { name: "unzip", attached: &["-P"], detached: &["-P"] },
    Program { name: "7z*", attached: &["-p"], detached: &[] },
];

/// Programs that take `-p` for a password only when somebody logs in.
const REGISTRIES: [&str; 6] = ["docker", "podman", "helm", "nerdctl", "buildah", "oras"];

/// Words behind which, after so many others, a secret stands: `requirepass X`, `add_user NAME X`.
const POSITIONS: [(&str, usize); 10] = [
    ("requirepass", 0),
    ("masterauth", 0),
    ("primaryauth", 0),
    ("aws_secret_access_key", 0),
    ("aws_session_token", 0),
    ("set-initial-password", 0),
    ("add_user", 1),
    ("change_password", 1),
    ("authenticate_user", 1),
    // `mc alias set NAME URL KEY X`
    ("alias", 4),
];

/// How deep words are looked at that are command lines themselves: `sh -c 'su -c "…"'`.
const DEPTH: usize = 4;

/// A program, and the options of one letter behind which a secret stands, in the same word or in the next one.
struct Program {
    name: &'static str,
    attached: &'static [&'static str],
    detached: &'static [&'static str],
}

impl Program {
    fn is(&self, name: &str) -> bool {
        match self.name.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning),
            None => name == self.name,
        }
    }
}

/// The secrets in a text that holds command lines, or is one.
pub(super) fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut secrets = Vec::new();
    find(text, 0, DEPTH, &mut Options::default(), &mut secrets);
    secrets
}

fn find(text: &str, offset: usize, depth: usize, options: &mut Options, secrets: &mut Vec<Range<usize>>) {
    for word in words(text) {
        let inner = &text[word.clone()];
        let at = offset + word.start;
        let is_line = inner.contains(char::is_whitespace);
        if is_line && depth > 0 && !options.expects_value() {
            find(inner, at, depth - 1, &mut Options::default(), secrets);
        }
        secrets.extend(url::of_word(inner).map(|secret| at + secret.start..at + secret.end));
        if let Some(secret) = options.secret(inner) {
            let secret = inside_its_quotes(text, word.start + secret.start..word.start + secret.end);
            secrets.push(offset + secret.start..offset + secret.end);
        }
    }
}

/// What is secret where it begins with a quote in the middle of a word, and may end in another word: `-p'two words'`.
fn inside_its_quotes(text: &str, secret: Range<usize>) -> Range<usize> {
    if text[secret.start..].starts_with(QUOTES) { in_quotes(text, secret.start + 1) } else { secret }
}

/// What stands between words, beside spaces: of a list in JSON, and of a shell.
const BETWEEN: [char; 5] = [',', '[', ']', '(', '{'];

/// The words of a command line, without the quotes round them. A quote that nothing closes is an apostrophe.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut rest = 0;
    let mut unclosed = Vec::new();
    std::iter::from_fn(move || {
        let start = rest + text[rest..].find(|c: char| !c.is_whitespace() && !BETWEEN.contains(&c))?;
        let first = text[start..].chars().next()?;
        if (QUOTES.contains(&first) || first == '`') && !unclosed.contains(&first) {
            let inside = in_quotes(text, start + 1);
            if inside.end < text.len() {
                rest = inside.end + 1;
                return Some(inside);
            }
            unclosed.push(first);
        }
        let end = text[start..].find(char::is_whitespace).map_or(text.len(), |length| start + length);
        rest = end;
        Some(end - text[start..end].trim_start_matches(['"', '\'', '`']).len()..end)
    })
}

/// What has been read of a command line.
#[derive(Default)]
pub(super) struct Options {
    program: Option<&'static Program>,
    is_registry: bool,
    logs_in: bool,
    /// After how many words a secret stands.
    expects: Option<usize>,
    /// Whether the next word is a command line itself: `sh -c`.
    expects_line: bool,
}

impl Options {
    fn expects_value(&self) -> bool {
        self.expects == Some(0)
    }

    /// The secrets of the next word, which is an argument: it may be a command line itself.
    pub(super) fn secrets(&mut self, word: &str) -> Vec<Range<usize>> {
        let is_line = word.contains(char::is_whitespace) && !self.expects_value();
        let within = if is_line { secrets(word) } else { Vec::new() };
        within.into_iter().chain(self.secret(word)).collect()
    }

    /// The secret in the next word.
    fn secret(&mut self, word: &str) -> Option<Range<usize>> {
        match self.expects.take() {
            // What stands in place of a value is the next option.
            Some(0) if !word.starts_with('-') => {
                let harmless = names::is_harmless("", word);
                return (!harmless).then_some(0..word.len());
            }
            Some(more) if more > 0 => self.expects = Some(more - 1),
            _ => {}
        }
        if matches!(word, "|" | "||" | "&&" | ";" | "&") {
            *self = Self::default();
            return None;
        }
        let is_line =
            std::mem::replace(&mut self.expects_line, runs_a_line(word)) && word.contains(char::is_whitespace);
        self.learn_program(word);
        if let Some((_, after)) = POSITIONS.iter().find(|(known, _)| *known == word) {
            self.expects = Some(*after);
            return None;
        }
        if let Some((name, value)) = word.split_once('=')
            && is_name(name.trim_start_matches('-'))
            && !is_line
        {
            let is_secret = names::is_secret(name) && !names::is_harmless(name, value) && !is_flag(name);
            return is_secret.then_some(name.len() + 1..word.len());
        }
        self.secret_of_option(word)
    }

    fn learn_program(&mut self, word: &str) {
        let name = word.rsplit('/').next().unwrap_or(word).trim_end_matches(".exe");
        if let Some(program) = PROGRAMS.iter().find(|program| program.is(name)) {
            self.program = Some(program);
        }
        self.is_registry |= REGISTRIES.contains(&name);
        self.logs_in |= word == "login";
    }

    fn secret_of_option(&mut self, word: &str) -> Option<Range<usize>> {
        if let Some(program) = self.program {
            if program.detached.contains(&word) {
                self.expects = Some(0);
                return None;
            }
            let attached = program.attached.iter().find(|option| word.starts_with(**option) && !word.starts_with("--"));
            if let Some(option) = attached.filter(|option| word.len() > option.len()) {
                return Some(option.len()..word.len());
            }
        }
        let logs_in = self.is_registry && self.logs_in && word == "-p";
        let name = word.trim_start_matches('-');
        // Of two letters and more: `-password`, and not `-k`.
        let named =
            word.starts_with('-') && name.len() > 1 && is_name(name) && names::is_secret(name) && !is_flag(name);
        if logs_in || named {
            self.expects = Some(0);
        }
        None
    }
}

/// Whether an option is followed by a command line: `-c`, `-lc`.
fn runs_a_line(word: &str) -> bool {
    word.strip_prefix('-')
        .is_some_and(|letters| letters.ends_with('c') && letters.bytes().all(|c| c.is_ascii_lowercase()))
}

/// Whether an option takes no value although its name speaks of a secret.
fn is_flag(name: &str) -> bool {
    let name = name.trim_start_matches('-');
    ["no-", "skip-", "without-"].iter().any(|beginning| name.starts_with(beginning))
        || ["-stdin", "-prompt"].iter().any(|end| name.ends_with(end))
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']'))
}
