//! `HOST:PORT`, as it is granted and as it is asked for.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use drillmaster::grants::{Asked, Denied, Grants, NetGrant, may_resolve_to};
use drillmaster::report::visible;

use crate::input::Input;
use crate::shown::one_line;

const TEXTS: [&str; 14] = [
    "example.com:443",
    "Example.COM.:443",
    "localhost:80",
    "10.0.0.1:80",
    "[::1]:80",
    "[::ffff:10.0.0.1]:80",
    "a:0",
    "a:+1",
    "a",
    ":1",
    "::1:80",
    "*:80",
    "127.1:80",
    "0x7f.1:80",
];
const NAMES: [&str; 6] = ["example.com", "EXAMPLE.com.", "www.example.com", "localhost", "a", ""];

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let texts = input.list(3, |input| input.word(&TEXTS));
    let mut grants = Grants::default();
    for text in &texts {
        match text.parse::<NetGrant>() {
            Ok(grant) => {
                let again = grant.to_string();
                assert_eq!(again.parse().as_ref(), Ok(&grant), "{text} is written as {again}");
                grants.net.insert(grant);
            }
            Err(error) => one_line(&visible(&error.to_string())),
        }
    }
    let names: BTreeSet<String> = input.list(2, |input| input.word(&NAMES)).into_iter().collect();
    let address = SocketAddr::new(address(&mut input), input.pick(&[0, 1, 80, 443]));
    if grants.may_connect(address, &names) {
        // Somebody has granted this port, of the address itself or of a name that led there.
        let ports = || {
            grants
                .net
                .iter()
                .map(ToString::to_string)
                .filter_map(|grant| grant.rsplit_once(':').map(|(_, port)| port.to_owned()))
        };
        assert!(ports().any(|port| port == address.port().to_string()), "{address} is not in {texts:?}");
        let itself = SocketAddr::new(address.ip().to_canonical(), address.port()).to_string();
        let is_granted = |name: &String| grants.may_look_up(name);
        assert!(names.iter().any(is_granted) || grants.net.iter().any(|grant| grant.to_string() == itself));
    }
    for name in &names {
        if may_resolve_to(name, address.ip()) && address.ip().to_canonical().is_loopback() {
            assert!(
                name.trim_end_matches('.').to_ascii_lowercase().ends_with("localhost"),
                "{name} leads to {address}"
            );
        }
    }
    told(&mut input, address);
}

fn address(input: &mut Input<'_>) -> IpAddr {
    match input.up_to(2) {
        0 => IpAddr::from(input.any::<[u8; 4]>()),
        1 => IpAddr::from(input.any::<[u8; 16]>()),
        _ => input
            .pick(&["127.0.0.1", "::1", "10.0.0.1", "::ffff:10.0.0.1", "169.254.169.254"])
            .parse()
            .expect("it is one"),
    }
}

/// What is denied is told with the option that allows it, which can be given as it stands.
fn told(input: &mut Input<'_>, address: SocketAddr) {
    let asked = match input.up_to(6) {
        0 => Asked::Connect(address),
        1 => Asked::LookUp(input.text()),
        2 => Asked::LeadsAstray { name: input.text(), address: address.ip() },
        3 => Asked::OwnPort(input.text()),
        4 => Asked::Https(input.text()),
        5 => Asked::Outside(input.text()),
        _ => Asked::Change(input.text()),
    };
    if let (Asked::Connect(_), Some(option)) = (&asked, asked.option()) {
        let given = option.strip_prefix("--allow-net ").expect("it is about the network");
        assert!(given.parse::<NetGrant>().is_ok() || address.port() == 0, "{option}");
    }
    one_line(&visible(&Denied { hook: "ping".to_owned(), asked }.to_string()));
}
