//! Where the engine is: variables, and the files of the Docker client.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use drillmaster::docker::fuzzing;
use drillmaster::engine::EngineError;
use drillmaster::group::Digest;

use crate::input::Input;

const VARIABLES: [&str; 7] = [
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "DOCKER_CONFIG",
    "HOME",
    "DOCKER_TLS_VERIFY",
    "DOCKER_CERT_PATH",
    "XDG_RUNTIME_DIR",
];
const HOSTS: [&str; 14] = [
    "",
    "unix:///run/docker.sock",
    "unix://",
    "npipe:////./pipe/x",
    "tcp://h:2375",
    "tcp://",
    "tcp://[::1]:1",
    "http://h",
    "https://h:2376",
    "ssh://u@h",
    "h:1",
    "tcp://[",
    "tcp://u@h/p?q#f",
    "fd://",
];
const SETTINGS: &str = "/home/.docker";

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let context = input.word(&["remote", "default", ""]);
    let variables = variables(&mut input, &context);
    let files = files(&mut input, &context);
    match fuzzing::endpoint(&variables, &files) {
        Ok(shown) => {
            let (address, _) = shown.split_once(" (").expect("its source is told too");
            let (scheme, place) = address.split_once("://").expect("an address has a scheme");
            assert!(matches!(scheme, "unix" | "npipe" | "tcp"), "{shown}");
            if scheme == "tcp" {
                let (host, port) = place.rsplit_once(':').expect("the port is told too");
                assert!(!host.is_empty() && !host.contains(['/', '@', ' ']), "{shown}");
                assert!(port.parse::<u16>().is_ok(), "{shown}");
            }
        }
        Err(error @ EngineError::Unreachable { .. }) => {
            let text = error.to_string();
            assert!(text.lines().count() > 1, "there is no advice: {text}");
        }
        Err(other) => panic!("{other}"),
    }
}

fn variables(input: &mut Input<'_>, context: &str) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::from([("HOME".to_owned(), "/home".to_owned())]);
    for _ in 0..input.up_to(4) {
        let name = input.pick(&VARIABLES);
        let value = match name {
            "DOCKER_HOST" => input.word(&HOSTS),
            "DOCKER_CONTEXT" => context.to_owned(),
            "DOCKER_TLS_VERIFY" => "1".to_owned(),
            _ => input.word(&[SETTINGS, "/home", ""]),
        };
        variables.insert(name.to_owned(), value);
    }
    variables
}

fn files(input: &mut Input<'_>, context: &str) -> BTreeMap<PathBuf, String> {
    let of_context =
        |kind: &str| Path::new(SETTINGS).join("contexts").join(kind).join(Digest::of(context.as_bytes()).to_string());
    let mut files = BTreeMap::new();
    for _ in 0..input.up_to(5) {
        let (path, text) = match input.up_to(5) {
            0 | 1 => {
                let text = serde_json::json!({ "currentContext": context, "auths": {} }).to_string();
                (Path::new(SETTINGS).join("config.json"), text)
            }
            2 | 3 => {
                let host = input.word(&HOSTS);
                let docker = serde_json::json!({ "Host": host, "SkipTLSVerify": input.any::<bool>() });
                (
                    of_context("meta").join("meta.json"),
                    serde_json::json!({ "Endpoints": { "docker": docker } }).to_string(),
                )
            }
            4 => (of_context("tls").join("docker").join(input.pick(&["ca.pem", "cert.pem", "key.pem"])), String::new()),
            _ => (Path::new(SETTINGS).join(input.pick(&["ca.pem", "cert.pem", "key.pem"])), String::new()),
        };
        let text = if input.rarely(8) { input.text() } else { text };
        files.insert(path, text);
    }
    files
}
