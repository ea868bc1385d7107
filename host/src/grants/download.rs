//! What the engine may be made to download for a definition. It does so in the network of the machine that it runs on,
//! where it reaches what no definition may reach.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::NetGrant;

/// What the names of a machine's own addresses and of a cloud's metadata end with.
const INWARD: [&str; 2] = [".localhost", ".internal"];

/// Whether the person has granted a port of a host, which is a name or an address, in brackets if it is an IPv6 address.
#[must_use]
pub fn may_download(net: &BTreeSet<NetGrant>, host: &str, port: u16) -> bool {
    let wanted = format!("{host}:{port}").parse();
    wanted.is_ok_and(|wanted: NetGrant| net.contains(&wanted))
}

/// Whether a host, as the name of a registry has it, leads to the engine's own machine, to its link or to what only its
/// own network knows: an address, a name without a dot, whatever consists of numbers only.
fn leads_inward(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
        // Of which a machine has many: its own, those of its containers, those of its network.
        return true;
    }
    // The last label of a name in DNS is no number; resolvers read `127.1` and `0x7f.1` as addresses.
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_number = last.starts_with(|c: char| c.is_ascii_digit());
    is_number || !host.contains('.') || INWARD.iter().any(|end| host.ends_with(end))
}

/// Why an image may not be pulled from a registry, which is a host and a port, if that takes a grant that there is none of.
#[must_use]
pub fn denied_registry((host, port): (&str, u16), net: &BTreeSet<NetGrant>) -> Option<String> {
    (leads_inward(host) && !may_download(net, host, port)).then(|| {
        format!(
            "its registry {host} leads to the machine that Docker runs on, or to what only that reaches; --allow-net \
             {host}:{port} would allow it"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_is_granted_by_its_host_and_port_and_no_other_way() {
        let net = ["Example.com:443", "127.0.0.1:80", "[::1]:80"].map(|grant| grant.parse().unwrap()).into();
        let may = |host: &str, port| may_download(&net, host, port);
        assert!(may("example.com", 443) && may("EXAMPLE.com.", 443) && may("127.0.0.1", 80) && may("[::1]", 80));
        for (host, port) in [("example.com", 80), ("www.example.com", 443), ("127.1", 80), ("2130706433", 80), ("", 80)]
        {
            assert!(!may(host, port), "{host}:{port}");
        }
    }

    #[test]
    fn an_image_of_a_registry_of_the_engines_own_machine_needs_a_grant() {
        let net = |grant: &str| [grant.parse().unwrap()].into();
        for host in ["127.0.0.1", "localhost", "registry", "127.1"] {
            let why = denied_registry((host, 22550), &net(&format!("{host}:443"))).unwrap();
            assert!(why.contains(&format!("--allow-net {host}:22550 would")), "{why}");
            assert_eq!(denied_registry((host, 22550), &net(&format!("{host}:22550"))), None);
        }
        assert_eq!(denied_registry(("docker.io", 443), &BTreeSet::new()), None);
    }

    #[test]
    fn what_leads_to_the_engines_own_machine_or_network_is_known_by_its_name() {
        for host in [
            "localhost",
            "LOCALHOST.",
            "registry.localhost",
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f.1",
            "0x7f000001",
            "169.254.169.254",
            "0.0.0.0",
            "[::1]",
            "[fe80::1]",
            "[::ffff:127.0.0.1]",
            "172.17.0.1",
            "10.1.2.3",
            "registry",
            "metadata.google.internal",
            "host.docker.internal",
        ] {
            assert!(leads_inward(host), "{host}");
        }
        for host in ["docker.io", "ghcr.io", "registry.example.com", "1password.example"] {
            assert!(!leads_inward(host), "{host}");
        }
    }
}
