//! The fields of a service as text, for people and for comparing.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::mask::{mask_argv, mask_value};
use super::{HealthCheck, RestartPolicy, Service, StopSignal};

/// How a field is compared with what a container was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// By a digest that anybody can make: it can hold no secret, or the engine shows it to whoever lists containers.
    Open,
    /// By a digest that takes a key: it may hold a secret.
    Keyed,
    /// Not at all: the container is the same whatever the field says, or it says what it does by default. What is not in a
    /// label is as it is by default, so that a field that is added later changes nothing.
    None,
}

/// A field as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldText {
    value: Value,
    comparison: Comparison,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    /// A text without secrets.
    Plain(String),
    /// What has this name, which says whether it is secret.
    Named(String, String),
    /// A program and its arguments, and what follows them.
    Command(Vec<String>, String),
}

impl FieldText {
    /// The value, with secrets masked.
    #[must_use]
    pub fn shown(&self) -> String {
        match &self.value {
            Value::Plain(text) => text.clone(),
            Value::Named(name, text) => mask_value(name, text).into_owned(),
            Value::Command(argv, rest) => format!("{:?}{rest}", mask_argv(argv)),
        }
    }

    /// The value in full, as it is compared: the same for equal values in every version.
    pub(super) fn text(&self) -> String {
        match &self.value {
            Value::Plain(text) | Value::Named(_, text) => text.clone(),
            Value::Command(argv, rest) => serde_json::json!(argv).to_string() + rest,
        }
    }

    /// How it is compared.
    #[must_use]
    pub fn comparison(&self) -> Comparison {
        self.comparison
    }
}

/// What the names of fields that shape a container begin with. A label that another version wrote can hold others.
const KINDS: [&str; 21] = [
    "aliases",
    "command",
    "cpu_limit",
    "entrypoint",
    "env",
    "health_check",
    "image",
    "label",
    "memory_limit",
    "mount",
    "networks",
    "platform",
    "port",
    "restart_policy",
    "shared_memory",
    "stop_signal",
    "stop_timeout",
    "tmpfs",
    "user",
    "volume",
    "working_directory",
];

/// What a field is by default that is always shown; none for other fields.
#[must_use]
pub fn default_of(field: &str) -> Option<&'static str> {
    match field {
        "restart_policy" => Some(RestartPolicy::default().word()),
        _ => None,
    }
}

/// What a field was by default when the first version of labels was written, which says nothing of it then; none if that was
/// nothing. A container that it is so of stays as it is.
#[must_use]
pub fn former_default_of(field: &str) -> Option<&'static str> {
    (field == "stop_signal").then(|| StopSignal::Term.word())
}

/// Whether this version knows what such a field is.
pub(super) fn is_known(field: &str) -> bool {
    KINDS.contains(&field.split(' ').next().unwrap_or_default())
}

impl Service {
    /// Every field that was set, by name, as text: `env MODE`, `port 80/tcp`, `user`; and some that are as by default.
    #[must_use]
    pub fn described(&self) -> BTreeMap<String, FieldText> {
        let mut fields = Fields(BTreeMap::new());
        fields.put("image", self.image.as_str());
        for (name, value) in &self.env {
            fields.put_named("env", name, value.text(), Comparison::Keyed);
        }
        for port in &self.ports {
            let name = format!("port {}/{}", port.container, port.protocol);
            let address = port.address;
            let host = port.host.map(|host| SocketAddr::new(address, host).to_string());
            let host = host.unwrap_or_else(|| format!("a free one on {address}"));
            // One container port can be published on several host ports.
            fields.append(&name, &host);
        }
        fields.put_list("dependencies", &self.dependencies, Comparison::None);
        fields.put_optional("stop_signal", self.stop_signal.map(|signal| signal.word().to_owned()));
        fields.put_optional("stop_timeout", self.stop_timeout.map(|time| format!("{} s", time.as_secs_f64())));
        fields.put_command("entrypoint", self.entrypoint.as_deref(), "");
        fields.put_command("command", self.command.as_deref(), "");
        fields.put_text("user", self.user.as_deref());
        fields.put_text("working_directory", self.working_directory.as_deref());
        for (target, mount) in &self.mounts {
            let source = mount.source.display();
            fields.put(&format!("mount {target}"), format!("{source}{}", read_only(mount.read_only)));
        }
        for (target, volume) in &self.volumes {
            fields.put(&format!("volume {target}"), format!("{}{}", volume.name, read_only(volume.read_only)));
        }
        fields.put_list("tmpfs", &self.tmpfs, Comparison::Open);
        for (name, value) in &self.labels {
            fields.put_named("label", name, value, Comparison::Open);
        }
        fields.put_list("aliases", &self.aliases, Comparison::Open);
        fields.put_list("networks", &self.networks, Comparison::Open);
        fields.put_word("restart_policy", self.restart_policy.word());
        if let Some(HealthCheck { command, interval }) = &self.health_check {
            fields.put_command("health_check", Some(command), &format!(" every {} s", interval.as_secs_f64()));
        }
        fields.put_optional("platform", self.platform.clone());
        fields.put_optional("shared_memory", self.shared_memory_mib.map(mebibytes));
        fields.put_optional("memory_limit", self.memory_limit_mib.map(mebibytes));
        fields.put_optional("cpu_limit", self.cpu_limit_millis.map(|limit| format!("{limit}/1000")));
        fields.0
    }
}

struct Fields(BTreeMap<String, FieldText>);

impl Fields {
    fn insert(&mut self, name: String, value: Value, comparison: Comparison) {
        self.0.insert(name, FieldText { value, comparison });
    }

    fn put(&mut self, name: &str, text: impl Into<String>) {
        self.insert(name.to_owned(), Value::Plain(text.into()), Comparison::Open);
    }

    /// A word that is always shown, and compared only where it is not the default.
    fn put_word(&mut self, name: &str, word: &str) {
        let comparison = if default_of(name) == Some(word) { Comparison::None } else { Comparison::Open };
        self.insert(name.to_owned(), Value::Plain(word.to_owned()), comparison);
    }

    fn put_optional(&mut self, name: &str, text: Option<String>) {
        if let Some(text) = text {
            self.put(name, text);
        }
    }

    fn put_list<'a>(&mut self, name: &str, texts: impl IntoIterator<Item = &'a String>, comparison: Comparison) {
        let texts = texts.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        if !texts.is_empty() {
            self.insert(name.to_owned(), Value::Plain(texts), comparison);
        }
    }

    fn put_named(&mut self, kind: &str, name: &str, text: &str, comparison: Comparison) {
        self.insert(format!("{kind} {name}"), Value::Named(name.to_owned(), text.to_owned()), comparison);
    }

    /// A text of one's own, in which there may be anything.
    fn put_text(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.insert(name.to_owned(), Value::Named(name.to_owned(), text.to_owned()), Comparison::Keyed);
        }
    }

    fn put_command(&mut self, name: &str, argv: Option<&[String]>, rest: &str) {
        if let Some(argv) = argv {
            self.insert(name.to_owned(), Value::Command(argv.to_vec(), rest.to_owned()), Comparison::Keyed);
        }
    }

    fn append(&mut self, name: &str, text: &str) {
        let before = self.0.get(name).map(|field| field.text() + ", ").unwrap_or_default();
        self.put(name, before + text);
    }
}

fn read_only(read_only: bool) -> &'static str {
    if read_only { " (read-only)" } else { "" }
}

fn mebibytes(size: u32) -> String {
    format!("{size} MiB")
}
