//! `drillmaster.toml`: what a project says once, so that nobody has to say it on every command line.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::grants::Grants;

/// The file's name.
pub const PROJECT_FILE: &str = "drillmaster.toml";

/// The largest file that is read.
const MAX_SIZE: u64 = 1024 * 1024;

/// What a `drillmaster.toml` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectFile {
    /// Where it is.
    pub path: PathBuf,
    /// The definitions of the group, with the file's own directory before relative ones.
    pub definitions: Vec<PathBuf>,
    /// The name of the group.
    pub group: Option<String>,
    /// Parameters for the definitions.
    pub parameters: BTreeMap<String, String>,
    /// What the definitions may do, with the file's own directory before relative paths.
    pub grants: Grants,
}

/// Why a `drillmaster.toml` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProjectFileError {
    /// It cannot be read.
    #[error("cannot read {file}: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
    /// It says something that means nothing here.
    #[error("{file}: {reason}")]
    Wrong {
        /// The file.
        file: String,
        /// What, and where.
        reason: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    definitions: Vec<PathBuf>,
    group: Option<String>,
    #[serde(default)]
    parameters: BTreeMap<String, Scalar>,
    #[serde(default)]
    grants: Grants,
}

/// A parameter is a text; numbers and truth values are written as people write them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Integer(i64),
    Float(f64),
    Truth(bool),
}

impl ProjectFile {
    /// The file in a directory or the nearest of those above it that has one.
    ///
    /// # Errors
    /// If there is one that cannot be read or is wrong.
    pub fn find(from: &Path) -> Result<Option<Self>, ProjectFileError> {
        for directory in from.ancestors() {
            let path = directory.join(PROJECT_FILE);
            match read(&path) {
                Ok(text) => return Self::parse(path, &text).map(Some),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    let file = path.display().to_string();
                    return Err(ProjectFileError::Unreadable { file, reason: error.to_string() });
                }
            }
        }
        Ok(None)
    }

    fn parse(path: PathBuf, text: &str) -> Result<Self, ProjectFileError> {
        let file = path.display().to_string();
        let wrong = |reason: String| ProjectFileError::Wrong { file: file.clone(), reason };
        let content: Content = toml::from_str(text).map_err(|error| wrong(error.to_string().trim().to_owned()))?;
        if content.definitions.is_empty() {
            return Err(wrong("`definitions` is empty; it has to name at least one definition".to_owned()));
        }
        let directory = path.parent().unwrap_or(Path::new("."));
        let text = |scalar| match scalar {
            Scalar::Text(text) => text,
            Scalar::Integer(number) => number.to_string(),
            Scalar::Float(number) => number.to_string(),
            Scalar::Truth(truth) => truth.to_string(),
        };
        Ok(Self {
            definitions: content.definitions.iter().map(|definition| directory.join(definition)).collect(),
            group: content.group,
            parameters: content.parameters.into_iter().map(|(name, value)| (name, text(value))).collect(),
            grants: content.grants.below(directory),
            path,
        })
    }
}

fn read(path: &Path) -> io::Result<String> {
    use io::Read as _;
    let mut text = String::new();
    std::fs::File::open(path)?.take(MAX_SIZE).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grants::Memory;

    fn parse(text: &str) -> Result<ProjectFile, String> {
        ProjectFile::parse(PathBuf::from("/p/drillmaster.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn everything_it_can_say_is_read() {
        let file = parse(
            "definitions = [\"db.wasm\", \"/else/app.wasm\"]\ngroup = \"shop\"\n[parameters]\nport = 80\nmode = \"dev\"\nfast = true\n",
        )
        .unwrap();
        assert_eq!(file.definitions, [PathBuf::from("/p/db.wasm"), PathBuf::from("/else/app.wasm")]);
        assert_eq!(file.group.as_deref(), Some("shop"));
        let parameters: Vec<_> = file.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(parameters, ["fast=true", "mode=dev", "port=80"]);
    }

    #[test]
    fn it_can_grant_what_the_command_line_can() {
        let file = parse(
            "definitions = [\"app.wasm\"]\n[grants]\nread = [\"conf\"]\nwrite = [\"/out\"]\nenv = [\"CI\"]\n\
             net = [\"example.com:443\"]\nmount = [\"../data\"]\npublish-on = \"0.0.0.0\"\nmemory = 512\n",
        )
        .unwrap();
        let grants = file.grants;
        assert_eq!(grants.read.first().unwrap().path, PathBuf::from("/p/conf"));
        assert_eq!(grants.write.first().unwrap().path, PathBuf::from("/out"));
        assert_eq!(grants.env, ["CI".to_owned()].into());
        assert_eq!(grants.net, ["example.com:443".parse().unwrap()].into());
        assert_eq!(grants.mount, [PathBuf::from("/p/../data")].into());
        assert_eq!((grants.published_on(), grants.memory), ([0, 0, 0, 0].into(), Memory::of_mib(512).ok()));

        let error = parse("definitions = [\"app.wasm\"]\n[grants]\nnet = [\"example.com\"]\n").unwrap_err();
        assert!(error.contains("line 3") && error.contains("`example.com` is not HOST:PORT"), "{error}");
        let error = parse("definitions = [\"app.wasm\"]\n[grants]\nallow-net = []\n").unwrap_err();
        assert!(error.contains("unknown field `allow-net`"), "{error}");
    }

    #[test]
    fn what_it_cannot_say_is_refused_with_the_place() {
        let error = parse("definition = \"app.wasm\"\n").unwrap_err();
        assert!(error.starts_with("/p/drillmaster.toml: ") && error.contains("line 1"), "{error}");
        assert!(error.contains("unknown field `definition`"), "{error}");
        assert!(parse("definitions = []").unwrap_err().contains("at least one"));
        assert!(parse("definitions = [\"a\"").unwrap_err().contains("line 1"));
    }

    #[test]
    fn the_nearest_one_above_is_found() {
        let directory = tempfile::tempdir().unwrap();
        let below = directory.path().join("a/b");
        std::fs::create_dir_all(&below).unwrap();
        assert_eq!(ProjectFile::find(&below).unwrap(), None);
        std::fs::write(directory.path().join(PROJECT_FILE), "definitions = [\"top.wasm\"]").unwrap();
        let found = ProjectFile::find(&below).unwrap().unwrap();
        assert_eq!(found.definitions, [directory.path().join("top.wasm")]);
        std::fs::write(directory.path().join("a").join(PROJECT_FILE), "definitions = [\"near.wasm\"]").unwrap();
        assert_eq!(ProjectFile::find(&below).unwrap().unwrap().definitions, [directory.path().join("a/near.wasm")]);
    }
}
