//! One pattern of a `.dockerignore`: Docker's words in globset's.

use std::collections::BTreeSet;
use std::iter::Peekable;
use std::path::Path;
use std::str::Chars;

use globset::{GlobBuilder, GlobMatcher};

/// As many directories as it takes, none too: what `**` stands for before something else.
const DIRECTORIES: &str = "{,*/**/}";
/// All there is, what `**` stands for at the end.
const EVERYTHING: &str = "*{,/**}";

/// The most bytes of a pattern: as long as a path can be. globset does not survive much longer ones.
const LONGEST: usize = 4096;

/// A pattern over paths that are relative to the build context.
#[derive(Debug)]
pub(super) struct Pattern {
    /// Whether it brings back what an earlier one left out: it began with `!`.
    pub(super) brings_back: bool,
    components: Vec<String>,
    glob: GlobMatcher,
}

impl Pattern {
    /// Reads a line; none if it says nothing.
    ///
    /// # Errors
    /// In words, if it is no pattern.
    pub(super) fn parse(line: &str) -> Result<Option<Self>, String> {
        let text = line.trim();
        if line.starts_with('#') || text.is_empty() {
            return Ok(None);
        }
        let (brings_back, text) = match text.strip_prefix('!') {
            Some(rest) => (true, rest.trim()),
            None => (false, text),
        };
        if text.is_empty() {
            return Err("nothing follows the `!`".to_owned());
        }
        if text.len() > LONGEST {
            return Err(format!("it is longer than {LONGEST} bytes"));
        }
        let Some(components) = components(text) else { return Ok(None) };
        let glob = GlobBuilder::new(&translate(&components.join("/"))?)
            .literal_separator(true)
            .backslash_escape(true)
            .empty_alternates(true)
            .build()
            .map_err(|error| error.kind().to_string())?;
        Ok(Some(Self { brings_back, components, glob: glob.compile_matcher() }))
    }

    /// Whether this very path is meant. What is below it is for the caller to know.
    pub(super) fn is_match(&self, path: &Path) -> bool {
        self.glob.is_match(path)
    }

    /// Whether something below a directory can be meant, other than because the directory is.
    pub(super) fn may_match_below(&self, directory: &Path) -> bool {
        let mut components = self.components.iter();
        for name in directory {
            match components.next() {
                // These can stand for several components.
                Some(component) if component.contains("**") || component.contains('[') => return true,
                Some(component) if component.contains(['*', '?', '\\']) => {}
                Some(component) if component.as_str() == name => {}
                None | Some(_) => return false,
            }
        }
        components.next().is_some()
    }
}

/// The components of a path, without those that say nothing. None if it means the directory itself, or leads out of it.
pub(super) fn components(path: &str) -> Option<Vec<String>> {
    let mut components: Vec<String> = Vec::new();
    for component in path.split('/') {
        match component {
            // There is nothing above `/`.
            ".." if components.pop().is_none() && !path.starts_with('/') => return None,
            "" | "." | ".." => {}
            name => components.push(name.to_owned()),
        }
    }
    (!components.is_empty()).then_some(components)
}

/// Docker's pattern as one of globset's.
///
/// They differ in `**`, which Docker also knows within a component, in classes, where globset knows no escapes and takes
/// `!` for `^`, and in braces, which mean nothing to Docker.
fn translate(pattern: &str) -> Result<String, String> {
    let mut glob = String::new();
    let mut rest = pattern.chars().peekable();
    while let Some(char) = rest.next() {
        match char {
            '*' if rest.next_if_eq(&'*').is_some() => {
                let whole = rest.next_if_eq(&'/').is_some();
                let first = glob.is_empty();
                glob.push_str(if rest.peek().is_none() { EVERYTHING } else { DIRECTORIES });
                // With nothing special behind it, Docker takes a leading `**` for anything at all.
                if first && !whole && !rest.clone().any(|char| matches!(char, '*' | '?' | '[' | ']' | '\\')) {
                    glob.push('*');
                }
            }
            '*' | '?' => glob.push(char),
            '[' => glob.push_str(&class(&mut rest)?),
            '\\' => push(&mut glob, rest.next().ok_or("nothing follows its last `\\`")?),
            char => push(&mut glob, char),
        }
    }
    Ok(glob)
}

