//! What a killed command has left is over before anything is looked at.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use super::fake::{Answer, Fake, json};
use crate::group::GroupName;

const ABSENT: &str = r#"{"message":"No such container: x"}"#;

/// A container of the group, as the engine shows it.
fn container(name: &str) -> Answer {
    let labels = r#""dev.drillmaster.group":"g","dev.drillmaster.service":"db","dev.drillmaster.instance":"db-1""#;
    json("200 OK", &format!(r#"{{"Id":"c","Name":"/{name}","Config":{{"Labels":{{{labels}}}}}}}"#))
}

/// A file of what was asked for, the last of it so long ago.
fn pending(directory: &Path, text: &str, age: Duration) -> std::path::PathBuf {
    let file = directory.join("pending");
    std::fs::write(&file, text).unwrap();
    let written = std::fs::File::options().write(true).open(&file).unwrap();
    written.set_modified(SystemTime::now() - age).unwrap();
    file
}

/// What is asked of the engine that answers so, by the command after one that has left this.
async fn settled(
    left: &str,
    age: Duration,
    answer: impl Fn(&str, usize) -> Answer + Send + Sync + 'static,
) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let file = pending(directory.path(), left, age);
    let count = AtomicUsize::new(0);
    let mut fake = Fake::answering(move |request| answer(request, count.fetch_add(1, Ordering::Relaxed)));
    assert_eq!(fake.docker.settle(&GroupName::new("g").unwrap(), &file).await, Ok(Vec::new()));
    assert!(!file.exists(), "it is forgotten");
    fake.requests()
}

#[tokio::test]
async fn a_container_that_is_being_created_is_waited_for() {
    let answer = |_: &str, index| if index < 3 { json("404 Not Found", ABSENT) } else { container("g-db.starting") };
    let requests = settled("create g-db.starting\n", Duration::ZERO, answer).await;
    assert_eq!(requests, ["GET /containers/g-db.starting/json"; 4]);
}

#[tokio::test]
async fn a_network_that_is_being_created_is_waited_for() {
    let network = r#"[{"Id":"n","Name":"drillmaster-g"}]"#;
    let answer = move |_: &str, index| json("200 OK", if index < 2 { "[]" } else { network });
    let requests = settled("network drillmaster-g\n", Duration::ZERO, answer).await;
    assert_eq!(requests.len(), 3);
}

#[tokio::test]
async fn what_was_never_created_is_not_waited_for_for_long() {
    let nothing = |request: &str, _| {
        if request.starts_with("GET /networks") { json("200 OK", "[]") } else { json("404 Not Found", ABSENT) }
    };
    let left = "create g-db.starting\nnetwork drillmaster-g\n";
    let requests = settled(left, Duration::from_millis(4800), nothing).await;
    assert!(requests.len() >= 2, "{requests:?}");
}

/// The engine answers only once it has been started, or has not.
#[tokio::test]
async fn a_container_that_is_being_started_is_looked_at_and_not_started_again() {
    let requests = settled("start c\n", Duration::ZERO, |_, _| container("g-db.starting")).await;
    assert_eq!(requests, ["GET /containers/c/json"]);
}

#[tokio::test]
async fn a_stop_is_asked_for_again() {
    let answer = |request: &str, _| {
        if request.starts_with("POST") { json("204 No Content", "") } else { container("g-db") }
    };
    let requests = settled("stop c 1500\n", Duration::ZERO, answer).await;
    assert_eq!(requests, ["GET /containers/c/json", "POST /containers/c/stop?t=2"]);
}

#[tokio::test]
async fn a_container_that_cannot_be_stopped_is_told_and_keeps_nothing_else_up() {
    let directory = tempfile::tempdir().unwrap();
    let file = pending(directory.path(), "stop c 1500\nstart d\n", Duration::ZERO);
    let mut fake = Fake::answering(|request| match request {
        request if request.starts_with("POST") => json("500 Error", r#"{"message":"tried to kill it, and failed"}"#),
        _ => container("g-db"),
    });
    let told = fake.docker.settle(&GroupName::new("g").unwrap(), &file).await.unwrap();
    let told: Vec<_> = told.iter().map(ToString::to_string).collect();
    assert!(told.len() == 1 && told[0].contains("stop") && told[0].contains("tried to kill it"), "{told:?}");
    assert!(!file.exists(), "the next command is not told again");
}

#[tokio::test]
async fn nothing_is_asked_of_somebody_elses_container() {
    let innocent = r#"{"Id":"c","Name":"/innocent","Config":{"Labels":{}}}"#;
    let requests = settled("remove c\n", Duration::ZERO, move |_, _| json("200 OK", innocent)).await;
    assert_eq!(requests, ["GET /containers/c/json"]);
}
