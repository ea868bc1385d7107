//! What a definition was denied, in words for the person who could allow it.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use crate::group::short;

use super::NetGrant;

/// Something that a definition asked for and that nobody allowed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// To connect to an address.
    Connect(SocketAddr),
    /// To know the addresses of a host.
    LookUp(String),
    /// To connect to a host whose name leads where it must not.
    LeadsAstray {
        /// The name.
        name: String,
        /// The address that was found for it.
        address: IpAddr,
    },
    /// To connect to a port of one of its own services that is not to be had: the reason.
    OwnPort(String),
    /// To wait for connections.
    Listen,
    /// To send UDP.
    Udp,
    /// To speak TLS through `wasi:http`.
    Https(String),
    /// To reach what is outside the directories that it was granted: the path.
    Outside(String),
    /// To import a module from outside the definition's own directory: what it was asked as.
    Import(String),
    /// To change something in a directory that it may only read: the path.
    Change(String),
    /// To use the network while it declares its services.
    NetworkInFields,
}

impl Asked {
    /// The option that would allow it, if there is one.
    #[must_use]
    pub fn option(&self) -> Option<String> {
        match self {
            Asked::Connect(address) => Some(format!("--allow-net {address}")),
            // Only what is a name can be granted.
            Asked::LookUp(name) => {
                format!("{name}:1").parse::<NetGrant>().ok().map(|_| format!("--allow-net {name}:PORT"))
            }
            Asked::LeadsAstray { address, .. } => Some(format!("--allow-net {}:PORT", bracketed(*address))),
            Asked::Outside(_) => Some("--allow-read DIR".to_owned()),
            Asked::Change(_) => Some("--allow-write DIR".to_owned()),
            Asked::OwnPort(_)
            | Asked::Listen
            | Asked::Udp
            | Asked::Https(_)
            | Asked::Import(_)
            | Asked::NetworkInFields => None,
        }
    }
}

/// An address as it stands before a port.
fn bracketed(address: IpAddr) -> String {
    if address.is_ipv6() { format!("[{address}]") } else { address.to_string() }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Asked::Connect(address) => write!(f, "to connect to {address}"),
            Asked::LookUp(name) => write!(f, "for the address of {name:?}, which is none of its services"),
            Asked::LeadsAstray { name, address } => write!(f, "for {name:?}, which leads to {address}"),
            Asked::OwnPort(reason) => write!(f, "for a port that it does not have: {reason}"),
            Asked::Listen => f.write_str("to listen for connections"),
            Asked::Udp => f.write_str("to send UDP"),
            Asked::Https(host) => write!(f, "for https://{host}: there is no TLS in wasi:http here"),
            Asked::Outside(path) => write!(f, "for {path:?}, which leads out of the directories that it may read"),
            Asked::Import(path) => write!(f, "to import {path:?}, which leads out of the definition's directory"),
            Asked::Change(path) => write!(f, "to change {path:?}, in a directory that it may only read"),
            Asked::NetworkInFields => f.write_str("for the network, which there is none of in fields"),
        }
    }
}

/// The most bytes that are told of what was asked: the definition chooses the names in it.
const LONG: usize = 1000;

/// A denial: what was asked, by which hook, and what would allow it. Which service's hook it was is said by who tells
/// it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Denied {
    /// The hook, as `ping`.
    pub hook: String,
    /// What it asked for.
    pub asked: Asked,
}

impl Denied {
    /// What is called where a component is built. No option would allow it anything.
    pub const BUILD: &str = "the build";

    /// What it asked for, in words that follow `asked`, cut to what can be read.
    #[must_use]
    pub fn what(&self) -> String {
        short(&self.asked.to_string(), LONG).into_owned()
    }

    /// The option that would allow it, if there is one that is short enough to be typed.
    #[must_use]
    pub fn grant(&self) -> Option<String> {
        let option = if self.hook == Self::BUILD { None } else { self.asked.option() };
        option.filter(|option| option.len() <= LONG)
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hook, what) = (&self.hook, self.what());
        match self.grant() {
            Some(grant) => write!(f, "denied: {hook} asked {what}; {grant} would allow it"),
            None => write!(f, "denied: {hook} asked {what}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_says_what_would_allow_it() {
        let said = |asked| Denied { hook: "ping".to_owned(), asked }.to_string();
        assert_eq!(
            said(Asked::Connect("169.254.169.254:80".parse().unwrap())),
            "denied: ping asked to connect to 169.254.169.254:80; --allow-net 169.254.169.254:80 would allow it"
        );
        assert_eq!(
            said(Asked::LookUp("evil\u{1b}.example".to_owned())),
            "denied: ping asked for the address of \"evil\\u{1b}.example\", which is none of its services"
        );
        assert_eq!(
            said(Asked::LookUp("example.com".to_owned())),
            "denied: ping asked for the address of \"example.com\", which is none of its services; --allow-net \
             example.com:PORT would allow it"
        );
        assert_eq!(
            said(Asked::LeadsAstray { name: "a.example".to_owned(), address: "::1".parse().unwrap() }),
            "denied: ping asked for \"a.example\", which leads to ::1; --allow-net [::1]:PORT would allow it"
        );
        assert_eq!(
            said(Asked::Change("conf/a".to_owned())),
            "denied: ping asked to change \"conf/a\", in a directory that it may only read; --allow-write DIR would \
             allow it"
        );
        assert_eq!(said(Asked::Listen), "denied: ping asked to listen for connections");
    }

    #[test]
    fn nothing_is_granted_while_a_component_is_built() {
        let denied = Denied { hook: Denied::BUILD.to_owned(), asked: Asked::Change("conf/a".to_owned()) };
        assert_eq!(denied.grant(), None);
    }

    #[test]
    fn what_is_too_long_to_be_read_is_cut_and_gets_no_option() {
        let asked = Asked::LookUp("x".repeat(2 * LONG));
        let denied = Denied { hook: "ping".to_owned(), asked };
        assert_eq!((denied.what().len(), denied.grant()), (LONG + '…'.len_utf8(), None));
    }
}
