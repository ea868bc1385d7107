//! A group on the engine in memory, and hooks that do what a test says.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::component::{CallError, GroupCall, GroupHook, Hook, HookCall};
use crate::context::Context;
use crate::engine::Engine as _;
use crate::engine::memory::Memory;
use crate::group::{Check, Declaration, Digest, Group, GroupName, Paths, ServiceDeclaration, Source, check, to_start};
use crate::plan::{Plan, Request, TeardownRequest, reconcile, teardown};
use crate::run::{
    Afterwards, Event, Hooks, ServiceOutcome, StartOptions, StartOutcome, StopOptions, StopOutcome, Tools,
};

/// What a service's hooks do.
#[derive(Debug, Clone, Default)]
pub(super) struct Script {
    /// `ping` says true once the container has run for this long.
    pub(super) ready_after: Duration,
    /// `ping` returns this error.
    pub(super) ping_fails: Option<&'static str>,
    /// A hook that never returns by itself.
    pub(super) hangs_in: Option<Hook>,
    /// `post-start-init` returns this error.
    pub(super) init_fails: Option<&'static str>,
    /// `post-start-init` sets this key to this value.
    pub(super) sets: Option<(&'static str, &'static str)>,
    /// As the script of `*`: the hooks of the group never return by themselves.
    pub(super) group_hook_hangs: bool,
    /// `pre-stop` returns this error.
    pub(super) pre_stop_fails: Option<&'static str>,
}

/// Everything that one test needs.
pub(super) struct World {
    pub(super) engine: Arc<Memory>,
    pub(super) context: Arc<Context>,
    pub(super) cancel: CancellationToken,
    pub(super) services: Vec<ServiceDeclaration>,
    scripts: Arc<Mutex<BTreeMap<String, Script>>>,
    /// Every call of a hook but `ping`, as `hook service`.
    pub(super) hooks_called: Arc<Mutex<Vec<String>>>,
    events: Arc<Mutex<Vec<Event>>>,
    _directory: tempfile::TempDir,
}

struct Scripted {
    engine: Arc<Memory>,
    scripts: Arc<Mutex<BTreeMap<String, Script>>>,
    called: Arc<Mutex<Vec<String>>>,
}

#[async_trait]
impl Hooks for Scripted {
    async fn call(&self, call: HookCall) -> Result<bool, CallError> {
        let script = self.scripts.lock().unwrap().get(&call.service).cloned().unwrap_or_default();
        if call.hook != Hook::Ping {
            self.called.lock().unwrap().push(format!("{} {}", call.hook, call.service));
        }
        if script.hangs_in == Some(call.hook) {
            tokio::time::sleep(call.timeout).await;
            return Err(CallError::TookTooLong(call.timeout));
        }
        let failed = |text: &str| Err(CallError::Returned(text.to_owned()));
        match call.hook {
            Hook::Ping => {
                if let Some(text) = script.ping_fails {
                    return failed(text);
                }
                let since = self.engine.running_since(&call.service);
                Ok(since.is_some_and(|since| since.elapsed() >= script.ready_after))
            }
            Hook::PostStartInit => {
                if let Some((key, value)) = script.sets {
                    call.context.set(key, value, &call.instance).unwrap();
                }
                script.init_fails.map_or(Ok(true), failed)
            }
            Hook::PreStop => script.pre_stop_fails.map_or(Ok(true), failed),
            Hook::PreStart => Ok(true),
        }
    }

    async fn call_group(&self, call: GroupCall) -> Result<(), CallError> {
        let services = match &call.hook {
            GroupHook::OnStart(services) | GroupHook::OnStop(services) => services.join(" "),
            GroupHook::OnReload(service) => service.clone(),
        };
        self.called.lock().unwrap().push(format!("{} {services}", call.hook));
        let hangs = self.scripts.lock().unwrap().get("*").is_some_and(|script| script.group_hook_hangs);
        if hangs {
            tokio::time::sleep(call.timeout).await;
            return Err(CallError::TookTooLong(call.timeout));
        }
        Ok(())
    }
}

struct NoPaths;

impl Paths for NoPaths {
    fn resolve(&self, path: &str) -> Result<std::path::PathBuf, String> {
        Ok(std::path::PathBuf::from("/project").join(path))
    }
}

