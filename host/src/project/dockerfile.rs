//! What a Dockerfile lets the engine itself fetch, with the network of the engine's machine: what `ADD` downloads, and
//! the images it builds on. What a `RUN` downloads comes through a container's network and is not told here.
//!
//! Read as [Docker's parser](https://github.com/moby/buildkit/blob/master/frontend/dockerfile/parser/parser.go) reads
//! it, and rather too strictly: what cannot be told is said to be unclear.

use std::collections::{BTreeMap, BTreeSet};

/// How a source that is fetched begins. `ADD` takes git repositories by their URLs too.
const SCHEMES: [(&str, u16); 5] = [("http://", 80), ("https://", 443), ("git://", 9418), ("ssh://", 22), (GIT, 22)];

/// How a repository begins that is given as `git@HOST:PATH`.
const GIT: &str = "git@";

/// What a Dockerfile lets the engine fetch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fetches {
    /// The hosts that `ADD` downloads from, with their ports.
    pub hosts: BTreeSet<(String, u16)>,
    /// The images that it builds on or copies from, as they are written; stages of its own are not among them.
    pub images: BTreeSet<String>,
    /// Instructions of which it cannot be told what they fetch.
    pub unclear: Vec<String>,
}

/// What a Dockerfile lets the engine fetch when it is built with these arguments.
#[must_use]
pub fn fetches(dockerfile: &str, arguments: &BTreeMap<String, String>) -> Fetches {
    let mut found = Fetches::default();
    found.images.extend(syntax(dockerfile));
    for escape in escapes(dockerfile) {
        let mut reading = Reading {
            escape,
            given: arguments,
            defaults: BTreeMap::new(),
            stages: BTreeSet::new(),
            is_in_stage: false,
            found,
        };
        for instruction in &instructions(dockerfile, escape) {
            reading.instruction(instruction);
        }
        found = reading.found;
    }
    found
}

/// What has been read of a Dockerfile so far.
struct Reading<'a> {
    escape: char,
    given: &'a BTreeMap<String, String>,
    /// The arguments that stand before the first stage, which its images can refer to.
    defaults: BTreeMap<String, String>,
    stages: BTreeSet<String>,
    is_in_stage: bool,
    found: Fetches,
}

