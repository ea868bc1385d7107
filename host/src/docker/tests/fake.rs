//! An engine that answers with the bytes that a test gives it.

use std::sync::{Arc, Mutex};

use bollard::API_DEFAULT_VERSION;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};

use crate::docker::Docker;
use crate::docker::client::Client;
use crate::docker::endpoint::{Address, Endpoint, Source};
use crate::engine::Turns;

/// What it does with a request, which is given as `METHOD TARGET`.
pub(super) enum Answer {
    /// It sends these bytes, and ends the connection.
    Bytes(Vec<u8>),
    /// It sends these bytes, and nothing ever again.
    Held(Vec<u8>),
}

/// A whole answer with a body in JSON.
pub(super) fn json(status: &str, body: &str) -> Answer {
    let length = body.len();
    Answer::Bytes(format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes())
}

/// An answer whose body ends with the connection.
pub(super) fn until_closed(status: &str, body: &[u8]) -> Answer {
    Answer::Bytes([format!("HTTP/1.1 {status}\r\nconnection: close\r\n\r\n").as_bytes(), body].concat())
}

/// The engine, and what it was asked.
pub(super) struct Fake {
    pub(super) docker: Docker,
    seen: Arc<Mutex<Vec<String>>>,
    _directory: tempfile::TempDir,
}

impl Fake {
    pub(super) fn answering(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join("socket").display().to_string();
        let listener = UnixListener::bind(&socket).unwrap();
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let (noting, answer) = (Arc::clone(&seen), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let (noting, answer) = (Arc::clone(&noting), Arc::clone(&answer));
                tokio::spawn(async move {
                    let mut connection = connection;
                    let request = read_request(&mut connection).await;
                    noting.lock().unwrap().push(request.clone());
                    match answer(&request) {
                        Answer::Bytes(bytes) => drop(connection.write_all(&bytes).await),
                        Answer::Held(bytes) => {
                            let _ = connection.write_all(&bytes).await;
                            std::future::pending::<()>().await;
                        }
                    }
                });
            }
        });
        let client = bollard::Docker::connect_with_unix(&socket, 1, API_DEFAULT_VERSION).unwrap();
        let endpoint = Endpoint { address: Address::Unix(socket), source: Source::Default };
        let docker = Docker { client: Client::new(client), endpoint, turns: Turns::new(4), pending: None };
        Self { docker, seen, _directory: directory }
    }

    /// The requests so far, without the version of the API.
    pub(super) fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

/// Reads a request with its body, and gives its method and target, without the version of the API.
async fn read_request(connection: &mut UnixStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
            let is_whole = match length {
                Some(length) => body.len() >= length,
                None => !head.contains("transfer-encoding: chunked") || text.ends_with("0\r\n\r\n"),
            };
            if is_whole {
                let line = text.lines().next().unwrap_or_default();
                let line = line.trim_end_matches(" HTTP/1.1");
                let (method, target) = line.split_once(" /").unwrap_or_default();
                let is_version = |part: &str| part.starts_with("v1.");
                let target =
                    target.split_once('/').filter(|(part, _)| is_version(part)).map_or(target, |(_, rest)| rest);
                return format!("{method} /{target}");
            }
        }
        if connection.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return String::new();
        }
    }
}
