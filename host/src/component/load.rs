//! From a file to a definition, or to the reason why it is none.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre};

use crate::group::Digest;

use super::bindings::exports::drillmaster::plugin::{group_hooks, lifecycle, service_hooks};
use super::cache::Cache;
use super::definition::{Definition, Exports};
use super::runtime::Runtime;
use super::state::State;

/// The largest file that is loaded.
const MAX_SIZE: u64 = 64 * 1024 * 1024;

/// How long compiling may take.
const COMPILE_TIMEOUT: Duration = Duration::from_mins(2);

/// The contract that this host speaks.
const PACKAGE: &str = "drillmaster:plugin/";
const LIFECYCLE: &str = "drillmaster:plugin/lifecycle@0.1.0";
const SERVICE_HOOKS: &str = "drillmaster:plugin/service-hooks@";
const GROUP_HOOKS: &str = "drillmaster:plugin/group-hooks@";
const VERSION: &str = "0.1";

/// Why a file cannot be loaded as a definition.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It cannot be read.
    #[error("cannot read {file}: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
    /// It is larger than any definition should be.
    #[error("{file} is larger than {} MiB, which is more than a definition can have", MAX_SIZE / 1024 / 1024)]
    TooLarge {
        /// The file.
        file: String,
    },
    /// It is a core module and not a component.
    #[error(
        "{file} is a core Wasm module and not a component; build it for the target wasm32-wasip2, or make it a \
         component with wit-component"
    )]
    CoreModule {
        /// The file.
        file: String,
    },
    /// It is no Wasm component at all, or a damaged one.
    #[error("{file} is not a Wasm component: {reason}")]
    NotAComponent {
        /// The file.
        file: String,
        /// What the compiler says.
        reason: String,
    },
    /// It is a component and not a definition.
    #[error("{file} is a Wasm component but not a definition: {reason}")]
    NotADefinition {
        /// The file.
        file: String,
        /// What is missing or different.
        reason: String,
    },
    /// It was made for another version of the contract.
    #[error("{file} was made for version {version} of drillmaster's interface; this drillmaster speaks {VERSION}")]
    OtherVersion {
        /// The file.
        file: String,
        /// The version it wants.
        version: String,
    },
    /// Compiling it takes too long.
    #[error("compiling {file} took longer than {} s", COMPILE_TIMEOUT.as_secs())]
    CompilingTookTooLong {
        /// The file.
        file: String,
    },
}

impl Runtime {
    /// Loads a definition from a component, binary or text.
    ///
    /// # Errors
    /// If the file is not a definition that this host can run.
    pub async fn load(&self, path: &Path) -> Result<Definition, LoadError> {
        let file = path.display().to_string();
        let (component, digest) = self.compiled(path, &file).await?;
        self.check_version(&component, &file)?;
        // The outer parts of the error name the interface, the inner ones what is wrong with it.
        let not_a_definition =
            |error: wasmtime::Error| LoadError::NotADefinition { file: file.clone(), reason: format!("{error:#}") };
        let pre = self.linker.instantiate_pre(&component).map_err(not_a_definition)?;
        let exports = Exports {
            lifecycle: lifecycle::GuestIndices::new(&pre).map_err(not_a_definition)?,
            service_hooks: optional(&pre, SERVICE_HOOKS, service_hooks::GuestIndices::new).map_err(not_a_definition)?,
            group_hooks: optional(&pre, GROUP_HOOKS, group_hooks::GuestIndices::new).map_err(not_a_definition)?,
        };
        Ok(Definition::new(self.engine.clone(), pre, exports, digest, PathBuf::from(path)))
    }

    /// Reads and compiles a file, or takes what came of that before, off the async threads. Compiling cannot be
    /// interrupted: after a time-out it goes on in its thread until the process ends, which is soon.
    async fn compiled(&self, path: &Path, file: &str) -> Result<(Component, Digest), LoadError> {
        let (engine, cache) = (self.engine.clone(), self.cache.clone());
        let (path, name) = (path.to_owned(), file.to_owned());
        let compiling = tokio::task::spawn_blocking(move || compile(&engine, cache.as_ref(), &path, &name));
        match tokio::time::timeout(COMPILE_TIMEOUT, compiling).await {
            Err(_) => Err(LoadError::CompilingTookTooLong { file: file.to_owned() }),
            Ok(Ok(compiled)) => compiled,
            Ok(Err(panic)) => Err(LoadError::NotAComponent { file: file.to_owned(), reason: panic.to_string() }),
        }
    }