/// Appends a character that means itself.
fn push(glob: &mut String, char: char) {
    if matches!(char, '*' | '?' | '[' | ']' | '{' | '}' | '\\') {
        glob.push('\\');
    }
    glob.push(char);
}

/// What is left of a class such as `[a-z]` or `[^a-z]` after its first bracket.
fn class(rest: &mut Peekable<Chars<'_>>) -> Result<String, String> {
    let negated = rest.next_if_eq(&'^').is_some();
    let mut members = BTreeSet::new();
    loop {
        let first = member(rest)?;
        let last = if rest.next_if_eq(&'-').is_some() { member(rest)? } else { first };
        if last < first {
            return Err(format!("the range {first}-{last} runs backwards"));
        }
        members.extend(first..=last);
        if rest.next_if_eq(&']').is_some() {
            break;
        }
    }
    let mut glob = String::new();
    if negated {
        // In a class of globset's, `]` means itself as the first member and `-` as the last one.
        let (hyphen, bracket) = (members.remove(&'-'), members.remove(&']'));
        glob.push_str("[^");
        glob.extend(bracket.then_some(']').into_iter().chain(members).chain(hyphen.then_some('-')));
        glob.push(']');
    } else {
        glob.push('{');
        for (index, member) in members.into_iter().enumerate() {
            if index > 0 {
                glob.push(',');
            }
            // A comma would begin the next alternative.
            if member == ',' {
                glob.push('\\');
            }
            push(&mut glob, member);
        }
        glob.push('}');
    }
    Ok(glob)
}

