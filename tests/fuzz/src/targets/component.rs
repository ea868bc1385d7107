//! Components with mistakes made in them: loading one, and calling what loads.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};
use std::{env, fs};

use async_trait::async_trait;
use drillmaster::component::{
    Allowed, CallError, Containers, Definition, ExecOutput, Hook, HookCall, LogEvent, LogSink, PublishedPort,
    Runtime as Wasm,
};
use drillmaster::context::Context;
use drillmaster::group::{Check, Declaration, GroupName, Paths, Source, check};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use super::declaration;
use crate::input::Input;
use crate::mutation;

/// Where the definitions are that the tests use.
const DIRECTORY: &str = "FUZZ_DEFINITIONS";

/// Definitions in text.
const TEXTS: [&str; 2] = [include_str!("../../guest.wat"), include_str!("../../../e2e/by_hand.wat")];

/// How long a call may take here.
const PATIENCE: Duration = Duration::from_millis(200);

/// How much later than that it may come back, on a machine that has much else to do.
const MARGIN: Duration = Duration::from_secs(5);

/// The most bytes of log that a call may write.
const LOG: usize = 1024 * 1024;

/// Definitions that are larger are left out: one in Python compiles for ten seconds, and for half a minute beside others.
const LARGE: usize = 1024 * 1024;

/// The definitions that the tests use, in binary.
static BINARIES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let Some(directory) = env::var_os(DIRECTORY) else { return Vec::new() };
    let entries = fs::read_dir(&directory).expect("the definitions can be listed");
    let files = entries.map(|entry| entry.expect("they can be listed").path());
    // Those of other languages lie in directories.
    let mut files: Vec<PathBuf> = files.filter(|path| path.is_file()).collect();
    files.sort();
    let binaries = files.iter().map(|file| fs::read(file).expect("a definition can be read"));
    binaries.filter(|binary| binary.len() <= LARGE).collect()
});

struct World {
    runtime: Runtime,
    wasm: Wasm,
    directory: TempDir,
}

static WORLD: LazyLock<World> = LazyLock::new(|| World {
    runtime: Builder::new_current_thread().enable_all().build().expect("a runtime can be made"),
    wasm: Wasm::new(None, Allowed::default()).expect("this machine runs Wasm"),
    directory: tempfile::tempdir().expect("a directory can be made"),
});

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let component = component(&mut input);
    let file = WORLD.directory.path().join("app.wasm");
    fs::write(&file, component).expect("a file can be written");
    WORLD.runtime.block_on(async {
        // An error is an answer; anything else ends the process.
        let Ok(definition) = WORLD.wasm.load(&file).await else { return };
        let declared = declared(&definition).await;
        let hook = [Hook::Ping, Hook::PostStartInit, Hook::PreStart, Hook::PreStop][input.up_to(3)];
        called(&definition, hook).await;
        if let Some(declaration) = declared {
            let digest = definition.digest().clone();
            checked(Source { file: "app.wasm".to_owned(), digest, declaration });
        }
    });
}

fn component(input: &mut Input<'_>) -> Vec<u8> {
    match input.up_to(7) {
        0 => input.rest().to_vec(),
        1 if !BINARIES.is_empty() => {
            let which = input.up_to(BINARIES.len() - 1);
            mutation::of_bytes(BINARIES[which].clone(), input)
        }
        _ => {
            let text = input.pick(&TEXTS);
            mutation::of_text(text, input).into_bytes()
        }
    }
}

async fn declared(definition: &Definition) -> Option<Declaration> {
    let (log, written) = log();
    let parameters = BTreeMap::from([("app".to_owned(), "a value".to_owned())]);
    let start = Instant::now();
    // Its own time is longer than anybody wants to wait here; dropping the call has to end it just as well.
    let called = tokio::time::timeout(PATIENCE, definition.fields(parameters, log)).await;
    ended(start, &written);
    called.ok()?.ok()
}

async fn called(definition: &Definition, hook: Hook) {
    let (log, written) = log();
    let context = Context::open(&WORLD.directory.path().join("context.json")).expect("what was written can be read");
    let call = HookCall {
        hook,
        service: "app".to_owned(),
        dependencies: BTreeSet::from(["db".to_owned()]),
        containers: Arc::new(Echo),
        context: Arc::new(context),
        instance: "app-1".to_owned(),
        log,
        timeout: PATIENCE,
    };
    let start = Instant::now();
    let outcome = definition.hook(call).await;
    ended(start, &written);
    assert!(!matches!(outcome, Err(CallError::TookTooLong(time)) if time != PATIENCE));
}

fn log() -> (LogSink, Arc<Mutex<usize>>) {
    let written = Arc::new(Mutex::new(0));
    let sum = Arc::clone(&written);
    let sink = move |event| {
        if let LogEvent::Line(line) = event {
            *sum.lock().expect("nobody panics while logging") += line.text.len();
        }
    };
    (Arc::new(sink), written)
}

fn ended(start: Instant, written: &Mutex<usize>) {
    assert!(start.elapsed() < PATIENCE + MARGIN, "it came back only after {:?}", start.elapsed());
    let written = *written.lock().expect("nobody panics while logging");
    assert!(written <= LOG, "{written} bytes were logged");
}

/// What was declared is as good as any other declaration.
fn checked(source: Source) {
    let name = GroupName::new("shop").expect("it is a name");
    let publish_on = Ipv4Addr::LOCALHOST.into();
    let with = Check { name, paths: &AnyPath, publish_on, granted_labels: &BTreeSet::new() };
    if let Ok(group) = check(vec![source], with) {
        declaration::planned_and_made(&group);
    }
}

struct AnyPath;

impl Paths for AnyPath {
    fn resolve(&self, path: &str, _: bool) -> Result<PathBuf, String> {
        Ok(PathBuf::from("/project").join(path))
    }

    fn is_granted(&self, _: &Path) -> bool {
        false
    }

    fn leads_to(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }

    fn is_there(&self, _: &Path) -> bool {
        true
    }

    fn still_leads_there(&self, _: &Path) -> Result<(), String> {
        Ok(())
    }
}

/// Containers that have what they are asked for.
struct Echo;

#[async_trait]
impl Containers for Echo {
    async fn is_running(&self, service: &str) -> Result<bool, String> {
        Ok(service == "app")
    }

    async fn health(&self, service: &str) -> Result<String, String> {
        Ok(service.to_owned())
    }

    async fn ports(&self, _: &str) -> Result<Vec<PublishedPort>, String> {
        // Nobody listens there.
        Ok(vec![PublishedPort { container: 80, address: Ipv4Addr::LOCALHOST.into(), host: 1 }])
    }

    async fn exec(&self, _: &str, argv: &[String], timeout: Duration) -> Result<ExecOutput, String> {
        assert!(timeout <= PATIENCE, "{timeout:?} is longer than the hook itself has");
        Ok(ExecOutput { exit_code: 0, stdout: argv.concat().into_bytes(), stderr: Vec::new(), is_cut: false })
    }

    async fn log_tail(&self, _: &str, lines: u32) -> Result<Vec<u8>, String> {
        Ok(vec![b'\n'; usize::try_from(lines).expect("it is a small number")])
    }
}
