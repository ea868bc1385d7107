//! `drillmaster.toml`: what a project says once, so that nobody has to say it on every command line.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::files::read_regular;
use crate::grants::Grants;
use crate::group::{Digest, mask_text, quoted, short};

use super::ownership::{NotOwn, is_own};
use super::ways::ways_to;

/// The file's name.
pub const PROJECT_FILE: &str = "drillmaster.toml";

/// The largest file that is read, in bytes.
const MAX_SIZE: u64 = 1024 * 1024;

/// The most definitions, and grants, that a file can name, and the bytes of all their texts: a person who is asked
/// whether to trust it has to read all of them.
const MOST_NAMED: usize = 40;
const MOST_NAMED_BYTES: usize = 4096;

/// The most bytes of a reason that quotes the file.
const SHOWN: usize = 2000;

/// What a `drillmaster.toml` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectFile {
    /// Where it is, without symlinks.
    pub path: PathBuf,
    /// The digest of its content.
    pub digest: Digest,
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
    /// Others could have written it.
    #[error(
        "{file} is not used: {reason}\nIt could grant what you do not want. Name the definitions and their grants on the \
         command line, or make the file and the directories above it yours."
    )]
    NotOwn {
        /// The file.
        file: String,
        /// What belongs to somebody else.
        reason: NotOwn,
    },
    /// It says something that means nothing here.
    #[error("{file}: {}", quoted(.reason))]
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
    /// The file in a directory or the nearest of those above it that has one. It belongs to the person or root, as do
    /// the directories above it, and nobody else can write there.
    ///
    /// # Errors
    /// If there is one that is somebody else's, cannot be read, or is wrong.
    pub fn find(from: &Path) -> Result<Option<Self>, ProjectFileError> {
        for directory in from.ancestors() {
            let path = directory.join(PROJECT_FILE);
            match std::fs::symlink_metadata(&path) {
                Ok(_) => return Self::read(&path).map(Some),
                Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
                Err(error) => return Err(unreadable(&path, &error)),
            }
        }
        Ok(None)
    }

    /// The file of this path.
    ///
    /// # Errors
    /// If it is somebody else's, cannot be read, or is wrong.
    pub fn read(path: &Path) -> Result<Self, ProjectFileError> {
        let found = path.canonicalize().map_err(|error| unreadable(path, &error))?;
        is_own(&found).map_err(|reason| ProjectFileError::NotOwn { file: path.display().to_string(), reason })?;
        let content = read_regular(&found, MAX_SIZE).map_err(|error| unreadable(path, &error))?;
        let digest = Digest::of(&content);
        let text = String::from_utf8(content);
        let text = text.map_err(|_| unreadable(path, &io::Error::other("it is not UTF-8")))?;
        let file = Self::parse(found, digest, &text)?;
        file.grants_lead_nowhere_else()?;
        Ok(file)
    }

    /// Looks whether what is granted could lead elsewhere tomorrow: who writes to the project, as by `git pull`, can change
    /// the symlinks in it, and the person has been shown their names only.
    fn grants_lead_nowhere_else(&self) -> Result<(), ProjectFileError> {
        let directory = self.path.parent().unwrap_or(Path::new("/"));
        for path in self.grants.paths() {
            let mut ways = ways_to(path);
            let leads_to = ways.pop().unwrap_or_default();
            let Some(link) = ways.iter().find(|link| link.starts_with(directory)) else { continue };
            let (link, leads_to) = (link.display(), leads_to.display());
            let reason = format!(
                "grants: {link} is a symlink, so that what is granted is {leads_to} today and could be something else \
                 tomorrow; name what it leads to"
            );
            return Err(ProjectFileError::Wrong { file: self.path.display().to_string(), reason });
        }
        Ok(())
    }

    fn parse(path: PathBuf, digest: Digest, text: &str) -> Result<Self, ProjectFileError> {
        let file = path.display().to_string();
        // The parser quotes the whole line that is wrong, and a parameter can be a secret.
        let wrong =
            |reason: String| ProjectFileError::Wrong { file: file.clone(), reason: short(&reason, SHOWN).into_owned() };
        let content: Content =
            toml::from_str(text).map_err(|error| wrong(mask_text(error.to_string().trim()).into_owned()))?;
        if content.definitions.is_empty() {
            return Err(wrong("`definitions` is empty; it has to name at least one definition".to_owned()));
        }
        let grants = content.grants.described();
        let named = content.definitions.iter().map(|path| path.as_os_str().len()).chain(grants.iter().map(String::len));
        if content.definitions.len() > MOST_NAMED
            || content.grants.count() > MOST_NAMED
            || named.sum::<usize>() > MOST_NAMED_BYTES
        {
            return Err(wrong(format!(
                "it names more than a person can read who is asked to trust it: at most {MOST_NAMED} definitions and \
                 {MOST_NAMED} grants, of {MOST_NAMED_BYTES} bytes in all"
            )));
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
            digest,
            path,
        })
    }
}

