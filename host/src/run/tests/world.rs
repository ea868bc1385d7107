//! A group on the engine in memory, and hooks that do what a test says.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::component::{CallError, GroupCall, GroupHook, Hook, HookCall};
use crate::context::Context;
use crate::engine::Engine as _;
use crate::engine::memory::{Fault, Memory};
use crate::group::{
    Account, Declaration, Digest, FingerprintKey, Group, GroupName, MemoryPaths, ServiceDeclaration, Source, check,
    to_start,
};
use crate::plan::{
    Again, Claim, Observed, Plan, PullPolicy, Request, Teardown, TeardownRequest, reconcile, reload, restart, teardown,
};
use crate::run::{
    Afterwards, Event, Hooks, ServiceOutcome, StartOptions, StartOutcome, StopOptions, StopOutcome, Tools,
    with_platforms,
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
    /// `post-start-init` takes this long.
    pub(super) init_takes: Duration,
    /// `post-start-init` returns this error.
    pub(super) init_fails: Option<&'static str>,
    /// `post-start-init` sets this key to this value.
    pub(super) sets: Option<(&'static str, &'static str)>,
    /// `post-start-init` sets this key to the name of its instance.
    pub(super) sets_instance: Option<&'static str>,
    /// As the script of `*`: the hooks of the group never return by themselves.
    pub(super) group_hook_hangs: bool,
    /// `pre-stop` returns this error.
    pub(super) pre_stop_fails: Option<&'static str>,
}

/// Everything that one test needs. What a command keeps in memory is not here: each one opens the context anew from its
/// file, as after a crash.
pub(super) struct World {
    pub(super) name: GroupName,
    pub(super) engine: Arc<Memory>,
    pub(super) cancel: CancellationToken,
    pub(super) services: Vec<ServiceDeclaration>,
    pub(super) paths: MemoryPaths,
    /// On whose behalf commands run.
    pub(super) claim: Claim,
    /// The key of the fingerprints in labels; another one if the state directory was lost.
    pub(super) key: FingerprintKey,
    scripts: Arc<Mutex<BTreeMap<String, Script>>>,
    /// Every call of a hook but `ping`, as `hook service`.
    pub(super) hooks_called: Arc<Mutex<Vec<String>>>,
    /// The instance of each container that was initialised, once for each time.
    pub(super) initialised: Arc<Mutex<Vec<String>>>,
    events: Arc<Mutex<Vec<Event>>>,
    directory: tempfile::TempDir,
}

struct Scripted {
    engine: Arc<Memory>,
    scripts: Arc<Mutex<BTreeMap<String, Script>>>,
    called: Arc<Mutex<Vec<String>>>,
    initialised: Arc<Mutex<Vec<String>>>,
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
                let since = self.engine.instance_since(&call.instance);
                Ok(since.is_some_and(|since| since.elapsed() >= script.ready_after))
            }
            Hook::PostStartInit => {
                self.initialised.lock().unwrap().push(call.instance.clone());
                if !script.init_takes.is_zero() {
                    tokio::time::sleep(script.init_takes).await;
                }
                if let Some((key, value)) = script.sets {
                    call.context.set(key, value, &call.instance).unwrap();
                }
                if let Some(key) = script.sets_instance {
                    call.context.set(key, &call.instance, &call.instance).unwrap();
                }
                script.init_fails.map_or(Ok(true), failed)
            }
            Hook::PreStop => script.pre_stop_fails.map_or(Ok(true), failed),
            Hook::PreStart => Ok(true),
        }
    }

    async fn call_group(&self, call: GroupCall) -> Vec<CallError> {
        let services = match &call.hook {
            GroupHook::OnStart(services) | GroupHook::OnStop(services) => services.join(" "),
            GroupHook::OnReload(service) => service.clone(),
        };
        self.called.lock().unwrap().push(format!("{} {services}", call.hook));
        let hangs = self.scripts.lock().unwrap().get("*").is_some_and(|script| script.group_hook_hangs);
        if hangs {
            tokio::time::sleep(call.timeout).await;
            return vec![CallError::TookTooLong(call.timeout)];
        }
        Vec::new()
    }
}

