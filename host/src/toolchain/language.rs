//! In which language the definition in a directory is written.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

/// A language that definitions are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// A cargo package.
    Rust,
    /// `app.py`, with a `pyproject.toml` or without.
    Python,
    /// `app.js`, with a `package.json` or without.
    JavaScript,
    /// C sources and a `Makefile`.
    C,
    /// A Go module.
    Go,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Rust, Self::Python, Self::JavaScript, Self::C, Self::Go];

    /// The language as a directory with files of these names tells it.
    ///
    /// # Errors
    /// If it tells none, or more than one.
    pub fn of(files: &BTreeSet<String>) -> Result<Self, NotTold> {
        let told: Vec<_> = Self::ALL.into_iter().filter(|language| language.is_told_by(files)).collect();
        match told.as_slice() {
            [] => Err(NotTold::None),
            [language] => Ok(*language),
            several => Err(NotTold::Several(several.to_vec())),
        }
    }

    fn is_told_by(self, files: &BTreeSet<String>) -> bool {
        let has = |name| files.contains(name);
        match self {
            Self::Rust => has("Cargo.toml"),
            Self::Python => has("pyproject.toml") || has("app.py"),
            Self::JavaScript => has("package.json") || has("app.js"),
            Self::C => {
                has("Makefile") && files.iter().any(|name| Path::new(name).extension().is_some_and(|c| c == "c"))
            }
            Self::Go => has("go.mod"),
        }
    }

    /// Its name on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::JavaScript => "javascript",
            Self::C => "c",
            Self::Go => "go",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rust => "Rust",
            Self::Python => "Python",
            Self::JavaScript => "JavaScript",
            Self::C => "C",
            Self::Go => "Go",
        })
    }
}

/// Why a directory does not tell its language.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTold {
    /// Nothing in it says so.
    #[error(
        "there is no definition to build: no Cargo.toml (Rust), app.py or pyproject.toml (Python), app.js or package.json \
         (JavaScript), go.mod (Go), or C sources with a Makefile"
    )]
    None,
    /// It says so of several.
    #[error("it could be {}: say which with `drillmaster build DIR --lang LANG`, and start the app.wasm that this writes",
        .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or "))]
    Several(Vec<Language>),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(files: &[&str]) -> Result<Language, NotTold> {
        Language::of(&files.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn each_language_is_told_by_the_files_of_its_own_tools() {
        assert_eq!(of(&["Cargo.toml", "src"]), Ok(Language::Rust));
        assert_eq!(of(&["app.py", "schema.py"]), Ok(Language::Python));
        assert_eq!(of(&["pyproject.toml", "app.py"]), Ok(Language::Python));
        assert_eq!(of(&["app.js"]), Ok(Language::JavaScript));
        assert_eq!(of(&["package.json", "node_modules"]), Ok(Language::JavaScript));
        assert_eq!(of(&["Makefile", "app.c"]), Ok(Language::C));
        assert_eq!(of(&["go.mod", "main.go"]), Ok(Language::Go));
    }

    #[test]
    fn a_makefile_alone_is_nobodys() {
        assert_eq!(of(&["Makefile", "go.mod"]), Ok(Language::Go));
        assert_eq!(of(&["Makefile"]), Err(NotTold::None));
        assert_eq!(of(&["app.c"]), Err(NotTold::None));
    }

    #[test]
    fn a_directory_that_could_be_two_is_asked_about() {
        let error = of(&["Cargo.toml", "package.json"]).unwrap_err();
        assert!(error.to_string().starts_with("it could be Rust or JavaScript: say which"), "{error}");
    }

    #[test]
    fn nothing_to_build_is_told_with_what_would_be() {
        let error = of(&["app.wasm", "README.md"]).unwrap_err().to_string();
        assert!(Language::ALL.iter().all(|language| error.contains(&language.to_string())), "{error}");
    }
}
