//! What a command is about: the definitions of a group, from the command line or from `drillmaster.toml`, and what they
//! declare.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::future::{FutureExt as _, try_join, try_join_all};

use crate::component::{Allowed, Cache, Interpreter, Looked, Runtime};
use crate::docker;
use crate::grants::{Grants, NetGrant, OutOfReach};
use crate::group::{self, Check, Group, GroupName, Source, quoted};
use crate::plan::Claim;
use crate::project::{
    PROJECT_FILE, ProjectDirectory, ProjectFile, StateDirectory, directory_of, importable_are_own, is_own,
    obeyed_around, ways_to,
};
use crate::run::{Definitions, GrantSource};
use crate::toolchain;

use super::arguments;
use super::claim::claim;
use super::directories;
use super::fault::Fault;
use super::parameters;
use super::screen::Screen;
use super::sources;
use super::trust::{self, Purpose};

/// The definitions that were named, none of which has been loaded.
pub(super) struct Target {
    definitions: Vec<NamedDefinition>,
    /// The file of the project, if there is one that named them.
    project_file: Option<PathBuf>,
    /// Whether the person trusts that file.
    is_trusted: bool,
    purpose: Purpose,
    pub(super) group: Option<String>,
    /// Whether it was the person who named the group, and not a file that comes with a repository.
    is_group_given: bool,
    pub(super) parameters: BTreeMap<String, String>,
    /// Where compiled definitions are kept.
    cache: Option<Cache>,
    /// What they may do.
    pub(super) grants: Grants,
    /// The same in words, with where each comes from.
    pub(super) grants_in_force: Vec<GrantSource>,
}

/// A definition as it was named.
enum NamedDefinition {
    /// A component, or a source.
    File(PathBuf),
    /// A directory of sources, of which a component is built.
    Directory(PathBuf),
}

impl NamedDefinition {
    fn of(path: &Path) -> Self {
        if path.is_dir() { Self::Directory(path.to_owned()) } else { Self::File(path.to_owned()) }
    }
}

/// The definitions of a target as files, and what runs them.
pub(super) struct Ready {
    /// One for each definition.
    pub(super) files: Vec<PathBuf>,
    /// A file in the project directory.
    pub(super) anchor: PathBuf,
    /// Whether the services may write below the project directory.
    pub(super) is_trusted: bool,
    /// What containers do not write.
    pub(super) defining: Vec<OutOfReach>,
    pub(super) runtimes: Runtimes,
}

/// The definitions of a group, loaded, and what they declared. Nothing of it has been checked.
pub(super) struct Loaded {
    pub(super) definitions: Definitions,
    sources: Vec<Source>,
    anchor: PathBuf,
    is_trusted: bool,
    defining: Vec<OutOfReach>,
    group: Option<String>,
    is_group_given: bool,
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
    /// Where the engine may download from for it.
    pub(super) net: BTreeSet<NetGrant>,
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
    pub(super) async fn find(
        definitions: &[PathBuf],
        group: &arguments::Group,
        purpose: Purpose,
    ) -> Result<Option<Self>, Fault> {
        let here = here()?;
        let grants = group.allow.grants().below(&here);
        let given = in_words(&grants, "the command line".to_owned());
        let target = Self {
            definitions: definitions.iter().map(|path| NamedDefinition::of(path)).collect(),
            project_file: None,
            is_trusted: false,
            purpose,
            group: group.name.clone(),
            is_group_given: group.name.is_some(),
            parameters: group.parameters.iter().cloned().collect(),
            cache: if group.no_cache { None } else { Cache::of_user() },
            grants_in_force: given.clone().into_iter().collect(),
            grants,
        };
        if !definitions.is_empty() {
            return Ok(Some(target));
        }
        let Some(file) = ProjectFile::find(&here).map_err(Fault::invalid)? else { return Ok(None) };
        let is_trusted = trust::decide(&file, purpose).await?;
        let granted = if is_trusted { file.grants } else { Grants::default() };
        let from_file = in_words(&granted, file.path.display().to_string());
        Ok(Some(Self {
            definitions: file.definitions.iter().map(|path| NamedDefinition::of(&relative(path, &here))).collect(),
            is_trusted,
            is_group_given: target.is_group_given || (is_trusted && file.group.is_some()),
            group: target.group.or(file.group),
            parameters: file.parameters.into_iter().chain(target.parameters).collect(),
            grants_in_force: from_file.into_iter().chain(given).collect(),
            grants: granted.and(target.grants),
            project_file: Some(file.path),
            ..target
        }))
    }

