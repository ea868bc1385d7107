//! What a definition requires: packages of an index, by name and version. pip takes a lot more in such files, of which
//! any could reach what is nobody's business: other files and addresses, other indexes, variables, programs.

use std::sync::LazyLock;

use regex::Regex;

/// The most packages that a file can name.
const MOST: usize = 1000;

/// The most of a line that an error shows, in characters.
const SHOWN: usize = 100;

/// What the names of files end with that pip would install.
const ARCHIVES: [&str; 5] = [".whl", ".zip", ".tar", ".tgz", ".gz"];

/// The SDK, which comes with drillmaster.
const SDK: [&str; 2] = ["drillmaster", "drillmaster-sdk"];

/// A name with extras, versions and a marker, in this order.
static PACKAGE: LazyLock<Regex> = LazyLock::new(|| {
    let name = "[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?";
    let version = r"(?:===|==|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9.*+!_-]+";
    let versions = format!(r"{version}(?:\s*,\s*{version})*\s*,?");
    pattern(&format!(
        r#"^({name})\s*(?:\[\s*(?:{name}(?:\s*,\s*{name})*)?\s*\])?\s*(?:{versions}|\(\s*{versions}\s*\))?\s*(?:;[A-Za-z0-9_.,<>=!~'"()+* -]+)?$"#
    ))
});

static HASH: LazyLock<Regex> =
    LazyLock::new(|| pattern("^--hash=(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$"));

/// The space between words, for one thing, is that of ASCII.
fn pattern(text: &str) -> Regex {
    Regex::new(&format!("(?-u){text}")).expect("the pattern is a constant that the tests use")
}

/// The lines of a `requirements.txt`, as pip gets them, without those that are empty or name the SDK.
///
/// # Errors
/// If one is anything but a package of an index: which, and why.
pub(super) fn in_file(text: &str) -> Result<Vec<String>, String> {
    let mut required = Vec::new();
    let mut lines = (1..).zip(text.strip_prefix('\u{feff}').unwrap_or(text).lines());
    while let Some((number, line)) = lines.next() {
        let mut whole = without_comment(line).to_owned();
        // A comment ends its line, whatever its last character is.
        while whole.ends_with('\\') {
            whole.pop();
            let Some((_, next)) = lines.next() else { break };
            whole.push_str(without_comment(next));
        }
        if !whole.trim().is_empty() {
            required.push(package(whole.trim()).map_err(|reason| format!("line {number}: {reason}"))?);
        }
    }
    bounded(required.into_iter().flatten().collect())
}

/// The same of the `dependencies` of a `pyproject.toml`.
pub(super) fn in_list(dependencies: &[String]) -> Result<Vec<String>, String> {
    let required = dependencies.iter().map(|text| package(text.trim())).collect::<Result<Vec<_>, _>>()?;
    bounded(required.into_iter().flatten().collect())
}

fn bounded(required: Vec<String>) -> Result<Vec<String>, String> {
    if required.len() > MOST { Err(format!("it names more than {MOST} packages")) } else { Ok(required) }
}

/// What is before a comment, which begins a line or follows a space.
fn without_comment(line: &str) -> &str {
    let begins = |(at, _): &(usize, &str)| line[..*at].chars().next_back().is_none_or(char::is_whitespace);
    line.match_indices('#').find(begins).map_or(line, |(at, _)| &line[..at])
}

/// A package as pip gets it; none if it is the SDK.
fn package(line: &str) -> Result<Option<String>, String> {
    let (package, hashes) = line.split_once(" --").map_or((line, ""), |(before, _)| (before, &line[before.len()..]));
    let package = package.trim_end();
    let named = PACKAGE.captures(package).filter(|_| hashes.split_whitespace().all(|option| HASH.is_match(option)));
    let Some(name) = named.map(|found| found[1].to_ascii_lowercase()) else { return Err(refused(line)) };
    if ARCHIVES.iter().any(|suffix| name.ends_with(suffix)) {
        return Err(refused(line));
    }
    Ok((!SDK.contains(&name.replace(['_', '.'], "-").as_str())).then(|| line.to_owned()))
}

