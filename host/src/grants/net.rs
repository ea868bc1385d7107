//! `HOST:PORT`: where a definition may connect to.

mod addresses;

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use serde::Deserialize;

/// The longest name of a host that DNS has.
const MAX_NAME: usize = 253;

/// A host, by name or address, and one of its TCP ports.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct NetGrant {
    host: Host,
    port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Host {
    /// As [`plain`] has it.
    Name(String),
    Address(IpAddr),
}

/// Why a text is no `HOST:PORT`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not HOST:PORT, as example.com:443, 10.0.0.1:80 or [::1]:80: {reason}")]
pub struct InvalidNetGrant {
    text: String,
    reason: &'static str,
}

impl NetGrant {
    /// Whether it is about a host of this name.
    pub(super) fn names(&self, name: &str) -> bool {
        matches!(&self.host, Host::Name(host) if *host == plain(name))
    }

    /// Whether it allows a connection to an address that was found for these names.
    pub(super) fn allows(&self, address: SocketAddr, names: &BTreeSet<String>) -> bool {
        self.port == address.port()
            && match &self.host {
                Host::Name(host) => names.iter().any(|name| plain(name) == *host),
                Host::Address(host) => *host == address.ip().to_canonical(),
            }
    }
}

impl FromStr for NetGrant {
    type Err = InvalidNetGrant;

    fn from_str(text: &str) -> Result<Self, InvalidNetGrant> {
        let wrong = |reason| InvalidNetGrant { text: text.to_owned(), reason };
        if let Ok(address) = text.parse::<SocketAddr>() {
            return match address.port() {
                0 => Err(wrong("the port is not between 1 and 65535")),
                port => Ok(Self { host: Host::Address(address.ip().to_canonical()), port }),
            };
        }
        let (host, port) = text.rsplit_once(':').ok_or_else(|| wrong("there is no port"))?;
        let number = if port.starts_with('+') { None } else { port.parse().ok() };
        let port = number.filter(|port| *port != 0).ok_or_else(|| wrong("the port is not between 1 and 65535"))?;
        if host.contains(':') {
            return Err(wrong("an IPv6 address is written in brackets"));
        }
        let label = |label: &str| {
            !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        if host.len() > MAX_NAME || !plain(host).split('.').all(label) {
            return Err(wrong("the host is neither a name nor an address"));
        }
        Ok(Self { host: Host::Name(plain(host)), port })
    }
}

impl TryFrom<String> for NetGrant {
    type Error = InvalidNetGrant;

    fn try_from(text: String) -> Result<Self, InvalidNetGrant> {
        text.parse()
    }
}

impl fmt::Display for NetGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Name(name) => write!(f, "{name}:{}", self.port),
            Host::Address(address) => SocketAddr::new(*address, self.port).fmt(f),
        }
    }
}

/// A name as it is compared: in lower case, without the dot that marks the root.
fn plain(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// Whether an address may be that of a name that was granted. Whoever a name belongs to chooses its addresses: it must
/// not lead to this machine itself, nor to what only its own link or its cloud has (metadata, at 169.254.169.254 and
/// elsewhere), in whatever form; unless the name says so, as `localhost` does. The address itself can be granted.
#[must_use]
pub fn may_resolve_to(name: &str, address: IpAddr) -> bool {
    let name = plain(name);
    if name == "localhost" || name.ends_with(".localhost") {
        return address.to_canonical().is_loopback();
    }
    !addresses::is_reserved(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_the_same_way() {
        for text in ["example.com:443", "10.0.0.1:80", "[::1]:80", "my_host:65535"] {
            assert_eq!(text.parse::<NetGrant>().unwrap().to_string(), text);
        }
        assert_eq!("Example.COM.:1".parse::<NetGrant>().unwrap().to_string(), "example.com:1");
        assert_eq!("[::ffff:10.0.0.1]:80".parse::<NetGrant>().unwrap().to_string(), "10.0.0.1:80");
    }

    #[test]
    fn anything_else_is_refused_with_the_reason() {
        let refused = |text: &str| text.parse::<NetGrant>().unwrap_err().reason;
        assert_eq!(refused("example.com"), "there is no port");
        for text in
            ["example.com:0", "10.0.0.1:0", "example.com:65536", "example.com:", "example.com:http", "a:-1", "a:+1"]
        {
            assert_eq!(refused(text), "the port is not between 1 and 65535", "{text}");
        }
        assert_eq!(refused("::1:80"), "an IPv6 address is written in brackets");
        for text in [":80", "*:80", "a b:80", "http//a:80", "a..b:80", ".:80"] {
            assert_eq!(refused(text), "the host is neither a name nor an address", "{text}");
        }
        assert_eq!(refused(&format!("{}:80", "a".repeat(254))), "the host is neither a name nor an address");
    }

    #[test]
    fn a_name_does_not_lead_to_this_machine_unless_it_says_so() {
        let may = |name: &str, address: &str| may_resolve_to(name, address.parse().unwrap());
        for address in
            ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "fd00:ec2::254", "0.0.0.0", "2002:a9fe:a9fe::"]
        {
            assert!(!may("example.com", address), "{address}");
        }
        assert!(
            may("example.com", "93.184.215.14") && may("db.corp", "10.1.2.3") && may("example.com", "2606:2800::1")
        );
        assert!(may("localhost", "127.0.0.1") && may("app.localhost.", "::1") && !may("localhost", "10.0.0.1"));
    }
}