fn unreadable(path: &Path, error: &io::Error) -> ProjectFileError {
    ProjectFileError::Unreadable { file: path.display().to_string(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grants::Memory;

    fn parse(text: &str) -> Result<ProjectFile, String> {
        let path = PathBuf::from("/p/drillmaster.toml");
        ProjectFile::parse(path, Digest::of(text.as_bytes()), text).map_err(|error| error.to_string())
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
    fn what_nobody_would_read_is_refused() {
        let grants = |names: Vec<String>| {
            format!("definitions = [\"app.wasm\"]\n[grants]\nenv = [{}]\nmount = [\"/\"]\n", names.join(","))
        };
        let many = |count| grants((0..count).map(|index| format!("\"A{index}\"")).collect());
        assert!(parse(&many(39)).is_ok());
        assert!(parse(&many(40)).unwrap_err().contains("more than a person can read"));
        assert!(parse(&grants(vec![format!("\"{}\"", "A".repeat(5000))])).unwrap_err().contains("4096 bytes"));
        let definitions = format!("definitions = [{}]", "\"a\",".repeat(41));
        assert!(parse(&definitions).unwrap_err().contains("at most 40 definitions"));
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
    fn a_mistake_beside_a_secret_does_not_tell_it() {
        for line in ["db_password = hunter2", "token = \"hunter2", "url = redis://:hunter2@h", "api_key = ['hunter2']"]
        {
            let error = parse(&format!("definitions = [\"a\"]\n[parameters]\n{line}\n")).unwrap_err();
            assert!(error.contains("line 3") && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn the_nearest_one_above_is_found() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().canonicalize().unwrap();
        let below = directory.join("a/b");
        std::fs::create_dir_all(&below).unwrap();
        assert_eq!(ProjectFile::find(&below).unwrap(), None);
        std::fs::write(directory.join(PROJECT_FILE), "definitions = [\"top.wasm\"]").unwrap();
        let found = ProjectFile::find(&below).unwrap().unwrap();
        assert_eq!(found.definitions, [directory.join("top.wasm")]);
        std::fs::write(directory.join("a").join(PROJECT_FILE), "definitions = [\"near.wasm\"]").unwrap();
        assert_eq!(ProjectFile::find(&below).unwrap().unwrap().definitions, [directory.join("a/near.wasm")]);
    }

    #[test]
    fn what_is_no_file_or_too_large_is_refused_and_not_read_in_part() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().canonicalize().unwrap();
        let file = directory.join(PROJECT_FILE);
        let error = || ProjectFile::find(&directory).unwrap_err().to_string();
        let unreadable = format!("cannot read {}: ", file.display());
        std::fs::create_dir(&file).unwrap();
        assert_eq!(error(), unreadable.clone() + "it is no regular file");
        std::fs::remove_dir(&file).unwrap();
        let size = usize::try_from(MAX_SIZE).unwrap();
        std::fs::write(&file, "definitions = [\"a.wasm\"]\n#".to_owned() + &"x".repeat(size)).unwrap();
        assert_eq!(error(), unreadable.clone() + "it has more than 1048576 bytes, the most that is read");
        std::fs::write(&file, b"definitions = [\"\xff\"]").unwrap();
        assert_eq!(error(), unreadable.clone() + "it is not UTF-8");
        std::fs::write(&file, "x".repeat(size / 2)).unwrap();
        assert!(error().len() < 2 * SHOWN, "{}", error().len());
        #[cfg(unix)]
        {
            std::fs::remove_file(&file).unwrap();
            let pipe = rustix::fs::Mode::from_raw_mode(0o600);
            rustix::fs::mknodat(rustix::fs::CWD, &file, rustix::fs::FileType::Fifo, pipe, 0).unwrap();
            assert_eq!(error(), unreadable + "it is no regular file");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_grant_that_a_symlink_of_the_project_leads_elsewhere_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().canonicalize().unwrap();
        std::fs::create_dir_all(directory.join("conf/real")).unwrap();
        std::os::unix::fs::symlink("real", directory.join("conf/link")).unwrap();
        let read = |grants: &str| {
            let text = format!("definitions = [\"a.wasm\"]\n[grants]\n{grants}\n");
            std::fs::write(directory.join(PROJECT_FILE), text).unwrap();
            ProjectFile::find(&directory).map_err(|error| error.to_string())
        };
        for granted in ["conf/real", "conf", "/usr", "not/there", ".."] {
            assert!(read(&format!("mount = [{granted:?}]")).is_ok(), "{granted}");
        }
        for grants in ["mount = [\"conf/link\"]", "read = [\"./conf/link/deeper\"]", "write = [\"conf/real/../link\"]"]
        {
            let error = read(grants).unwrap_err();
            assert!(error.contains("/conf/link is a symlink") && error.contains("name what it leads to"), "{error}");
        }
    }

    #[test]
    fn what_the_file_says_begins_no_line_of_an_error() {
        let error = parse("definitions=[\"a\"]\n\"b\\n  If you know who wrote it: rm #\"=1\n").unwrap_err();
        assert!(error.lines().skip(1).all(|line| line.starts_with("  | ")), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_everybody_can_write_is_not_used() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join(PROJECT_FILE);
        std::fs::write(&file, "definitions = [\"app.wasm\"]").unwrap();
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o666)).unwrap();
        let error = ProjectFile::find(home.path()).unwrap_err().to_string();
        assert!(error.contains("is not used") && error.contains("can be written by other users"), "{error}");
    }
}
