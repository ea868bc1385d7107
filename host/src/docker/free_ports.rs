//! Free host ports of a new container. Left to the engine, each start of the container would bring another one.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};

use crate::group::{Port, Protocol, Service};

use super::Docker;

/// A port of this machine that nobody else gets as long as this value lives.
enum Reserved {
    Tcp(TcpListener),
    Udp(UdpSocket),
}

impl Docker {
    /// The host ports of a service: those that it declares, and a free one for each that it leaves open. Only on this machine
    /// can it be seen which are free: elsewhere the engine chooses.
    pub(super) async fn host_ports(&self, service: &Service) -> BTreeMap<Port, u16> {
        let is_open = service.ports.iter().any(|port| port.host.is_none());
        let can_choose = is_open && self.is_known_to_be_here().await;
        host_ports(service, |port| if can_choose { Reserved::free(port.address, port.protocol) } else { None })
    }
}

/// The same; 0 where `free` knows none, for which the engine takes another one each time.
fn host_ports(service: &Service, free: impl Fn(&Port) -> Option<Reserved>) -> BTreeMap<Port, u16> {
    let mut reserved = Vec::new();
    let mut choose = |port: &Port| {
        let chosen = free(port)?;
        let number = chosen.number()?;
        // So that the next one is another.
        reserved.push(chosen);
        Some(number)
    };
    service.ports.iter().map(|port| (*port, port.host.or_else(|| choose(port)).unwrap_or(0))).collect()
}

impl Reserved {
    /// One of an address, if that is this machine's and there is one.
    fn free(address: IpAddr, protocol: Protocol) -> Option<Self> {
        let any = SocketAddr::new(address, 0);
        match protocol {
            Protocol::Tcp => TcpListener::bind(any).ok().map(Self::Tcp),
            Protocol::Udp => UdpSocket::bind(any).ok().map(Self::Udp),
        }
    }

    fn number(&self) -> Option<u16> {
        let address = match self {
            Self::Tcp(listener) => listener.local_addr(),
            Self::Udp(socket) => socket.local_addr(),
        };
        address.ok().map(|address| address.port())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::net::Ipv4Addr;

    use super::*;

    fn service(ports: &[(u16, Option<u16>, Protocol)]) -> Service {
        let json = serde_json::json!({ "name": "db", "image": "image" });
        let service: Service = serde_json::from_value(json).unwrap();
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let ports = ports.iter().map(|&(container, host, protocol)| Port { container, address, host, protocol });
        Service { ports: ports.collect(), ..service }
    }

    #[test]
    fn each_port_that_is_left_open_gets_one_that_nobody_has() {
        let open = service(&[(1, None, Protocol::Tcp), (2, None, Protocol::Tcp), (3, None, Protocol::Udp)]);
        let chosen = host_ports(&open, |port| Reserved::free(port.address, port.protocol));
        let numbers: BTreeSet<u16> = chosen.values().copied().collect();
        assert!(numbers.len() >= 2 && !numbers.contains(&0), "{chosen:?}");
        let tcp: Vec<_> = chosen.iter().filter(|(port, _)| port.protocol == Protocol::Tcp).collect();
        assert_ne!(tcp[0].1, tcp[1].1);
    }

    #[test]
    fn a_declared_one_stays_and_the_engine_chooses_where_nothing_is_known() {
        let mixed = service(&[(1, Some(8000), Protocol::Tcp), (2, None, Protocol::Tcp)]);
        let chosen: Vec<u16> = host_ports(&mixed, |_| None).into_values().collect();
        assert_eq!(chosen, [8000, 0]);
        let nowhere = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 77));
        assert!(Reserved::free(nowhere, Protocol::Tcp).is_none());
    }
}
