//! `drillmaster start`

use std::collections::BTreeMap;

use crate::docker::Docker;
use crate::group::{Digest, Group, Service, to_start};
use crate::plan::{Request, reconcile};
use crate::project::BuildContext;
use crate::report::{summary, visible};
use crate::run::{self, Afterwards, StartOptions, StartOutcome, with_old_fields};

use super::arguments;
use super::fault::Fault;
use super::interrupt;
use super::print::{out, tell};
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
    tell(&format!("grants: {}", visible(&target.grants_in_force)));
    let prepared = async {
        // The engine is greeted while the definition is compiled; what is wrong with the definition is told first.
        let (loaded, docker) = meanwhile(target.load(&screen), Docker::connect()).await?;
        let checked = loaded.check()?;
        let request = request(&checked.group, &arguments.what).await?;
        Ok((checked, request, docker?))
    };
    let (Checked { group, definitions, paths, claim }, request, docker) = interrupt::unless(&cancel, prepared).await?;
    let mut session =
        Session::begin(docker, &group.name, &claim, "drillmaster start", &arguments.locking, cancel, needed).await?;
    let key = session.key()?;
    let values = session.context.values();
    let plan = reconcile(group, &request, &session.observed, &|key| values.get(key).map(String::as_str));
    let plan = with_old_fields(plan, &*session.engine).await;
    let options = StartOptions { timeout: arguments.timeout, afterwards: Afterwards::Started, key };
    let outcome = run::start(plan, paths, options, session.tools(definitions, &screen)).await?;
    conclude(&outcome, &session)
}

/// What `start` and `plan` are asked for.
pub(super) async fn request(group: &Group, what: &arguments::What) -> Result<Request, Fault> {
    let graph = group.dependencies();
    let selected = to_start(&graph, &what.exclude).map_err(Fault::invalid)?;
    if let Some(unknown) = what.recreate.iter().find(|name| !selected.contains(*name)) {
        let known = selected.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        return Err(Fault::Invalid(format!(
            "--recreate {unknown}: no service of this name is started; those that are: {known}"
        )));
    }
    let recreate = what.recreate.iter().cloned().collect();
    Ok(Request { selected, recreate, pull: what.images.pull.into(), contexts: contexts(group).await? })
}

/// For each service with a build, the digest of what its image is built from.
pub(super) async fn contexts(group: &Group) -> Result<BTreeMap<String, Digest>, Fault> {
    let digest = |(service, digest): (String, Result<Digest, String>)| match digest {
        Ok(digest) => Ok((service, digest)),
        Err(problem) => Err(Fault::Invalid(format!("service `{service}`, build: {problem}"))),
    };
    digests(group).await?.into_iter().map(digest).collect()
}

/// The same, or why what it is built from cannot be read.
pub(super) async fn digests(group: &Group) -> Result<Vec<(String, Result<Digest, String>)>, Fault> {
    let builds: Vec<_> = group.services.values().filter(|service| service.build.is_some()).cloned().collect();
    let digests = tokio::task::spawn_blocking(move || {
        let digest = |service: Service| {
            let build = service.build.as_ref()?;
            let digest = BuildContext::digest_of(build, service.platform.as_deref())
                .map_err(|error| format!("cannot read {}: {error}", build.directory.display()));
            Some((service.name, digest))
        };
        builds.into_iter().filter_map(digest).collect()
    });
    digests.await.map_err(|panic| Fault::Failed(format!("cannot read the build contexts: {panic}")))
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
