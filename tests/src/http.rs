//! Plain HTTP, for asking the services what they see.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(10);

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Gets a path, which begins with `/`, from a server at `host:port`. Redirects are not followed.
///
/// # Errors
///
/// When nothing listens, nothing answers within ten seconds, or the answer is no HTTP.
pub fn get(address: impl ToSocketAddrs, path: &str) -> io::Result<Response> {
    request("GET", address, path, b"")
}

/// The same with any method and a body.
///
/// # Errors
///
/// As for [`get`].
pub fn request(method: &str, address: impl ToSocketAddrs, path: &str, body: &[u8]) -> io::Result<Response> {
    let address = address.to_socket_addrs()?.next().ok_or_else(|| io::Error::other("the name has no address"))?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    // In 1.0 an answer ends with its connection, and is never in chunks.
    let length = body.len();
    write!(stream, "{method} {path} HTTP/1.0\r\nHost: {address}\r\nContent-Length: {length}\r\n\r\n")?;
    stream.write_all(body)?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response)?;
    parse(&response).ok_or_else(|| io::Error::other(format!("{address} answered no HTTP to {method} {path}")))
}

fn parse(response: &[u8]) -> Option<Response> {
    let end = response.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = str::from_utf8(&response[..end]).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Response { status, body: response[end + 4..].to_vec() })
}
