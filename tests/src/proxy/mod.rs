//! A socket in front of the engine's that counts what is asked.

use std::env;
use std::fs;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::process;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use crate::engine;

mod requests;

use requests::Requests;

/// A proxy that lives as long as this value. Connections that are open when it is dropped live on until they end.
#[derive(Debug)]
pub struct Proxy {
    socket: PathBuf,
    seen: Arc<Mutex<Vec<String>>>,
    closing: Arc<AtomicBool>,
    listening: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Listens, in front of the engine that `DOCKER_HOST` names.
    ///
    /// # Panics
    ///
    /// When the engine is not behind a unix socket, or no socket can be made.
    #[must_use]
    pub fn start() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let address = engine::address();
        let engine =
            address.strip_prefix("unix://").expect("the proxy needs an engine behind a unix socket").to_owned();
        // A socket's path must be short, so it does not lie in the target directory.
        let name = format!("drillmaster-e2e-{}-{}.sock", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let socket = env::temp_dir().join(name);
        let listener = UnixListener::bind(&socket).expect("a socket can be made in the temporary directory");
        let seen = Arc::default();
        let closing = Arc::new(AtomicBool::new(false));
        let listening = thread::spawn({
            let (seen, closing) = (Arc::clone(&seen), Arc::clone(&closing));
            move || listen(&listener, &engine, &seen, &closing)
        });
        Self { socket, seen, closing, listening: Some(listening) }
    }

    /// Where it listens, for `DOCKER_HOST`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    /// The requests so far, in the order they came: `GET /v1.41/containers/json?all=true`.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::SeqCst);
        // The listener sees the flag at the next connection, which is this one.
        let _ = UnixStream::connect(&self.socket);
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
        let _ = fs::remove_file(&self.socket);
    }
}

fn listen(listener: &UnixListener, engine: &str, seen: &Arc<Mutex<Vec<String>>>, closing: &AtomicBool) {
    for client in listener.incoming() {
        if closing.load(Ordering::SeqCst) {
            return;
        }
        let Ok(client) = client else { return };
        // An engine that is gone is the client's to notice: its connection ends.
        let Ok(engine) = UnixStream::connect(engine) else { continue };
        let seen = Arc::clone(seen);
        thread::spawn(move || {
            // As a broken connection is.
            let _ = join(&client, &engine, &seen);
        });
    }
}

/// Passes bytes both ways until both sides have ended.
fn join(client: &UnixStream, engine: &UnixStream, seen: &Mutex<Vec<String>>) -> io::Result<()> {
    let (mut answers, mut to_client) = (engine.try_clone()?, client.try_clone()?);
    let answering = thread::spawn(move || {
        let copied = io::copy(&mut answers, &mut to_client);
        copied.and_then(|_| to_client.shutdown(Shutdown::Write))
    });
    let mut requests = Requests::default();
    let (mut from_client, mut to_engine) = (client, engine);
    let mut buffer = [0; 8192];
    loop {
        let count = from_client.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        // Before they reach the engine: whoever has seen its answer sees them counted.
        let found = requests.read(&buffer[..count]);
        seen.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
        to_engine.write_all(&buffer[..count])?;
    }
    engine.shutdown(Shutdown::Write)?;
    answering.join().unwrap_or(Ok(()))
}
