//! What a `.dockerignore` leaves out.

use std::path::Path;

use super::pattern::Pattern;

/// The most characters of a line that is no pattern that are shown.
const SHOWN: usize = 200;

/// The patterns of a `.dockerignore`, in their order.
#[derive(Debug, Default)]
pub(super) struct Ignore(Vec<Pattern>);

/// A line that is no pattern.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) text: String,
    pub(super) reason: String,
}

/// What the patterns say of a path.
#[derive(Debug, Default, Clone)]
pub(super) struct Matches {
    /// Whether it is left out.
    pub(super) ignored: bool,
    /// For each pattern, whether it means this path or a directory above it.
    by: Vec<bool>,
}

impl Ignore {
    pub(super) fn parse(text: &str) -> Result<Self, Mistake> {
        let lines = text.strip_prefix('\u{feff}').unwrap_or(text).lines().enumerate();
        let parsed = lines.filter_map(|(index, line)| {
            let shown = || line.trim().chars().take(SHOWN).collect();
            let mistake = |reason| Mistake { line: index + 1, text: shown(), reason };
            Pattern::parse(line).map_err(mistake).transpose()
        });
        parsed.collect::<Result<_, _>>().map(Self)
    }

    /// What is said of a path, given what is said of the directory that it is in (the default for the context itself).
    ///
    /// The last pattern that means it counts, as one that means a directory means all that is below it.
    pub(super) fn look(&self, path: &Path, directory: &Matches) -> Matches {
        let mut matches = Matches { ignored: false, by: vec![false; self.0.len()] };
        for (index, pattern) in self.0.iter().enumerate() {
            let inherited = directory.by.get(index).copied().unwrap_or(false);
            // Like Docker, which does not ask a pattern that would change nothing, and so has no answer from it for
            // what is below either.
            if inherited || (pattern.brings_back == matches.ignored && pattern.is_match(path)) {
                matches.by[index] = true;
                matches.ignored = !pattern.brings_back;
            }
        }
        matches
    }

    /// Whether something below a directory that is left out can be brought back, by a pattern after those that leave
    /// the directory out.
    pub(super) fn may_bring_back_below(&self, directory: &Path, matches: &Matches) -> bool {
        let decided = self.0.iter().zip(&matches.by).rposition(|(pattern, by)| *by && !pattern.brings_back);
        let later = &self.0[decided.map_or(0, |index| index + 1)..];
        later.iter().any(|pattern| pattern.brings_back && pattern.may_match_below(directory))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a path, looking at each directory above it first.
    fn look(ignore: &Ignore, path: &str) -> Matches {
        let mut above: Vec<_> = Path::new(path).ancestors().filter(|path| !path.as_os_str().is_empty()).collect();
        above.reverse();
        above.into_iter().fold(Matches::default(), |directory, path| ignore.look(path, &directory))
    }

    #[test]
    fn the_last_pattern_that_means_a_path_counts_and_means_what_is_below_it_too() {
        let table: &[(&[&str], &[&str], &[&str])] = &[
            (&["a"], &["a", "a/b/c"], &["b"]),
            (&["*", "!a"], &["b"], &["a", "a/b"]),
            (&["!a", "*"], &["a", "b"], &[]),
            (&["*.md", "!README*.md", "README-secret.md"], &["x.md", "README-secret.md"], &["README.md"]),
            (&["a", "!a/b", "a/b/c"], &["a", "a/x", "a/b/c/d"], &["a/b", "a/b/x"]),
            // Nobody left `a` out, so nobody brought it back.
            (&["a/b", "!a"], &["a/b"], &["a", "a/c"]),
            (&["**", "!**/keep"], &["x", "x/y"], &["keep", "x/y/keep", "x/keep/y"]),
            (&["a/*", "!a/b*"], &["a/x"], &["a", "a/b", "a/bc/d"]),
            (&["# a", "", "\\#b"], &["#b"], &["a", "# a"]),
            (&[], &[], &["a"]),
        ];
        for (lines, out, kept) in table {
            let ignore = Ignore::parse(&lines.join("\n")).unwrap();
            for path in *out {
                assert!(look(&ignore, path).ignored, "{lines:?} keep {path}");
            }
            for path in *kept {
                assert!(!look(&ignore, path).ignored, "{lines:?} leave out {path}");
            }
        }
    }

    #[test]
    fn a_file_from_another_system_is_read_too() {
        let ignore = Ignore::parse("\u{feff}a\r\nb\r\n").unwrap();
        assert!(look(&ignore, "a").ignored && look(&ignore, "b").ignored);
    }

    #[test]
    fn a_directory_that_is_left_out_is_of_interest_only_if_a_later_pattern_can_bring_back_something_below() {
        let table: &[(&[&str], &str, bool)] = &[
            (&["a"], "a", false),
            (&["a", "!a/b"], "a", true),
            (&["!a/b", "a"], "a", false),
            (&["a", "!b/c"], "a", false),
            (&["a", "!**/keep"], "a", true),
            (&["a/b", "!a/b/c", "a"], "a/b", false),
            (&["*", "!*.md"], "a", false),
        ];
        for (lines, directory, expected) in table {
            let ignore = Ignore::parse(&lines.join("\n")).unwrap();
            let matches = look(&ignore, directory);
            assert!(matches.ignored, "{lines:?}");
            assert_eq!(ignore.may_bring_back_below(Path::new(directory), &matches), *expected, "{lines:?}");
        }
    }

    #[test]
    fn a_wrong_pattern_is_told_with_its_line() {
        let mistake = Ignore::parse("a\n# [\n  b[ \n").unwrap_err();
        assert_eq!((mistake.line, mistake.text.as_str()), (3, "b["));
    }
}