    /// Refuses a component that was made for another version of the contract, or that exports none at all. The names
    /// of its imports and exports say so more clearly than what would go wrong when it is linked.
    fn check_version(&self, component: &Component, file: &str) -> Result<(), LoadError> {
        let types = component.component_type();
        let imports = types.imports(&self.engine).map(|(name, _)| name.to_owned()).collect::<Vec<_>>();
        let exports = types.exports(&self.engine).map(|(name, _)| name.to_owned()).collect::<Vec<_>>();
        for name in imports.iter().chain(&exports) {
            let Some((_, version)) = name.strip_prefix(PACKAGE).and_then(|name| name.split_once('@')) else { continue };
            if !version.strip_prefix(VERSION).is_some_and(|rest| rest.starts_with('.')) {
                return Err(LoadError::OtherVersion { file: file.to_owned(), version: version.to_owned() });
            }
        }
        if exports.iter().any(|name| name.starts_with("drillmaster:plugin/lifecycle@")) {
            Ok(())
        } else {
            Err(LoadError::NotADefinition { file: file.to_owned(), reason: format!("it does not export {LIFECYCLE}") })
        }
    }
}

fn read(path: &Path, file: &str) -> Result<Vec<u8>, LoadError> {
    let unreadable = |error: std::io::Error| LoadError::Unreadable {
        file: file.to_owned(),
        reason: match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
            std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            std::io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
            _ => error.to_string(),
        },
    };
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(path).map_err(unreadable)?;
    opened.take(MAX_SIZE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_SIZE {
        return Err(LoadError::TooLarge { file: file.to_owned() });
    }
    Ok(bytes)
}

/// Whether bytes begin as Wasm does, with its magic number.
fn is_wasm(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\0asm")
}

/// Whether bytes begin as the text form does, with a parenthesis or a comment.
fn is_text(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii_start();
    text.starts_with(b"(") || text.starts_with(b";;")
}

/// Whether bytes begin as a core module does: the magic number, then version 1 in layer 0. A component has layer 1.
fn is_core_module(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\0asm\x01\0\0\0")
}

/// The component that a file holds, and the digest of the file.
fn compile(engine: &Engine, cache: Option<&Cache>, path: &Path, file: &str) -> Result<(Component, Digest), LoadError> {
    let bytes = read(path, file)?;
    let not_a_component = |reason| LoadError::NotAComponent { file: file.to_owned(), reason };
    if is_core_module(&bytes) {
        return Err(LoadError::CoreModule { file: file.to_owned() });
    }
    if !is_wasm(&bytes) && !is_text(&bytes) {
        return Err(not_a_component("it is neither Wasm nor the text form of it".to_owned()));
    }
    let digest = Digest::of(&bytes);
    if let Some(component) = cache.and_then(|cache| cache.load(engine, &digest)) {
        return Ok((component, digest));
    }
    let component = Component::new(engine, bytes).map_err(|error| not_a_component(error.root_cause().to_string()))?;
    if let Some(cache) = cache {
        cache.store(engine, &digest, &component);
    }
    Ok((component, digest))
}

/// An interface that a definition may leave out, found by the name that comes before its version.
fn optional<T>(
    pre: &InstancePre<State>,
    name: &str,
    find: impl FnOnce(&InstancePre<State>) -> wasmtime::Result<T>,
) -> wasmtime::Result<Option<T>> {
    let types = pre.component().component_type();
    let exported = types.exports(pre.engine()).any(|(export, _)| export.starts_with(name));
    exported.then(|| find(pre)).transpose()
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_definition_is_compiled_once() {
        let home = tempfile::tempdir().unwrap();
        let cache = Cache::below(home.path());
        let engine = Runtime::new(None).unwrap().engine;
        let file = home.path().join("app.wat");
        let exported = |cache: Option<&Cache>| {
            let (component, digest) = compile(&engine, cache, &file, "app.wat").unwrap();
            assert_eq!(digest, Digest::of(&fs::read(&file).unwrap()));
            component.component_type().exports(&engine).next().map(|(name, _)| name.to_owned())
        };
        let text = |name: &str| format!(r#"(component (core module $m) (export "{name}" (core module $m)))"#);
        let export = |name: &str| Some(name.to_owned());

        fs::write(&file, text("one")).unwrap();
        assert_eq!(exported(None), export("one"));
        assert!(!home.path().join("drillmaster").exists(), "without a cache nothing is kept");
        assert_eq!(exported(Some(&cache)), export("one"));
        let kept = fs::read_dir(home.path().join("drillmaster")).unwrap().next().unwrap().unwrap().path();

        // Another definition is not taken for it.
        fs::write(&file, text("two")).unwrap();
        assert_eq!(exported(Some(&cache)), export("two"));
        let two = cache.load(&engine, &Digest::of(text("two").as_bytes())).unwrap().serialize().unwrap();

        // What is kept is what is used: here it says something else than the definition.
        fs::write(&kept, two).unwrap();
        fs::write(&file, text("one")).unwrap();
        assert_eq!(exported(Some(&cache)), export("two"));
        assert_eq!(exported(None), export("one"));
    }
}
