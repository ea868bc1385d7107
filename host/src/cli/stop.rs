//! `drillmaster stop`

use std::sync::Arc;

use crate::docker::Docker;
use crate::group::GroupName;
use crate::plan::{TeardownRequest, teardown};
use crate::run::{self, Event, Hooks, NoHooks, StopOptions, StopOutcome};

use super::arguments;
use super::fault::Fault;
use super::session::{Screen, Session};
use super::start::{declare, name};

pub(super) async fn run(arguments: arguments::Stop) -> Result<(), Fault> {
    let screen = Screen::new(arguments.group.verbose);
    let (group, declared, hooks): (_, _, Arc<dyn Hooks>) = if let Some(path) = &arguments.definition {
        // Its fields need not be right: a definition with a mistake must not keep its services up.
        let declared = declare(path, &arguments.group, &screen).await;
        let (definition, declaration) = declared.map_err(|fault| match fault {
            Fault::Invalid(text) => {
                Fault::Invalid(format!("{text}\nTo stop its services without it: drillmaster stop --group NAME"))
            }
            other => other,
        })?;
        let group = name(&definition, &declaration, &arguments.group)?;
        let services = declaration.services.into_iter().map(|service| service.name).collect();
        (group, Some(services), Arc::new(definition))
    } else {
        let Some(group) = arguments.group.name.as_deref() else {
            return Err(Fault::invalid("what is to be stopped? Name a definition, or a group with --group NAME"));
        };
        (GroupName::new(group).map_err(Fault::invalid)?, None, Arc::new(NoHooks))
    };
    let session = Session::begin(Docker::connect().await?, &group, "drillmaster stop").await?;
    let request =
        TeardownRequest { declared, exclude: arguments.exclude, orphans: arguments.orphans, remove: arguments.remove };
    let teardown = teardown(&session.observed, &request).map_err(Fault::invalid)?;
    let tools = session.tools(hooks, &screen);
    if !teardown.orphans.is_empty() {
        let orphans = teardown.orphans.join(", ");
        (tools.events)(Event::Warning(format!(
            "left alone, since the definition does not declare them (any more): {orphans}; stop them with --orphans"
        )));
    }
    let options =
        StopOptions { group, timeout: arguments.timeout, remove: arguments.remove, volumes: arguments.volumes };
    match run::stop(teardown, options, tools).await {
        StopOutcome::Done => Ok(()),
        StopOutcome::Failed => Err(Fault::Failed("not everything could be stopped".to_owned())),
        StopOutcome::Interrupted => Err(Fault::Interrupted),
    }
}
