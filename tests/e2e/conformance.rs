//! Every language means the same: the same group, written in each, gives the same plan, asks the host for the same in the
//! same order, fails with the same words, and does the same on Docker.
//!
//! The tests of a language are in a module that is named after it, so that those of one whose tools cannot be had can be
//! left out, by name.

mod calls;
mod guests;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use drillmaster_tests::definitions;
use drillmaster_tests::scenario::{Run, Scenario};
use drillmaster_tests::workspace;
use serde_json::Value;

use crate::support::{counter, free_port, see};

/// What each language is compared with.
const MODEL: Written = Written::Component(".");

/// How a group is written.
#[derive(Clone, Copy)]
enum Written {
    /// As a component, in this directory below that of the definitions.
    Component(&'static str),
    /// As a source that is run directly: the directory of its language, and its file.
    Source(&'static str, &'static str),
    /// As a component that an earlier version built: its file below `tests/guests`.
    Kept(&'static str),
}

impl Written {
    /// What it is called in its project.
    fn file(self) -> &'static str {
        match self {
            Self::Component(_) | Self::Kept(_) => "app.wasm",
            Self::Source(_, file) => file,
        }
    }

    /// A project with this group.
    fn project(self, name: &str) -> Scenario {
        let scenario = Scenario::empty().deadline(Duration::from_mins(10));
        match self {
            Self::Component(directory) => {
                scenario.with_copy(&definitions::path(&format!("{directory}/{name}")), self.file())
            }
            Self::Kept(file) => {
                assert_eq!(name, "reference");
                scenario.with_copy(&workspace::root().join("tests/guests").join(file), self.file())
            }
            Self::Source(language, file) => {
                let sources = workspace::root().join("tests/definitions").join(language).join(name);
                scenario.with_copy(&sources.join(file), file)
            }
        }
    }

    /// A project with the reference, and all that it builds and mounts.
    fn reference(self) -> Scenario {
        let scenario = self.project("reference");
        let scenario = scenario
            .with_file("written/here.txt", "")
            .with_file("read/only.txt", "")
            .with_file("context/docker/Chosen.dockerfile", DOCKERFILE);
        // The container's user is another one.
        fs::set_permissions(scenario.project().join("written"), Permissions::from_mode(0o777)).unwrap();
        scenario.trusted()
    }

    /// What a command tells as JSON, whatever the group is called.
    fn told(self, command: &[&str]) -> Value {
        let (name, options) = command.split_first().unwrap();
        let scenario = self.reference();
        let run = scenario.run(&[&[*name, self.file()], options].concat()).code(0);
        let text = run.stdout.replace(&scenario.group(), "GROUP");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }
}

/// What `built` is built of.
const DOCKERFILE: &str = "FROM drillmaster-test-service:latest AS chosen\nARG GREETING\nENV GREETING=$GREETING\n";

/// Whoever holds it may publish the reference's ports and build its image: there is one of each on a machine.
static DOCKER: Mutex<()> = Mutex::new(());

/// The plan, without what tells one component from another.
fn plan(written: Written, options: &[&str]) -> String {
    let mut plan = written.told(&[&["plan", "--json", "--offline"], options].concat());
    let steps = plan["steps"].as_array_mut().unwrap();
    assert_eq!(steps.len(), 4);
    for step in steps {
        step.as_object_mut().unwrap().remove("definition").unwrap();
    }
    serde_json::to_string_pretty(&plan).unwrap()
}

fn gives_the_same_plan(written: Written) {
    for options in [&[][..], &["--set", "tcp_port=20003", "--set", "greeting=grüezi"]] {
        assert_eq!(plan(written, options), plan(MODEL, options));
    }
    let services = |written: Written| written.told(&["inspect", "--json"])["services"].take();
    assert_eq!(services(written), services(MODEL));
}

/// What is told of services that failed, sorted: they do so side by side.
fn failures(run: &Run) -> Vec<String> {
    let failed = |line: &&str| line.contains("failed: ") || line.starts_with("error: ") || line.contains("— since");
    let mut lines: Vec<String> = run.stderr.lines().filter(failed).map(str::to_owned).collect();
    lines.sort();
    lines
}

fn fails_with_the_same_words(written: Written) {
    let scenario = written.project("failing");
    let run = scenario.run(&["start", written.file()]).code(1);
    for words in [
        "refusing      failed: pre-start failed: the licence has run out",
        "refusing        | — since Monday",
        "pinging       failed: ping failed: it will never be ready",
        "initialising  failed: post-start-init failed: `initialising` does not declare `fine` as a dependency",
        "commanding    failed: post-start-init failed: `/service` (2 arguments) exited with 1: no such table",
        "on-start failed: nobody waits for fine",
    ] {
        run.clone().stderr_has(words);
    }
    run.clone().stderr_lacks("wasm trap").stderr_lacks("crashed").stderr_lacks("Traceback").stderr_lacks("    at ");
    assert_eq!(failures(&run).len(), 7, "{:#?}", failures(&run));
    let stopped = scenario.run(&["stop", written.file()]);
    stopped.stderr_has("it does not want to stop").stderr_has("on-stop failed: nobody misses");
    let wrong = scenario.run(&["check", written.file(), "--set", "broken=yes"]).code(2);
    wrong.says("it is broken: yes").stderr_lacks("wasm trap");
}

/// What `subject` tells while it is initialised.
const TOLD: [&str; 17] = [
    "some words; not a shell's $HOME",
    "1: a complaint",
    "`/service` (2 arguments) in the container: it took longer than",
    "127.0.0.1",
    "service `subject` does not publish TCP port 9090; it publishes: 8080",
    "somebody listens",
    "200 set before subject was created",
    "404",
    "http-get: the path \"nowhere\" does not begin with `/`",
    "helper is the helper",
    "`subject` does not declare `stranger` as a dependency",
    "a debug line",
    "subject runs: true",
    "its health is none",
    "its log ends with listening on 8080",
    "no value before: yes",
    "started built, every, helper, subject",
];

/// What is told of a command that failed: that is in a definition's own library. That of 0.1.0 repeated the arguments.
fn told_of_a_failed_command(written: Written) -> &'static str {
    match written {
        Written::Kept(_) => "`/service fail a complaint` exited with 1: a complaint",
        Written::Component(_) | Written::Source(..) => "`/service` (2 arguments) exited with 1: a complaint",
    }
}

