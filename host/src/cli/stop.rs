//! `drillmaster stop`

use crate::docker::Docker;
use crate::group::GroupName;
use crate::plan::{TeardownRequest, teardown};
use crate::run::{self, Definitions, Event, StopOptions, StopOutcome};

use super::arguments;
use super::fault::Fault;
use super::screen::Screen;
use super::session::Session;
use super::target::Target;

pub(super) async fn run(arguments: arguments::Stop) -> Result<(), Fault> {
    let screen = Screen::of(arguments.output.json, arguments.group.verbose);
    // A group that is named without a definition is stopped by its labels alone.
    let by_labels = arguments.definitions.is_empty() && arguments.group.name.is_some();
    let target = if by_labels { None } else { Target::find(&arguments.definitions, &arguments.group)? };
    let (group, declared, hooks) = if let Some(target) = target {
        // Its fields need not be right: a definition with a mistake must not keep its services up.
        let loaded = target.load(&screen).await.map_err(|fault| match fault {
            Fault::Invalid(text) => {
                Fault::Invalid(format!("{text}\nTo stop its services without it: drillmaster stop --group NAME"))
            }
            other => other,
        })?;
        (loaded.name()?, Some(loaded.services()), loaded.definitions)
    } else {
        let Some(group) = arguments.group.name.as_deref() else {
            return Err(Fault::invalid("what is to be stopped? Name a definition, or a group with --group NAME"));
        };
        (GroupName::new(group).map_err(Fault::invalid)?, None, Definitions::default())
    };
    let session = Session::begin(Docker::connect().await?, &group, "drillmaster stop", &arguments.locking).await?;
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
