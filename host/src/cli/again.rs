//! `drillmaster reload` and `drillmaster restart`

use crate::docker::Docker;
use crate::plan::{Again, reload, restart};
use crate::run::{self, Afterwards, StartOptions};

use super::arguments::{self, separate};
use super::fault::Fault;
use super::screen::Screen;
use super::session::Session;
use super::start::conclude;
use super::target::Target;

/// Which of the two commands it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Reload,
    Restart,
}

pub(super) async fn run(which: Which, arguments: arguments::Again) -> Result<(), Fault> {
    let screen = Screen::of(arguments.output.json, arguments.group.verbose);
    let (definitions, services) = separate(&arguments.named);
    let target = Target::required(&definitions, &arguments.group)?;
    let (loaded, docker) = tokio::join!(target.load(&screen), Docker::connect());
    let loaded = loaded?;
    if services.is_empty() {
        let known = loaded.services().into_iter().collect::<Vec<_>>().join(", ");
        return Err(Fault::Invalid(format!("which service? The services are: {known}")));
    }
    let (group, hooks) = loaded.check()?;
    let command = if which == Which::Reload { "drillmaster reload" } else { "drillmaster restart" };
    let session = Session::begin(docker?, &group.name, command, &arguments.locking).await?;
    let values = session.context.values();
    let request =
        Again { services: services.clone(), dependents: arguments.dependents, pull: arguments.images.pull.into() };
    let (plan, afterwards) = match which {
        Which::Reload => {
            let plan = reload(group, &request, &session.observed, &|key| values.get(key).map(String::as_str));
            (plan, Afterwards::Reloaded(services))
        }
        Which::Restart => (restart(group, &request, &session.observed), Afterwards::Nothing),
    };
    let options = StartOptions { timeout: arguments.timeout, afterwards };
    let outcome = run::start(plan.map_err(Fault::invalid)?, options, session.tools(hooks, &screen)).await?;
    // Of the services that were left alone there is nothing to tell.
    conclude(&outcome.touched(), &session)
}