impl World {
    /// Services as `name:dependency,dependency`, separated by spaces, each from the image `image`.
    pub(super) fn new(services: &str) -> Self {
        let declare = |entry: &str| {
            let (name, dependencies) = entry.split_once(':').unwrap_or((entry, ""));
            ServiceDeclaration {
                name: name.to_owned(),
                image: "image".to_owned(),
                dependencies: dependencies.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
                ..ServiceDeclaration::default()
            }
        };
        let engine = Memory::new();
        engine.add_image("image", "image-1");
        Self::on(engine, "g", services.split_whitespace().map(declare).collect())
    }

    /// The same under another name.
    pub(super) fn named(self, name: &str) -> Self {
        Self { name: GroupName::new(name).unwrap(), ..self }
    }

    /// A group on an engine that others may use too.
    pub(super) fn on(engine: Arc<Memory>, name: &str, services: Vec<ServiceDeclaration>) -> Self {
        Self {
            name: GroupName::new(name).unwrap(),
            engine,
            cancel: CancellationToken::new(),
            services,
            paths: MemoryPaths::default(),
            claim: claim("/project"),
            key: FingerprintKey::of_tests(),
            scripts: Arc::default(),
            hooks_called: Arc::default(),
            initialised: Arc::default(),
            events: Arc::default(),
            directory: tempfile::tempdir().unwrap(),
        }
    }

    /// A world in which the same stands and has happened, and which goes on by itself.
    pub(super) fn copy(&self) -> Self {
        fn copied<T: Clone>(shared: &Mutex<T>) -> Arc<Mutex<T>> {
            Arc::new(Mutex::new(shared.lock().unwrap().clone()))
        }
        let copy = Self {
            scripts: copied(&self.scripts),
            initialised: copied(&self.initialised),
            claim: self.claim.clone(),
            ..Self::on(self.engine.copy(), self.name.as_str(), self.services.clone())
        };
        if self.context_file().exists() {
            std::fs::copy(self.context_file(), copy.context_file()).unwrap();
        }
        copy
    }

    pub(super) fn context_file(&self) -> std::path::PathBuf {
        self.directory.path().join("context.json")
    }

    /// The context as a new command finds it.
    pub(super) fn context(&self) -> Context {
        Context::open(&self.context_file()).unwrap()
    }

    pub(super) fn script(&self, service: &str, script: Script) {
        self.scripts.lock().unwrap().insert(service.to_owned(), script);
    }

    pub(super) fn declared(&mut self, service: &str) -> &mut ServiceDeclaration {
        self.services.iter_mut().find(|declared| declared.name == service).unwrap()
    }

    pub(super) fn group(&self) -> Group {
        let digest = Digest::of(b"definition");
        let declaration = Declaration { services: self.services.clone(), ..Declaration::default() };
        check(vec![Source { file: "g.wasm".to_owned(), digest, declaration }], self.paths.check(&self.name)).unwrap()
    }

    /// What `start` asks for when the person says nothing more.
    pub(super) fn request(&self) -> Request {
        let group = self.group();
        let built = group.services.values().filter_map(|service| Some((service, service.build.as_ref()?)));
        let contexts =
            built.map(|(service, build)| (service.name.clone(), self.engine.directory(&build.directory))).collect();
        Request { selected: to_start(&group.dependencies(), &[]).unwrap(), contexts, ..Request::default() }
    }

    pub(super) async fn plan(&self) -> Plan {
        self.plan_for(self.request()).await.unwrap()
    }

    /// What every command begins with: what is there, and the values of what is there.
    async fn look(&self) -> crate::engine::Result<(Observed, BTreeMap<String, String>)> {
        let observed = self.engine.observe(&self.name).await?;
        let observed = Observed { key: Some(self.key.clone()), ..observed };
        let observed = with_platforms(observed, &self.group(), &*self.engine).await?;
        let context = self.context();
        context.keep_only(&observed.instances()).unwrap();
        Ok((observed, context.values()))
    }

    pub(super) async fn plan_for(&self, request: Request) -> crate::engine::Result<Plan> {
        let (observed, values) = self.look().await?;
        Ok(reconcile(self.group(), &request, &observed, &|key| values.get(key).map(String::as_str)))
    }

    pub(super) async fn reload(&self, request: &Again) -> Result<StartOutcome, String> {
        let (observed, values) = self.look().await.map_err(|error| error.to_string())?;
        let value = |key: &str| values.get(key).map(String::as_str);
        let plan = reload(self.group(), request, PullPolicy::Missing, &observed, &value);
        let afterwards = Afterwards::Reloaded(request.services.clone());
        self.carry_out(plan.map_err(|error| error.to_string())?, afterwards).await.map_err(|error| error.to_string())
    }