    /// The same, where there have to be some.
    pub(super) async fn required(
        definitions: &[PathBuf],
        group: &arguments::Group,
        purpose: Purpose,
    ) -> Result<Self, Fault> {
        Self::find(definitions, group, purpose).await?.ok_or_else(|| {
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
        let Some(target) = Self::find(definitions, group, Purpose::Manage).await? else {
            return Err(Fault::Invalid(format!(
                "which group? Name a definition (app.wasm), or a group with --group NAME, or put a {PROJECT_FILE} in \
                 this directory or one above it"
            )));
        };
        let loaded = target.load(screen).await?;
        Ok(Named { group: loaded.name()?, claim: loaded.claim()?, loaded: Some(loaded) })
    }

    /// Loads the definitions and lets them declare their services.
    pub(super) async fn load(self, screen: &Screen) -> Result<Loaded, Fault> {
        let Ready { files, anchor, is_trusted, defining, runtimes } = self.ready().await?;
        let declared = try_join_all(files.iter().map(|file| self.declare(&runtimes, file, screen))).await?;
        let mut definitions = Definitions::default();
        let mut sources = Vec::new();
        for (definition, source) in declared {
            definitions.add(definition, source.declaration.services.iter().map(|service| service.name.clone()));
            sources.push(source);
        }
        parameters::tell_unasked(&self.parameters, &sources);
        let Self { group, is_group_given, grants, .. } = self;
        Ok(Loaded { definitions, sources, anchor, is_trusted, defining, group, is_group_given, grants })
    }

    /// Builds what has to be built, and finds where the definitions run, with what they may do and what runs those that
    /// are not components.
    pub(super) async fn ready(&self) -> Result<Ready, Fault> {
        let mut files = Vec::new();
        for definition in &self.definitions {
            files.push(match definition {
                NamedDefinition::File(file) => file.clone(),
                NamedDefinition::Directory(directory) => {
                    Box::pin(directories::definition(directory, self.purpose)).await?
                }
            });
        }
        let anchor = self.project_file.clone().or_else(|| files.first().cloned()).unwrap_or_default();
        if self.is_trusted {
            self.are_own(&files)?;
        }
        let allowed = Allowed::open(self.grants.clone()).map_err(Fault::invalid)?;
        if !self.grants.read.is_empty() || !self.grants.write.is_empty() {
            let pinned: Vec<_> = self.grants.paths().flat_map(ways_to).collect();
            allowed.stay_out_of(&self.not_lent(&files, &anchor), &pinned).map_err(Fault::invalid)?;
        }
        let wasm = Runtime::new(self.cache.clone(), allowed).map_err(|error| Fault::Failed(format!("{error:#}")))?;
        let sources = || files.iter().filter(|file| file.exists());
        let in_python = sources().any(|file| toolchain::is_python(file));
        let in_javascript = sources().any(|file| toolchain::is_javascript(file));
        for file in sources().filter(|file| toolchain::is_python(file) || toolchain::is_javascript(file)) {
            sources::can_be_lent(file)?;
        }
        for file in sources().filter(|file| toolchain::is_python(file)) {
            sources::holds_no_state(file)?;
        }
        let javascript = if in_javascript { Some(sources::javascript_interpreter()?) } else { None };
        let python = if in_python { Some(Box::pin(sources::python_interpreter()).await?) } else { None };
        // A file that names the definitions is asked about itself.
        let is_trusted = match &self.project_file {
            Some(_) => self.is_trusted,
            None => directory_of(&anchor).is_ok_and(|directory| trust::trusts_directory(&directory)),
        };
        let defining = self.defining(&files);
        Ok(Ready { files, anchor, is_trusted, defining, runtimes: Runtimes { wasm, python, javascript } })
    }

    /// What the code of definitions does not get, whatever is granted: all that containers do not get, and to write neither
    /// what grants, or could, nor what runs the next time.
    fn not_lent(&self, files: &[PathBuf], anchor: &Path) -> Vec<OutOfReach> {
        let project_files = [here().ok(), directory_of(anchor).ok()].into_iter().flatten();
        let project_files = project_files.map(|directory| directory.join(PROJECT_FILE));
        let all = out_of_reach()
            .into_iter()
            .chain(project_files.map(|file| OutOfReach::to_write("what grants or could", file)))
            .chain(self.grants.write.iter().flat_map(|granted| obeyed_around(&granted.path)))
            .chain(self.defining(files))
            .chain(directory_of(anchor).map_or_else(|_| Vec::new(), |project| trust::defining_elsewhere(&project)));
        all.flat_map(|one| ways_to(&one.path).into_iter().map(move |path| OutOfReach { path, ..one.clone() })).collect()
    }

    /// Looks whether the definitions are the person's own, with what they import: what somebody else could change would have
    /// what the person has granted.
    fn are_own(&self, files: &[PathBuf]) -> Result<(), Fault> {
        for file in files.iter().filter_map(|file| file.canonicalize().ok()) {
            is_own(&file).map_err(Fault::invalid)?;
        }
        let of_sources = files.iter().filter(|file| toolchain::is_python(file) || toolchain::is_javascript(file));
        let of_sources = of_sources.filter_map(|file| directory_of(file).ok());
        let directories = self.definitions.iter().filter_map(|definition| match definition {
            NamedDefinition::File(_) => None,
            NamedDefinition::Directory(directory) => directory.canonicalize().ok(),
        });
        let imported: BTreeSet<PathBuf> = of_sources.chain(directories).collect();
        imported.iter().try_for_each(|directory| {
            importable_are_own(directory).map_err(|not_own| {
                Fault::Invalid(format!(
                    "{not_own}; a definition could import it, and would have what you granted: make it yours, or put the \
                     definition into a directory without it"
                ))
            })
        })
    }

    /// What runs the next time, which nothing that the definitions start may write.
    fn defining(&self, files: &[PathBuf]) -> Vec<OutOfReach> {
        let sources = self.definitions.iter().filter_map(|definition| match definition {
            NamedDefinition::File(_) => None,
            NamedDefinition::Directory(directory) => Some(OutOfReach::to_write("a definition's sources", directory)),
        });
        // One that is not there yet could be put there.
        let files = files.iter().filter_map(|file| std::path::absolute(file).ok());
        sources.chain(files.map(|file| OutOfReach::to_write("a definition", file))).collect()
    }

    async fn declare(
        &self,
        runtimes: &Runtimes,
        file: &Path,
        screen: &Screen,
    ) -> Result<(crate::component::Definition, Source), Fault> {
        let definition = runtimes.look(file).await.definition.map_err(Fault::definition)?;
        let file = file.display().to_string();
        let declared = definition.fields(self.parameters.clone(), screen.log()).await;
        let declaration =
            declared.map_err(|error| Fault::Definition(format!("{}: fields failed: {error}", quoted(&file))))?;
        let digest = definition.digest().clone();
        Ok((definition, Source { file, digest, declaration }))
    }
}

/// Grants in words, with where they come from; nothing if there are none.
fn in_words(grants: &Grants, from: String) -> Option<GrantSource> {
    let grants = grants.described();
    (!grants.is_empty()).then_some(GrantSource { grants, from })
}

/// A path as short as people would write it in a directory.
fn relative(path: &Path, directory: &Path) -> PathBuf {
    match path.strip_prefix(directory) {
        Ok(rest) if rest.as_os_str().is_empty() => PathBuf::from("."),
        Ok(rest) => rest.to_owned(),
        Err(_) => path.to_owned(),
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
        Ok(claim(&directory_of(&self.anchor).map_err(Fault::invalid)?).named(self.is_group_given))
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
        let paths = project(&self.anchor, self.is_trusted, &self.grants, self.defining).map_err(Fault::Invalid)?;
        let granted_labels = self.grants.labels();
        let check = Check { name, paths: &paths, publish_on, granted_labels: &granted_labels };
        let group = group::check(self.sources, check).map_err(Fault::definition)?;
        Ok(Checked { group, definitions: self.definitions, paths: Arc::new(paths), claim, net: self.grants.net })
    }
}

fn here() -> Result<PathBuf, Fault> {
    std::env::current_dir().map_err(|error| Fault::Invalid(format!("cannot tell the working directory: {error}")))
}

/// The project directory, which is where this file lies, and what was granted beside it.
pub(super) fn project(
    anchor: &Path,
    is_trusted: bool,
    grants: &Grants,
    defining: Vec<OutOfReach>,
) -> Result<ProjectDirectory, String> {
    ProjectDirectory::of(anchor, is_trusted, grants, out_of_reach(), defining, trust::defining_elsewhere)
        .map_err(|error| error.to_string())
}

/// What containers do not get whatever is granted.
fn out_of_reach() -> Vec<OutOfReach> {
    let state = StateDirectory::of_all().map(|path| OutOfReach::new("drillmaster's state", path));
    let cache = Cache::of_user().map(|cache| OutOfReach::new("drillmaster's compiled definitions", cache.directory()));
    let program = std::env::current_exe().ok().map(|path| OutOfReach::to_write("drillmaster itself", path));
    docker::out_of_reach().into_iter().chain(state).chain(cache).chain(program).collect()
}
