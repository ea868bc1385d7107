//! `app` asks for everything that a definition can ask its host for, and tells in its log what came of each.
//!
//! The port of somebody else is in the variable `NOSY_PORT`, if it may see that.

use std::fmt::{Debug, Display};

use drillmaster_sdk::{Container, Fields, Group, Parameters, Result, Service, log};
use drillmaster_test_definitions::{PORT, fields, ready};
use wasip2::cli::environment::get_environment;
use wasip2::filesystem::preopens::get_directories;
use wasip2::filesystem::types::{Descriptor, DescriptorFlags, ErrorCode as FileError, OpenFlags, PathFlags};
use wasip2::http::outgoing_handler::handle;
use wasip2::http::types::{Fields as Headers, OutgoingRequest, Scheme};
use wasip2::sockets::instance_network::instance_network;
use wasip2::sockets::ip_name_lookup::resolve_addresses;
use wasip2::sockets::network::{ErrorCode, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress};
use wasip2::sockets::tcp_create_socket::create_tcp_socket;
use wasip2::sockets::udp_create_socket::create_udp_socket;

struct App;

impl Service for App {
    fn fields(&self, parameters: &Parameters) -> Result<Fields> {
        if parameters.get("in_fields").is_some() {
            log::info(told("in fields", &connect((127, 0, 0, 1), 80)));
        }
        Ok(fields())
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        ready(container)
    }

    fn post_start_init(&self, _: &Container) -> Result<()> {
        let variables = get_environment();
        log::info(format!("variables: {variables:?}"));
        for (directory, name) in get_directories() {
            log::info(format!("directory: {name}"));
            log::info(told("read greeting", &read(&directory, "greeting")));
            log::info(told("read ../secret", &read(&directory, "../secret")));
            log::info(told("read link", &read(&directory, "link")));
            log::info(told("write new", &write(&directory, "new")));
        }
        log::info(told("metadata", &connect((169, 254, 169, 254), 80)));
        if let Some((_, port)) = variables.iter().find(|(name, _)| name == "NOSY_PORT") {
            log::info(told("neighbour", &connect((127, 0, 0, 1), port.parse()?)));
            log::info(told("localhost", &connect_by_name("localhost", port.parse()?)));
        }
        log::info(told("look up example.com", &resolve_addresses(&instance_network(), "example.com").map(drop)));
        log::info(told("listen", &listen()));
        log::info(told("udp", &create_udp_socket(IpAddressFamily::Ipv4).map(drop)));
        log::info(told("http to itself", &get(&Scheme::Http, &format!("app:{PORT}"), "/count/by-http")));
        log::info(told("http elsewhere", &get(&Scheme::Http, "192.0.2.1", "/")));
        log::info(told("https", &get(&Scheme::Https, "app", "/")));
        Ok(())
    }
}

fn read(directory: &Descriptor, path: &str) -> Result<String, FileError> {
    let file = directory.open_at(PathFlags::SYMLINK_FOLLOW, path, OpenFlags::empty(), DescriptorFlags::READ)?;
    let (bytes, _) = file.read(1024, 0)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn write(directory: &Descriptor, path: &str) -> Result<u64, FileError> {
    directory.open_at(PathFlags::empty(), path, OpenFlags::CREATE, DescriptorFlags::WRITE)?.write(b"written", 0)
}

fn connect(address: (u8, u8, u8, u8), port: u16) -> Result<(), ErrorCode> {
    let socket = create_tcp_socket(IpAddressFamily::Ipv4)?;
    socket.start_connect(&instance_network(), IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address }))?;
    loop {
        match socket.finish_connect() {
            Err(ErrorCode::WouldBlock) => socket.subscribe().block(),
            connected => return connected.map(drop),
        }
    }
}

fn connect_by_name(name: &str, port: u16) -> Result<(), ErrorCode> {
    use wasip2::sockets::network::IpAddress;
    let found = resolve_addresses(&instance_network(), name)?;
    while let Some(address) = found.resolve_next_address()? {
        if let IpAddress::Ipv4(address) = address {
            return connect(address, port);
        }
    }
    Err(ErrorCode::NameUnresolvable)
}

fn listen() -> Result<(), ErrorCode> {
    let socket = create_tcp_socket(IpAddressFamily::Ipv4)?;
    let any = IpSocketAddress::Ipv4(Ipv4SocketAddress { port: 0, address: (0, 0, 0, 0) });
    // It has connected before, so that it may bind.
    socket.start_bind(&instance_network(), any)?;
    socket.finish_bind()?;
    socket.start_listen()
}

fn get(scheme: &Scheme, authority: &str, path: &str) -> Result<u16, String> {
    let said = |error: &dyn Debug| format!("{error:?}");
    let request = OutgoingRequest::new(Headers::new());
    request.set_scheme(Some(scheme)).map_err(|()| "no scheme")?;
    request.set_authority(Some(authority)).map_err(|()| "no authority")?;
    request.set_path_with_query(Some(path)).map_err(|()| "no path")?;
    let answer = handle(request, None).map_err(|error| said(&error))?;
    answer.subscribe().block();
    let answer = answer.get().ok_or("no answer")?.map_err(|()| "taken")?.map_err(|error| said(&error))?;
    Ok(answer.status())
}

/// What came of it, in a line.
fn told<T: Debug, E: Display>(what: &str, result: &Result<T, E>) -> String {
    match result {
        Ok(value) => format!("{what}: Ok({value:?})"),
        Err(error) => format!("{what}: Err({error})"),
    }
}

drillmaster_sdk::export_group!(Group::new().service("app", App));
