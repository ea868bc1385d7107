//! Which engine is found on which machine.

use std::collections::BTreeMap;

use super::*;
use crate::group::Digest;

/// A machine that has only what is said.
#[derive(Default)]
struct Described {
    variables: BTreeMap<&'static str, &'static str>,
    files: BTreeMap<PathBuf, String>,
}

impl Described {
    fn set(mut self, name: &'static str, value: &'static str) -> Self {
        self.variables.insert(name, value);
        self
    }

    fn file(mut self, path: &str, content: &str) -> Self {
        self.files.insert(path.into(), content.to_owned());
        self
    }

    /// With a context in `/home/me/.docker`, which has these TLS files.
    fn context(self, name: &str, endpoint: &str, tls: &[&str]) -> Self {
        let digest = Digest::of(name.as_bytes());
        let meta = format!(r#"{{"Name":"{name}","Metadata":{{}},"Endpoints":{{{endpoint}}}}}"#);
        let this = self.file(&format!("/home/me/.docker/contexts/meta/{digest}/meta.json"), &meta);
        tls.iter().fold(this.set("HOME", "/home/me"), |this, file| {
            this.file(&format!("/home/me/.docker/contexts/tls/{digest}/docker/{file}"), "")
        })
    }

    fn current(self, name: &str) -> Self {
        self.file("/home/me/.docker/config.json", &format!(r#"{{"auths":{{}},"currentContext":"{name}"}}"#))
    }

    fn resolve(&self) -> Result<Endpoint> {
        self.asked(resolve)
    }

    fn asked<T>(&self, question: impl FnOnce(&Machine<'_>) -> T) -> T {
        question(&Machine {
            variable: &|name| self.variables.get(name).map(|value| (*value).to_owned()),
            read: &|path| self.files.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into()),
            exists: &|path| self.files.contains_key(path),
        })
    }

    #[track_caller]
    fn found(&self) -> String {
        self.resolve().unwrap().to_string()
    }

    #[track_caller]
    fn refused(&self, texts: &[&str]) {
        let told = self.resolve().unwrap_err().to_string();
        for text in texts {
            assert!(told.contains(text), "no {text:?} in {told}");
        }
    }
}

const PLAIN: &str = r#""docker":{"Host":"tcp://far:2375","SkipTLSVerify":false}"#;

fn host(value: &'static str) -> Described {
    Described::default().set("DOCKER_HOST", value)
}

#[test]
fn docker_host_comes_first() {
    let machine = host("unix:///x.sock").set("DOCKER_CONTEXT", "far").context("far", PLAIN, &[]).current("far");
    assert_eq!(machine.found(), "unix:///x.sock (from DOCKER_HOST)");
}

#[test]
fn docker_host_takes_the_addresses_that_the_docker_client_takes() {
    let table = [
        ("unix:///x.sock", "unix:///x.sock"),
        ("unix://", "unix:///var/run/docker.sock"),
        ("npipe:////./pipe/x", "npipe:////./pipe/x"),
        ("tcp://far:1", "tcp://far:1"),
        ("tcp://far:1/", "tcp://far:1"),
        ("tcp://far", "tcp://far:2375"),
        ("http://far", "tcp://far:2375"),
        ("tcp://", "tcp://localhost:2375"),
        ("tcp://:1", "tcp://localhost:1"),
        ("tcp://[::1]:1", "tcp://[::1]:1"),
        ("tcp://[::1]", "tcp://[::1]:2375"),
        ("far:1", "tcp://far:1"),
    ];
    for (value, address) in table {
        assert_eq!(host(value).found(), format!("{address} (from DOCKER_HOST)"), "{value}");
    }
}

#[test]
fn what_docker_host_cannot_be_is_told_with_what_to_do() {
    host("ssh://me@far:22").refused(&[
        "ssh://me@far:22 (from DOCKER_HOST)",
        "does not speak ssh",
        "ssh -NL /tmp/docker.sock:/var/run/docker.sock ssh://me@far:22",
    ]);
    host("fd://3").refused(&["fd://3 (from DOCKER_HOST)", "fd:// is not known", "unix://"]);
    host("tcp://far:many").refused(&["`many` is not a port", "tcp://HOST:PORT"]);
    host("tcp://far/path").refused(&["`far/path` is not a host"]);
}

#[test]
fn docker_host_is_asked_over_tls_when_the_variables_say_so() {
    let tls = |machine: Described| machine.set("DOCKER_CERT_PATH", "/certs").file("/certs/ca.pem", "");
    // A directory alone does not.
    assert_eq!(tls(host("tcp://far")).resolve().unwrap().address, Address::Http("far:2375".to_owned()));
    let certificates = Certificates {
        ca: "/certs/ca.pem".into(),
        certificate: "/certs/cert.pem".into(),
        key: "/certs/key.pem".into(),
    };
    for (value, address) in [("tcp://far", "far:2376"), ("tcp://far:1", "far:1"), ("http://far:1", "far:1")] {
        let machine = tls(host(value)).set("DOCKER_TLS_VERIFY", "1");
        assert_eq!(machine.resolve().unwrap().address, Address::Https(address.to_owned(), certificates.clone()));
    }
    assert_eq!(tls(host("https://far:1")).resolve().unwrap().address, Address::Https("far:1".to_owned(), certificates));
    // A socket has no need for it.
    let machine = host("unix:///x.sock").set("DOCKER_TLS_VERIFY", "1");
    assert_eq!(machine.resolve().unwrap().address, Address::Unix("/x.sock".to_owned()));
}

#[test]
fn certificates_are_in_the_settings_of_the_docker_client_unless_said_otherwise() {
    let machine = host("tcp://far").set("DOCKER_TLS_VERIFY", "1").set("HOME", "/home/me");
    machine.refused(&["tcp://far (from DOCKER_HOST)", "/home/me/.docker/ca.pem", "DOCKER_CERT_PATH"]);
    let machine = machine.file("/home/me/.docker/ca.pem", "");
    assert!(matches!(machine.resolve().unwrap().address, Address::Https(..)));
    let machine = machine.file("/home/me/.docker/key.pem", "");
    machine.refused(&["/home/me/.docker/cert.pem", "only one is there"]);
}

#[test]
fn without_docker_host_the_current_context_says_where_the_engine_is() {
    let machine = Described::default().context("far", PLAIN, &[]);
    assert_eq!(machine.found(), "unix:///var/run/docker.sock (the default)");
    let machine = machine.current("far").set("DOCKER_HOST", "");
    let file = "/home/me/.docker/config.json";
    assert_eq!(machine.found(), format!("tcp://far:2375 (from context `far`, which {file} names)"));
    let machine = machine.context("other", r#""docker":{"Host":"unix:///other"}"#, &[]).set("DOCKER_CONTEXT", "other");
    assert_eq!(machine.found(), "unix:///other (from context `other`, which DOCKER_CONTEXT names)");
    let machine = machine.set("DOCKER_CONTEXT", "default");
    assert_eq!(machine.found(), "unix:///var/run/docker.sock (the default)");
}

#[test]
fn contexts_are_where_docker_config_says() {
    let digest = Digest::of(b"far");
    let machine = Described::default()
        .set("HOME", "/home/me")
        .set("DOCKER_CONFIG", "/config")
        .file("/config/config.json", r#"{"currentContext":"far"}"#)
        .file(&format!("/config/contexts/meta/{digest}/meta.json"), &format!(r#"{{"Endpoints":{{{PLAIN}}}}}"#));
    assert!(machine.found().starts_with("tcp://far:2375 "));
}

#[test]
fn a_context_brings_its_certificates() {
    let machine = Described::default().context("far", PLAIN, &["ca.pem", "cert.pem", "key.pem"]).current("far");
    let directory = format!("/home/me/.docker/contexts/tls/{}/docker", Digest::of(b"far"));
    let Address::Https(host, certificates) = machine.resolve().unwrap().address else { panic!("no TLS") };
    assert_eq!(host, "far:2375");
    assert_eq!(certificates.ca, Path::new(&directory).join("ca.pem"));
    assert_eq!(certificates.key, Path::new(&directory).join("key.pem"));
    // The variables are about DOCKER_HOST.
    let machine = Described::default().context("far", PLAIN, &[]).current("far").set("DOCKER_TLS_VERIFY", "1");
    assert!(matches!(machine.resolve().unwrap().address, Address::Http(_)));
}

#[test]
fn a_context_that_cannot_be_used_is_told_with_who_names_it_and_what_to_do() {
    let machine = Described::default().set("HOME", "/home/me").set("DOCKER_CONTEXT", "gone");
    machine.refused(&["context `gone`, which DOCKER_CONTEXT names", "no such context", "docker context ls"]);
    Described::default().set("DOCKER_CONTEXT", "far").refused(&["DOCKER_CONTEXT", "HOME"]);
    let machine = Described::default().context("far", "", &[]).current("far");
    machine.refused(&["context `far`, which /home/me/.docker/config.json names", "no endpoint for Docker"]);
    let skipping = r#""docker":{"Host":"tcp://far:1","SkipTLSVerify":true}"#;
    let machine = Described::default().context("far", skipping, &[]).current("far");
    machine.refused(&["tcp://far:1 (from context `far`", "any certificate", "ca.pem"]);
    let secure = r#""docker":{"Host":"https://far"}"#;
    Described::default().context("far", secure, &[]).current("far").refused(&["ca.pem"]);
    let ssh = r#""docker":{"Host":"ssh://far"}"#;
    Described::default().context("far", ssh, &[]).current("far").refused(&["does not speak ssh", "context `far`"]);
    let machine = Described::default().set("HOME", "/home/me").file("/home/me/.docker/config.json", "{");
    machine.refused(&["/home/me/.docker/config.json", "DOCKER_CONTEXT=default"]);
}

#[cfg(unix)]
#[test]
fn podman_is_found_where_docker_is_not() {
    let machine = Described::default().set("XDG_RUNTIME_DIR", "/run/user/1").file(PODMAN, "");
    assert_eq!(machine.found(), format!("unix://{PODMAN} (Podman's, as there is no {DEFAULT})"));
    let machine = machine.file("/run/user/1/podman/podman.sock", "");
    assert!(machine.found().starts_with("unix:///run/user/1/podman/podman.sock (Podman's"));
    let machine = machine.file(DEFAULT, "");
    assert_eq!(machine.found(), format!("unix://{DEFAULT} (the default)"));
}

#[test]
fn the_sockets_that_are_out_of_reach_are_those_of_all_engines_and_the_one_that_is_used() {
    let sockets = |machine: Described| machine.asked(sockets);
    let has = |sockets: &[PathBuf], path: &str| sockets.contains(&PathBuf::from(path));
    let usual = sockets(Described::default().set("XDG_RUNTIME_DIR", "/run/user/1000"));
    for path in [
        "/var/run/docker.sock",
        "/run/podman/podman.sock",
        "/run/containerd/containerd.sock",
        "/run/user/1000/docker.sock",
        "/run/user/1000/podman/podman.sock",
    ] {
        assert!(has(&usual, path), "{path}");
    }
    let named = sockets(Described::default().set("DOCKER_HOST", "unix:///srv/engine.sock"));
    assert!(has(&named, "/srv/engine.sock") && has(&named, "/var/run/docker.sock"));
    let wrong = sockets(Described::default().set("DOCKER_HOST", "nonsense://"));
    assert!(has(&wrong, "/var/run/docker.sock"));
}

#[test]
fn an_engine_is_on_this_machine_for_certain_only_at_its_usual_place() {
    let is_here = |host| Described::default().set("DOCKER_HOST", host).asked(is_here);
    assert!(Described::default().asked(super::is_here) && is_here("unix:///var/run/docker.sock"));
    for elsewhere in ["tcp://127.0.0.1:2375", "unix:///tmp/tunnel.sock", "nonsense://"] {
        assert!(!is_here(elsewhere), "{elsewhere}");
    }
}