    pub(super) async fn restart(&self, request: &Again) -> Result<StartOutcome, String> {
        let (observed, _) = self.look().await.map_err(|error| error.to_string())?;
        let plan = restart(self.group(), request, &observed);
        self.carry_out(plan.map_err(|error| error.to_string())?, Afterwards::Nothing)
            .await
            .map_err(|error| error.to_string())
    }

    fn tools(&self) -> Tools {
        let events = Arc::clone(&self.events);
        Tools {
            engine: Arc::clone(&self.engine) as _,
            hooks: Arc::new(Scripted {
                engine: Arc::clone(&self.engine),
                scripts: Arc::clone(&self.scripts),
                called: Arc::clone(&self.hooks_called),
                initialised: Arc::clone(&self.initialised),
            }),
            context: Arc::new(self.context()),
            claim: Arc::new(self.claim.clone()),
            events: Arc::new(move |event| events.lock().unwrap().push(event)),
            cancel: self.cancel.clone(),
        }
    }

    pub(super) async fn try_start(&self) -> crate::engine::Result<StartOutcome> {
        self.try_start_for(self.request()).await
    }

    /// Starts the group with an engine that dies at this call, and begins anew with what that has left; false if the start was
    /// done before.
    pub(super) async fn start_until_crash(&mut self, at: usize) -> bool {
        self.engine.fault_at(Some((at, Fault::Crash)));
        let crashed = tokio::select! {
            () = self.engine.crash() => true,
            outcome = self.try_start() => { outcome.unwrap(); false }
        };
        let engine = self.engine.copy();
        self.engine = engine;
        crashed
    }

    pub(super) async fn try_start_for(&self, request: Request) -> crate::engine::Result<StartOutcome> {
        self.carry_out(self.plan_for(request).await?, Afterwards::Started).await
    }

    pub(super) async fn carry_out(&self, plan: Plan, afterwards: Afterwards) -> crate::engine::Result<StartOutcome> {
        let options =
            StartOptions { timeout: Duration::from_mins(5), afterwards, key: self.key.clone(), net: [].into() };
        crate::run::start(plan, Arc::new(self.paths.clone()), options, self.tools()).await
    }

    /// Starts the group; what came of each service, as words.
    pub(super) async fn start(&self) -> BTreeMap<String, String> {
        words(self.try_start().await.unwrap())
    }

    pub(super) async fn stop(&self, remove: bool, exclude: &[&str]) -> StopOutcome {
        let exclude = exclude.iter().map(ToString::to_string).collect();
        self.stop_for(TeardownRequest { exclude, remove, ..TeardownRequest::default() }, remove).await.unwrap()
    }

    pub(super) async fn stop_for(&self, request: TeardownRequest, volumes: bool) -> Result<StopOutcome, String> {
        let (observed, _) = self.look().await.map_err(|error| error.to_string())?;
        let plan = teardown(&observed, &request).map_err(|error| error.to_string())?;
        Ok(self.tear_down(plan, request.remove, volumes).await)
    }

    pub(super) async fn tear_down(&self, plan: Teardown, remove: bool, volumes: bool) -> StopOutcome {
        let options = StopOptions { group: self.name.clone(), timeout: None, remove, volumes };
        crate::run::stop(plan, options, self.tools()).await
    }

    pub(super) fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap().clone()
    }

    /// How often a hook of a service was called.
    pub(super) fn called(&self, hook: &str) -> usize {
        self.hooks_called.lock().unwrap().iter().filter(|called| *called == hook).count()
    }
}

/// The account that all tests run under.
pub(super) fn account() -> Account {
    Account { machine: "machine".to_owned(), user: 1000, name: "alice@laptop".to_owned() }
}

/// A claim of that account's, whose directories are all there but `/gone`.
pub(super) fn claim(project: &str) -> Claim {
    Claim::new(account(), project, Arc::new(|directory| !directory.starts_with("/gone")))
}

/// What came of each service, as words.
pub(super) fn words(outcome: StartOutcome) -> BTreeMap<String, String> {
    outcome.0.into_iter().map(|(service, outcome)| (service, word(&outcome))).collect()
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
