use std::net::Ipv4Addr;
use std::time::Duration;

use super::*;
use crate::group::{HealthCheck, ImageName, Mount, Port, Protocol, RestartPolicy, StopSignal, Template, Volume};

fn key() -> FingerprintKey {
    FingerprintKey::of_tests()
}

fn another_key() -> FingerprintKey {
    FingerprintKey::new([8; FingerprintKey::LENGTH])
}

/// A service on which every field is set that shapes a container.
fn full() -> Service {
    Service {
        name: "db".to_owned(),
        image: ImageName::new("postgres:17").unwrap(),
        dependencies: ["cache".to_owned()].into(),
        env: [("MODE", "dev"), ("POSTGRES_PASSWORD", "hunter2"), ("URL", "{cache.url}")]
            .map(|(name, value)| (name.to_owned(), Template::new(value)))
            .into(),
        ports: [
            Port { container: 5432, address: Ipv4Addr::LOCALHOST.into(), host: Some(5433), protocol: Protocol::Tcp },
            Port { container: 53, address: Ipv4Addr::LOCALHOST.into(), host: None, protocol: Protocol::Udp },
        ]
        .into(),
        always_start_new: false,
        stop_signal: Some(StopSignal::Int),
        stop_timeout: Some(Duration::from_millis(1500)),
        build: None,
        entrypoint: Some(vec!["/run".to_owned(), "a \"b\" ü".to_owned()]),
        command: Some(vec!["serve".to_owned(), "--token=hunter3".to_owned()]),
        user: Some("ada".to_owned()),
        working_directory: Some("/srv".to_owned()),
        mounts: [("/etc/x".to_owned(), Mount { source: "/project/x".into(), read_only: true })].into(),
        volumes: [("/data".to_owned(), Volume { name: "data".to_owned(), read_only: false })].into(),
        tmpfs: ["/tmp".to_owned()].into(),
        labels: [("team".to_owned(), "a".to_owned())].into(),
        aliases: ["database".to_owned()].into(),
        networks: ["back".to_owned()].into(),
        restart_policy: RestartPolicy::OnFailure,
        health_check: Some(HealthCheck { command: vec!["true".to_owned()], interval: Duration::from_millis(500) }),
        platform: Some("linux/amd64".to_owned()),
        shared_memory_mib: Some(64),
        memory_limit_mib: Some(512),
        cpu_limit_millis: Some(500),
    }
}

fn prints(service: &Service) -> Fingerprints {
    Fingerprints::of_fields(service, "db-1", &key())
}

fn compare(found: &Fingerprints, service: &Service, key: Option<&FingerprintKey>) -> Compared {
    found.compare_fields(&service.described(), "db-1", key)
}

/// The label that this service has had since there are fingerprints. If this fails, then containers that are there would be
/// replaced by the next version for nothing: what is hashed must stay the same.
const GOLDEN: &str = r#"{"v":2,"key":"8a0d34a31840bf55","keyed":{"command":"bb95de6b1fbbb4996af751a4b31cc922","entrypoint":"9fec3cb53526fa862fb47d266586fed0","env MODE":"013564b0aa36151ca51e38e870d45622","env POSTGRES_PASSWORD":"0230174c290bde10efc15ac05685a812","env URL":"b7366f142fa791e6d7aacd41882d1f10","health_check":"67126c2159de426e62b5ef46a50c8d12","user":"2851b0efc1dcd6b326ea2507db664180","working_directory":"da31e8de53b66af4e593a6edd838d12d"},"open":{"aliases":"c5b6556749873421864dd2f62ffde587","cpu_limit":"9c20f2f58155f2733ae08159b3fc3e99","image":"d54447903887ac49001f8e75055d9286","label team":"f1b51244f94a423ce90ef8427b8e6aa4","memory_limit":"8a89041b48ce36ffd2ca964382e6bb52","mount /etc/x":"b4ac1059432dd2e5e462e4675b10bc13","networks":"ac288d37d2f98de2f9db4aed618a81cc","platform":"19ed3dec45a2104b9a40ea967a2a982d","port 53/udp":"758bba66db8c0b1be57c920018ef5d88","port 5432/tcp":"d3c009bccefacb2c04a2a47fae53c643","restart_policy":"79aa269b28cb2723c2b7452c21657851","shared_memory":"2c42ecb43405ac16ad8ca6e3d2fd0624","stop_signal":"38dcf88fc3ee3e7dd53af91e97d66d30","stop_timeout":"7da4c168519237de73f8fc32416ba5b1","tmpfs":"fc9f9b6ddec4d36c3f33a3dbf2b81cea","volume /data":"9266e37c710636db497a33d56b7f575b"}}"#;

