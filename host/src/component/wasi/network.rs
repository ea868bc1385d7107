//! Where a call of a definition may connect to: the published ports of the hook's own service and of the dependencies
//! that it declares, by name and container port or as the host reaches them, and what was granted.
//!
//! Service names and container ports are made up: each service has a loopback address of its own that nobody listens
//! on, names lead to it, and a connection to it and a container port goes to where the host reaches that port. So they
//! work wherever the engine is, and no name ever leaves this machine that was not granted.

mod outgoing;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use wasmtime_wasi::p2::bindings::sockets::network::ErrorCode;

use crate::grants::{Asked, may_resolve_to};

use super::allowed::Allowed;
use super::denials::Teller;

use crate::component::access::{Containers, PublishedPort};
pub(super) use outgoing::Outgoing;

/// How long looking up a name may take.
const LOOK_UP_TIMEOUT: Duration = Duration::from_secs(10);

/// The most names that a call may look up.
const MAX_NAMES: usize = 256;

/// The network of one call.
#[derive(Clone)]
pub(in crate::component) struct Network(Arc<Inner>);

struct Inner {
    zone: Zone,
    allowed: Allowed,
    teller: Teller,
    known: Mutex<Known>,
}

/// What belongs to the call that is made.
pub(in crate::component) enum Zone {
    /// `fields`: no network at all.
    Fields,
    /// A hook of the group: no service is its own.
    Group,
    /// A hook of a service: that one, and then its dependencies.
    Service { containers: Arc<dyn Containers>, services: Vec<String> },
}

/// What a call has found out, and may use.
#[derive(Default)]
struct Known {
    /// The granted names that were looked up, by the addresses found.
    names: BTreeMap<IpAddr, BTreeSet<String>>,
    looked_up: usize,
    /// Where it may connect to: nothing connects that is not here.
    cleared: BTreeSet<SocketAddr>,
}

impl Network {
    pub(super) fn new(zone: Zone, allowed: Allowed, teller: Teller) -> Self {
        Self(Arc::new(Inner { zone, allowed, teller, known: Mutex::default() }))
    }

    /// Where a connection to an address really goes, if it may. Nothing else connects.
    pub(in crate::component) async fn clear(&self, asked: SocketAddr) -> Result<SocketAddr, ErrorCode> {
        let asked = SocketAddr::new(asked.ip().to_canonical(), asked.port());
        let address = match self.own(asked.ip()) {
            Some(service) => {
                self.0.zone.port(service, asked.port()).await.map_err(|reason| self.deny(Asked::OwnPort(reason)))?
            }
            None if self.may_connect(asked).await => asked,
            None => {
                return Err(self.deny(if self.in_fields() { Asked::NetworkInFields } else { Asked::Connect(asked) }));
            }
        };
        self.known().cleared.insert(address);
        Ok(address)
    }

    /// Whether a connection to this address was cleared.
    pub(super) fn is_cleared(&self, address: SocketAddr) -> bool {
        self.known().cleared.contains(&address)
    }

    /// Whether a socket may take an address of this machine: any free one, once there is something to connect to.
    pub(super) fn may_bind(&self, address: SocketAddr) -> bool {
        address.port() == 0 && address.ip().is_unspecified() && !self.known().cleared.is_empty()
    }

