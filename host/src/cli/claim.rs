//! Whose a group is, as this machine knows it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use crate::group::{Adoption, GroupName};
use crate::plan::{Claim, Observed, left_alone};
use crate::project::{Projects, StateDirectory, account, may_exist};
use crate::report::visible;
use crate::run::Event;

use super::fault::Fault;
use super::print::tell;
use super::screen;

/// The claim of a project directory, of which nothing is remembered yet.
pub(super) fn claim(project: &Path) -> Claim {
    Claim::new(account(), &project.to_string_lossy(), Arc::new(may_exist))
}

/// The same with what the state of a group remembers.
pub(super) fn remembering(claim: &Claim, state: &StateDirectory) -> Result<Claim, Fault> {
    let adoptions = open(state)?.adoptions().clone();
    Ok(claim.clone().remembering(adoptions))
}

/// Makes sure that a group may be looked at of which this was found, and tells what only looks like something of it. Returns
/// what has to be remembered once it is changed.
pub(super) fn check(claim: &Claim, group: &GroupName, observed: &Observed) -> Result<BTreeSet<Adoption>, Fault> {
    let to_remember = claim.check(group, observed).map_err(Fault::invalid)?;
    if !observed.foreign.is_empty() {
        screen::show(Event::Warning(left_alone(group, &observed.foreign)));
    }
    Ok(to_remember)
}

/// From now on a group belongs to the projects that have adopted it.
pub(super) fn remember(adoptions: BTreeSet<Adoption>, group: &GroupName, state: &StateDirectory) -> Result<(), Fault> {
    for Adoption { by, of, .. } in &adoptions {
        if let Some(of) = of {
            let (by, of) = (visible(&by.directory), visible(&of.directory));
            tell(&format!(
                "group {group} was made by the project in {of}; from now on it also belongs to the project in {by}"
            ));
        }
    }
    if adoptions.is_empty() { Ok(()) } else { open(state)?.add(adoptions).map_err(Fault::local) }
}

/// Nothing is left of the group.
pub(super) fn forget(state: &StateDirectory) -> Result<(), Fault> {
    open(state)?.forget().map_err(Fault::local)
}

fn open(state: &StateDirectory) -> Result<Projects, Fault> {
    Projects::open(&state.projects(), &account()).map_err(Fault::local)
}