impl Reading<'_> {
    fn instruction(&mut self, line: &str) {
        let (name, rest) = line.split_once(is_space).unwrap_or((line, ""));
        match name.to_ascii_uppercase().as_str() {
            // What it says is done in the images that are built on this one.
            "ONBUILD" => self.instruction(rest.trim_start()),
            "ARG" if !self.is_in_stage => {
                for argument in words(rest) {
                    let (name, default) = argument.split_once('=').unwrap_or((argument, ""));
                    let default = self.expanded(default).unwrap_or_default();
                    self.defaults.insert(name.to_owned(), default);
                }
            }
            "FROM" => self.from(line, rest),
            "ADD" => self.sources(line, rest),
            "COPY" | "RUN" => self.images_of_flags(line, rest),
            _ => {}
        }
    }

    /// `FROM [--platform=P] IMAGE [AS STAGE]`
    fn from(&mut self, line: &str, rest: &str) {
        self.is_in_stage = true;
        let mut words = words(rest).skip_while(|word| word.starts_with("--"));
        let image = words.next().unwrap_or_default();
        self.image(line, image);
        if words.next().is_some_and(|word| word.eq_ignore_ascii_case("as"))
            && let Some(stage) = words.next()
        {
            self.stages.insert(stage.to_ascii_lowercase());
        }
    }

    fn image(&mut self, line: &str, image: &str) {
        match self.expanded(image) {
            None => self.unclear(line),
            Some(image) if self.is_stage(&image) => {}
            Some(image) => {
                self.found.images.insert(image);
            }
        }
    }

    fn is_stage(&self, name: &str) -> bool {
        name.is_empty()
            || name == "scratch"
            || name.bytes().all(|byte| byte.is_ascii_digit())
            || self.stages.contains(&name.to_ascii_lowercase())
    }

    /// `--from=IMAGE`, and `--mount=…,from=IMAGE`.
    fn images_of_flags(&mut self, line: &str, rest: &str) {
        for flag in words(rest).take_while(|word| word.starts_with("--")) {
            if let Some(image) = flag.strip_prefix("--from=") {
                self.image(line, image);
            } else if let Some(options) = flag.strip_prefix("--mount=") {
                let options: Vec<_> = options.split(',').collect();
                for image in options.iter().filter_map(|option| option.strip_prefix("from=")) {
                    self.image(line, image);
                }
            }
        }
    }

    /// `ADD [--flag…] SOURCE… TARGET`, or the same words as a JSON array.
    fn sources(&mut self, line: &str, rest: &str) {
        self.images_of_flags(line, rest);
        let sources: Vec<_> = words(rest).skip_while(|word| word.starts_with("--")).collect();
        let in_words = sources.iter().map(|source| unquoted(source, self.escape));
        // Parsers differ in what may stand behind the array, and in whether the words count if there is none.
        let sources = match json_array(sources.join(" ").trim_start()) {
            None => return self.unclear(line),
            Some(in_array) => in_words.chain(in_array).collect::<Vec<_>>(),
        };
        for source in sources {
            match host_of(&source) {
                Source::File => {}
                Source::Host(host, port) => {
                    self.found.hosts.insert((host, port));
                }
                Source::Unclear => self.unclear(line),
            }
        }
    }

    fn unclear(&mut self, line: &str) {
        if self.found.unclear.last().is_none_or(|last| last != line) {
            self.found.unclear.push(line.to_owned());
        }
    }

    /// A word with the arguments filled in that stand before the first stage; none if it has an expansion that is not
    /// known. An argument without a value is empty.
    fn expanded(&self, word: &str) -> Option<String> {
        let mut text = String::new();
        let word = unquoted(word, self.escape);
        let mut rest = word.as_str();
        while let Some((before, after)) = rest.split_once('$') {
            text.push_str(before);
            let braced = after.strip_prefix('{').and_then(|inside| inside.split_once('}'));
            let (inside, left) = match braced {
                Some(found) => found,
                None => after.split_at(after.find(|c: char| !is_name(c)).unwrap_or(after.len())),
            };
            text.push_str(&self.value(inside)?);
            rest = left;
        }
        text.push_str(rest);
        Some(text)
    }

    /// The value of `NAME`, `NAME:-default`, `NAME-default`, `NAME:+other` or `NAME+other`.
    fn value(&self, inside: &str) -> Option<String> {
        let (name, modifier) = inside.split_at(inside.find(|c: char| !is_name(c)).unwrap_or(inside.len()));
        if name.is_empty() {
            return None;
        }
        let value = self.given.get(name).or_else(|| self.defaults.get(name)).cloned().unwrap_or_default();
        let modifier = modifier.strip_prefix(':').unwrap_or(modifier);
        match modifier.split_at_checked(1) {
            None => Some(value),
            Some((_, word)) if word.contains('$') => None,
            Some(("-", default)) => Some(if value.is_empty() { default.to_owned() } else { value }),
            Some(("+", other)) => Some(if value.is_empty() { String::new() } else { other.to_owned() }),
            Some(_) => None,
        }
    }
}

/// The strings of the array that a text begins with, empty if it begins with none; nothing if it seems to, and cannot be
/// read.
fn json_array(text: &str) -> Option<Vec<String>> {
    if !text.starts_with('[') {
        return Some(Vec::new());
    }
    match serde_json::Deserializer::from_str(text).into_iter().next() {
        Some(Ok(array)) => Some(array),
        // A pattern such as `[a-z]*`.
        _ => (!text.contains('"')).then(Vec::new),
    }
}

/// The words of a line.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(is_space).filter(|word| !word.is_empty())
}

