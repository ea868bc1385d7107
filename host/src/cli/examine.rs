//! All that can be told of the definitions of a group without an engine and without a hook, and all that is wrong with
//! them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use futures_util::future::join_all;

use crate::component::Looked;
use crate::group::{self, Check, GroupName, Mistake, Paths, Source};
use crate::project::directory_of;
use crate::report::{Inspected, Inspection, Problem};

use super::build_contexts::digests;
use super::fault::Fault;
use super::parameters;
use super::screen::Screen;
use super::target::{Ready, Runtimes, Target, project};

/// Paths as a definition writes them.
struct AsWritten;

impl Paths for AsWritten {
    fn resolve(&self, path: &str, _: bool) -> Result<PathBuf, String> {
        Ok(PathBuf::from(path))
    }

    fn is_granted(&self, _: &Path) -> bool {
        true
    }

    fn leads_to(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }

    fn is_there(&self, _: &Path) -> bool {
        true
    }

    fn still_leads_there(&self, _: &Path) -> Result<(), String> {
        Ok(())
    }
}

impl Target {
    /// Loads the definitions, lets them declare their services, and checks these, going on whatever is wrong.
    pub(super) async fn examine(&self, screen: &Screen) -> Result<Inspection, Fault> {
        let ready = self.ready().await?;
        let mut inspection = Inspection { grants: self.grants.clone(), ..Inspection::default() };
        let mut sources = Vec::new();
        for (definition, declared) in
            join_all(ready.files.iter().map(|file| self.ask(&ready.runtimes, file, screen))).await
        {
            inspection.definitions.push(definition);
            match declared {
                Ok(source) => sources.push(source),
                Err(problem) => inspection.problems.push(problem),
            }
        }
        // Without some of the services, the others would seem to be wrong.
        if inspection.problems.is_empty() {
            parameters::tell_unasked(&self.parameters, &sources);
            self.check(&ready, sources, &mut inspection).await?;
        }
        Ok(inspection)
    }

    /// What can be told of a definition, and what it declares.
    async fn ask(&self, runtimes: &Runtimes, file: &Path, screen: &Screen) -> (Inspected, Result<Source, Problem>) {
        let Looked { facts, definition } = runtimes.look(file).await;
        let file = file.display().to_string();
        let declared = match definition {
            Err(error) => Err(Problem::Load(error)),
            Ok(definition) => match definition.fields(self.parameters.clone(), screen.log()).await {
                Err(error) => Err(Problem::Fields { file: file.clone(), problem: error.to_string() }),
                Ok(declaration) => Ok(Source { file: file.clone(), digest: definition.digest().clone(), declaration }),
            },
        };
        let services = declared.as_ref().ok().map(|source| {
            let services = source.declaration.services.iter();
            services.map(|service| (service.name.clone(), service.image.clone())).collect()
        });
        (Inspected { file, facts, services }, declared)
    }

    async fn check(&self, ready: &Ready, sources: Vec<Source>, inspection: &mut Inspection) -> Result<(), Fault> {
        let publish_on = self.grants.published_on();
        let mut wrong = |problem: String| inspection.problems.push(Problem::Group(problem));
        let directory = directory_of(&ready.anchor).map_err(Fault::invalid)?;
        let name = group::group_name(self.group.as_deref(), &directory, &sources);
        let name = name.map_err(|error| wrong(error.to_string())).ok();
        let paths = project(&ready.anchor, ready.is_trusted, &self.grants, ready.defining.clone()).map_err(wrong).ok();
        // The services can be wrong as well.
        let checked = name.clone().unwrap_or_else(|| GroupName::new("unnamed").expect("it is a name"));
        if let Some(paths) = paths {
            let granted_labels = self.grants.labels();
            let check = Check { name: checked.clone(), paths: &paths, publish_on, granted_labels: &granted_labels };
            match group::check(sources.clone(), check) {
                Err(mistakes) => inspection.problems.extend(mistakes.0.into_iter().map(Problem::Mistake)),
                Ok(group) => {
                    let files = files(&sources);
                    for (service, digest) in digests(&group, &self.grants.net).await? {
                        let Err(problem) = digest else { continue };
                        let file = files.get(service.as_str()).map(|file| (*file).to_owned()).unwrap_or_default();
                        inspection.problems.push(Problem::Mistake(Mistake { file, service, field: "build", problem }));
                    }
                }
            }
        }
        let every_label = [String::new()].into();
        let check = Check { name: checked, paths: &AsWritten, publish_on, granted_labels: &every_label };
        inspection.group = group::check(sources, check).ok();
        inspection.name = name;
        Ok(())
    }
}

/// The file that declares each service.
fn files(sources: &[Source]) -> BTreeMap<&str, &str> {
    let mut files = BTreeMap::new();
    for Source { file, declaration, .. } in sources {
        files.extend(declaration.services.iter().map(|service| (service.name.as_str(), file.as_str())));
    }
    files
}
