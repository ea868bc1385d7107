//! Host ports that move within a group: from the container that has one now to another service's.

use std::fmt;
use std::net::IpAddr;

use crate::group::{Group, Port, Service};

use super::{Action, Container, Observed, Published, Step};

/// A host port that a service is to get and that a container of another service of the group holds, which will not let it go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPort {
    /// The service that is to get it.
    pub service: String,
    /// The port.
    pub port: u16,
    /// The service whose container holds it.
    pub holder: String,
    /// Why that goes on.
    pub why: Holds,
}

/// Why a container goes on with a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// No definition declares its service.
    Orphan,
    /// The command is not about it.
    LeftAlone,
    /// It is as declared: the port was a free one when it was created.
    AsDeclared,
}

impl fmt::Display for HeldPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, port, holder, why } = self;
        write!(f, "`{service}` is to get host port {port}, which the running container of `{holder}` has: ")?;
        match why {
            Holds::Orphan => write!(
                f,
                "no definition declares `{holder}` (any more), so it is left alone; `drillmaster stop --orphans` stops it"
            ),
            Holds::LeftAlone => write!(
                f,
                "this command leaves `{holder}` alone; `drillmaster start` without excluding it gives both their ports"
            ),
            Holds::AsDeclared => write!(
                f,
                "it was free when that was created; `drillmaster start --recreate {holder}` gives it another one"
            ),
        }
    }
}

/// Puts into each step which containers are stopped before it because they have a host port that it needs; they are replaced
/// or removed later in the same plan. The first port that is not let go, if there is one.
pub(super) fn settle_ports(group: &Group, steps: &mut [Step], observed: &Observed) -> Option<HeldPort> {
    let mut first = None;
    for index in 0..steps.len() {
        if matches!(steps[index].action, Action::Keep(_)) {
            continue;
        }
        let mut stopped: Vec<Container> = Vec::new();
        for holder in &observed.containers {
            let Some(port) = held(&steps[index].service, holder) else { continue };
            match holds_on(group, steps, holder) {
                None => stopped.push(holder.clone()),
                Some(why) => {
                    let service = steps[index].service.name.clone();
                    first.get_or_insert(HeldPort { service, port, holder: holder.service.clone(), why });
                }
            }
        }
        steps[index].stopped_first = stopped;
    }
    first
}

/// The host port that a service needs and another one's container has.
fn held(service: &Service, holder: &Container) -> Option<u16> {
    // A paused one keeps its ports.
    if holder.service == service.name || !holder.state.is_up() {
        return None;
    }
    let wanted = service.ports.iter().filter(|port| port.host.is_some());
    let mut held = wanted.filter(|port| holder.published.iter().any(|published| collide(port, published)));
    held.find_map(|port| port.host)
}

/// Whether both cannot be had at the same time.
fn collide(port: &Port, published: &Published) -> bool {
    let everywhere = |address: &IpAddr| address.is_unspecified();
    let address = published.address.parse::<IpAddr>();
    let meet = address.map_or(true, |other| other == port.address || everywhere(&other) || everywhere(&port.address));
    port.protocol == published.protocol && port.host == Some(published.host) && meet
}

/// Why a container goes on, if no step replaces or removes it.
fn holds_on(group: &Group, steps: &[Step], holder: &Container) -> Option<Holds> {
    let Some(step) = steps.iter().find(|step| step.service.name == holder.service) else {
        let is_declared = group.services.contains_key(&holder.service);
        return Some(if is_declared { Holds::LeftAlone } else { Holds::Orphan });
    };
    let replaced = matches!(&step.action, Action::Replace(found) if found.id == holder.id);
    let goes = replaced || step.litter.iter().any(|litter| litter.id == holder.id);
    (!goes).then_some(if step.reason == super::Reason::NotAsked { Holds::LeftAlone } else { Holds::AsDeclared })
}
