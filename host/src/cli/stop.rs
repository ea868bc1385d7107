//! `drillmaster stop`

use crate::docker::Docker;
use crate::plan::{TeardownRequest, teardown};
use crate::run::{self, Event, StopOptions, StopOutcome};

use super::arguments;
use super::claim;
use super::fault::Fault;
use super::interrupt;
use super::screen::Screen;
use super::session::{Session, as_far_as_readable};
use super::target::{Loaded, Named, Target, meanwhile};

pub(super) async fn run(arguments: arguments::Stop) -> Result<(), Fault> {
    let screen = Screen::of(arguments.output.json, arguments.group.verbose);
    let cancel = interrupt::watch();
    // The fields need not be right: a definition with a mistake must not keep its services up.
    let prepared = async {
        // As in `start`: the engine is greeted meanwhile, and what is wrong with a definition is told first.
        let named = Target::named(&arguments.definitions, &arguments.group, &screen);
        let prepared = meanwhile(named, Docker::connect()).await;
        let (named, docker) = prepared.map_err(|fault| match fault {
            Fault::Invalid(text) if !arguments.definitions.is_empty() => {
                Fault::Invalid(format!("{text}\nTo stop services without a definition: drillmaster stop --group NAME"))
            }
            other => other,
        })?;
        Ok((named, docker?))
    };
    let (Named { group, claim, loaded }, docker) = interrupt::unless(&cancel, prepared).await?;
    let declared = loaded.as_ref().map(Loaded::services);
    let hooks = loaded.map(|loaded| loaded.definitions).unwrap_or_default();
    let session =
        Session::begin(docker, &group, &claim, "drillmaster stop", &arguments.locking, cancel, as_far_as_readable)
            .await?;
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
    let everything = arguments.volumes && teardown.orphans.is_empty();
    match run::stop(teardown, options, tools).await {
        StopOutcome::Done if everything => claim::forget(&session.state),
        StopOutcome::Done => Ok(()),
        StopOutcome::Failed => Err(Fault::Failed("not everything could be stopped".to_owned())),
        StopOutcome::Interrupted => Err(Fault::Interrupted),
    }
}
