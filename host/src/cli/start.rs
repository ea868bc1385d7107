//! `drillmaster start`

use crate::docker::Docker;
use crate::group::to_start;
use crate::plan::{Request, reconcile};
use crate::report::summary;
use crate::run::{self, Afterwards, Event, StartOptions, StartOutcome, with_old_fields};

use super::arguments;
use super::build_contexts::{contexts, tell_written};
use super::fault::Fault;
use super::interrupt;
use super::print::out;
use super::screen::Screen;
use super::session::{Session, needed};
use super::target::{Checked, Target, meanwhile};
use super::trust::Purpose;

pub(super) async fn run(arguments: arguments::Start) -> Result<(), Fault> {
    let screen = Screen::of(arguments.output.json, arguments.what.group.verbose);
    let cancel = interrupt::watch();
    let purpose = Purpose::Change { ask: !arguments.output.json };
    let target = Target::required(&arguments.what.definitions, &arguments.what.group, purpose);
    let target = interrupt::unless(&cancel, target).await?;
    let grants_in_force = target.grants_in_force.clone();
    let prepared = async {
        // The engine is greeted while the definition is compiled; what is wrong with the definition is told first.
        let (loaded, docker) = meanwhile(target.load(&screen), Docker::connect()).await?;
        let checked = loaded.check()?;
        let request = request(&checked, &arguments.what).await?;
        Ok((checked, request, docker?))
    };
    let (Checked { group, definitions, paths, claim, net }, request, docker) =
        interrupt::unless(&cancel, prepared).await?;
    screen.show(Event::Grants(grants_in_force));
    let mut session =
        Session::begin(docker, &group.name, &claim, "drillmaster start", &arguments.locking, cancel, needed).await?;
    let key = session.key()?;
    session.look_at_platforms(&group).await?;
    let values = session.context.values();
    let plan = reconcile(group, &request, &session.observed, &|key| values.get(key).map(String::as_str));
    run::ensure_may_pull(&plan, &net).map_err(Fault::invalid)?;
    let plan = with_old_fields(plan, &*session.engine).await;
    let options = StartOptions { timeout: arguments.timeout, afterwards: Afterwards::Started, key, net };
    let outcome = run::start(plan, paths, options, session.tools(definitions, &screen)).await?;
    conclude(&outcome, &session)
}

/// What `start` and `plan` are asked for.
pub(super) async fn request(checked: &Checked, what: &arguments::What) -> Result<Request, Fault> {
    let graph = checked.group.dependencies();
    let selected = to_start(&graph, &what.exclude).map_err(Fault::invalid)?;
    if let Some(unknown) = what.recreate.iter().find(|name| !selected.contains(*name)) {
        let known = selected.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        return Err(Fault::Invalid(format!(
            "--recreate {unknown}: no service of this name is started; those that are: {known}"
        )));
    }
    tell_written(&checked.group);
    let recreate = what.recreate.iter().cloned().collect();
    Ok(Request { selected, recreate, pull: what.images.pull.into(), contexts: contexts(checked).await? })
}

/// Prints what came of the services of a run, and says whether all went well.
pub(super) fn conclude(outcome: &StartOutcome, session: &Session) -> Result<(), Fault> {
    out(&summary(outcome));
    if session.cancel.is_cancelled() {
        Err(Fault::Interrupted)
    } else if outcome.all_ready() {
        Ok(())
    } else {
        Err(Fault::Failed("not every service is ready".to_owned()))
    }
}
