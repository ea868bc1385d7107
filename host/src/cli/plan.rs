//! `drillmaster plan`

use std::collections::BTreeMap;

use crate::docker::Docker;
use crate::plan::{Observed, reconcile};
use crate::report::{plan_json, plan_text};
use crate::run::{self, with_old_fields, with_platforms};

use super::arguments;
use super::fault::Fault;
use super::print::out;
use super::screen::Screen;
use super::session::{look, needed};
use super::start::request;
use super::target::{Checked, Target, meanwhile};
use super::trust::Purpose;

pub(super) async fn run(arguments: arguments::Plan) -> Result<(), Fault> {
    let screen = Screen::new(arguments.what.group.verbose);
    let target = Target::required(&arguments.what.definitions, &arguments.what.group, Purpose::Plan).await?;
    let connect = async { if arguments.offline { Ok(None) } else { Docker::connect().await.map(Some) } };
    let (loaded, docker) = meanwhile(target.load(&screen), connect).await?;
    let checked = loaded.check()?;
    let request = request(&checked, &arguments.what).await?;
    let Checked { group, claim, net, .. } = checked;
    let docker = docker?;
    let (observed, values) = match &docker {
        Some(docker) => {
            let (observed, values) = look(docker, &group.name, &claim, needed).await?;
            (with_platforms(observed, &group, docker).await?, values)
        }
        None => (Observed::default(), BTreeMap::new()),
    };
    let mut plan = reconcile(group, &request, &observed, &|key| values.get(key).map(String::as_str));
    if let Some(docker) = &docker {
        run::ensure_may_pull(&plan, &net).map_err(Fault::invalid)?;
        run::ensure_nothing_in_the_way(&plan, docker, &claim).await?;
        plan = with_old_fields(plan, docker).await;
    }
    out(&if arguments.json { plan_json(&plan) } else { plan_text(&plan) });
    Ok(())
}
