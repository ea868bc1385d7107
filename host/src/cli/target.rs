//! What a command is about: the definitions of a group, from the command line or from `drillmaster.toml`, and what they
//! declare.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::future::{FutureExt as _, try_join, try_join_all};

use crate::component::{Allowed, Cache, Interpreter, Looked, Runtime};
use crate::docker;
use crate::grants::{Grants, OutOfReach};
use crate::group::{self, Check, Group, GroupName, Source};
use crate::plan::Claim;
use crate::project::{PROJECT_FILE, ProjectDirectory, ProjectFile, StateDirectory, directory_of};
use crate::run::Definitions;
use crate::toolchain::{self, COMPONENT};

use super::arguments;
use super::build;
use super::claim::claim;
use super::fault::Fault;
use super::screen::Screen;
use super::sources;

/// The definitions that were named, none of which has been loaded.
pub(super) struct Target {
    pub(super) files: Vec<PathBuf>,
    /// The directories of sources among them, of which components are built.
    built: Vec<PathBuf>,
    /// A file in the project directory.
    pub(super) anchor: PathBuf,
    pub(super) group: Option<String>,
    /// Whether the person named the group.
    named: bool,
    pub(super) parameters: BTreeMap<String, String>,
    /// Where compiled definitions are kept.
    cache: Option<Cache>,
    /// What they may do.
    pub(super) grants: Grants,
}

/// The definitions of a group, loaded, and what they declared. Nothing of it has been checked.
pub(super) struct Loaded {
    pub(super) definitions: Definitions,
    sources: Vec<Source>,
    anchor: PathBuf,
    group: Option<String>,
    named: bool,
    grants: Grants,
}

/// A group that was named, by definitions or by the person.
pub(super) struct Named {
    pub(super) group: GroupName,
    pub(super) claim: Claim,
    /// The definitions, if there are some.
    pub(super) loaded: Option<Loaded>,
}

/// A group without a mistake in it.
pub(super) struct Checked {
    pub(super) group: Group,
    pub(super) definitions: Definitions,
    /// Where its paths lead.
    pub(super) paths: Arc<ProjectDirectory>,
    pub(super) claim: Claim,
}

/// What runs definitions.
pub(super) struct Runtimes {
    wasm: Runtime,
    /// The component that runs those in Python, if there are some.
    python: Option<PathBuf>,
    /// The same for JavaScript.
    javascript: Option<PathBuf>,
}

impl Runtimes {
    /// The definition that a file is, and what can be told of it.
    pub(super) async fn look(&self, file: &Path) -> Looked {
        let python = self.python.as_deref().filter(|_| toolchain::is_python(file)).map(Interpreter::Python);
        let javascript = self.javascript.as_deref().filter(|_| toolchain::is_javascript(file));
        match python.or(javascript.map(Interpreter::JavaScript)) {
            Some(interpreter) => self.wasm.look_at_source(file, interpreter).await,
            None => self.wasm.look(file).await,
        }
    }
}

/// Loads something and connects to the engine meanwhile. If the former fails, that is told at once.
pub(super) fn meanwhile<T, C>(
    loading: impl Future<Output = Result<T, Fault>>,
    connecting: impl Future<Output = C>,
) -> impl Future<Output = Result<(T, C), Fault>> {
    try_join(loading, connecting.map(Ok))
}

impl Target {
    /// The definitions on the command line, else those of the nearest `drillmaster.toml`; none if there is no such file.
    /// A directory of sources stands for the component that is built of them.
    pub(super) fn find(definitions: &[PathBuf], group: &arguments::Group) -> Result<Option<Self>, Fault> {
        let parameters = group.parameters.iter().cloned();
        let cache = if group.no_cache { None } else { Cache::of_user() };
        let here = here()?;
        let grants = group.allow.grants().below(&here);
        let (built, files) = directories(definitions);
        if let Some(first) = files.first() {
            return Ok(Some(Self {
                anchor: first.clone(),
                built,
                files,
                group: group.name.clone(),
                named: group.name.is_some(),
                parameters: parameters.collect(),
                cache,
                grants,
            }));
        }
        let Some(file) = ProjectFile::find(&here).map_err(Fault::invalid)? else { return Ok(None) };
        // As short as people would write them.
        let short = file.definitions.iter().map(|path| path.strip_prefix(&here).unwrap_or(path).to_owned());
        let (built, files) = directories(&short.collect::<Vec<_>>());
        Ok(Some(Self {
            built,
            files,
            anchor: file.path,
            group: group.name.clone().or(file.group),
            named: group.name.is_some(),
            parameters: file.parameters.into_iter().chain(parameters).collect(),
            cache,
            grants: file.grants.and(grants),
        }))
    }

    /// The same, where there have to be some.
    pub(super) fn required(definitions: &[PathBuf], group: &arguments::Group) -> Result<Self, Fault> {
        Self::find(definitions, group)?.ok_or_else(|| {
            Fault::Invalid(format!(
                "which definition? Name one (app.wasm), or put a {PROJECT_FILE} with `definitions = [\"app.wasm\"]` in \
                 this directory or one above it"
            ))
        })
    }

    /// The definitions, and the name of the group: that which was given without a definition, for a command that works
    /// from labels alone, or what the definitions say.
    pub(super) async fn named(
        definitions: &[PathBuf],
        group: &arguments::Group,
        screen: &Screen,
    ) -> Result<Named, Fault> {
        if let (true, Some(name)) = (definitions.is_empty(), &group.name) {
            let group = GroupName::new(name).map_err(Fault::invalid)?;
            return Ok(Named { group, claim: claim(&here()?).named(true), loaded: None });
        }
        let Some(mut target) = Self::find(definitions, group)? else {
            return Err(Fault::Invalid(format!(
                "which group? Name a definition (app.wasm), or a group with --group NAME, or put a {PROJECT_FILE} in \
                 this directory or one above it"
            )));
        };
        // What runs is what was built: a mistake that a source has now must not keep it up.
        target.built.retain(|directory| !directory.join(COMPONENT).is_file());
        let loaded = target.load(screen).await?;
        Ok(Named { group: loaded.name()?, claim: loaded.claim()?, loaded: Some(loaded) })
    }