#[test]
fn the_label_of_a_service_is_the_same_in_every_version() {
    assert_eq!(prints(&full()).label(), GOLDEN);
    let first = GOLDEN.replace("{\"v\":2,", "{\"v\":1,");
    for label in [GOLDEN, &first] {
        let read = Fingerprints::from_label(label).unwrap();
        assert_eq!(compare(&read, &full(), Some(&key())), Compared::default());
    }
    assert_eq!(Fingerprints::from_label(&GOLDEN.replace("{\"v\":2,", "{\"v\":3,")), None);
}

#[test]
fn the_first_version_says_nothing_of_a_signal_that_was_that_of_most() {
    let stopped_by = |stop_signal| Service { stop_signal, ..full() };
    let label = prints(&stopped_by(None)).label();
    let changed = |label: &str, signal| {
        let read = Fingerprints::from_label(label).unwrap();
        compare(&read, &stopped_by(signal), Some(&key())).changed
    };
    let first = label.replace("{\"v\":2,", "{\"v\":1,");
    assert_eq!(changed(&first, None), [""; 0]);
    assert_eq!(changed(&first, Some(StopSignal::Term)), [""; 0]);
    assert_eq!(changed(&first, Some(StopSignal::Quit)), ["stop_signal"]);
    assert_eq!(changed(&label, None), [""; 0]);
    assert_eq!(changed(&label, Some(StopSignal::Term)), ["stop_signal"]);
}

/// The same for variables with the context filled in.
const GOLDEN_ENVIRONMENT: &str =
    r#"{"v":1,"key":"8a0d34a31840bf55","keyed":{"URL":"c4963bba35f87b0c2233e1c5e34a388d"}}"#;

#[test]
fn the_label_of_filled_variables_is_the_same_in_every_version() {
    let values = |url: &str| BTreeMap::from([("URL".to_owned(), url.to_owned())]);
    let label = Fingerprints::of_environment(&values("redis://cache"), "db-1", &key()).label();
    assert_eq!(label, GOLDEN_ENVIRONMENT);
    let read = Fingerprints::from_label(&label).unwrap();
    let key = key();
    let compare = |url: &str, key| read.compare_environment(&values(url), "db-1", key);
    assert_eq!(compare("redis://cache", Some(&key)), Compared::default());
    assert_eq!(compare("redis://other", Some(&key)).changed, ["URL"]);
    assert_eq!(compare("redis://other", None).unknown, ["URL"]);
    assert_eq!(read.compare_environment(&BTreeMap::new(), "db-1", Some(&key)), Compared::default());
}

#[test]
fn a_label_holds_no_value() {
    let label = prints(&full()).label();
    for value in ["dev", "hunter", "cache.url", "5433", "serve", "/srv", "/project", "postgres:17", "\"a\"", "database"]
    {
        assert!(!label.contains(value), "{value} is in {label}");
    }
    assert!(label.contains("env POSTGRES_PASSWORD"), "{label}");
}

