//! `.dockerignore`: what is packed of a directory, against a slow reading of what Docker documents and does.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;
use std::str;
use std::sync::LazyLock;

use drillmaster::group::Build;
use drillmaster::project::{BuildContext, BuildContextError};
use tempfile::TempDir;

use crate::input::Input;

/// The files of the directory. Directories end with a slash.
const FILES: [&str; 22] = [
    "a",
    "ab",
    ".a",
    "a.md",
    "b.md",
    "a b",
    "#a",
    "!a",
    "{a,b}",
    "[a]",
    "d/",
    "d/a",
    "d/b",
    "d/a.md",
    "d/e/",
    "d/e/a",
    "d/e/f/",
    "d/e/f/a",
    "d/e/f/b.md",
    "x/",
    "x/keep",
    "Dockerfile",
];
const IGNORE: &str = ".dockerignore";

static DIRECTORY: LazyLock<TempDir> = LazyLock::new(|| {
    let directory = tempfile::tempdir().expect("a directory can be made");
    for file in FILES {
        let path = directory.path().join(file);
        let made = if file.ends_with('/') { fs::create_dir(path) } else { fs::write(path, file) };
        made.expect("the directory can be filled");
    }
    directory
});

/// What patterns are made of.
const PIECES: [&str; 26] = [
    "a", "b", "d", "e", "x", "/", "*", "**", "?", "!", ".md", "keep", "[a-c]", "[^a]", "[", "]", "\\*", "\\", "..",
    ".", " ", "#", "{a,b}", "**/", "/**", "-",
];

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let lines = input.list(6, |input| input.list(6, |input| input.word(&PIECES)).concat());
    let text = &lines.join("\n");
    fs::write(DIRECTORY.path().join(IGNORE), text).expect("a file can be written");
    let build = Build {
        directory: DIRECTORY.path().to_owned(),
        dockerfile: "Dockerfile".to_owned(),
        arguments: [].into(),
        target: None,
    };
    let packed = BuildContext::pack(&build, None);
    let expected = read(text);
    match (packed, expected) {
        (Ok(context), Read::Patterns(patterns)) => assert_eq!(names(context.file), kept(&patterns), "{text:?}"),
        (Err(BuildContextError::Pattern { .. }), Read::Mistake) | (_, Read::Unclear) => {}
        (packed, Read::Mistake) => panic!("{text:?} has no meaning: {:?}", packed.map(|context| names(context.file))),
        (Err(error), Read::Patterns(_)) => panic!("{text:?} has a meaning: {error}"),
    }
}

fn names(archive: File) -> BTreeSet<String> {
    let mut archive = tar::Archive::new(archive);
    let entries = archive.entries().expect("it can be read");
    entries.map(|entry| entry.expect("it can be read").path().expect("it has a path").display().to_string()).collect()
}

/// What is to be packed: what no pattern leaves out, and the directories above it.
fn kept(patterns: &[Pattern]) -> BTreeSet<String> {
    let mut kept = BTreeSet::new();
    for file in FILES.into_iter().chain([IGNORE]) {
        let path = file.trim_end_matches('/');
        if matches!(path, "Dockerfile" | IGNORE) || !is_left_out(path, patterns) {
            let paths = Path::new(path).ancestors().filter(|path| !path.as_os_str().is_empty());
            kept.extend(paths.map(|path| path.display().to_string()));
        }
    }
    kept
}

/// The last pattern that means a path, or a directory above it, counts. One that would change nothing is not asked, and
/// so means nothing below either.
fn is_left_out(path: &str, patterns: &[Pattern]) -> bool {
    let mut meant = vec![false; patterns.len()];
    let mut left_out = false;
    let mut above: Vec<&Path> = Path::new(path).ancestors().filter(|path| !path.as_os_str().is_empty()).collect();
    above.reverse();
    for path in above {
        let path: Vec<char> = path.display().to_string().chars().collect();
        left_out = false;
        for (pattern, meant) in patterns.iter().zip(&mut meant) {
            *meant = *meant || pattern.brings_back == left_out && matches(&pattern.tokens, &path);
            if *meant {
                left_out = !pattern.brings_back;
            }
        }
    }
    left_out
}

enum Read {
    Patterns(Vec<Pattern>),
    Mistake,
    /// Docker makes something of it that nobody can mean.
    Unclear,
}

struct Pattern {
    brings_back: bool,
    tokens: Vec<Token>,
}

enum Token {
    Char(char),
    /// `?`
    Any,
    /// `*`
    Star,
    /// `**` before something: any number of directories.
    Directories,
    /// `**` at the end, or at the beginning of what has nothing special in it: anything.
    Anything,
    /// Whether it is negated, and its ranges.
    Class(bool, Vec<(char, char)>),
}

