//! What a definition asks the host for, call by call. The host traces each call of an import with its arguments.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use drillmaster::component::{
    Allowed, Cache, Containers, Definition, ExecOutput, GroupCall, GroupHook, Hook, HookCall, Interpreter, LogSink,
    PublishedPort, Runtime,
};
use drillmaster::context::Context;
use drillmaster::grants::Grants;
use drillmaster::toolchain;
use drillmaster_tests::workspace;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::subscriber::with_default;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;

use super::{MODEL, Written};

/// The interfaces whose calls are compared. What a language's own library asks of WASI is its own affair.
const CONTRACT: [&str; 4] = ["definition", "container", "context", "log"];

const PATIENCE: Duration = Duration::from_secs(30);

/// The reference in this language asks for what the model asks for.
pub(super) fn are_the_same(written: Written) {
    let model = recorded(MODEL);
    assert!(model.len() > 80, "{model:#?}");
    are(written, &model);
}

/// The reference that is written so asks for just this.
pub(super) fn are(written: Written, model: &[String]) {
    let ours = recorded(written);
    for (index, (ours, model)) in ours.iter().zip(model).enumerate() {
        assert_eq!(ours, model, "call {index}");
    }
    assert_eq!(ours.len(), model.len());
}

/// What the reference asks for in all its hooks.
fn recorded(written: Written) -> Vec<String> {
    let scenario = written.reference();
    let file = scenario.project().join(written.file());
    let calls = Calls::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let subscriber = tracing_subscriber::registry().with(calls.clone());
    with_default(subscriber, || runtime.block_on(all_hooks(&file, written, &scenario.state().join("values.json"))));
    calls.taken()
}

async fn all_hooks(file: &Path, written: Written, values: &Path) {
    let definition = load(file, written).await;
    definition.fields(BTreeMap::new(), log()).await.unwrap();
    let context = Arc::new(Context::open(values).unwrap());
    let containers: Arc<dyn Containers> = Arc::new(Told { port: serve() });
    let hook = |hook, service: &str| HookCall {
        hook,
        service: service.to_owned(),
        dependencies: ["helper".to_owned()].into(),
        containers: Arc::clone(&containers),
        context: Arc::clone(&context),
        instance: "instance".to_owned(),
        log: log(),
        timeout: PATIENCE,
    };
    for (kind, service) in [
        (Hook::Ping, "every"),
        (Hook::Ping, "built"),
        (Hook::PostStartInit, "built"),
        (Hook::PreStart, "helper"),
        (Hook::PreStart, "subject"),
        (Hook::Ping, "subject"),
        (Hook::PostStartInit, "subject"),
        (Hook::PreStop, "subject"),
        (Hook::PreStop, "helper"),
    ] {
        let answer = definition.hook(hook(kind, service)).await;
        assert!(answer.as_ref().is_ok_and(|ready| *ready), "{kind} of {service}: {answer:?}");
    }
    let services = vec!["subject".to_owned(), "helper".to_owned()];
    for hook in [GroupHook::OnStart(services.clone()), GroupHook::OnStop(services), GroupHook::OnReload("built".into())]
    {
        let call = GroupCall { hook, context: Arc::clone(&context), log: log(), timeout: PATIENCE };
        definition.group_hook(call).await.unwrap();
    }
}

async fn load(file: &Path, written: Written) -> Definition {
    let allowed = Allowed::open(Grants::default()).unwrap();
    // What the commands of other tests have compiled.
    let cache = Cache::below(&workspace::target().join("e2e/cache"));
    let runtime = Runtime::new(Some(cache), allowed).unwrap();
    let looked = match written {
        Written::Component(_) | Written::Kept(_) => runtime.look(file).await,
        Written::Source(language, _) => {
            let tools = workspace::target().join("e2e/cache/drillmaster").join(language);
            if language == "python" {
                let python = toolchain::interpreter(&tools, |_| ()).await.unwrap();
                runtime.look_at_source(file, Interpreter::Python(&python)).await
            } else {
                let javascript = toolchain::javascript_interpreter(&tools).unwrap();
                runtime.look_at_source(file, Interpreter::JavaScript(&javascript)).await
            }
        }
    };
    looked.definition.unwrap()
}

fn log() -> LogSink {
    Arc::new(|_| ())
}

/// Containers that always say the same.
struct Told {
    /// Where the one port of each is published.
    port: u16,
}

#[async_trait]
impl Containers for Told {
    async fn is_running(&self, _: &str) -> Result<bool, String> {
        Ok(true)
    }

    async fn health(&self, _: &str) -> Result<String, String> {
        Ok("healthy".to_owned())
    }

    async fn ports(&self, _: &str) -> Result<Vec<PublishedPort>, String> {
        Ok(vec![PublishedPort { container: 8080, address: IpAddr::V4(Ipv4Addr::LOCALHOST), host: self.port }])
    }

    async fn exec(&self, _: &str, argv: &[String], _: Duration) -> Result<ExecOutput, String> {
        let output = |exit_code, stdout: &str, stderr: &str| ExecOutput {
            exit_code,
            stdout: stdout.into(),
            stderr: stderr.into(),
            is_cut: false,
        };
        match argv[1].as_str() {
            "print" => Ok(output(0, &format!("{}\n", argv[2]), "")),
            "fail" => Ok(output(1, "", &format!("{}\n", argv[2]))),
            "sleep" => Err("`/service sleep 60000` took longer than 200 ms".to_owned()),
            _ => Ok(output(0, "", "")),
        }
    }

    async fn log_tail(&self, _: &str, _: u32) -> Result<Vec<u8>, String> {
        // Not a character in the middle: what is no UTF-8 is shown all the same.
        Ok(b"a last line \xff\n".to_vec())
    }
}

/// A server on a port of its own that answers every request with its path, until the process ends.
fn serve() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let Some(request) = lines.next() else { continue };
            lines.find(String::is_empty);
            let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
            let answer =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{path}", path.len());
            let _ = (&stream).write_all(answer.as_bytes());
        }
    });
    port
}

/// The calls of imports, as they come: the function, and its arguments but for handles, whose numbers say nothing.
#[derive(Clone, Default)]
struct Calls(Arc<Mutex<Vec<String>>>);

impl Calls {
    fn taken(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The function that a span is about.
struct Function(String);

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for Calls {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: tracing_subscriber::layer::Context<'_, S>) {
        if attributes.metadata().name() != "wit-bindgen import" {
            return;
        }
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id).filter(|_| CONTRACT.contains(&fields.module.as_str())) {
            span.extensions_mut().insert(Function(fields.text));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: tracing_subscriber::layer::Context<'_, S>) {
        let Some(span) = context.event_span(event) else { return };
        if let Some(Function(function)) = span.extensions().get() {
            let mut arguments = Fields::default();
            event.record(&mut arguments);
            if arguments.messages.iter().any(|message| message == "call") {
                let call = format!("{function}({})", arguments.text.trim_start());
                self.0.lock().unwrap_or_else(PoisonError::into_inner).push(call);
            }
        }
    }
}

/// The fields of a span or event as text.
#[derive(Default)]
struct Fields {
    /// An argument can be called so as well as what an event says: it is in quotes then.
    messages: Vec<String>,
    module: String,
    text: String,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let value = format!("{value:?}");
        match field.name() {
            "message" if !value.starts_with('"') => self.messages.push(value),
            "self_" => {}
            "module" => value.trim_matches('"').clone_into(&mut self.module),
            "function" => self.text.push_str(value.trim_matches('"')),
            name => self.text.extend([" ", name, "=", &value]),
        }
    }
}
