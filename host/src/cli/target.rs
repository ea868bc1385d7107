//! What a command is about: the definitions of a group, from the command line or from `drillmaster.toml`, and what they
//! declare.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use futures_util::future::try_join_all;

use crate::component::{Cache, Runtime};
use crate::group::{self, Check, Group, GroupName, Source};
use crate::project::{PROJECT_FILE, ProjectDirectory, ProjectFile};
use crate::run::Definitions;

use super::arguments;
use super::fault::Fault;
use super::screen::Screen;

/// The definitions that were named, none of which has been loaded.
pub(super) struct Target {
    files: Vec<PathBuf>,
    /// A file in the project directory.
    anchor: PathBuf,
    group: Option<String>,
    parameters: BTreeMap<String, String>,
    /// Where compiled definitions are kept.
    cache: Option<Cache>,
}

/// The definitions of a group, loaded, and what they declared. Nothing of it has been checked.
pub(super) struct Loaded {
    pub(super) definitions: Definitions,
    sources: Vec<Source>,
    anchor: PathBuf,
    group: Option<String>,
}

impl Target {
    /// The definitions on the command line, else those of the nearest `drillmaster.toml`; none if there is no such
    /// file.
    pub(super) fn find(definitions: &[PathBuf], group: &arguments::Group) -> Result<Option<Self>, Fault> {
        let parameters = group.parameters.iter().cloned();
        let cache = if group.no_cache { None } else { Cache::of_user() };
        if let Some(first) = definitions.first() {
            return Ok(Some(Self {
                files: definitions.to_vec(),
                anchor: first.clone(),
                group: group.name.clone(),
                parameters: parameters.collect(),
                cache,
            }));
        }
        let here = std::env::current_dir();
        let here = here.map_err(|error| Fault::Invalid(format!("cannot tell the working directory: {error}")))?;
        let Some(file) = ProjectFile::find(&here).map_err(Fault::invalid)? else { return Ok(None) };
        Ok(Some(Self {
            // As short as people would write them.
            files: file.definitions.iter().map(|path| path.strip_prefix(&here).unwrap_or(path).to_owned()).collect(),
            anchor: file.path,
            group: group.name.clone().or(file.group),
            parameters: file.parameters.into_iter().chain(parameters).collect(),
            cache,
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
    ) -> Result<(GroupName, Option<Loaded>), Fault> {
        if let (true, Some(name)) = (definitions.is_empty(), &group.name) {
            return Ok((GroupName::new(name).map_err(Fault::invalid)?, None));
        }
        let Some(target) = Self::find(definitions, group)? else {
            return Err(Fault::Invalid(format!(
                "which group? Name a definition (app.wasm), or a group with --group NAME, or put a {PROJECT_FILE} in \
                 this directory or one above it"
            )));
        };
        let loaded = target.load(screen).await?;
        Ok((loaded.name()?, Some(loaded)))
    }

    /// Loads the definitions and lets them declare their services.
    pub(super) async fn load(self, screen: &Screen) -> Result<Loaded, Fault> {
        let runtime = Runtime::new(self.cache.clone()).map_err(|error| Fault::Failed(format!("{error:#}")))?;
        let declared = try_join_all(self.files.iter().map(|file| self.declare(&runtime, file, screen))).await?;
        let mut definitions = Definitions::default();
        let mut sources = Vec::new();
        for (definition, source) in declared {
            definitions.add(definition, source.declaration.services.iter().map(|service| service.name.clone()));
            sources.push(source);
        }
        Ok(Loaded { definitions, sources, anchor: self.anchor, group: self.group })
    }

    async fn declare(
        &self,
        runtime: &Runtime,
        file: &Path,
        screen: &Screen,
    ) -> Result<(crate::component::Definition, Source), Fault> {
        let definition = runtime.load(file).await.map_err(Fault::invalid)?;
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
        group::group_name(self.group.as_deref(), &self.sources).map_err(Fault::invalid)
    }

    /// The names of the declared services, right or wrong.
    pub(super) fn services(&self) -> BTreeSet<String> {
        let services = self.sources.iter().flat_map(|source| &source.declaration.services);
        services.map(|service| service.name.clone()).collect()
    }

    /// The group, if there is no mistake in it.
    pub(super) fn check(self) -> Result<(Group, Definitions), Fault> {
        let name = self.name()?;
        let paths = ProjectDirectory::of(&self.anchor).map_err(|error| {
            Fault::Invalid(format!("cannot find the directory of {}: {error}", self.anchor.display()))
        })?;
        let group = group::check(self.sources, Check { name, paths: &paths }).map_err(Fault::invalid)?;
        Ok((group, self.definitions))
    }
}
