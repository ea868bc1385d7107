//! The modules of a definition in JavaScript: what it imports is found and read here, from its own directory alone. The
//! SDK is among them, and is in drillmaster itself.

mod package;
mod sdk;

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use cap_std::ambient_authority;
#[cfg(unix)]
use cap_std::fs::OpenOptionsExt as _;
use cap_std::fs::{Dir, OpenOptions};
use serde::de::IgnoredAny;

pub(super) use sdk::{BUILDING, Module, SCRIPT};

/// The largest module, and how many one call can read and how large they can be together.
const MODULE: u64 = 4 * 1024 * 1024;
const ALL: u64 = 16 * 1024 * 1024;
const MOST: usize = 1000;

/// What the SDK imports the definition as.
const DEFINITION: &str = "#definition";

/// What cannot be had here, by the names that Node.js has it.
const NODE: [&str; 16] = [
    "assert",
    "buffer",
    "child_process",
    "crypto",
    "events",
    "fs",
    "http",
    "https",
    "net",
    "os",
    "path",
    "process",
    "stream",
    "timers",
    "url",
    "util",
];

/// A module that is not to be had: a sentence about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub(super) struct NoModule {
    text: String,
    /// The path, if it leads out of the directory.
    pub(super) outside: Option<String>,
}

impl NoModule {
    fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), outside: None }
    }

    fn outside(path: &str) -> Self {
        let text = format!("`{path}` leads out of the definition's directory, of which alone it can import");
        Self { text, outside: Some(path.to_owned()) }
    }
}

/// The modules that one call can import.
///
/// Those of the directory are named by their path in it, with `/`; those of the SDK as `drillmaster:index.js`.
pub(super) struct Modules {
    directory: Dir,
    /// The name of the definition's file.
    entry: String,
    read: Mutex<Read>,
}

/// What has been read.
#[derive(Debug, Default)]
struct Read {
    modules: usize,
    bytes: u64,
}

impl Modules {
    /// Those beside a file.
    pub(super) fn beside(file: &Path) -> io::Result<Self> {
        let (directory, entry) = directory_and_name(file)?;
        let directory = Dir::open_ambient_dir(directory, ambient_authority())?;
        Ok(Self { directory, entry, read: Mutex::default() })
    }

    /// The same, of which nothing has been read.
    pub(super) fn anew(&self) -> io::Result<Self> {
        Ok(Self { directory: self.directory.try_clone()?, entry: self.entry.clone(), read: Mutex::default() })
    }

    /// The name of the module that an import of another one means. It blocks.
    pub(super) fn resolve(&self, referrer: &str, specifier: &str) -> Result<String, NoModule> {
        if specifier == "drillmaster" {
            return Ok(sdk::INDEX.to_owned());
        }
        if let Some(module) = sdk::import(referrer, specifier) {
            return if module == DEFINITION { Ok(self.entry.clone()) } else { Ok(module) };
        }
        if is_relative(specifier) {
            let path = join(directory_of(referrer), specifier).ok_or_else(|| NoModule::outside(specifier))?;
            self.is_file(&path, specifier)?;
            return Ok(path);
        }
        if specifier.starts_with('/') || specifier.starts_with("file:") {
            return Err(NoModule::outside(specifier));
        }
        let name = specifier.split('/').next().unwrap_or_default();
        if specifier.contains(':') || NODE.contains(&name) {
            return Err(NoModule::new("there is no Node.js here, and no network: only files can be imported"));
        }
        if specifier == "drillmaster/testing" {
            return Err(NoModule::new("`drillmaster/testing` is for tests, which run in Node.js"));
        }
        self.of_package(referrer, specifier)
    }

    /// The source of a module. It blocks.
    pub(super) fn load(&self, name: &str) -> Result<String, NoModule> {
        if let Some(source) = sdk::source(name) {
            return Ok(source.to_owned());
        }
        match extension(name) {
            Some("js" | "mjs") => self.read(name),
            Some("json") => as_module(name, &self.read(name)?),
            Some("cjs") => Err(common_js(name)),
            Some("ts" | "mts" | "tsx") => {
                Err(NoModule::new(format!("`{name}` is TypeScript, which has to be made JavaScript first")))
            }
            _ => Err(NoModule::new(format!("`{name}` is none of .js, .mjs and .json"))),
        }
    }

