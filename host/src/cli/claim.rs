//! Whose a group is, as this machine knows it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use crate::group::{GroupName, KnownProject};
use crate::plan::{Claim, Observed, left_alone};
use crate::project::{Projects, StateDirectory, account, may_exist};
use crate::report::visible;

use super::fault::Fault;
use super::print::tell;
use super::screen;

/// The claim of a project directory, of which nothing is remembered yet.
pub(super) fn claim(project: &Path) -> Claim {
    Claim::new(account(), &project.to_string_lossy(), Arc::new(may_exist))
}

/// The same with what the state of a group remembers.
pub(super) fn remembering(claim: &Claim, state: &StateDirectory) -> Result<Claim, Fault> {
    let known = open(state)?.known().clone();
    Ok(claim.clone().remembering(known))
}

/// Makes sure that a group may be looked at of which this was found, and tells what only looks like something of it. Returns
/// what has to be remembered once it is changed.
pub(super) fn check(claim: &Claim, group: &GroupName, observed: &Observed) -> Result<BTreeSet<KnownProject>, Fault> {
    let to_remember = claim.check(group, observed).map_err(Fault::invalid)?;
    if !observed.foreign.is_empty() {
        screen::warn(left_alone(group, &observed.foreign));
    }
    Ok(to_remember)
}

/// From now on a group belongs to these projects too, one of which claims it.
pub(super) fn remember(
    projects: BTreeSet<KnownProject>,
    claim: &Claim,
    group: &GroupName,
    state: &StateDirectory,
) -> Result<(), Fault> {
    for other in projects.iter().filter(|known| known.id != claim.owner().id) {
        let (other, project) = (visible(&other.directory), visible(&claim.owner().project));
        tell(&format!("group {group} of the project in {other} belongs to the one in {project} too from now on"));
    }
    if projects.is_empty() { Ok(()) } else { open(state)?.add(projects).map_err(Fault::local) }
}

/// Nothing is left of the group.
pub(super) fn forget(state: &StateDirectory) -> Result<(), Fault> {
    open(state)?.forget().map_err(Fault::local)
}

fn open(state: &StateDirectory) -> Result<Projects, Fault> {
    Projects::open(&state.projects(), &account()).map_err(Fault::local)
}
