//! From a directory of sources to a component.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::project::{is_own_directory, is_own_entry};

use super::component::component_of;
use super::javascript::javascript_component;
use super::language::Language;
use super::making::{ToolError, Tools, write_whole};
use super::python::{self, python_component};
use super::{c, go, rust};

/// The file that a build writes beside the sources, and that is started for them.
pub const COMPONENT: &str = "app.wasm";

/// What is no source, though it lies among them: what tools make. So is what is hidden.
const MADE: [&str; 4] = [COMPONENT, "__pycache__", "node_modules", "target"];

/// What tools make, and what version control keeps.
const NOT_READ: [&str; 3] = [".git", "node_modules", "target"];

/// The files that have a definition in JavaScript.
const SCRIPTS: [&str; 2] = ["app.js", "app.mjs"];

/// How many files are looked at to see whether one has changed; with more than these, one is taken to have.
const LOOKED_AT: usize = 20_000;

/// A directory with the sources of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    directory: PathBuf,
    language: Language,
}

impl Sources {
    /// The sources in a directory, in this language, or the one that their files tell.
    ///
    /// # Errors
    /// If there is no such directory, or it does not tell its language.
    pub fn find(directory: &Path, language: Option<Language>) -> Result<Self, ToolError> {
        let shown = directory.display();
        let cannot = |error: &io::Error| {
            ToolError::Sources(match error.kind() {
                io::ErrorKind::NotFound => format!("there is no directory {shown}"),
                io::ErrorKind::NotADirectory => format!("{shown} is a file; name the directory of the sources"),
                _ => format!("cannot read {shown}: {error}"),
            })
        };
        let entries = fs::read_dir(directory).map_err(|error| cannot(&error))?;
        let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        let names = names.collect::<io::Result<BTreeSet<_>>>().map_err(|error| cannot(&error))?;
        let told = || Language::of(&names);
        let language = language.map_or_else(told, Ok);
        let language = language.map_err(|not| ToolError::Sources(format!("{shown}: {not}")))?;
        Ok(Self { directory: directory.to_owned(), language })
    }

    /// The language that they are in.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// Whether the component that was built of them is not there, or a file of theirs is not older.
    #[must_use]
    pub fn changed_since(&self, component: &Path) -> bool {
        let built = fs::metadata(component).and_then(|component| component.modified());
        let changed = built.and_then(|built| Ok(newest(&self.directory)?.is_none_or(|newest| newest >= built)));
        changed.unwrap_or(true)
    }

    /// Looks whether all that a native tool reads here is the person's own, so that nobody else says what it does.
    ///
    /// # Errors
    /// What is not, or cannot be looked at.
    pub fn are_own(&self) -> Result<(), ToolError> {
        let not_own = |error: &dyn std::fmt::Display| {
            ToolError::Sources(format!("it is not built, since somebody else could say how: {error}"))
        };
        let directory = self.directory.canonicalize().map_err(|error| not_own(&error))?;
        is_own_directory(&directory).map_err(|error| not_own(&error))?;
        let mut directories = vec![directory];
        while let Some(directory) = directories.pop() {
            for entry in fs::read_dir(&directory).map_err(|error| not_own(&error))? {
                let entry = entry.map_err(|error| not_own(&error))?;
                if NOT_READ.iter().any(|name| entry.file_name() == *name) {
                    continue;
                }
                let path = entry.path();
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    is_own_entry(&path).map_err(|error| not_own(&error))?;
                    directories.push(path);
                } else if let Ok(leads_to) = path.canonicalize() {
                    is_own_entry(&leads_to).map_err(|error| not_own(&error))?;
                }
            }
        }
        Ok(())
    }

    /// Builds a component of them. It is there whole or not at all. The tools of Rust, C and Go do what the sources say;
    /// Python and JavaScript run in the sandbox.
    ///
    /// # Errors
    /// If a tool is missing, which one and how it is installed; if one fails; or if what came of it is no definition.
    pub async fn build(&self, component: &Path, tools: &Tools<'_>) -> Result<(), ToolError> {
        let began = SystemTime::now();
        let work = tempfile::tempdir().map_err(ToolError::system("make a directory for temporary files"))?;
        let made = match self.language {
            Language::Rust => made_of(&rust::compile(&self.directory, tools.output).await?)?,
            Language::Python => python_component(&self.definition()?, work.path(), tools).await?,
            Language::JavaScript => javascript_component(&self.definition()?, Arc::clone(&tools.log)).await?,
            Language::C => made_of(&c::compile(&self.directory, work.path(), tools.output).await?)?,
            Language::Go => made_of(&go::compile(&self.directory, work.path(), tools.output).await?)?,
        };
        let cannot = || ToolError::system(format!("write {}", component.display()));
        write_whole(component, &made).map_err(cannot())?;
        // What is written while it is built is newer.
        let file = fs::File::options().write(true).open(component).map_err(cannot())?;
        file.set_modified(began).map_err(cannot())
    }

    /// The file that has the definition, in a language that runs from its source.
    ///
    /// # Errors
    /// If there is none, or the language has to be built.
    pub fn definition(&self) -> Result<PathBuf, ToolError> {
        let names: &[&str] = match self.language {
            Language::Python => &[python::APP],
            Language::JavaScript => &SCRIPTS,
            Language::Rust | Language::C | Language::Go => {
                return Err(ToolError::Sources(format!(
                    "{} has to be built: {} does not run from its source",
                    self.directory.display(),
                    self.language
                )));
            }
        };
        self.script(names)
    }

    /// The first of these files that is there. It lies in this directory itself, of which it is lent all: a symlink to
    /// another one would have that lent.
    fn script(&self, names: &[&str]) -> Result<PathBuf, ToolError> {
        let shown = self.directory.display();
        let there = |file: &PathBuf| fs::symlink_metadata(file).is_ok();
        let Some(file) = names.iter().map(|name| self.directory.join(name)).find(there) else {
            return Err(ToolError::Sources(format!("there is no {} in {shown}: it has the definition", names[0])));
        };
        let cannot = || ToolError::system(format!("find {}", file.display()));
        let found = file.canonicalize().map_err(cannot())?;
        let reason = if !fs::metadata(&found).map_err(cannot())?.is_file() {
            "is not a file"
        } else if found.parent() != Some(&self.directory.canonicalize().map_err(cannot())?) {
            "is a symlink out of its directory"
        } else {
            return Ok(file);
        };
        Err(ToolError::Sources(format!("{} {reason}: it has the definition", file.display())))
    }
}