fn read(text: &str) -> Read {
    let mut patterns = Vec::new();
    for line in text.strip_prefix('\u{feff}').unwrap_or(text).lines() {
        let pattern = line.trim();
        // What Docker takes for a space, and for the end of a line, differs a little.
        if line.contains(|c: char| !matches!(c, ' '..='~' | '\t')) {
            return Read::Unclear;
        }
        if line.starts_with('#') || pattern.is_empty() {
            continue;
        }
        let (brings_back, pattern) =
            pattern.strip_prefix('!').map_or((false, pattern), |pattern| (true, pattern.trim()));
        if pattern.is_empty() {
            return Read::Mistake;
        }
        // No path is as long as that.
        if pattern.len() > 4096 {
            return Read::Unclear;
        }
        let pattern = clean(pattern);
        match tokens(&pattern) {
            Read::Patterns(mut one) => {
                patterns.extend(one.drain(..).map(|pattern| Pattern { brings_back, ..pattern }));
            }
            other => return other,
        }
    }
    Read::Patterns(patterns)
}

/// A path without what says nothing in it. Empty where it leads nowhere below.
fn clean(path: &str) -> String {
    let mut clean: Vec<&str> = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." if clean.last().is_some_and(|name| *name != "..") => drop(clean.pop()),
            ".." if path.starts_with('/') => {}
            name => clean.push(name),
        }
    }
    if clean.first() == Some(&"..") { String::new() } else { clean.join("/") }
}

/// One pattern; none where it means nothing below.
fn tokens(pattern: &str) -> Read {
    let mut tokens = Vec::new();
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        tokens.push(match c {
            '*' if rest.next_if_eq(&'*').is_some() => {
                let whole = rest.next_if_eq(&'/').is_some();
                let special = rest.clone().any(|c| matches!(c, '*' | '?' | '[' | ']' | '\\'));
                if rest.peek().is_none() || tokens.is_empty() && !special && !whole {
                    Token::Anything
                } else {
                    Token::Directories
                }
            }
            '*' => Token::Star,
            '?' => Token::Any,
            '[' => match class(&mut rest) {
                Ok(class) => class,
                Err(other) => return other,
            },
            '\\' => match rest.next() {
                None => return Read::Mistake,
                // To Docker it begins a class of a regular expression, or nothing at all.
                Some(c) if c.is_ascii_alphanumeric() || matches!(c, '<' | '>' | '/') => return Read::Unclear,
                Some(c) => Token::Char(c),
            },
            // To Docker it can be the beginning of the path, which is nowhere else.
            '^' => return Read::Unclear,
            c => Token::Char(c),
        });
    }
    let pattern = Pattern { brings_back: false, tokens };
    Read::Patterns(if pattern.tokens.is_empty() { Vec::new() } else { vec![pattern] })
}

/// A class of letters and digits; whatever else can stand in one means different things to different programs.
fn class(rest: &mut std::iter::Peekable<str::Chars<'_>>) -> Result<Token, Read> {
    let negated = rest.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        match rest.next() {
            None => return Err(Read::Mistake),
            Some(']') if ranges.is_empty() => return Err(Read::Mistake),
            Some(']') => return Ok(Token::Class(negated, ranges)),
            Some(first) if first.is_ascii_alphanumeric() => {
                let last = if rest.next_if_eq(&'-').is_some() { rest.next() } else { Some(first) };
                match last {
                    Some(last) if last.is_ascii_alphanumeric() && first <= last => ranges.push((first, last)),
                    Some(last) if last.is_ascii_alphanumeric() => return Err(Read::Mistake),
                    None | Some(']') => return Err(Read::Mistake),
                    Some(_) => return Err(Read::Unclear),
                }
            }
            Some(_) => return Err(Read::Unclear),
        }
    }
}

fn matches(tokens: &[Token], path: &[char]) -> bool {
    let Some((token, others)) = tokens.split_first() else { return path.is_empty() };
    let one = |is: &dyn Fn(char) -> bool| path.first().is_some_and(|c| is(*c)) && matches(others, &path[1..]);
    match token {
        Token::Char(c) => one(&|found| found == *c),
        Token::Any => one(&|found| found != '/'),
        Token::Class(negated, ranges) => {
            one(&|found| *negated != ranges.iter().any(|(first, last)| (*first..=*last).contains(&found)))
        }
        Token::Star => {
            let most = path.iter().position(|c| *c == '/').unwrap_or(path.len());
            (0..=most).any(|length| matches(others, &path[length..]))
        }
        Token::Anything => (0..=path.len()).any(|length| matches(others, &path[length..])),
        Token::Directories => {
            let after_slash = |length: &usize| *length == 0 || path[length - 1] == '/';
            (0..=path.len()).filter(after_slash).any(|length| matches(others, &path[length..]))
        }
    }
}
