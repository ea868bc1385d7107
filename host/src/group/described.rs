//! The fields of a service as text, for people and for comparing.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::{HealthCheck, Service};

/// What is shown instead of a secret.
pub const MASK: &str = "***";

/// What the name of a variable says, in capitals, whose value is not to be shown.
const SECRET_WORDS: [&str; 8] =
    ["PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "CREDENTIAL", "APIKEY", "PRIVATE"];

/// The same, where it stands between underscores or the like: `DB_PASS`, and not `COMPASS`.
const SECRET_PARTS: [&str; 4] = ["KEY", "AUTH", "PWD", "PASS"];

/// A field as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldText {
    value: String,
    secret: bool,
}

impl FieldText {
    /// The value; `***` for a secret.
    #[must_use]
    pub fn shown(&self) -> &str {
        if self.secret { MASK } else { &self.value }
    }
}

impl Service {
    /// Every field that shapes the container and was set, by name, as text: `env MODE`, `port 80/tcp`, `user`. The
    /// values of variables and labels are secret if their name says so, or if they hold a URL with a password.
    #[must_use]
    pub fn described(&self) -> BTreeMap<String, FieldText> {
        let mut fields = Fields(BTreeMap::new());
        fields.put("image", self.image.as_str());
        for (name, value) in &self.env {
            fields.put_named("env", name, value.text());
        }
        for port in &self.ports {
            let name = format!("port {}/{}", port.container, port.protocol);
            let address = port.address;
            let host = port.host.map(|host| SocketAddr::new(address, host).to_string());
            let host = host.unwrap_or_else(|| format!("a free one on {address}"));
            // One container port can be published on several host ports.
            fields.append(&name, host);
        }
        fields.put_list("dependencies", &self.dependencies);
        fields.put("stop_signal", self.stop_signal.word());
        fields.put_optional("stop_timeout", self.stop_timeout.map(|time| format!("{} s", time.as_secs_f64())));
        fields.put_optional("entrypoint", self.entrypoint.as_deref().map(argv));
        fields.put_optional("command", self.command.as_deref().map(argv));
        fields.put_optional("user", self.user.clone());
        fields.put_optional("working_directory", self.working_directory.clone());
        for (target, mount) in &self.mounts {
            let source = mount.source.display();
            fields.put(&format!("mount {target}"), format!("{source}{}", read_only(mount.read_only)));
        }
        for (target, volume) in &self.volumes {
            fields.put(&format!("volume {target}"), format!("{}{}", volume.name, read_only(volume.read_only)));
        }
        fields.put_list("tmpfs", &self.tmpfs);
        for (name, value) in &self.labels {
            fields.put_named("label", name, value);
        }
        fields.put_list("aliases", &self.aliases);
        fields.put_list("networks", &self.networks);
        fields.put("restart_policy", self.restart_policy.word());
        let check = |HealthCheck { command, interval }: &HealthCheck| {
            format!("{} every {} s", argv(command), interval.as_secs_f64())
        };
        fields.put_optional("health_check", self.health_check.as_ref().map(check));
        fields.put_optional("platform", self.platform.clone());
        fields.put_optional("shared_memory", self.shared_memory_mib.map(mebibytes));
        fields.put_optional("memory_limit", self.memory_limit_mib.map(mebibytes));
        fields.put_optional("cpu_limit", self.cpu_limit_millis.map(|limit| format!("{limit}/1000")));
        fields.0
    }
}

struct Fields(BTreeMap<String, FieldText>);

impl Fields {
    fn put(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_owned(), FieldText { value: value.into(), secret: false });
    }

    fn put_optional(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    fn put_list<'a>(&mut self, name: &str, values: impl IntoIterator<Item = &'a String>) {
        let values = values.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        if !values.is_empty() {
            self.put(name, values);
        }
    }

    fn put_named(&mut self, kind: &str, name: &str, value: &str) {
        let secret = is_secret_name(name) || has_password(value);
        self.0.insert(format!("{kind} {name}"), FieldText { value: value.to_owned(), secret });
    }

    fn append(&mut self, name: &str, value: String) {
        match self.0.get_mut(name) {
            Some(field) => field.value = format!("{}, {value}", field.value),
            None => self.put(name, value),
        }
    }
}

/// Whether the name of a variable says that its value is secret.
fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    SECRET_WORDS.iter().any(|word| name.contains(word))
        || name.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| SECRET_PARTS.contains(&part))
}

/// Whether a value may be a URL that holds a password: `scheme://user:password@host`. A password can itself hold a slash,
/// so that an `@` anywhere behind a colon is taken for its end: rather one value too many is masked.
fn has_password(value: &str) -> bool {
    let user = value.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@'));
    user.is_some_and(|(user, _)| user.contains(':'))
}

fn argv(words: &[String]) -> String {
    format!("{words:?}")
}

fn read_only(read_only: bool) -> &'static str {
    if read_only { " (read-only)" } else { "" }
}

fn mebibytes(size: u32) -> String {
    format!("{size} MiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_say_secret_are_found() {
        for name in ["POSTGRES_PASSWORD", "db_pwd", "API_KEY", "key", "GitHub-Token", "client_secret", "BASIC-AUTH"] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["MODE", "MONKEY", "KEYBOARD", "PATH", "USER", "AUTHOR", "COMPASS"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn urls_with_a_password_are_found() {
        for value in ["postgres://u:p@h/db", "amqp://u:a/b@h", "x://:p@h"] {
            assert!(has_password(value), "{value}");
        }
        for value in ["postgres://u@h/db", "http://h:80/a", "{db.url}", "a:b@c", "http://h"] {
            assert!(!has_password(value), "{value}");
        }
    }
}
