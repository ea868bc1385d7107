//! A registry of images: as much of one as a pull asks for.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::engine::Engine;

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const CONFIG: &str = "application/vnd.docker.container.image.v1+json";
const LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";

/// The longest head of a request, and how long it may take to come.
const HEAD_LIMIT: usize = 16 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);

/// What is found at each path: its type and its content.
type Offers = Arc<Mutex<BTreeMap<String, (&'static str, Bytes)>>>;

/// A registry on a port of this machine that lives as long as this value.
#[derive(Debug)]
pub struct Registry {
    address: SocketAddr,
    offers: Offers,
    closing: Arc<AtomicBool>,
    connections: Arc<AtomicUsize>,
    listening: Option<JoinHandle<()>>,
}

impl Registry {
    /// Listens, with nothing to offer.
    ///
    /// # Panics
    ///
    /// When there is no port.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
        let address = listener.local_addr().expect("it listens somewhere");
        let offers = Offers::default();
        let closing = Arc::new(AtomicBool::new(false));
        let connections = Arc::new(AtomicUsize::new(0));
        let listening = thread::spawn({
            let (offers, closing, connections) = (Arc::clone(&offers), Arc::clone(&closing), Arc::clone(&connections));
            move || listen(&listener, &offers, &closing, &connections)
        });
        Self { address, offers, closing, connections, listening: Some(listening) }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections there have been.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Offers a file that is no part of an image.
    pub fn offer_file(&self, path: &str, content: &'static str) {
        self.put(path.to_owned(), "text/plain", Bytes::from_static(content.as_bytes()));
    }

    /// What an image of this name is called by those who pull it.
    #[must_use]
    pub fn image(&self, name: &str) -> String {
        format!("{}/{name}", self.address)
    }

    /// Offers what the engine has as `image` under a name, from now on, as its `latest`.
    ///
    /// # Errors
    ///
    /// When the engine does not hand it out.
    pub fn offer(&self, engine: &Engine, image: &str, name: &str) -> Result<()> {
        let files = files(&engine.save_image(image)?)?;
        let index: Value = serde_json::from_slice(file(&files, "manifest.json")?)?;
        let saved = &index[0];
        let config = self.offer_blob(name, CONFIG, file(&files, saved["Config"].as_str().unwrap_or_default())?);
        let layers = saved["Layers"].as_array().into_iter().flatten();
        let layers =
            layers.map(|layer| Ok(self.offer_blob(name, LAYER, file(&files, layer.as_str().unwrap_or_default())?)));
        let layers = layers.collect::<Result<Vec<_>>>()?;
        let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers});
        let manifest = Bytes::from(manifest.to_string());
        for reference in ["latest", &digest(&manifest)] {
            self.put(format!("/v2/{name}/manifests/{reference}"), MANIFEST, manifest.clone());
        }
        Ok(())
    }

    /// Offers a part of an image, and gives what a manifest says of it.
    fn offer_blob(&self, name: &str, kind: &'static str, content: &Bytes) -> Value {
        let digest = digest(content);
        self.put(format!("/v2/{name}/blobs/{digest}"), kind, content.clone());
        json!({"mediaType": kind, "size": content.len(), "digest": digest})
    }

    fn put(&self, path: String, kind: &'static str, content: Bytes) {
        self.offers.lock().unwrap_or_else(PoisonError::into_inner).insert(path, (kind, content));
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::SeqCst);
        // The listener sees the flag at the next connection, which is this one.
        let _ = TcpStream::connect(self.address);
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
    }
}

/// The files in an archive.
fn files(archive: &[u8]) -> Result<BTreeMap<String, Bytes>> {
    let mut files = BTreeMap::new();
    for entry in tar::Archive::new(archive).entries()? {
        let mut entry = entry?;
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        files.insert(entry.path()?.display().to_string(), content.into());
    }
    Ok(files)
}

fn file<'a>(files: &'a BTreeMap<String, Bytes>, name: &str) -> Result<&'a Bytes> {
    files.get(name).with_context(|| format!("a saved image has no {name:?}"))
}

fn digest(content: &[u8]) -> String {
    format!("sha256:{:x}", Bytes::copy_from_slice(&Sha256::digest(content)))
}

fn listen(listener: &TcpListener, offers: &Offers, closing: &AtomicBool, connections: &AtomicUsize) {
    for client in listener.incoming() {
        if closing.load(Ordering::SeqCst) {
            return;
        }
        connections.fetch_add(1, Ordering::SeqCst);
        let (Ok(client), offers) = (client, Arc::clone(offers)) else { return };
        thread::spawn(move || {
            // A connection that breaks is the client's to notice.
            let _ = serve(client, &offers);
        });
    }
}

/// Answers one request and closes the connection.
fn serve(mut client: TcpStream, offers: &Offers) -> io::Result<()> {
    client.set_read_timeout(Some(PATIENCE))?;
    let mut head = Vec::new();
    let mut buffer = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < HEAD_LIMIT {
        let count = client.read(&mut buffer)?;
        head.extend_from_slice(&buffer[..count]);
        // The engine tries TLS first, and believes this to be none only if it is answered.
        if count == 0 || !head[0].is_ascii_uppercase() {
            return client.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    }
    let head = String::from_utf8_lossy(&head);
    let mut words = head.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let found = match path {
        "/v2/" => Some(("application/json", Bytes::from_static(b"{}"))),
        _ => offers.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned(),
    };
    let (status, kind, content) = match found {
        Some((kind, content)) => ("200 OK", kind, content),
        None => ("404 Not Found", "application/json", Bytes::from_static(br#"{"errors":[{"code":"NAME_UNKNOWN"}]}"#)),
    };
    write!(
        client,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nDocker-Content-Digest: {}\r\n\
         Docker-Distribution-Api-Version: registry/2.0\r\nConnection: close\r\n\r\n",
        content.len(),
        digest(&content)
    )?;
    if method == "HEAD" { Ok(()) } else { client.write_all(&content) }
}