fn does_the_same_on_docker(written: Written) {
    let _alone = DOCKER.lock().unwrap_or_else(PoisonError::into_inner);
    let scenario = written.reference().set("tcp_port", &free_port().to_string()).set("greeting", "grüezi");
    let file = written.file();
    let run = scenario.run(&["start", file, "--verbose"]).code(0);
    for words in TOLD.into_iter().chain([told_of_a_failed_command(written)]) {
        run.clone().stderr_has(words);
    }
    assert_eq!(scenario.get("subject", "/env/OWN").text(), "set before subject was created");
    assert_eq!(scenario.get("every", "/env/GREETING").text(), "grüß dich, {Welt}");
    // The definitions of 0.1.0 are as they were then.
    if !matches!(written, Written::Kept(_)) {
        let as_written = r#"{"db":{"port":5432}} {{ .Name }} ${HOME} {port:d} {}"#;
        assert_eq!(scenario.get("every", "/env/AS_WRITTEN").text(), as_written);
    }
    assert_eq!(scenario.get("every", "/argv").text(), "/service\nserve\nfirst\nsecond");
    assert_eq!(scenario.get("built", "/env/GREETING").text(), "grüezi");

    let before = ["every", "built", "helper", "subject"].map(|service| see(&scenario, service));
    scenario.run(&["start", file]).code(0);
    assert_eq!(["every", "built", "helper", "subject"].map(|service| see(&scenario, service)), before);
    scenario.run(&["reload", file, "subject"]).code(0).stderr_has("reloaded subject");
    scenario.run(&["stop", file, "--timeout", "1"]).code(0).stderr_has("stopped built, every, helper, subject");
    scenario.run(&["start", file]).code(0);
    assert_eq!(counter(&scenario, "subject", "stopping"), 1);
}

macro_rules! languages {
    ($($language:ident: $written:expr;)+) => {
        $(mod $language {
            use super::{Written, calls};

            const WRITTEN: Written = $written;

            #[test]
            fn gives_the_same_plan() {
                super::gives_the_same_plan(WRITTEN);
            }

            #[test]
            fn asks_the_host_for_the_same() {
                calls::are_the_same(WRITTEN);
            }

            #[test]
            fn fails_with_the_same_words() {
                super::fails_with_the_same_words(WRITTEN);
            }

            #[test]
            fn does_the_same_on_docker() {
                super::does_the_same_on_docker(WRITTEN);
            }
        })+
    };
}

languages! {
    rust: Written::Component(".");
    rust_wasip2: Written::Component("wasip2");
    python: Written::Component("python");
    python_source: Written::Source("python", "app.py");
    javascript: Written::Component("javascript");
    javascript_source: Written::Source("javascript", "app.js");
    c: Written::Component("c");
    go: Written::Component("go");
}
