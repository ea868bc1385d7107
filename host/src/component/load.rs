//! From a file to a definition, or to the reason why it is none.

mod bounded;
mod error;
mod file;
mod link;
mod outline;

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre, Linker};

use crate::group::Digest;

use super::bindings::exports::drillmaster::plugin::{group_hooks, lifecycle, service_hooks};
use super::cache::Cache;
use super::definition::{Definition, Exports};
use super::facts::Facts;
use super::imports;
use super::parts::too_many_parts;
use super::runtime::Runtime;
use super::signature::wrong_signature;
use super::state::State;

use bounded::{Unfinished, bounded, resident};
pub use error::{LoadError, LoadProblem};
pub(super) use file::MAX_SIZE;
use link::CONTRACT;
use outline::Outline;

/// How long compiling may take.
const COMPILE_TIMEOUT: Duration = Duration::from_mins(2);

/// How many bytes of memory compiling may take: one of the largest definitions, in Python, takes a third of it.
const COMPILE_MEMORY: usize = 1024 * 1024 * 1024;

/// Held while a file is read and compiled. One after the other: each uses all processors, and whose the memory is can be
/// told. Closed once one took too much: it cannot be interrupted, and goes on.
static TURN: Semaphore = Semaphore::const_new(1);

const SERVICE_HOOKS: &str = "drillmaster:plugin/service-hooks@";
const GROUP_HOOKS: &str = "drillmaster:plugin/group-hooks@";

/// What came of looking at a file.
pub struct Looked {
    /// What can be told of it, if it is a component.
    pub facts: Option<Facts>,
    /// The definition that it holds, or why it cannot be loaded.
    pub definition: Result<Definition, LoadError>,
}

/// A component that runs definitions from their source.
#[derive(Debug, Clone, Copy)]
pub enum Interpreter<'a> {
    /// In Python, which reads its directory itself.
    Python(&'a Path),
    /// In JavaScript, which is given the modules that it imports.
    JavaScript(&'a Path),
}

impl Runtime {
    /// Loads a definition from a component, binary or text.
    ///
    /// # Errors
    /// If the file is not a definition that this host can run.
    pub async fn load(&self, path: &Path) -> Result<Definition, LoadError> {
        self.look(path).await.definition
    }

    /// The same, with what can be told of the component, also if it cannot be loaded.
    pub async fn look(&self, path: &Path) -> Looked {
        let mut facts = None;
        let definition = self.define(path, &self.linker, &mut facts).await;
        let file = path.display().to_string();
        Looked { facts, definition: definition.map_err(|problem| LoadError { file, problem }) }
    }

    /// The same for a definition that is no component, but that another component runs from its source.
    pub async fn look_at_source(&self, source: &Path, interpreter: Interpreter<'_>) -> Looked {
        let mut facts = None;
        let definition = self.interpreted(source, interpreter, &mut facts).await;
        let file = source.display().to_string();
        Looked { facts, definition: definition.map_err(|problem| LoadError { file, problem }) }
    }

    async fn interpreted(
        &self,
        source: &Path,
        interpreter: Interpreter<'_>,
        facts: &mut Option<Facts>,
    ) -> Result<Definition, LoadProblem> {
        let file = source.to_owned();
        let read = move || {
            let bytes = file::read(file::open(&file)?.0)?;
            Ok((Digest::of(&bytes), bytes.len() as u64))
        };
        let (source_digest, size) = self.off_the_threads(&turn().await?, read).await?;
        let (definition, allowed) = match interpreter {
            Interpreter::Python(component) => {
                let allowed = self.allowed.with_source(source)?;
                (self.define(component, &self.linker, facts).await?, allowed)
            }
            Interpreter::JavaScript(component) => {
                let allowed = self.allowed.with_modules(source)?;
                (self.define(component, &self.with_loader()?, facts).await?.with_script(), allowed)
            }
        };
        // What it imports from beside it is not counted: its fields are looked at anew each time.
        let digest = Digest::of_json(&(definition.digest().to_string(), source_digest.to_string()));
        if let Some(facts) = facts {
            (facts.digest, facts.size, facts.is_source) = (digest.clone(), size, true);
            // These are between drillmaster and its own component.
            facts.imports.retain(|import| import != imports::modules::LOADER);
            facts.exports.retain(|export| export.starts_with(link::PACKAGE));
        }
        Ok(definition.of_source(PathBuf::from(source), digest, allowed))
    }

    /// What a definition may import, and the modules that it is made of.
    pub(super) fn with_loader(&self) -> Result<Linker<State>, LoadProblem> {
        let mut linker = self.linker.clone();
        let added = imports::modules::add_to_linker(&mut linker);
        added.map_err(|error| LoadProblem::NotADefinition(format!("{error:#}")))?;
        Ok(linker)
    }

    async fn define(
        &self,
        path: &Path,
        linker: &Linker<State>,
        facts: &mut Option<Facts>,
    ) -> Result<Definition, LoadProblem> {
        let turn = turn().await?;
        let (engine, cache, file) = (self.engine.clone(), self.cache.clone(), path.to_owned());
        let (found, code) = self.off_the_threads(&turn, move || find(&engine, cache.as_ref(), &file)).await?;
        let facts = facts.insert(found);
        link::check_version(facts)?;
        let component = match code {
            Code::Compiled(component) => component,
            Code::Binary(binary) => {
                let component = self.compiled(&turn, binary, &facts.digest).await;
                component.map_err(|problem| link::uncompilable(facts).unwrap_or(problem))?
            }
        };
        drop(turn);
        facts.memory = largest_memory(&component);
        let pre = linker.instantiate_pre(&component).map_err(|error| {
            let messages: Vec<_> = error.chain().map(ToString::to_string).collect();
            link::unlinkable(&messages, facts)
        })?;
        if let Some(reason) = wrong_signature(&self.engine, &component) {
            return Err(LoadProblem::NotADefinition(reason));
        }
        let not_a_definition = |error: wasmtime::Error| LoadProblem::NotADefinition(format!("{error:#}"));
        let exports = Exports {
            lifecycle: lifecycle::GuestIndices::new(&pre).map_err(not_a_definition)?,
            service_hooks: optional(&pre, SERVICE_HOOKS, service_hooks::GuestIndices::new).map_err(not_a_definition)?,
            group_hooks: optional(&pre, GROUP_HOOKS, group_hooks::GuestIndices::new).map_err(not_a_definition)?,
        };
        let (engine, digest) = (self.engine.clone(), facts.digest.clone());
        Ok(Definition::new(engine, pre, exports, digest, PathBuf::from(path), self.allowed.clone()))
    }

    /// Compiles a component, and keeps what came of it.
    async fn compiled(&self, turn: &Turn, binary: Vec<u8>, digest: &Digest) -> Result<Component, LoadProblem> {
        let (engine, cache, digest) = (self.engine.clone(), self.cache.clone(), digest.clone());
        self.off_the_threads(turn, move || compile(&engine, cache.as_ref(), &binary, &digest)).await
    }

    /// Does something that takes its time and memory off the async threads. Both are bounded from now on, when its turn has
    /// come. What calls of definitions that are loaded already use meanwhile is not counted.
    async fn off_the_threads<T: Send + 'static>(
        &self,
        _turn: &Turn,
        work: impl FnOnce() -> Result<T, LoadProblem> + Send + 'static,
    ) -> Result<T, LoadProblem> {
        let used = || resident().saturating_sub(self.allowed.budget.used());
        let done = bounded(work, COMPILE_TIMEOUT, COMPILE_MEMORY, used).await;
        if let Err(Unfinished::TookTooLong | Unfinished::TookTooMuch) = &done {
            TURN.close();
        }
        match done {
            Ok(done) => done,
            Err(Unfinished::TookTooLong) => Err(LoadProblem::CompilingTookTooLong),
            Err(Unfinished::TookTooMuch) => Err(LoadProblem::CompilingTookTooMuch),
            Err(Unfinished::Panicked(panic)) => Err(LoadProblem::NotCompiled(panic.to_string())),
        }
    }
}