/// One end of a range in a class, or a member for itself.
fn member(rest: &mut Peekable<Chars<'_>>) -> Result<char, String> {
    const UNCLOSED: &str = "its `[` is not closed";
    let member = match rest.next().ok_or(UNCLOSED)? {
        char @ ('-' | ']') => return Err(format!("a `{char}` that means itself needs a `\\` before it in a class")),
        '\\' => rest.next().ok_or(UNCLOSED)?,
        char => char,
    };
    if member.is_ascii() {
        Ok(member)
    } else {
        Err(format!("a class can hold ASCII characters only, and not {member}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn pattern(line: &str) -> Pattern {
        Pattern::parse(line).unwrap().unwrap_or_else(|| panic!("{line:?} says nothing"))
    }

    #[test]
    fn patterns_mean_what_they_mean_to_docker() {
        // The pattern, the paths that it means, and others.
        let table: &[(&str, &[&str], &[&str])] = &[
            ("a", &["a"], &["b", "x/a", "ab"]),
            ("a/b", &["a/b"], &["a", "b", "x/a/b"]),
            ("/a/", &["a"], &["x/a"]),
            ("./a//b/../c", &["a/c"], &["a/b/c"]),
            ("/../a", &["a"], &[]),
            ("  a \t", &["a"], &[]),
            ("a b", &["a b"], &["a"]),
            ("*", &["a", ".a"], &["a/b"]),
            ("*.md", &["a.md", ".md"], &["a/b.md", "a.mdx"]),
            ("*/*.md", &["a/b.md"], &["b.md", "a/b/c.md"]),
            ("a*", &["a", "ab"], &["a/b", "ba"]),
            ("a?", &["ab"], &["a", "a/", "abc"]),
            ("**", &["a", "a/b/c"], &[]),
            ("**/a", &["a", "x/a", "x/y/a"], &["xa", "x/ya", "a/x"]),
            ("**/*.md", &["a.md", "x/y/a.md"], &["a.mdx"]),
            ("**/a/**", &["a/x", "x/a/y/z"], &["a", "x/a", "xa/y"]),
            ("a/**", &["a/b", "a/b/c"], &["a", "ab/c"]),
            ("a/**/b", &["a/b", "a/x/b", "a/x/y/b"], &["ab", "a/xb"]),
            ("a**", &["a", "ab", "ab/c"], &["b/a"]),
            ("**a", &["a", "xa", "x/ya"], &["a/x"]),
            ("**a*", &["ab", "x/ab"], &["xab"]),
            ("a**b", &["ab", "axy/b", "ax/y/b"], &["axb"]),
            ("[a-c]x", &["ax", "cx"], &["dx", "-x"]),
            ("[^a-c]x", &["dx", "-x"], &["ax"]),
            ("[!a]x", &["!x", "ax"], &["bx"]),
            ("[^!]x", &["ax"], &["!x"]),
            ("[\\]\\-\\^,{]", &["]", "-", "^", ",", "{"], &["\\", "a"]),
            ("[^\\]\\-]", &["a", "^"], &["]", "-"]),
            ("\\*", &["*"], &["a", "\\*"]),
            ("\\!a", &["!a"], &["a"]),
            ("\\#a", &["#a"], &["a"]),
            (" #a", &["#a"], &[]),
            ("{a,b}", &["{a,b}"], &["a", "b"]),
            ("a.b+(c)|$^", &["a.b+(c)|$^"], &["axb+(c)|$^"]),
            ("grün", &["grün"], &["gruen"]),
        ];
        for (line, meant, others) in table {
            let pattern = pattern(line);
            assert!(!pattern.brings_back, "{line:?}");
            for path in *meant {
                assert!(pattern.is_match(Path::new(path)), "{line:?} does not match {path:?}: {:?}", pattern.glob);
            }
            for path in *others {
                assert!(!pattern.is_match(Path::new(path)), "{line:?} matches {path:?}: {:?}", pattern.glob);
            }
        }
    }

    #[test]
    fn an_exclamation_mark_brings_back() {
        for line in ["!a", "! a", "  !a", "!/a"] {
            let pattern = pattern(line);
            assert!(pattern.brings_back && pattern.is_match(Path::new("a")), "{line:?}");
        }
    }

    #[test]
    fn comments_and_empty_lines_and_what_means_no_path_below_the_context_say_nothing() {
        for line in ["", "  ", "# a", "#", ".", "/", "a/..", "../a", "!."] {
            assert!(Pattern::parse(line).unwrap().is_none(), "{line:?}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        let table = [
            ("!", "`!`"),
            ("a[", "not closed"),
            ("a[b", "not closed"),
            ("[b\\", "not closed"),
            ("[]", "`]`"),
            ("[]a]", "`]`"),
            ("[a-]", "`]`"),
            ("[-a]", "`-`"),
            ("[c-a]", "backwards"),
            ("[ä]", "ASCII"),
            ("a\\", "last `\\`"),
        ];
        for (line, reason) in table {
            let told = Pattern::parse(line).map(|_| ()).unwrap_err();
            assert!(told.contains(reason), "{line:?}: {told}");
        }
    }

    #[test]
    fn a_pattern_that_is_longer_than_any_path_is_told() {
        // The last of these would make a regular expression that is too large.
        for piece in ["[ -~]", "**/", "[^a]", "{a"] {
            assert!(Pattern::parse(&piece.repeat(LONGEST / piece.len())).is_ok(), "{piece}");
            let told = Pattern::parse(&piece.repeat(60_000)).map(|_| ()).unwrap_err();
            assert_eq!(told, "it is longer than 4096 bytes", "{piece}");
        }
    }

    #[test]
    fn a_directory_can_hold_what_a_pattern_means_or_not() {
        let table = [
            ("a/b", "a", true),
            ("a/b/c", "a/b", true),
            ("a/b", "b", false),
            ("a/b", "a/b", false),
            ("a", "a/b", false),
            ("*/b", "a", true),
            ("*/b/c", "a/x", false),
            ("*.md", "a", false),
            ("**/b", "a/x/y", true),
            ("a**", "b", true),
            ("[^a]b", "b", true),
        ];
        for (line, directory, may) in table {
            assert_eq!(pattern(line).may_match_below(Path::new(directory)), may, "{line} below {directory}");
        }
    }
}
