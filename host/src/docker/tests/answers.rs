//! Answers that end early, or never.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;

use super::fake::{Answer, Fake, json, until_closed};
use crate::engine::{Engine as _, EngineError, ExecOutput, NewImage, Result};
use crate::group::{Build, GroupName, ImageName, Owner};
use crate::plan::ContainerId;

const UPGRADED: &[u8] = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";

/// What a command wrote to its standard output, as the engine frames it.
fn framed(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    [&[1, 0, 0, 0, 0, 0, 0, length], text.as_bytes()].concat()
}

fn id() -> ContainerId {
    ContainerId("c".to_owned())
}

/// What comes of a command of whose end the engine says this, one answer after the other, when its output has ended.
async fn executed(inspections: &[&'static str]) -> Result<ExecOutput> {
    let (asked, inspections) = (AtomicUsize::new(0), inspections.to_vec());
    let fake = Fake::answering(move |request| match request {
        "POST /containers/c/exec" => json("201 Created", r#"{"Id":"e"}"#),
        "POST /exec/e/start" => Answer::Bytes([UPGRADED, &framed("begun\n")].concat()),
        "GET /exec/e/json" => {
            let index = asked.fetch_add(1, Ordering::Relaxed);
            if index == inspections.len() {
                // It would go on so for ever.
                tokio::time::pause();
            }
            json("200 OK", inspections[index.min(inspections.len() - 1)])
        }
        other => panic!("{other}"),
    });
    fake.docker.exec(&id(), &["migrate".to_owned()], Duration::from_mins(1)).await
}

#[tokio::test]
async fn the_exit_code_of_a_command_is_the_one_that_the_engine_tells() {
    let output = executed(&[r#"{"Running":false,"ExitCode":9}"#]).await.unwrap();
    assert_eq!((output.exit_code, output.stdout.as_slice()), (9, &b"begun\n"[..]));
}

#[tokio::test]
async fn an_exit_that_the_engine_has_not_noticed_yet_is_waited_for() {
    let running = r#"{"Running":true,"ExitCode":null}"#;
    let output = executed(&[running, running, r#"{"Running":false,"ExitCode":3}"#]).await.unwrap();
    assert_eq!(output.exit_code, 3);
}

#[tokio::test]
async fn a_command_whose_output_ends_while_it_runs_is_no_success() {
    assert_cut(&[r#"{"Running":true,"ExitCode":null}"#]).await;
}

/// Podman tells a code also while it runs.
#[tokio::test]
async fn a_code_that_is_told_while_the_command_runs_does_not_count() {
    assert_cut(&[r#"{"Running":true,"ExitCode":0}"#]).await;
}

#[tokio::test]
async fn a_command_of_which_no_code_is_told_is_no_success() {
    assert_cut(&["{}"]).await;
}

async fn assert_cut(inspections: &[&'static str]) {
    let error = executed(inspections).await.unwrap_err();
    let told = error.to_string();
    assert!(matches!(error, EngineError::Cut { .. }), "{told}");
    let begins = "the engine's answer was cut when it was asked to run `migrate` in the container: ";
    assert!(told.starts_with(begins) && told.contains("still runs") && told.contains("Repeat the command"), "{told}");
}

#[tokio::test]
async fn a_wait_that_ends_without_a_code_is_no_exit() {
    let fake = Fake::answering(|_| until_closed("200 OK", b""));
    let told = fake.docker.wait(&id()).await.unwrap_err().to_string();
    assert!(told.starts_with("the engine's answer was cut when it was asked to wait for the container: "), "{told}");
}

const PRESENT: &str = r#"{"Id":"sha256:old"}"#;

async fn pulled(words: &'static str) -> Result<crate::plan::Image> {
    let fake = Fake::answering(move |request| match request.split_once('?') {
        Some(("POST /images/create", _)) => until_closed("200 OK", words.as_bytes()),
        _ => json("200 OK", PRESENT),
    });
    fake.docker.pull(&ImageName::new("big").unwrap(), None, &|_| ()).await
}

#[tokio::test]
async fn a_pull_that_ends_early_does_not_take_the_image_that_was_there_before() {
    let layer = r#"{"status":"Downloading","progressDetail":{"current":1,"total":9},"id":"85da6e471878"}"#;
    for words in ["", layer] {
        let told = pulled(words).await.unwrap_err().to_string();
        assert!(told.starts_with("the engine's answer was cut when it was asked to pull image big: "), "{told}");
    }
    for words in [r#"{"status":"Status: Image is up to date for big"}"#, r#"{"status":"Download complete","id":"1"}"#] {
        assert_eq!(pulled(words).await.unwrap().id.0, "sha256:old");
    }
}

async fn built(words: &'static str) -> Result<crate::plan::Image> {
    let fake = Fake::answering(move |request| match request.split_once('?') {
        Some(("POST /build", _)) => until_closed("200 OK", words.as_bytes()),
        _ => json("200 OK", PRESENT),
    });
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("Dockerfile"), "FROM scratch").unwrap();
    let new = NewImage {
        group: GroupName::new("shop").unwrap(),
        owner: Owner { id: String::new(), account: String::new(), project: String::new() },
        name: ImageName::new("shop-db").unwrap(),
        build: Build {
            directory: directory.path().canonicalize().unwrap(),
            dockerfile: "Dockerfile".to_owned(),
            arguments: [].into(),
            target: None,
        },
        platform: None,
    };
    fake.docker.build(&new, &|_| ()).await
}

#[tokio::test]
async fn a_build_that_ends_early_does_not_take_the_image_that_was_there_before() {
    for words in ["", r#"{"stream":"Step 1/2 : FROM scratch\n"}"#] {
        let told = built(words).await.unwrap_err().to_string();
        assert!(told.starts_with("the engine's answer was cut when it was asked to build image shop-db: "), "{told}");
    }
    for words in [r#"{"aux":{"ID":"sha256:old"}}"#, r#"{"stream":"Successfully built 1234\n"}"#] {
        assert_eq!(built(words).await.unwrap().id.0, "sha256:old");
    }
}

#[tokio::test]
async fn an_answer_that_says_nothing_is_one_that_was_cut() {
    for body in ["", "["] {
        let fake = Fake::answering(move |_| until_closed("200 OK", body.as_bytes()));
        let told = fake.docker.observe(&GroupName::new("shop").unwrap()).await.unwrap_err().to_string();
        let begins = "the engine's answer was cut when it was asked to list what belongs to group shop: ";
        assert!(told.starts_with(begins), "{told}");
    }
}

/// An answer in chunks that ends in the middle of one.
#[tokio::test]
async fn a_chunk_that_is_cut_is_an_error_that_names_the_request() {
    let cut = |body: &str| format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n40\r\n{body}").into_bytes();
    let fake = Fake::answering(move |_| Answer::Bytes(cut("[{")));
    let told = fake.docker.host_mounts().await.unwrap_err().to_string();
    assert!(told.contains("it went away when asked to list what containers mount"), "{told}");
    let told = fake.docker.log_tail(&id(), 5).await.unwrap_err().to_string();
    assert!(told.contains("it went away when asked to read the container's log"), "{told}");
    let followed: Vec<_> = fake.docker.log(&id(), None, false).collect().await;
    assert!(followed.last().unwrap().is_err());
}

/// The beginning of an answer, after which time flies.
fn held(begun: &[u8]) -> Answer {
    tokio::time::pause();
    Answer::Held(begun.to_vec())
}

#[tokio::test]
async fn an_answer_that_does_not_begin_is_not_waited_for_for_ever() {
    assert_ends(b"").await;
}

#[tokio::test]
async fn an_answer_that_does_not_come_to_its_end_is_not_waited_for_for_ever() {
    assert_ends(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[").await;
}

async fn assert_ends(begun: &'static [u8]) {
    let fake = Fake::answering(move |_| held(begun));
    let error = fake.docker.host_mounts().await.unwrap_err();
    assert_eq!(error, EngineError::TimedOut { action: "list what containers mount".to_owned() });
}

#[tokio::test]
async fn a_pull_of_which_nothing_is_heard_any_more_ends() {
    let begun = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let fake = Fake::answering(move |_| held(begun));
    let error = fake.docker.pull(&ImageName::new("big").unwrap(), None, &|_| ()).await.unwrap_err();
    assert_eq!(error, EngineError::TimedOut { action: "pull image big".to_owned() });
    assert_eq!(fake.requests().len(), 1);
}
