//! Hooks that connect by themselves, through WASI's names and sockets: `web` to its own port, `client`, which depends on
//! `web`, to that of `web`, and `stranger`, which does not, to what it should not reach.

use std::io::{Read, Write};

use drillmaster_sdk::{Container, Fields, Group, Parameters, Result, Service, context, log};
use drillmaster_test_definitions::{PORT, fields};
use wasip2::sockets::instance_network::instance_network;
use wasip2::sockets::ip_name_lookup::resolve_addresses;
use wasip2::sockets::network::{ErrorCode, IpAddress, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress};
use wasip2::sockets::tcp_create_socket::create_tcp_socket;

/// A port that nobody publishes.
const UNPUBLISHED: u16 = 9090;
const LOCALHOST: IpAddress = IpAddress::Ipv4((127, 0, 0, 1));
/// A network that is nobody's: for documentation alone.
const ELSEWHERE: IpAddress = IpAddress::Ipv4((192, 0, 2, 1));

struct Web;

impl Service for Web {
    fn fields(&self, _: &Parameters) -> Result<Fields> {
        Ok(fields())
    }

    fn ping(&self, _: &Container) -> Result<bool> {
        answers("web")
    }

    fn post_start_init(&self, container: &Container) -> Result<()> {
        get("web", PORT, "/count/by-name")?;
        let published = container.address(PORT)?.port;
        request(LOCALHOST, published, "/count/by-host-port")?;
        context::set("web.published", published.to_string())
    }
}

struct Client;

impl Service for Client {
    fn fields(&self, _: &Parameters) -> Result<Fields> {
        Ok(fields().depends_on("web"))
    }

    fn ping(&self, _: &Container) -> Result<bool> {
        answers("client")
    }

    fn post_start_init(&self, _: &Container) -> Result<()> {
        get("web", PORT, "/count/by-dependent").map(drop)
    }
}

/// Starts once `web` runs, without declaring it.
struct Stranger;

impl Service for Stranger {
    fn fields(&self, _: &Parameters) -> Result<Fields> {
        Ok(fields().depends_on("client"))
    }

    fn ping(&self, _: &Container) -> Result<bool> {
        answers("stranger")
    }

    fn post_start_init(&self, _: &Container) -> Result<()> {
        let published = context::get("web.published").ok_or("web has left no port")?.parse()?;
        log::info(format!("web: {}", told(get("web", PORT, "/count/by-stranger"))));
        log::info(format!("its host port: {}", told(request(LOCALHOST, published, "/count/by-stranger"))));
        log::info(format!("an unpublished port: {}", told(get("stranger", UNPUBLISHED, "/"))));
        log::info(format!("elsewhere: {}", told(request(ELSEWHERE, 80, "/"))));
        Ok(())
    }
}

/// Whether a service says that it is ready; not yet, as long as it does not answer.
fn answers(service: &str) -> Result<bool> {
    match get(service, PORT, "/ready") {
        Ok(answer) => Ok(answer.starts_with("HTTP/1.1 200 ")),
        Err(error) => match error.downcast_ref() {
            // It would be no better the next time.
            Some(ErrorCode::AccessDenied | ErrorCode::NameUnresolvable) => Err(error),
            _ => Ok(false),
        },
    }
}

/// What a service, found by its name, answers to a GET.
fn get(service: &str, port: u16, path: &str) -> Result<String> {
    request(resolve(service)?, port, path)
}

fn resolve(name: &str) -> Result<IpAddress> {
    let addresses = resolve_addresses(&instance_network(), name)?;
    loop {
        match addresses.resolve_next_address() {
            Err(ErrorCode::WouldBlock) => addresses.subscribe().block(),
            answer => return Ok(answer?.ok_or(ErrorCode::NameUnresolvable)?),
        }
    }
}

fn request(address: IpAddress, port: u16, path: &str) -> Result<String> {
    let IpAddress::Ipv4(address) = address else { return Err("it has no IPv4 address".into()) };
    let socket = create_tcp_socket(IpAddressFamily::Ipv4)?;
    socket.start_connect(&instance_network(), IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address }))?;
    let (mut input, mut output) = loop {
        match socket.finish_connect() {
            Err(ErrorCode::WouldBlock) => socket.subscribe().block(),
            connected => break connected?,
        }
    };
    write!(output, "GET {path} HTTP/1.1\r\n\r\n")?;
    output.flush()?;
    let mut answer = String::new();
    input.read_to_string(&mut answer)?;
    Ok(answer)
}

/// What came of it, in a line.
fn told(result: Result<String>) -> String {
    match result {
        Ok(answer) => format!("it answers {answer:?}"),
        Err(error) => error.to_string(),
    }
}

drillmaster_sdk::export_group!(
    Group::new().service("web", Web).service("client", Client).service("stranger", Stranger)
);
