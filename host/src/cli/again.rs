//! `drillmaster reload` and `drillmaster restart`

use crate::docker::Docker;
use crate::group::Group;
use crate::plan::{Again, AgainError, ContextValue, Observed, Plan, reload, restart};
use crate::run::{self, Afterwards, Event, StartOptions};

use super::arguments::{self, separate};
use super::fault::Fault;
use super::interrupt;
use super::screen::Screen;
use super::session::{Session, needed};
use super::start::conclude;
use super::target::{Checked, Target, meanwhile};
use super::trust::Purpose;

pub(super) async fn run_reload(arguments: arguments::Reload) -> Result<(), Fault> {
    let pull = arguments.images.pull.into();
    run(&arguments.again, "drillmaster reload", Afterwards::Reloaded, |group, again, observed, context| {
        reload(group, again, pull, observed, context)
    })
    .await
}

pub(super) async fn run_restart(arguments: arguments::Again) -> Result<(), Fault> {
    run(
        &arguments,
        "drillmaster restart",
        |_| Afterwards::Nothing,
        |group, again, observed, _| restart(group, again, observed),
    )
    .await
}

async fn run(
    arguments: &arguments::Again,
    command: &str,
    afterwards: impl FnOnce(Vec<String>) -> Afterwards,
    plan: impl FnOnce(Group, &Again, &Observed, ContextValue<'_>) -> Result<Plan, AgainError>,
) -> Result<(), Fault> {
    let screen = Screen::of(arguments.output.json, arguments.group.verbose);
    let (definitions, services) = separate(&arguments.named);
    let cancel = interrupt::watch();
    let purpose = Purpose::Change { ask: !arguments.output.json };
    let target = interrupt::unless(&cancel, Target::required(&definitions, &arguments.group, purpose)).await?;
    let grants_in_force = target.grants_in_force.clone();
    let prepared = async { meanwhile(target.load(&screen), Docker::connect()).await };
    let (loaded, docker) = interrupt::unless(&cancel, prepared).await?;
    if services.is_empty() {
        let known = loaded.services().into_iter().collect::<Vec<_>>().join(", ");
        return Err(Fault::Invalid(format!("which service? The services are: {known}")));
    }
    let Checked { group, definitions, paths, claim, net } = loaded.check()?;
    screen.show(Event::Grants(grants_in_force));
    let mut session = Session::begin(docker?, &group.name, &claim, command, &arguments.locking, cancel, needed).await?;
    let key = session.key()?;
    session.look_at_platforms(&group).await?;
    let values = session.context.values();
    let again = Again { services: services.clone(), dependents: arguments.dependents };
    let plan = plan(group, &again, &session.observed, &|key| values.get(key).map(String::as_str));
    let plan = plan.map_err(|error| refused(&error))?;
    run::ensure_may_pull(&plan, &net).map_err(Fault::invalid)?;
    let options = StartOptions { timeout: arguments.timeout, afterwards: afterwards(services), key, net };
    let outcome = run::start(plan, paths, options, session.tools(definitions, &screen)).await?;
    // Of the services that were left alone there is nothing to tell.
    conclude(&outcome.touched(), &session)
}

/// A wrong name is a mistake of the command line; what does not run is none.
fn refused(error: &AgainError) -> Fault {
    match error {
        AgainError::Unknown { .. } => Fault::Invalid(error.to_string()),
        AgainError::NotStarted { .. } | AgainError::DependencyNotRunning { .. } => Fault::Failed(error.to_string()),
    }
}
