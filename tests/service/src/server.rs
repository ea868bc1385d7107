//! The HTTP server: one thread a connection, one answer a connection.
//!
//! | path | answer |
//! |---|---|
//! | `/ready` | 200, or 503 before `READY_AFTER_MS` |
//! | `/env/NAME` | the variable; 404 when it is unset |
//! | `/argv` | the arguments, one a line |
//! | `/cwd` | the working directory |
//! | `/user` | `uid:gid` |
//! | `/file/PATH` | the file `/PATH`, or a directory's names, one a line |
//! | `/count/NAME` | the counter's value after adding one |
//! | `/peek/NAME` | the counter's value |
//! | `/resolve/HOST` | its addresses, one a line; 404 when there are none |
//! | `/get/HOST:PORT/PATH` | what that server answers, or 502 and why it did not |
//! | `/exit/CODE` | the process exits at once with the code, without an answer |

use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream, ToSocketAddrs};
use std::path::Path;
use std::process;
use std::thread;
use std::time::Duration;

use crate::{clock, counter};

const PATIENCE: Duration = Duration::from_secs(10);

/// Serves until the process ends.
pub(crate) fn run() -> io::Result<()> {
    thread::sleep(clock::remaining("LISTEN_AFTER_MS"));
    let port = port();
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))?;
    println!("listening on {port}");
    for stream in listener.incoming() {
        let stream = stream?;
        thread::spawn(move || {
            if let Err(error) = converse(stream) {
                eprintln!("a request failed: {error}");
            }
        });
    }
    Ok(())
}

/// Whether the server in this container answers 200 to a request for this path.
pub(crate) fn ask(path: &str) -> io::Result<bool> {
    let (status, _) = get(&format!("127.0.0.1:{}/{}", port(), path.trim_start_matches('/')))?;
    Ok(status == 200)
}

fn port() -> u16 {
    clock::number("LISTEN").and_then(|port| u16::try_from(port).ok()).unwrap_or(8080)
}

fn converse(mut stream: TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut lines = BufReader::new(&stream).lines();
    let Some(request) = lines.next().transpose()? else {
        return Ok(()); // somebody only asked whether the port is open
    };
    // The headers are read to their end: closing a connection with unread bytes resets it, and loses the answer.
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let target = request.split(' ').nth(1).unwrap_or("/");
    let (status, body) = answer(target);
    write!(stream, "HTTP/1.1 {status} -\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
    stream.write_all(&body)
}

type Answer = (u16, Vec<u8>);

fn answer(target: &str) -> Answer {
    let target = target.trim_start_matches('/');
    let (name, rest) = target.split_once('/').unwrap_or((target, ""));
    match name {
        "ready" if clock::remaining("READY_AFTER_MS").is_zero() => (200, b"ready".to_vec()),
        "ready" => (503, b"not ready".to_vec()),
        "env" => match env::var(rest) {
            Ok(value) => (200, value.into_bytes()),
            Err(error) => (404, error.to_string().into_bytes()),
        },
        "argv" => (200, env::args().collect::<Vec<_>>().join("\n").into_bytes()),
        "cwd" => found(env::current_dir().map(|path| path.display().to_string().into_bytes())),
        "user" => found(user().map(String::into_bytes)),
        "file" => found(read(&Path::new("/").join(rest))),
        "count" => found(counter::count(rest).map(|value| value.to_string().into_bytes())),
        "peek" => found(counter::peek(rest).map(|value| value.to_string().into_bytes())),
        "resolve" => found(resolve(rest)),
        "get" => get(rest).unwrap_or_else(|error| (502, error.to_string().into_bytes())),
        "exit" => {
            println!("exiting with {rest}");
            process::exit(rest.parse().unwrap_or(1))
        }
        _ => (404, format!("nothing is at /{target}").into_bytes()),
    }
}

fn found(result: io::Result<Vec<u8>>) -> Answer {
    match result {
        Ok(body) => (200, body),
        Err(error) => (404, error.to_string().into_bytes()),
    }
}

fn user() -> io::Result<String> {
    let status = fs::read_to_string("/proc/self/status")?;
    let id = |field: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(field))?;
        line.split_whitespace().next()
    };
    match (id("Uid:"), id("Gid:")) {
        (Some(user), Some(group)) => Ok(format!("{user}:{group}")),
        _ => Err(io::Error::other("/proc/self/status names no user")),
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    if !path.is_dir() {
        return fs::read(path);
    }
    let mut names = fs::read_dir(path)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names.join("\n").into_bytes())
}

fn resolve(host: &str) -> io::Result<Vec<u8>> {
    let mut addresses: Vec<String> = (host, 0).to_socket_addrs()?.map(|address| address.ip().to_string()).collect();
    addresses.sort();
    addresses.dedup();
    Ok(addresses.join("\n").into_bytes())
}

fn get(target: &str) -> io::Result<Answer> {
    let (authority, path) = target.split_once('/').unwrap_or((target, ""));
    let address =
        authority.to_socket_addrs()?.next().ok_or_else(|| io::Error::other(format!("{authority} has no address")))?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n")?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response)?;
    parse(&response).ok_or_else(|| io::Error::other(format!("{authority} answered no HTTP")))
}

/// The status and the body of a response that ended with its connection.
fn parse(response: &[u8]) -> Option<Answer> {
    let end = response.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = str::from_utf8(&response[..end]).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, response[end + 4..].to_vec()))
}