/// Why a line is refused.
fn refused(line: &str) -> String {
    let lower = line.to_ascii_lowercase();
    let what = if line.starts_with('-') {
        "is an option of pip, and none is taken but --hash"
    } else if line.contains('$') {
        "has a variable in it, and none is read"
    } else if line.contains("://") || line.contains('@') {
        "is a package at an address, and only those of an index are installed"
    } else if line.contains(['/', '\\']) || line.starts_with('.') || ARCHIVES.iter().any(|end| lower.ends_with(end)) {
        "is a file, and only packages of an index are installed"
    } else if line.contains(" --") {
        "has an option that is not --hash=sha256:… (or sha384, sha512), in lower case"
    } else {
        "names no package"
    };
    let mut shown: String = line.chars().take(SHOWN).collect();
    if shown.len() < line.len() {
        shown.push('…');
    }
    format!("`{shown}` {what}: write NAME, NAME==VERSION, or the like")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_taken_with_versions_extras_markers_and_digests() {
        let hash = format!("--hash=sha256:{}", "0a".repeat(32));
        for line in [
            "six",
            "six==1.17.0",
            "Six >= 1, <2, != 1.5.*",
            "zope.interface~=5.0",
            "a-b_c[extra, other]==1.0+local.1",
            "six (>=1,<2)",
            "six===1.0; python_version >= '3.10' and (sys_platform == \"wasi\" or extra == 'x')",
            &format!("six==1.17.0 {hash}"),
            &format!("six==1.17.0 {hash}  {hash}"),
        ] {
            assert_eq!(in_file(line), Ok(vec![line.to_owned()]));
        }
    }

    #[test]
    fn comments_empty_lines_and_continued_lines_are_read_as_pip_reads_them() {
        let hash = format!("--hash=sha256:{}", "0a".repeat(32));
        let text = format!("\u{feff}# packages\n\n  six==1 # why\r\nattrs \\\n  {hash}\n # -r other\\\n");
        assert_eq!(in_file(&text).unwrap(), ["six==1".to_owned(), format!("attrs   {hash}")]);
        assert_eq!(in_file("six\\"), Ok(vec!["six".to_owned()]));
    }

    #[test]
    fn all_that_is_no_package_of_an_index_is_refused_with_its_line() {
        let digest = "0a".repeat(32);
        for (line, why) in [
            ("-r other.txt", "an option of pip"),
            ("-e .", "an option of pip"),
            ("-f /srv/wheels", "an option of pip"),
            ("-c limits.txt", "an option of pip"),
            ("--index-url https://evil.example/simple", "an option of pip"),
            ("--extra-index-url=https://evil.example", "an option of pip"),
            ("--no-binary :all:", "an option of pip"),
            ("--pre", "an option of pip"),
            ("six @ https://evil.example/six.whl", "at an address"),
            ("six@file:///etc/passwd", "at an address"),
            ("git+https://evil.example/six.git", "at an address"),
            ("https://evil.example/six.whl", "at an address"),
            ("./six", "is a file"),
            ("../six", "is a file"),
            ("/srv/six", "is a file"),
            ("sub\\six", "is a file"),
            (".", "is a file"),
            ("six-1.17.0-py3-none-any.whl", "is a file"),
            ("six-1.17.0.tar.gz", "is a file"),
            ("six-1.17.0.ZIP", "is a file"),
            ("${HOME}", "a variable"),
            ("six==${VERSION}", "a variable"),
            ("six==1 --config-settings=x=y", "an option that is not --hash"),
            ("six==1 --global-option=x", "an option that is not --hash"),
            ("six==1 --hash=md5:00", "an option that is not --hash"),
            (&format!("six==1 --hash=sha256:{digest} -e"), "an option that is not --hash"),
            ("six==1 -e .", "names no package"),
            ("six 1.0", "names no package"),
            ("six;", "names no package"),
            ("six; `id`", "names no package"),
            ("sıx", "names no package"),
            ("[extra]", "names no package"),
        ] {
            let told = in_file(&format!("attrs\n\n{line}\n")).unwrap_err();
            assert!(told.starts_with("line 3: ") && told.contains(why), "{line}: {told}");
            assert!(in_list(&[line.to_owned()]).unwrap_err().contains(why), "{line}");
        }
        assert!(in_file("six\\\n-e .").is_err());
        assert!(in_list(&["six\n-e .".to_owned()]).is_err());
        assert!(in_file(&"x ".repeat(5000)).unwrap_err().len() < 400);
        assert!(in_file(&"six\n".repeat(MOST + 1)).unwrap_err().contains("more than 1000"));
    }

    #[test]
    fn the_sdk_itself_is_not_installed() {
        assert_eq!(in_file("drillmaster-sdk==0.1.0\nsix\nDrillmaster_SDK\ndrillmaster\n"), Ok(vec!["six".to_owned()]));
        let others = vec!["drillmaster-other".to_owned()];
        assert_eq!(in_list(&others), Ok(others));
    }
}
