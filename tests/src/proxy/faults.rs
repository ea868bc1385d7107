//! What goes wrong between a client and the engine.

use std::fmt::{self, Display, Formatter};
use std::io::{self, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use crate::random::Random;

/// The longest that a request is held up, and the number of steps on the way there.
const LONGEST: Duration = Duration::from_millis(400);
const STEPS: u32 = 8;

/// After how many bytes an answer ends that is cut: within its first line, its headers, its body.
const CUTS: [usize; 6] = [0, 10, 60, 200, 400, 1500];

const REFUSAL: &[u8] = b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\n\
    Content-Length: 31\r\nConnection: close\r\n\r\n{\"message\":\"it is out of order\"}";

/// What goes wrong with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// It takes so much longer.
    Delayed(Duration),
    /// The engine does not hear of it, and the connection ends.
    Unheard,
    /// The engine does not hear of it, and the answer is that something is out of order.
    Refused,
    /// The engine does what it is asked; of its answer only so many bytes arrive, and then the connection ends.
    Cut(usize),
}

impl Display for Fault {
    fn fmt(&self, formatter: &mut Formatter) -> fmt::Result {
        match self {
            Fault::Delayed(time) => write!(formatter, "delayed by {} ms", time.as_millis()),
            Fault::Unheard => formatter.write_str("not heard"),
            Fault::Refused => formatter.write_str("refused"),
            Fault::Cut(bytes) => write!(formatter, "answer cut after {bytes} bytes"),
        }
    }
}

/// What goes wrong with many requests, as it follows from a seed and the order in which they come.
#[derive(Debug)]
pub(super) struct Faults {
    random: Random,
    /// The part of all requests with which something goes wrong.
    rate: f64,
    /// What went wrong with which.
    pub(super) made: Vec<String>,
}

impl Faults {
    pub(super) fn new(seed: u64, rate: f64) -> Self {
        Self { random: Random::new(seed), rate, made: Vec::new() }
    }

    /// What goes wrong with the next request.
    pub(super) fn next(&mut self, request: &str) -> Option<Fault> {
        if self.random.fraction() >= self.rate {
            return None;
        }
        let fault = match self.random.choose(&[0, 1, 2, 3]) {
            0 => Fault::Delayed(LONGEST / STEPS * *self.random.choose(&[1, 2, 4, STEPS])),
            1 => Fault::Unheard,
            2 => Fault::Refused,
            _ => Fault::Cut(*self.random.choose(&CUTS)),
        };
        self.made.push(format!("{request}: {fault}"));
        Some(fault)
    }
}

/// Says that a request is refused, and waits until its sender has heard it.
pub(super) fn refuse(mut client: &UnixStream) -> io::Result<()> {
    client.write_all(REFUSAL)?;
    client.shutdown(Shutdown::Write)?;
    // What is not read of the request would take the answer away from it.
    let mut rest = [0; 8192];
    while client.read(&mut rest)? > 0 {}
    Ok(())
}
