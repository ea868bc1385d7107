//! What a command has asked the engine for and not heard the end of.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long the engine may take for anything beside the time that it is given.
const MARGIN: Duration = Duration::from_mins(1);

/// Stopping a container takes seconds, and renaming and removing one on a busy machine, and the engine goes on with it
/// when the command that asked for it is killed. It does not say that it is about to: to the next command the container
/// runs, under the name that it had, and is as it should be. So the requests under way are kept in a file, for the next
/// command to wait for their end.
///
/// What was asked for long ago has been done, whatever became of it since. Losing the file, or not being able to write it,
/// loses that and nothing else.
#[derive(Debug)]
pub struct Pending {
    file: PathBuf,
    requests: Mutex<BTreeMap<String, PendingRequest>>,
}

/// What a container was asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PendingRequest {
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
            PendingRequest::Rename(_) | PendingRequest::Remove => MARGIN,
        }
    }
}

impl Pending {
    /// Nothing is under way yet but what a killed command has left in this file.
    #[must_use]
    pub fn open(file: &Path) -> Self {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let written = std::fs::metadata(file).and_then(|file| file.modified());
        let age = written.ok().and_then(|written| written.elapsed().ok()).unwrap_or_default();
        let requests = text.lines().filter_map(read_line).filter(|(_, request)| age < request.limit()).collect();
        Self { file: file.to_owned(), requests: Mutex::new(requests) }
    }

    /// The containers by id that were asked for something of which nobody has heard the end.
    #[must_use]
    pub fn all(&self) -> BTreeMap<String, PendingRequest> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A container is about to be asked for something.
    pub fn begin(&self, container: &str, request: PendingRequest) {
        self.change(|requests| {
            requests.insert(container.to_owned(), request);
        });
    }

    /// It has done it.
    pub fn end(&self, container: &str) {
        self.change(|requests| {
            requests.remove(container);
        });
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, PendingRequest>)) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut requests);
        // It is for the case that this process is killed, not the machine: the engine would then be gone too.
        let _ = if requests.is_empty() {
            std::fs::remove_file(&self.file)
        } else {
            std::fs::write(&self.file, requests.iter().map(line).collect::<String>())
        };
    }
}

fn line((container, request): (&String, &PendingRequest)) -> String {
    match request {
        PendingRequest::Stop(timeout) => format!("stop {container} {}\n", timeout.as_millis()),
        PendingRequest::Rename(name) => format!("rename {container} {name}\n"),
        PendingRequest::Remove => format!("remove {container}\n"),
    }
}

fn read_line(line: &str) -> Option<(String, PendingRequest)> {
    let words: Vec<&str> = line.split(' ').collect();
    match words.as_slice() {
        ["stop", container, timeout] => {
            Some(((*container).to_owned(), PendingRequest::Stop(Duration::from_millis(timeout.parse().ok()?))))
        }
        ["rename", container, name] => Some(((*container).to_owned(), PendingRequest::Rename((*name).to_owned()))),
        ["remove", container] => Some(((*container).to_owned(), PendingRequest::Remove)),
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
        ];
        for (container, request) in begun.clone() {
            pending.begin(&container, request);
        }
        pending.begin("d", stop);
        pending.end("d");
        let found = Pending::open(&file);
        assert_eq!(found.all(), begun.into());
        for container in ["a", "b", "c"] {
            found.end(container);
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
        let earlier = std::time::SystemTime::now() - Duration::from_mins(5);
        std::fs::File::options().write(true).open(&file).unwrap().set_modified(earlier).unwrap();
        assert_eq!(Pending::open(&file).all(), [("long".to_owned(), stop(3600))].into());
    }

    #[test]
    fn a_file_that_cannot_be_read_or_written_is_no_failure() {
        let pending = Pending::open(Path::new("/no/such/place/pending"));
        pending.begin("a", PendingRequest::Remove);
        pending.end("a");
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("pending");
        std::fs::write(&file, "stop a\nremove\nstop b soon\nrename d\nremove c\n\u{0}").unwrap();
        assert_eq!(Pending::open(&file).all(), [("c".to_owned(), PendingRequest::Remove)].into());
    }
}