/// The component that a file is, or becomes.
fn made_of(module: &Path) -> Result<Vec<u8>, ToolError> {
    let wasm = fs::read(module).map_err(ToolError::system(format!("read {}", module.display())))?;
    component_of(wasm).map_err(ToolError::Component)
}

/// When the newest source was written; none if there are more than one looks at.
fn newest(directory: &Path) -> io::Result<Option<SystemTime>> {
    let mut left = LOOKED_AT;
    let mut newest = SystemTime::UNIX_EPOCH;
    let mut directories = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with('.') || MADE.contains(&name.as_ref()) {
                continue;
            }
            if left == 0 {
                return Ok(None);
            }
            left -= 1;
            let metadata = entry.metadata()?;
            if metadata.is_dir() {
                directories.push(entry.path());
            } else {
                newest = newest.max(metadata.modified()?);
            }
        }
    }
    Ok(Some(newest))
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::Duration;

    use super::*;

    fn written(path: &Path, seconds: u64) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = File::create(path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
    }

    #[test]
    fn sources_have_changed_if_one_is_not_older_than_the_component() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        written(&at("app.py"), 100);
        written(&at("lib/schema.py"), 100);
        let sources = Sources::find(home.path(), None).unwrap();
        assert!(sources.changed_since(&at(COMPONENT)));
        written(&at(COMPONENT), 200);
        assert!(!sources.changed_since(&at(COMPONENT)));
        written(&at("lib/schema.py"), 200);
        assert!(sources.changed_since(&at(COMPONENT)));
        written(&at(COMPONENT), 300);
        assert!(!sources.changed_since(&at(COMPONENT)));
    }

    #[test]
    fn what_tools_make_is_no_source() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        written(&at("Cargo.toml"), 100);
        written(&at(COMPONENT), 200);
        for made in ["target/release/x", ".git/index", "node_modules/x/y.js", "lib/__pycache__/x.pyc"] {
            written(&at(made), 300);
        }
        let sources = Sources::find(home.path(), None).unwrap();
        assert!(!sources.changed_since(&at(COMPONENT)));
    }

    #[test]
    fn what_is_no_directory_of_sources_is_told_with_its_name() {
        let home = tempfile::tempdir().unwrap();
        let error = Sources::find(home.path(), None).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{}: there is no definition to build", home.path().display())), "{error}");
        let error = Sources::find(&home.path().join("nowhere"), None).unwrap_err().to_string();
        assert!(error.starts_with("there is no directory ") && error.ends_with("/nowhere"), "{error}");
        written(&home.path().join("app.wasm"), 100);
        let error = Sources::find(&home.path().join("app.wasm"), None).unwrap_err().to_string();
        assert!(error.ends_with("app.wasm is a file; name the directory of the sources"), "{error}");
    }
}
