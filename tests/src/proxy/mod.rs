//! A socket in front of the engine's that counts what is asked, and can be taken away as if the engine had gone.

use std::env;
use std::fs;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::process;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use crate::engine;

mod faults;
mod requests;

use faults::{Fault, Faults, refuse};
use requests::Requests;

/// A proxy that lives as long as this value. Connections that are open when it is dropped live on until they end.
#[derive(Debug)]
pub struct Proxy {
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

/// Whether the engine still hears of the request at which it goes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Last {
    /// It does not.
    Unheard,
    /// It does, and does what it is asked; its answer is lost.
    Unanswered,
}

#[derive(Debug)]
struct Shared {
    socket: PathBuf,
    seen: Mutex<Vec<String>>,
    /// Both ends of each connection; nothing while the engine is to seem gone.
    open: Mutex<Option<Vec<UnixStream>>>,
    /// Each request, with both ends of its connection.
    asked: Mutex<Vec<(String, [UnixStream; 2])>>,
    /// The part of a request at which the engine goes away.
    goes_at: Mutex<Option<(String, Last)>>,
    /// What goes wrong with requests, if anything does.
    faults: Mutex<Option<Faults>>,
    closing: AtomicBool,
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
        let shared = Arc::new(Shared {
            socket,
            seen: Mutex::default(),
            open: Mutex::new(Some(Vec::new())),
            asked: Mutex::default(),
            goes_at: Mutex::default(),
            faults: Mutex::default(),
            closing: AtomicBool::new(false),
        });
        let listening = thread::spawn({
            let shared = Arc::clone(&shared);
            move || listen(&listener, &engine, &shared)
        });
        Self { shared, listening: Some(listening) }
    }

    /// From now on something goes wrong with this part of all requests, as it follows from the seed and the order in which they
    /// come.
    pub fn break_some(&self, seed: u64, rate: f64) {
        *lock(&self.shared.faults) = Some(Faults::new(seed, rate));
    }

    /// From now on nothing goes wrong any more. What went wrong with which request.
    #[must_use]
    pub fn mend(&self) -> Vec<String> {
        lock(&self.shared.faults).take().map(|faults| faults.made).unwrap_or_default()
    }

    /// Where it listens, for `DOCKER_HOST`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("unix://{}", self.shared.socket.display())
    }

    /// The requests so far, in the order they came: `GET /v1.41/containers/json?all=true`.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        lock(&self.shared.seen).clone()
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        lock(&self.shared.seen).clear();
    }

    /// From now on the engine seems gone: every connection ends, and there is no socket to connect to.
    pub fn cut(&self) {
        self.shared.cut();
    }

    /// The engine seems to go at the first request that holds this.
    pub fn cut_at(&self, request: &str, last: Last) {
        *lock(&self.shared.goes_at) = Some((request.to_owned(), last));
    }

    /// Ends the connections over which a request that holds this was sent. The engine stays, and goes on with it.
    pub fn end(&self, request: &str) {
        for (_, ends) in lock(&self.shared.asked).iter().filter(|(asked, _)| asked.contains(request)) {
            for end in ends {
                // One that has ended already says so.
                let _ = end.shutdown(Shutdown::Both);
            }
        }
    }

    /// The engine is there again.
    pub fn resume(&self) {
        self.shared.resume();
    }
}

impl Shared {
    fn cut(&self) {
        let mut open = lock(&self.open);
        let Some(connections) = open.take() else { return };
        let _ = fs::rename(&self.socket, self.aside());
        for connection in connections {
            // One that has ended already says so.
            let _ = connection.shutdown(Shutdown::Both);
        }
    }

    fn resume(&self) {
        let mut open = lock(&self.open);
        if open.is_none() {
            *open = Some(Vec::new());
            let _ = fs::rename(self.aside(), &self.socket);
        }
    }

    /// Where the socket is while it cannot be found.
    fn aside(&self) -> PathBuf {
        self.socket.with_extension("aside")
    }

