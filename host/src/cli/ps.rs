//! `drillmaster ps`

use std::collections::BTreeSet;
use std::time::SystemTime;

use futures_util::future::try_join_all;

use crate::docker::Docker;
use crate::engine::{self, Engine as _, EngineError};
use crate::plan::{Plan, Request, State, Status, reconcile, status};
use crate::report::{StatusRow, status_json, status_text};
use crate::run::{with_old_fields, with_platforms};

use super::arguments;
use super::build_contexts::contexts;
use super::fault::Fault;
use super::print::out;
use super::screen::Screen;
use super::session::{as_far_as_readable, look};
use super::target::{Loaded, Named, Target, meanwhile};

pub(super) async fn run(arguments: arguments::Ps) -> Result<(), Fault> {
    let screen = Screen::new(arguments.group.verbose);
    let named = Target::named(&arguments.definitions, &arguments.group, &screen);
    let (Named { group: name, claim, loaded }, docker) = meanwhile(named, Docker::connect()).await?;
    let docker = docker?;
    let (observed, values) = look(&docker, &name, &claim, as_far_as_readable).await?;
    let declared = loaded.as_ref().map(Loaded::services);
    let plan: Option<Plan> = match loaded {
        Some(loaded) => {
            let checked = loaded.check()?;
            let selected = checked.group.services.keys().cloned().collect();
            let request = Request { selected, contexts: contexts(&checked).await?, ..Request::default() };
            let observed = with_platforms(observed.clone(), &checked.group, &docker).await?;
            let plan = reconcile(checked.group, &request, &observed, &|key| values.get(key).map(String::as_str));
            Some(with_old_fields(plan, &docker).await)
        }
        None => None,
    };
    let rows = status(&observed, plan.as_ref()).into_iter().map(|status| row(&docker, status, declared.as_ref()));
    let rows = try_join_all(rows).await?;
    if arguments.json {
        out(&status_json(&rows));
    } else if rows.is_empty() {
        out(&format!("group {name} has no containers\n"));
    } else {
        out(&status_text(&rows, SystemTime::now()));
    }
    Ok(())
}

async fn row(docker: &Docker, status: Status, declared: Option<&BTreeSet<String>>) -> engine::Result<StatusRow> {
    let running = status.container.as_ref().filter(|found| matches!(found.state, State::Running | State::Paused));
    let running_since = match running {
        Some(found) => match docker.inspect(&found.id).await {
            Ok(found) => found.started,
            // It went away since it was listed.
            Err(EngineError::Gone { .. }) => None,
            Err(error) => return Err(error),
        },
        None => None,
    };
    let orphan = declared.is_some_and(|declared| !declared.contains(&status.service));
    Ok(StatusRow { status, running_since, orphan })
}