/// The right to read and compile a file now.
type Turn = SemaphorePermit<'static>;

/// Waits for the turn to read and compile a file.
pub(super) async fn turn() -> Result<Turn, LoadProblem> {
    TURN.acquire().await.map_err(|_| LoadProblem::CompilerBusy)
}

/// A component, compiled already or not yet.
enum Code {
    Compiled(Component),
    Binary(Vec<u8>),
}

/// The component that a file holds, and what can be told of it. What was compiled before is neither compiled nor, if
/// the file is the same as then, read: of a definition in Python, 20 MiB and more.
fn find(engine: &Engine, cache: Option<&Cache>, path: &Path) -> Result<(Facts, Code), LoadProblem> {
    let (file, metadata) = file::open(path)?;
    let facts = |digest, size, Outline { imports, exports }| Facts {
        digest,
        size,
        is_source: false,
        imports,
        exports,
        memory: None,
    };
    let compiled = |digest: Digest, size| {
        let component = cache?.load(engine, &digest)?;
        Some((facts(digest, size, Outline::of_compiled(engine, &component)), Code::Compiled(component)))
    };
    let known = cache.and_then(|cache| cache.digest(&metadata));
    if let Some(found) = known.and_then(|digest| compiled(digest, metadata.len())) {
        return Ok(found);
    }
    let bytes = file::read(file)?;
    let (digest, size) = (Digest::of(&bytes), bytes.len() as u64);
    if let Some(cache) = cache {
        cache.note_digest(&metadata, &digest);
    }
    if let Some(found) = compiled(digest.clone(), size) {
        return Ok(found);
    }
    let binary = file::binary(bytes)?;
    Ok((facts(digest, size, Outline::of(&binary)?), Code::Binary(binary)))
}

/// A binary component, compiled. The digest is that of its file. It blocks, with no bound of its own.
pub(super) fn compile(
    engine: &Engine,
    cache: Option<&Cache>,
    binary: &[u8],
    digest: &Digest,
) -> Result<Component, LoadProblem> {
    if let Some(parts) = too_many_parts(binary) {
        return Err(LoadProblem::TooManyParts(parts));
    }
    let component = Component::from_binary(engine, binary).map_err(|error| {
        let reason = error.root_cause().to_string();
        LoadProblem::NotCompiled(reason.lines().next().unwrap_or_default().to_owned())
    })?;
    if let Some(cache) = cache {
        cache.store(engine, digest, &component);
    }
    Ok(component)
}

/// How many bytes the largest memory has at the beginning.
fn largest_memory(component: &Component) -> Option<u64> {
    const PAGE: u64 = 64 * 1024;
    Some(component.resources_required()?.max_initial_memory_size? * PAGE)
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
mod tests;
