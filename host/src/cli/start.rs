//! `drillmaster start`

use std::path::Path;
use std::sync::Arc;

use crate::component::{Definition, Runtime};
use crate::docker::Docker;
use crate::group::{self, Check, Declaration, Group, to_start};
use crate::plan::reconcile;
use crate::project::ProjectDirectory;
use crate::report::summary;
use crate::run::{self, StartOptions};

use super::arguments;
use super::fault::Fault;
use super::print::out;
use super::session::{Screen, Session};

pub(super) async fn run(arguments: arguments::Start) -> Result<(), Fault> {
    let screen = Screen::new(arguments.group.verbose);
    // The engine is greeted while the definition is compiled; what is wrong with the definition is told first.
    let (declared, docker) = tokio::join!(declare(&arguments.definition, &arguments.group, &screen), Docker::connect());
    let (definition, declaration) = declared?;
    let group = check(&definition, declaration, &arguments.group)?;
    let selected = to_start(&group.dependencies(), &arguments.exclude).map_err(Fault::invalid)?;

    let session = Session::begin(docker?, &group.name, "drillmaster start").await?;
    let values = session.context.values();
    let plan = reconcile(group, &selected, &session.observed, &|key| values.get(key).map(String::as_str));
    let options = StartOptions { timeout: arguments.timeout, definition: definition.digest().clone() };
    let outcome = run::start(plan, options, session.tools(Arc::new(definition), &screen)).await?;

    out(&summary(&outcome));
    if session.cancel.is_cancelled() {
        Err(Fault::Interrupted)
    } else if outcome.all_ready() {
        Ok(())
    } else {
        Err(Fault::Failed("not every service is ready".to_owned()))
    }
}

/// Loads a definition and lets it declare its services.
pub(super) async fn declare(
    path: &Path,
    group: &arguments::Group,
    screen: &Screen,
) -> Result<(Definition, Declaration), Fault> {
    let runtime = Runtime::new().map_err(|error| Fault::Failed(format!("{error:#}")))?;
    let definition = runtime.load(path).await.map_err(Fault::invalid)?;
    let parameters = group.parameters.iter().cloned().collect();
    let declared = definition.fields(parameters, screen.log()).await;
    let declaration =
        declared.map_err(|error| Fault::Invalid(format!("{}: fields failed: {error}", path.display())))?;
    Ok((definition, declaration))
}

/// The name of the group that a definition declares.
pub(super) fn name(
    definition: &Definition,
    declaration: &Declaration,
    group: &arguments::Group,
) -> Result<group::GroupName, Fault> {
    let file = definition.path().file_stem().unwrap_or_default().to_string_lossy();
    group::group_name(group.name.as_deref(), declaration.name.as_deref(), &file).map_err(Fault::invalid)
}

fn check(definition: &Definition, declaration: Declaration, group: &arguments::Group) -> Result<Group, Fault> {
    let file = definition.path().display();
    let name = name(definition, &declaration, group)?;
    let paths = ProjectDirectory::of(definition.path())
        .map_err(|error| Fault::Invalid(format!("cannot find the directory of {file}: {error}")))?;
    group::check(declaration, Check { name, paths: &paths })
        .map_err(|mistakes| Fault::Invalid(format!("{file}: {mistakes}")))
}