    /// Remembers a connection, so that it can be cut; false when the engine is to seem gone.
    fn let_in(&self, client: &UnixStream, engine: &UnixStream) -> bool {
        let mut open = lock(&self.open);
        let (Some(open), Ok(client), Ok(engine)) = (open.as_mut(), client.try_clone(), engine.try_clone()) else {
            return false;
        };
        open.extend([client, engine]);
        true
    }

    /// What goes wrong with one of these requests.
    fn fault(&self, requests: &[String]) -> Option<Fault> {
        let mut faults = lock(&self.faults);
        let faults = faults.as_mut()?;
        requests.iter().find_map(|request| faults.next(request))
    }

    /// Whether the engine goes at one of these requests, and how.
    fn goes_at(&self, requests: &[String]) -> Option<Last> {
        let mut goes_at = lock(&self.goes_at);
        let (part, last) = goes_at.as_ref()?;
        let last = requests.iter().any(|request| request.contains(part)).then_some(*last)?;
        *goes_at = None;
        Some(last)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.resume();
        self.shared.closing.store(true, Ordering::SeqCst);
        // The listener sees the flag at the next connection, which is this one.
        let _ = UnixStream::connect(&self.shared.socket);
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
        let _ = fs::remove_file(&self.shared.socket);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn listen(listener: &UnixListener, engine: &str, shared: &Arc<Shared>) {
    for client in listener.incoming() {
        if shared.closing.load(Ordering::SeqCst) {
            return;
        }
        let Ok(client) = client else { return };
        // An engine that is gone is the client's to notice: its connection ends.
        let Ok(engine) = UnixStream::connect(engine) else { continue };
        if !shared.let_in(&client, &engine) {
            continue;
        }
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            // As a broken connection is.
            let _ = join(&client, &engine, &shared);
        });
    }
}

/// Passes bytes both ways until both sides have ended.
fn join(client: &UnixStream, engine: &UnixStream, shared: &Shared) -> io::Result<()> {
    let (answers, to_client) = (engine.try_clone()?, client.try_clone()?);
    // How much of the answers still arrives, once that is bounded.
    let left = Arc::new(Mutex::new(None));
    let answering = thread::spawn({
        let left = Arc::clone(&left);
        move || answer(&answers, &to_client, &left)
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
        let goes = shared.goes_at(&found);
        for request in &found {
            lock(&shared.asked).push((request.clone(), [client.try_clone()?, engine.try_clone()?]));
        }
        let fault = shared.fault(&found);
        lock(&shared.seen).extend(found);
        match fault {
            None => {}
            Some(Fault::Delayed(time)) => thread::sleep(time),
            Some(Fault::Cut(bytes)) => *lock(&left) = Some(bytes),
            Some(Fault::Refused) => {
                refuse(client)?;
                return engine.shutdown(Shutdown::Both);
            }
            Some(Fault::Unheard) => {
                client.shutdown(Shutdown::Both)?;
                return engine.shutdown(Shutdown::Both);
            }
        }
        match goes {
            None => to_engine.write_all(&buffer[..count])?,
            Some(last) => {
                client.shutdown(Shutdown::Both)?;
                if last == Last::Unanswered {
                    // What follows of it, its body, is small and here already, or there is none.
                    to_engine.write_all(&buffer[..count])?;
                }
                shared.cut();
                return Ok(());
            }
        }
    }
    engine.shutdown(Shutdown::Write)?;
    answering.join().unwrap_or(Ok(()))
}

/// Passes answers on until they end, or no more of them is to arrive.
fn answer(mut engine: &UnixStream, mut client: &UnixStream, left: &Mutex<Option<usize>>) -> io::Result<()> {
    let mut buffer = [0; 8192];
    loop {
        let count = engine.read(&mut buffer)?;
        if count == 0 {
            return client.shutdown(Shutdown::Write);
        }
        let part = {
            let mut left = lock(left);
            let part = left.map_or(count, |left| left.min(count));
            *left = left.map(|left| left - part);
            part
        };
        client.write_all(&buffer[..part])?;
        if part < count {
            client.shutdown(Shutdown::Both)?;
            return engine.shutdown(Shutdown::Both);
        }
    }
}