#[test]
fn the_same_value_has_another_hash_under_another_key_in_another_container_and_in_another_field() {
    let mut twice = full();
    twice.env.insert("COPY".to_owned(), Template::new("hunter2"));
    let hash = |prints: &Fingerprints, field: &str| prints.keyed[field].clone();
    let here = prints(&twice);
    let hashes = BTreeSet::from([
        hash(&here, "env POSTGRES_PASSWORD"),
        hash(&here, "env COPY"),
        hash(&Fingerprints::of_fields(&twice, "db-2", &key()), "env POSTGRES_PASSWORD"),
        hash(&Fingerprints::of_fields(&twice, "db-1", &another_key()), "env POSTGRES_PASSWORD"),
    ]);
    assert_eq!(hashes.len(), 4);
}

#[test]
fn what_could_hold_a_secret_takes_the_key_and_all_else_does_not() {
    let prints = prints(&full());
    let keyed: Vec<_> = prints.keyed.keys().map(String::as_str).collect();
    assert_eq!(
        keyed,
        [
            "command",
            "entrypoint",
            "env MODE",
            "env POSTGRES_PASSWORD",
            "env URL",
            "health_check",
            "user",
            "working_directory"
        ]
    );
    assert_eq!(prints.open, Fingerprints::of_fields(&full(), "db-2", &another_key()).open);
}

#[test]
fn without_the_key_what_takes_it_is_unknown_and_all_else_is_compared() {
    let found = prints(&full());
    let mut changed = full();
    changed.command = Some(vec!["other".to_owned()]);
    changed.platform = None;
    changed.memory_limit_mib = Some(1024);
    changed.env.remove("MODE");
    changed.env.insert("NEW".to_owned(), Template::new("x"));
    let unknown =
        ["command", "entrypoint", "env POSTGRES_PASSWORD", "env URL", "health_check", "user", "working_directory"];
    for key in [None, Some(&another_key())] {
        let compared = compare(&found, &changed, key);
        assert_eq!(compared.changed, ["env MODE", "env NEW", "memory_limit", "platform"]);
        assert_eq!(compared.unknown, unknown);
        assert_eq!(compare(&found, &full(), key).changed, [""; 0]);
    }
    assert_eq!(
        compare(&found, &changed, Some(&key())).changed,
        ["command", "env MODE", "env NEW", "memory_limit", "platform"]
    );
}

#[test]
fn order_and_dependencies_change_nothing() {
    let found = prints(&full());
    let mut same = full();
    same.dependencies = ["z", "a"].map(str::to_owned).into();
    same.always_start_new = true;
    same.env = full().env.into_iter().rev().collect();
    assert_eq!(prints(&same).label(), found.label());
    assert_eq!(compare(&found, &same, Some(&key())), Compared::default());
}

#[test]
fn what_another_version_has_put_into_a_label_changes_nothing() {
    let with = |name: &str, to: &str| {
        let mut label: serde_json::Value = serde_json::from_str(&prints(&full()).label()).unwrap();
        label[to][name] = "0123".into();
        label["more"] = true.into();
        Fingerprints::from_label(&label.to_string()).unwrap()
    };
    for to in ["open", "keyed"] {
        let compared = compare(&with("gpus", to), &full(), Some(&key()));
        assert_eq!((compared.changed, compared.unknown), (vec![], vec!["gpus".to_owned()]));
        // A variable that is not declared any more is a change all the same.
        assert_eq!(compare(&with("env GONE", to), &full(), Some(&key())).changed, ["env GONE"]);
    }
}

#[test]
fn what_is_no_label_of_this_version_is_not_read() {
    for text in ["", "{}", "[]", r#"{"v":3,"key":"a","keyed":{}}"#, r#"{"name":"db","image":"postgres:17"}"#] {
        assert_eq!(Fingerprints::from_label(text), None, "{text}");
    }
}

#[test]
fn a_key_does_not_show_itself() {
    let shown = format!("{:?}", key());
    assert_eq!(shown, "FingerprintKey(8a0d34a31840bf55)");
}
