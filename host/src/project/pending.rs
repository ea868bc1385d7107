//! What a command has asked the engine for and not heard the end of.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::files::replace;

use super::private;

/// The most that is read of the file.
const LIMIT: u64 = 1024 * 1024;

/// How long the engine may take for anything beside the time that it is given.
const MARGIN: Duration = Duration::from_mins(1);

/// How long it may take to create something, before which it cannot be seen.
const CREATING: Duration = Duration::from_secs(5);

/// Stopping a container takes seconds, and creating, starting, renaming and removing one on a busy machine, and the engine
/// goes on with it when the command that asked for it is killed. It does not say that it is about to: to the next command
/// the container is as it was, under the name that it had, or is not there. So the requests under way are kept in a file, for the next
/// command to wait for their end.
///
/// What was asked for long ago has been done, whatever became of it since. Losing the file, or not being able to write it,
/// loses that and nothing else.
#[derive(Debug)]
pub struct Pending {
    file: PathBuf,
    requests: Mutex<BTreeMap<String, PendingRequest>>,
    /// How long ago the last of those in the file was noted.
    age: Duration,
}

/// What the engine was asked to do with a container, or a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PendingRequest {
    /// To create a container of this name.
    Create,
    /// To create a network of this name.
    Network,
    /// To start it.
    Start,
    /// To stop within this time, or be killed.
    Stop(Duration),
    /// To be called this.
    Rename(String),
    /// To go.
    Remove,
}

impl PendingRequest {
    /// After that long the engine has done it.
    fn limit(&self) -> Duration {
        match self {
            PendingRequest::Stop(timeout) => *timeout + MARGIN,
            PendingRequest::Create | PendingRequest::Network => CREATING,
            PendingRequest::Start | PendingRequest::Rename(_) | PendingRequest::Remove => MARGIN,
        }
    }
}

impl Pending {
    /// Nothing is under way yet but what a killed command has left in this file.
    #[must_use]
    pub fn open(file: &Path) -> Self {
        let text = private::read(file, LIMIT).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let written = std::fs::metadata(file).and_then(|file| file.modified());
        let age = written.ok().and_then(|written| written.elapsed().ok()).unwrap_or_default();
        let requests = text.lines().filter_map(read_line).filter(|(_, request)| age < request.limit()).collect();
        Self { file: file.to_owned(), requests: Mutex::new(requests), age }
    }

    /// The containers by id, or name where they are to be created, and the networks by name, of which nobody has heard that
    /// what was asked for is done.
    #[must_use]
    pub fn all(&self) -> BTreeMap<String, PendingRequest> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether a request from the file, which was opened so long ago, has ended one way or another.
    #[must_use]
    pub fn is_over(&self, request: &PendingRequest, since_opened: Duration) -> bool {
        self.age + since_opened > request.limit()
    }

    /// Something is about to be asked for.
    pub fn begin(&self, subject: &str, request: PendingRequest) {
        self.change(|requests| {
            requests.insert(subject.to_owned(), request);
        });
    }

    /// It is done, or refused.
    pub fn end(&self, subject: &str) {
        self.change(|requests| {
            requests.remove(subject);
        });
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, PendingRequest>)) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut requests);
        // It is for the case that this process is killed, not the machine: the engine would then be gone too.
        let _ = if requests.is_empty() {
            std::fs::remove_file(&self.file)
        } else {
            replace(&self.file, requests.iter().map(line).collect::<String>().as_bytes())
        };
    }
}

fn line((subject, request): (&String, &PendingRequest)) -> String {
    match request {
        PendingRequest::Create => format!("create {subject}\n"),
        PendingRequest::Network => format!("network {subject}\n"),
        PendingRequest::Start => format!("start {subject}\n"),
        PendingRequest::Stop(timeout) => format!("stop {subject} {}\n", timeout.as_millis()),
        PendingRequest::Rename(name) => format!("rename {subject} {name}\n"),
        PendingRequest::Remove => format!("remove {subject}\n"),
    }
}

fn read_line(line: &str) -> Option<(String, PendingRequest)> {
    let words: Vec<&str> = line.split(' ').collect();
    match words.as_slice() {
        ["stop", container, timeout] => {
            Some(((*container).to_owned(), PendingRequest::Stop(Duration::from_millis(timeout.parse().ok()?))))
        }
        ["rename", container, name] => Some(((*container).to_owned(), PendingRequest::Rename((*name).to_owned()))),
        [request, subject] => {
            let request = match *request {
                "create" => PendingRequest::Create,
                "network" => PendingRequest::Network,
                "start" => PendingRequest::Start,
                "remove" => PendingRequest::Remove,
                _ => return None,
            };
            Some(((*subject).to_owned(), request))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_ended_is_found_by_the_next_command() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("pending");
        let pending = Pending::open(&file);
        assert!(pending.all().is_empty());
        let stop = PendingRequest::Stop(Duration::from_millis(1500));
        let begun = [
            ("a".to_owned(), stop.clone()),
            ("b".to_owned(), PendingRequest::Remove),
            ("c".to_owned(), PendingRequest::Rename("shop-app.old".to_owned())),
            ("d".to_owned(), PendingRequest::Start),
            ("shop-db.starting".to_owned(), PendingRequest::Create),
            ("drillmaster-shop".to_owned(), PendingRequest::Network),
        ];
        for (subject, request) in begun.clone() {
            pending.begin(&subject, request);
        }
        pending.begin("e", stop);
        pending.end("e");
        let found = Pending::open(&file);
        assert_eq!(found.all(), begun.clone().into());
        for (subject, _) in &begun {
            found.end(subject);
        }
        assert!(!file.exists());
    }

    #[test]
    fn what_was_asked_for_long_ago_is_over() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("pending");
        let stop = |seconds| PendingRequest::Stop(Duration::from_secs(seconds));
        let pending = Pending::open(&file);
        pending.begin("short", stop(10));
        pending.begin("long", stop(3600));
        pending.begin("gone", PendingRequest::Remove);
        pending.begin("made", PendingRequest::Create);
        let earlier = std::time::SystemTime::now() - Duration::from_mins(5);
        std::fs::File::options().write(true).open(&file).unwrap().set_modified(earlier).unwrap();
        let found = Pending::open(&file);
        assert_eq!(found.all(), [("long".to_owned(), stop(3600))].into());
        assert!(!found.is_over(&stop(3600), Duration::ZERO) && found.is_over(&stop(3600), Duration::from_hours(1)));
    }

    #[test]
    fn a_file_that_cannot_be_read_or_written_is_no_failure() {
        let pending = Pending::open(Path::new("/no/such/place/pending"));
        pending.begin("a", PendingRequest::Remove);
        pending.end("a");
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("pending");
        std::fs::write(&file, "stop a\nremove\nstop b soon\nrename d\nremove c\nfetch e\n\u{0}").unwrap();
        assert_eq!(Pending::open(&file).all(), [("c".to_owned(), PendingRequest::Remove)].into());
    }
}