/// What the parser takes for a space between words.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{b}' | '\u{c}' | '\r')
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Where a source comes from.
#[derive(Debug, PartialEq, Eq)]
enum Source {
    /// From the build context.
    File,
    /// From a port of a host.
    Host(String, u16),
    /// A variable says so, which an image can have set that it builds on.
    Unclear,
}

/// Where a source comes from that has no quotes.
fn host_of(source: &str) -> Source {
    let literal = source.split('$').next().unwrap_or_default().to_ascii_lowercase();
    let has_variable = literal.len() < source.len();
    let Some((scheme, port)) = SCHEMES.iter().find(|(scheme, _)| literal.starts_with(scheme)) else {
        // A variable can make a URL of what begins like one.
        let could_be = has_variable && SCHEMES.iter().any(|(scheme, _)| scheme.starts_with(literal.as_str()));
        return if could_be { Source::Unclear } else { Source::File };
    };
    let rest = &source[scheme.len()..];
    let end = rest.find(['/', '?', '#', '$']).unwrap_or(rest.len());
    let (authority, after) = rest.split_at(end);
    if after.starts_with('$') {
        return Source::Unclear;
    }
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if *scheme == GIT {
        // What stands behind the colon is a path.
        return Source::Host(host.split(':').next().unwrap_or_default().to_ascii_lowercase(), *port);
    }
    match host.rsplit_once(':') {
        // An IPv6 address has its colons in brackets.
        Some((name, number)) if !name.is_empty() && !number.ends_with(']') => {
            Source::Host(name.to_ascii_lowercase(), number.parse().unwrap_or(*port))
        }
        _ => Source::Host(host.to_ascii_lowercase(), *port),
    }
}

/// A word without its quotes and escapes.
fn unquoted(word: &str, escape: char) -> String {
    let mut text = String::with_capacity(word.len());
    let mut characters = word.chars();
    while let Some(c) = characters.next() {
        if c == escape {
            text.extend(characters.next());
        } else if c != '"' && c != '\'' {
            text.push(c);
        }
    }
    text
}

/// The image that `# syntax=` names, with which a newer builder reads the rest.
fn syntax(dockerfile: &str) -> Option<String> {
    directives(dockerfile).find(|(name, _)| name == "syntax").map(|(_, value)| value.to_owned())
}

/// The parser's directives: comments of the form `# name=value` at the very beginning.
fn directives(dockerfile: &str) -> impl Iterator<Item = (String, &str)> {
    let dockerfile = dockerfile.strip_prefix('\u{feff}').unwrap_or(dockerfile);
    dockerfile.lines().map_while(|line| {
        let (name, value) = line.trim().strip_prefix('#')?.split_once('=')?;
        let name = name.trim().to_ascii_lowercase();
        name.bytes().all(|byte| byte.is_ascii_alphanumeric()).then(|| (name, value.trim()))
    })
}

/// The characters that can escape others. Parsers differ in which comments are directives: where one of those at the very
/// beginning speaks of it, either can.
fn escapes(dockerfile: &str) -> Vec<char> {
    let beginning = dockerfile.lines().take_while(|line| line.trim().is_empty() || line.contains('#'));
    let is_told = beginning.into_iter().any(|line| line.to_ascii_lowercase().contains("escape"));
    if is_told { vec!['\\', '`'] } else { vec!['\\'] }
}

/// The instructions, each in one line, where this character goes on in the next line.
fn instructions(dockerfile: &str, escape: char) -> Vec<String> {
    let mut instructions = Vec::new();
    let mut unfinished = String::new();
    for line in dockerfile.strip_prefix('\u{feff}').unwrap_or(dockerfile).lines() {
        let line = line.trim_start();
        // Comments and empty lines end no instruction that goes on in the next line.
        if line.starts_with('#') || line.trim_end().is_empty() {
            continue;
        }
        match line.trim_end().strip_suffix(escape) {
            Some(begun) => unfinished.push_str(begun),
            None => instructions.push(std::mem::take(&mut unfinished) + line.trim_end()),
        }
    }
    instructions.extend((!unfinished.is_empty()).then_some(unfinished));
    instructions
}

#[cfg(test)]
mod tests;