impl World {
    /// Services as `name:dependency,dependency`, separated by spaces, each from the image `image`.
    pub(super) fn new(services: &str) -> Self {
        let engine = Memory::new();
        engine.add_image("image", "image-1");
        let directory = tempfile::tempdir().unwrap();
        let declare = |entry: &str| {
            let (name, dependencies) = entry.split_once(':').unwrap_or((entry, ""));
            ServiceDeclaration {
                name: name.to_owned(),
                image: "image".to_owned(),
                dependencies: dependencies.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
                ..ServiceDeclaration::default()
            }
        };
        Self {
            context: Arc::new(Context::open(&directory.path().join("context.json")).unwrap()),
            engine,
            cancel: CancellationToken::new(),
            services: services.split_whitespace().map(declare).collect(),
            scripts: Arc::default(),
            hooks_called: Arc::default(),
            events: Arc::default(),
            _directory: directory,
        }
    }

    pub(super) fn script(&self, service: &str, script: Script) {
        self.scripts.lock().unwrap().insert(service.to_owned(), script);
    }

    pub(super) fn declared(&mut self, service: &str) -> &mut ServiceDeclaration {
        self.services.iter_mut().find(|declared| declared.name == service).unwrap()
    }

    fn group(&self) -> Group {
        let with = Check { name: GroupName::new("g").unwrap(), paths: &NoPaths };
        let digest = Digest::of(b"definition");
        let declaration = Declaration { name: None, services: self.services.clone() };
        check(vec![Source { file: "g.wasm".to_owned(), digest, declaration }], with).unwrap()
    }

    pub(super) async fn plan(&self) -> Plan {
        let group = self.group();
        let selected = to_start(&group.dependencies(), &[]).unwrap();
        let request = Request { selected, ..Request::default() };
        let observed = self.engine.observe(&group.name).await.unwrap();
        self.context.keep_only(&observed.instances()).unwrap();
        let values = self.context.values();
        reconcile(group, &request, &observed, &|key| values.get(key).map(String::as_str))
    }

    fn tools(&self) -> Tools {
        let events = Arc::clone(&self.events);
        Tools {
            engine: Arc::clone(&self.engine) as _,
            hooks: Arc::new(Scripted {
                engine: Arc::clone(&self.engine),
                scripts: Arc::clone(&self.scripts),
                called: Arc::clone(&self.hooks_called),
            }),
            context: Arc::clone(&self.context),
            events: Arc::new(move |event| events.lock().unwrap().push(event)),
            cancel: self.cancel.clone(),
        }
    }

    pub(super) async fn try_start(&self) -> crate::engine::Result<StartOutcome> {
        let options = StartOptions { timeout: Duration::from_mins(5), afterwards: Afterwards::Started };
        crate::run::start(self.plan().await, options, self.tools()).await
    }

    /// Starts the group; what came of each service, as words.
    pub(super) async fn start(&self) -> BTreeMap<String, String> {
        let outcome = self.try_start().await.unwrap();
        outcome.0.into_iter().map(|(service, outcome)| (service, word(&outcome))).collect()
    }

    pub(super) async fn stop(&self, remove: bool, exclude: &[&str]) -> StopOutcome {
        let group = GroupName::new("g").unwrap();
        let observed = self.engine.observe(&group).await.unwrap();
        let request = TeardownRequest {
            declared: None,
            exclude: exclude.iter().map(ToString::to_string).collect(),
            orphans: false,
            remove,
        };
        let options = StopOptions { group, timeout: None, remove, volumes: remove };
        crate::run::stop(teardown(&observed, &request).unwrap(), options, self.tools()).await
    }

    pub(super) fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap().clone()
    }

    /// How often a hook of a service was called.
    pub(super) fn called(&self, hook: &str) -> usize {
        self.hooks_called.lock().unwrap().iter().filter(|called| *called == hook).count()
    }
}

fn word(outcome: &ServiceOutcome) -> String {
    match outcome {
        ServiceOutcome::Ready { took: Some(_), .. } => "started".to_owned(),
        ServiceOutcome::Ready { took: None, .. } => "kept".to_owned(),
        ServiceOutcome::Failed(failure) => format!("failed: {failure}"),
        ServiceOutcome::NotStarted { because } => format!("not started because of {because}"),
        ServiceOutcome::Interrupted => "interrupted".to_owned(),
    }
}

/// A map as a test writes it down.
pub(super) fn outcomes(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
    entries.iter().map(|(service, word)| ((*service).to_owned(), (*word).to_owned())).collect()
}