    /// Whether there is a file at a path, which was written so.
    fn is_file(&self, path: &str, written: &str) -> Result<(), NoModule> {
        match self.directory.metadata(path) {
            Ok(found) if found.is_file() => Ok(()),
            Ok(found) if found.is_dir() => Err(NoModule::new(format!("`{path}` is a directory{}", self.hint(path)))),
            Ok(_) => Err(NoModule::new(format!("`{path}` is not a file"))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(NoModule::new(format!("there is no file `{path}`{}", self.hint(path))))
            }
            Err(error) => Err(unreadable(&error, path, written)),
        }
    }

    /// What may have been meant: Node.js, when it was asked for less, found these too.
    fn hint(&self, path: &str) -> String {
        let others = [format!("{path}.js"), format!("{path}/index.js")];
        let there = others.iter().find(|other| self.directory.metadata(other).is_ok_and(|found| found.is_file()));
        there.map_or_else(String::new, |other| format!(": did you mean `{other}`?"))
    }

    /// The text of a file, which counts as read.
    fn read(&self, path: &str) -> Result<String, NoModule> {
        let read = |path| -> io::Result<Vec<u8>> {
            let mut options = OpenOptions::new();
            options.read(true);
            // Should it be a pipe, nobody waits for the other end.
            #[cfg(unix)]
            options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
            let file = self.directory.open_with(path, &options)?;
            if !file.metadata()?.is_file() {
                return Err(io::Error::other("it is not a file"));
            }
            let mut bytes = Vec::new();
            file.take(MODULE + 1).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let bytes = read(path).map_err(|error| unreadable(&error, path, path))?;
        self.count(path, bytes.len() as u64)?;
        String::from_utf8(bytes).map_err(|_| NoModule::new(format!("`{path}` is not UTF-8")))
    }

    fn count(&self, path: &str, bytes: u64) -> Result<(), NoModule> {
        const MIB: u64 = 1024 * 1024;
        if bytes > MODULE {
            return Err(NoModule::new(format!("`{path}` is larger than {} MiB", MODULE / MIB)));
        }
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        (read.modules, read.bytes) = (read.modules + 1, read.bytes + bytes);
        if read.modules > MOST || read.bytes > ALL {
            let text = format!("with `{path}` it imports more than {MOST} files, or {} MiB", ALL / MIB);
            return Err(NoModule::new(text));
        }
        Ok(())
    }
}

/// The directory that a file lies in, and its name there.
pub(super) fn directory_and_name(file: &Path) -> io::Result<(PathBuf, String)> {
    // A symlink would lead out of the directory that it lies in.
    let file = file.canonicalize()?;
    let name = file.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| io::Error::other("its name is not UTF-8"))?;
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok((directory.to_owned(), name.to_owned()))
}

/// JSON as a module with a default export, which is its value.
fn as_module(name: &str, text: &str) -> Result<String, NoModule> {
    let wrong = |error: serde_json::Error| NoModule::new(format!("`{name}` is not JSON: {error}"));
    serde_json::from_str::<IgnoredAny>(text).map_err(wrong)?;
    Ok(format!("export default JSON.parse({});", serde_json::to_string(text).map_err(wrong)?))
}

fn unreadable(error: &io::Error, path: &str, written: &str) -> NoModule {
    // What is refused by the system has a number; what leads out of the directory has none.
    if error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none() {
        NoModule::outside(written)
    } else {
        NoModule::new(format!("`{path}` cannot be read: {error}"))
    }
}

fn common_js(name: &str) -> NoModule {
    NoModule::new(format!("`{name}` is CommonJS, which is not run here: it has to be an ES module"))
}

fn is_relative(specifier: &str) -> bool {
    specifier == "." || specifier == ".." || specifier.starts_with("./") || specifier.starts_with("../")
}

fn extension(name: &str) -> Option<&str> {
    Path::new(name).extension()?.to_str()
}

fn directory_of(module: &str) -> &str {
    module.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// A relative path, from a directory; none if it leads out of all directories.
fn join(directory: &str, relative: &str) -> Option<String> {
    let mut parts = Vec::new();
    // Of the directory too: whoever imports says where that is.
    for part in directory.split('/').chain(relative.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests;