    /// Loads the definitions and lets them declare their services.
    pub(super) async fn load(self, screen: &Screen) -> Result<Loaded, Fault> {
        let runtimes = self.runtimes().await?;
        let declared = try_join_all(self.files.iter().map(|file| self.declare(&runtimes, file, screen))).await?;
        let mut definitions = Definitions::default();
        let mut sources = Vec::new();
        for (definition, source) in declared {
            definitions.add(definition, source.declaration.services.iter().map(|service| service.name.clone()));
            sources.push(source);
        }
        let Self { anchor, group, named, grants, .. } = self;
        Ok(Loaded { definitions, sources, anchor, group, named, grants })
    }

    /// Where the definitions run, with what they may do and what runs those that are not components.
    pub(super) async fn runtimes(&self) -> Result<Runtimes, Fault> {
        for directory in &self.built {
            Box::pin(build::build_if_changed(directory)).await?;
        }
        let allowed = Allowed::open(self.grants.clone()).map_err(Fault::invalid)?;
        let wasm = Runtime::new(self.cache.clone(), allowed).map_err(|error| Fault::Failed(format!("{error:#}")))?;
        let there_is = |is: fn(&Path) -> bool| self.files.iter().any(|file| is(file) && file.exists());
        let is_source = |file: &&PathBuf| toolchain::is_python(file) || toolchain::is_javascript(file);
        self.files
            .iter()
            .filter(is_source)
            .filter(|file| file.exists())
            .try_for_each(|file| sources::can_be_lent(file))?;
        let javascript = there_is(toolchain::is_javascript).then(sources::javascript_interpreter).transpose()?;
        let python =
            if there_is(toolchain::is_python) { Some(Box::pin(sources::python_interpreter()).await?) } else { None };
        Ok(Runtimes { wasm, python, javascript })
    }

    async fn declare(
        &self,
        runtimes: &Runtimes,
        file: &Path,
        screen: &Screen,
    ) -> Result<(crate::component::Definition, Source), Fault> {
        let definition = runtimes.look(file).await.definition.map_err(Fault::invalid)?;
        let file = file.display().to_string();
        let declared = definition.fields(self.parameters.clone(), screen.log()).await;
        let declaration = declared.map_err(|error| Fault::Invalid(format!("{file}: fields failed: {error}")))?;
        let digest = definition.digest().clone();
        Ok((definition, Source { file, digest, declaration }))
    }
}

impl Loaded {
    /// The name of the group.
    pub(super) fn name(&self) -> Result<GroupName, Fault> {
        let project = directory_of(&self.anchor).map_err(Fault::invalid)?;
        group::group_name(self.group.as_deref(), &project, &self.sources).map_err(Fault::invalid)
    }

    /// On whose behalf the group is looked at or changed.
    pub(super) fn claim(&self) -> Result<Claim, Fault> {
        Ok(claim(&directory_of(&self.anchor).map_err(Fault::invalid)?).named(self.named))
    }

    /// The names of the declared services, right or wrong.
    pub(super) fn services(&self) -> BTreeSet<String> {
        let services = self.sources.iter().flat_map(|source| &source.declaration.services);
        services.map(|service| service.name.clone()).collect()
    }

    /// The group, if there is no mistake in it.
    pub(super) fn check(self) -> Result<Checked, Fault> {
        let name = self.name()?;
        let claim = self.claim()?;
        let publish_on = self.grants.published_on();
        // An engine would say so only when it has stopped what the new containers replace.
        if !docker::can_publish_on(publish_on) {
            return Err(Fault::Invalid(format!("--publish-on {publish_on}: this machine has no such address")));
        }
        let paths = project(&self.anchor, &self.grants).map_err(Fault::Invalid)?;
        let granted_labels = self.grants.labels();
        let check = Check { name, paths: &paths, publish_on, granted_labels: &granted_labels };
        let group = group::check(self.sources, check).map_err(Fault::invalid)?;
        Ok(Checked { group, definitions: self.definitions, paths: Arc::new(paths), claim })
    }
}

fn here() -> Result<PathBuf, Fault> {
    std::env::current_dir().map_err(|error| Fault::Invalid(format!("cannot tell the working directory: {error}")))
}

/// The directories among definitions, and the definitions with the components that are built of those in their place.
fn directories(definitions: &[PathBuf]) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let built = definitions.iter().filter(|path| path.is_dir()).cloned().collect();
    let file = |path: &PathBuf| if path.is_dir() { path.join(COMPONENT) } else { path.clone() };
    (built, definitions.iter().map(file).collect())
}

/// The project directory, which is where this file lies, and what was granted beside it.
pub(super) fn project(anchor: &Path, grants: &Grants) -> Result<ProjectDirectory, String> {
    ProjectDirectory::of(anchor, &grants.mount, out_of_reach()).map_err(|error| error.to_string())
}

/// What containers do not get whatever is granted.
fn out_of_reach() -> Vec<OutOfReach> {
    let state = StateDirectory::of_all().map(|path| OutOfReach::new("drillmaster's state", path));
    let cache = Cache::of_user().map(|cache| OutOfReach::new("drillmaster's compiled definitions", cache.directory()));
    let program = std::env::current_exe().ok().map(|path| OutOfReach::to_write("drillmaster itself", path));
    docker::out_of_reach().into_iter().chain(state).chain(cache).chain(program).collect()
}
