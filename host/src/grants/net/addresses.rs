//! Addresses that no name leads to: they are this machine's own, or those of its link or its cloud alone.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where clouds keep metadata and credentials of their machines, beside 169.254.169.254, which is link-local.
const METADATA_V4: [Ipv4Addr; 3] = [
    // Alibaba, Azure, Oracle.
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(192, 0, 0, 192),
];

/// The same for IPv6, as the first 32 bits. Who makes up a private prefix, as they should be, hits none of them.
const METADATA_V6: [[u16; 2]; 3] = [
    // Amazon, Oracle, Google.
    [0xfd00, 0xec2],
    [0xfd00, 0x00c1],
    [0xfd20, 0x00ce],
];

/// Whether an address is one of those, or by its form leads to one of those.
pub(super) fn is_reserved(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_reserved_v4(address),
        IpAddr::V6(address) => is_reserved_v6(address) || embedded(address).is_some_and(is_reserved_v4),
    }
}

fn is_reserved_v4(address: Ipv4Addr) -> bool {
    // Some systems take all of 0.0.0.0/8 for their own address.
    address.octets()[0] == 0
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_multicast()
        || METADATA_V4.contains(&address)
}

fn is_reserved_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    address.is_loopback()
        || address.is_unspecified()
        || address.is_unicast_link_local()
        || address.is_multicast()
        || METADATA_V6.contains(&[first, second])
}

/// The IPv4 address that an IPv6 address is another form of, or is translated or tunnelled to.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let (high, low) = match address.segments() {
        // IPv4-compatible, -mapped and -translated; NAT64, with the prefix of everybody and those of networks; ISATAP.
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x64, 0xff9b, 1, _, _, _, high, low]
        | [_, _, _, _, 0 | 0x200, 0x5efe, high, low]
        // 6to4.
        | [0x2002, high, low, ..] => (high, low),
        // Teredo, which hides it from translators.
        [0x2001, 0, _, _, _, _, high, low] => (!high, !low),
        _ => return None,
    };
    Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reserved(address: &str) -> bool {
        is_reserved(address.parse().unwrap())
    }

    #[test]
    fn what_belongs_to_this_machine_or_its_cloud_is_reserved() {
        for address in ["0.0.0.0", "0.1.2.3", "127.0.0.1", "169.254.0.1", "224.0.0.1", "255.255.255.255"] {
            assert!(reserved(address), "{address}");
        }
        for address in ["::", "::1", "fe80::1", "febf::1", "ff02::1"] {
            assert!(reserved(address), "{address}");
        }
        for metadata in ["169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192"] {
            assert!(reserved(metadata), "{metadata}");
        }
        for metadata in ["fd00:ec2::254", "fd00:c1::a9fe:a9fe", "fd20:ce::254"] {
            assert!(reserved(metadata), "{metadata}");
        }
    }

    #[test]
    fn it_is_reserved_in_every_form() {
        for form in [
            "::ffff:169.254.169.254",
            "::169.254.169.254",
            "::ffff:0:169.254.169.254",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::100.100.100.200",
            "2002:a9fe:a9fe::1",
            "2002:7f00:1::",
            "2001:0:4136:e378:8000:63bf:5601:5601",
            "2001:db8::5efe:169.254.169.254",
        ] {
            assert!(reserved(form), "{form}");
        }
    }

    #[test]
    fn everything_else_is_not() {
        for address in ["93.184.215.14", "10.1.2.3", "100.64.0.1", "192.168.1.1", "172.17.0.1"] {
            assert!(!reserved(address), "{address}");
        }
        for address in
            ["fd12:3456::1", "2606:2800::1", "64:ff9b::93.184.215.14", "2002:5db8:d70e::1", "::ffff:10.0.0.1"]
        {
            assert!(!reserved(address), "{address}");
        }
    }
}