    /// The addresses of a host.
    pub(in crate::component) async fn look_up(&self, name: &str) -> Result<Vec<IpAddr>, ErrorCode> {
        if self.in_fields() {
            return Err(self.deny(Asked::NetworkInFields));
        }
        if let Ok(address) = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            return Ok(vec![address]);
        }
        if let Some(index) = self.0.zone.services().iter().position(|service| service.eq_ignore_ascii_case(name)) {
            return Ok(vec![made_up(index)]);
        }
        if self.0.allowed.grants.may_look_up(name) {
            return self.ask_dns(name).await;
        }
        // Where the host reaches the published ports. It says nothing to anybody.
        if name.eq_ignore_ascii_case("localhost") {
            return Ok(vec![Ipv4Addr::LOCALHOST.into()]);
        }
        self.deny(Asked::LookUp(name.to_owned()));
        Err(ErrorCode::NameUnresolvable)
    }

    async fn ask_dns(&self, name: &str) -> Result<Vec<IpAddr>, ErrorCode> {
        {
            let mut known = self.known();
            known.looked_up += 1;
            if known.looked_up > MAX_NAMES {
                return Err(ErrorCode::NewSocketLimit);
            }
        }
        let found = tokio::time::timeout(LOOK_UP_TIMEOUT, tokio::net::lookup_host((name, 0))).await;
        let found = found.map_err(|_| ErrorCode::TemporaryResolverFailure)?;
        let found: Vec<_> =
            found.map_err(|_| ErrorCode::NameUnresolvable)?.map(|found| found.ip().to_canonical()).collect();
        let (right, astray): (Vec<_>, Vec<_>) = found.into_iter().partition(|address| may_resolve_to(name, *address));
        if let (true, Some(address)) = (right.is_empty(), astray.first()) {
            return Err(self.deny(Asked::LeadsAstray { name: name.to_owned(), address: *address }));
        }
        let mut known = self.known();
        for address in &right {
            known.names.entry(*address).or_default().insert(name.to_owned());
        }
        Ok(right)
    }

    /// Where a request to a host goes, if it may.
    pub(super) async fn clear_host(&self, host: &str, port: u16) -> Result<SocketAddr, ErrorCode> {
        let mut refused = ErrorCode::NameUnresolvable;
        for address in self.look_up(host).await? {
            match self.clear(SocketAddr::new(address, port)).await {
                Ok(address) => return Ok(address),
                Err(reason) => refused = reason,
            }
        }
        Err(refused)
    }

    /// Says to the person what was denied, and what the definition gets for it.
    pub(in crate::component) fn deny(&self, asked: Asked) -> ErrorCode {
        self.0.teller.deny(asked);
        ErrorCode::AccessDenied
    }

    async fn may_connect(&self, address: SocketAddr) -> bool {
        if self.in_fields() {
            return false;
        }
        let names = self.known().names.get(&address.ip()).cloned().unwrap_or_default();
        self.0.allowed.grants.may_connect(address, &names) || self.0.zone.reaches(address).await
    }

    /// The service that an address was made up for.
    fn own(&self, address: IpAddr) -> Option<&str> {
        let services = self.0.zone.services();
        services.iter().enumerate().find(|(index, _)| made_up(*index) == address).map(|(_, service)| service.as_str())
    }

    fn in_fields(&self) -> bool {
        matches!(self.0.zone, Zone::Fields)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Zone {
    fn services(&self) -> &[String] {
        match self {
            Zone::Service { services, .. } => services,
            Zone::Fields | Zone::Group => &[],
        }
    }

    async fn port(&self, service: &str, port: u16) -> Result<SocketAddr, String> {
        match self {
            Zone::Service { containers, .. } => PublishedPort::find(&**containers, service, port).await.map(reached),
            Zone::Fields | Zone::Group => Err(format!("service `{service}` has no container")),
        }
    }

    /// Whether the host reaches a port of one of the services under this address.
    async fn reaches(&self, address: SocketAddr) -> bool {
        let Zone::Service { containers, services } = self else { return false };
        for service in services {
            let ports = containers.ports(service).await.unwrap_or_default();
            if ports.iter().any(|port| SocketAddr::new(port.address, port.host) == address || reached(*port) == address)
            {
                return true;
            }
        }
        false
    }
}

/// Where this machine reaches a published port.
fn reached(port: PublishedPort) -> SocketAddr {
    SocketAddr::new(port.reached_at(), port.host)
}

/// The address that is made up for the service of this place.
fn made_up(index: usize) -> IpAddr {
    // A service has at most a thousand dependencies: the place fits.
    let place = u16::try_from(index + 1).unwrap_or(u16::MAX);
    let [high, low] = place.to_be_bytes();
    Ipv4Addr::new(127, 77, high, low).into()
}

#[cfg(test)]
mod tests;
