//! Every field of a service, changed in turn: the lines that the plan shows.

use std::net::Ipv4Addr;
use std::time::Duration;

use super::*;
use crate::group::{
    Build, HealthCheck, MASK, Mount, Port, Protocol, RestartPolicy, Service, StopSignal, Template, Volume,
};
use crate::plan::{Action, Plan, Reason, Request, reconcile};

/// A service on which every field is set.
fn full() -> Service {
    Service {
        name: "db".to_owned(),
        image: ImageName::new("image").unwrap(),
        dependencies: BTreeSet::new(),
        env: [("MODE".to_owned(), Template::new("old"))].into(),
        ports: [port(80, Some(8080))].into(),
        always_start_new: false,
        stop_signal: None,
        stop_timeout: Some(Duration::from_secs(3)),
        build: None,
        entrypoint: Some(vec!["/run".to_owned()]),
        command: Some(vec!["serve".to_owned(), "two words".to_owned()]),
        user: Some("ada".to_owned()),
        working_directory: Some("/srv".to_owned()),
        mounts: [("/etc/x".to_owned(), Mount { source: "/project/x".into(), read_only: false })].into(),
        volumes: [("/data".to_owned(), Volume { name: "data".to_owned(), read_only: false })].into(),
        tmpfs: ["/tmp".to_owned()].into(),
        labels: [("team".to_owned(), "a".to_owned())].into(),
        aliases: ["database".to_owned()].into(),
        networks: ["back".to_owned()].into(),
        restart_policy: RestartPolicy::No,
        health_check: Some(HealthCheck { command: vec!["true".to_owned()], interval: Duration::from_millis(500) }),
        platform: Some("linux/amd64".to_owned()),
        shared_memory_mib: Some(64),
        memory_limit_mib: Some(512),
        cpu_limit_millis: Some(500),
    }
}

fn port(container: u16, host: Option<u16>) -> Port {
    Port { container, address: Ipv4Addr::LOCALHOST.into(), host, protocol: Protocol::Tcp }
}

type Changed = (&'static str, fn(&mut Service), &'static [&'static str]);

/// For each field a change, and the lines that tell it. Naming every field here makes a new one a compile error until
/// it has its line.
#[allow(clippy::too_many_lines, reason = "it is a list")]
fn table() -> Vec<Changed> {
    let Service {
        name: _, // another name is another service
        image: _,
        dependencies: _,
        env: _,
        ports: _,
        always_start_new: _,
        stop_signal: _,
        stop_timeout: _,
        build: _,
        entrypoint: _,
        command: _,
        user: _,
        working_directory: _,
        mounts: _,
        volumes: _,
        tmpfs: _,
        labels: _,
        aliases: _,
        networks: _,
        restart_policy: _,
        health_check: _,
        platform: _,
        shared_memory_mib: _,
        memory_limit_mib: _,
        cpu_limit_millis: _,
    } = full();
    vec![
        ("image", |s| s.image = ImageName::new("other:2").unwrap(), &["image: image → other:2"]),
        ("dependencies", |s| s.dependencies = ["z".to_owned()].into(), &[]),
        ("env", |s| s.env = [("MODE".to_owned(), Template::new("new"))].into(), &["env MODE: old → new"]),
        ("env", |s| s.env.clear(), &["env MODE: old → (not set)"]),
        ("env", |s| s.env.extend([("URL".to_owned(), Template::new("{db.url}"))]), &["env URL: (not set) → {db.url}"]),
        (
            "ports",
            |s| s.ports = [Port { protocol: Protocol::Udp, ..port(80, None) }].into(),
            &["port 80/tcp: 127.0.0.1:8080 → (not set)", "port 80/udp: (not set) → a free one on 127.0.0.1"],
        ),
        (
            "ports",
            |s| s.ports.extend([port(80, Some(9090))]),
            &["port 80/tcp: 127.0.0.1:8080 → 127.0.0.1:8080, 127.0.0.1:9090"],
        ),
        (
            "ports",
            |s| s.ports = [Port { address: [0; 4].into(), ..port(80, Some(8080)) }].into(),
            &["port 80/tcp: 127.0.0.1:8080 → 0.0.0.0:8080"],
        ),
        ("always_start_new", |s| s.always_start_new = true, &[]),
        ("stop_signal", |s| s.stop_signal = Some(StopSignal::Quit), &["stop_signal: (not set) → SIGQUIT"]),
        ("stop_signal", |s| s.stop_signal = Some(StopSignal::Term), &["stop_signal: (not set) → SIGTERM"]),
        ("stop_timeout", |s| s.stop_timeout = Some(Duration::from_millis(1500)), &["stop_timeout: 3 s → 1.5 s"]),
        (
            "build",
            |s| {
                s.build = Some(Build {
                    directory: "/project/app".into(),
                    dockerfile: "Dockerfile".to_owned(),
                    arguments: BTreeMap::default(),
                    target: None,
                });
            },
            &[],
        ),
        ("entrypoint", |s| s.entrypoint = None, &[r#"entrypoint: ["/run"] → (not set)"#]),
        (
            "command",
            |s| s.command = Some(vec!["serve".to_owned()]),
            &[r#"command: ["serve", "two words"] → ["serve"]"#],
        ),
        ("user", |s| s.user = Some("bob".to_owned()), &["user: ada → bob"]),
        ("working_directory", |s| s.working_directory = None, &["working_directory: /srv → (not set)"]),
        (
            "mounts",
            |s| s.mounts = [("/etc/x".to_owned(), Mount { source: "/project/x".into(), read_only: true })].into(),
            &["mount /etc/x: /project/x → /project/x (read-only)"],
        ),
        (
            "volumes",
            |s| s.volumes = [("/var".to_owned(), Volume { name: "data".to_owned(), read_only: true })].into(),
            &["volume /data: data → (not set)", "volume /var: (not set) → data (read-only)"],
        ),
        ("tmpfs", |s| s.tmpfs.extend(["/run".to_owned()]), &["tmpfs: /tmp → /run, /tmp"]),
        ("labels", |s| s.labels = [("team".to_owned(), "b".to_owned())].into(), &["label team: a → b"]),
        ("aliases", |s| s.aliases.clear(), &["aliases: database → (not set)"]),
        ("networks", |s| s.networks = ["front".to_owned()].into(), &["networks: back → front"]),
        (
            "restart_policy",
            |s| s.restart_policy = RestartPolicy::UnlessStopped,
            &["restart_policy: no → unless-stopped"],
        ),
        (
            "health_check",
            |s| s.health_check.as_mut().unwrap().interval = Duration::from_secs(1),
            &[r#"health_check: ["true"] every 0.5 s → ["true"] every 1 s"#],
        ),
        ("platform", |s| s.platform = Some("linux/arm64".to_owned()), &["platform: linux/amd64 → linux/arm64"]),
        ("shared_memory_mib", |s| s.shared_memory_mib = Some(128), &["shared_memory: 64 MiB → 128 MiB"]),
        ("memory_limit_mib", |s| s.memory_limit_mib = None, &["memory_limit: 512 MiB → (not set)"]),
        ("cpu_limit_millis", |s| s.cpu_limit_millis = Some(250), &["cpu_limit: 500/1000 → 250/1000"]),
    ]
}

/// The plan for this service when a container of that one runs.
fn plan(declared: Service, found: &Service) -> Plan {
    let mut group = group(vec![service("db", &[]), service("z", &[])]);
    group.services.insert("db".to_owned(), declared);
    let request = Request { selected: ["db".to_owned()].into(), ..Request::default() };
    let mut observed = observed(vec![of(found)]);
    observed.images = images(&[("image", "image-1"), ("other:2", "image-2")]);
    let plan = reconcile(group, &request, &observed, &|_| None);
    // What the engine tells of the container.
    plan.with_old_fields(&[(ContainerId("db-1".to_owned()), found.clone())].into())
}

fn lines(plan: &Plan) -> Vec<String> {
    match &plan.steps[0].reason {
        Reason::Changed(changes) => changes.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn each_field_that_differs_replaces_the_container_and_is_told() {
    for (field, change, told) in table() {
        let mut declared = full();
        change(&mut declared);
        assert_ne!(declared, full(), "{field}: nothing was changed");
        let plan = plan(declared, &full());
        assert_eq!(lines(&plan), told, "{field}");
        assert_eq!(matches!(plan.steps[0].action, Action::Replace(_)), !told.is_empty(), "{field}");
    }
}

#[test]
fn each_field_of_a_service_is_in_the_table() {
    let fields = serde_json::to_value(full()).unwrap();
    let fields: BTreeSet<_> = fields.as_object().unwrap().keys().filter(|field| *field != "name").cloned().collect();
    let told: BTreeSet<_> = table().into_iter().map(|(field, _, _)| field.to_owned()).collect();
    assert_eq!(told, fields);
}

#[test]
fn what_replaces_a_container_is_in_its_fingerprints_and_nothing_else_is() {
    for (field, change, told) in table() {
        let mut changed = full();
        change(&mut changed);
        let is_same = Fingerprints::of_service(&changed) == Fingerprints::of_service(&full());
        assert_eq!(is_same, told.is_empty(), "{field}");
    }
}

#[test]
fn several_fields_are_told_in_alphabetical_order() {
    let declared = Service { user: None, command: None, memory_limit_mib: Some(1), ..full() };
    assert_eq!(
        plan(declared, &full()).steps[0].to_string(),
        "db: replace (changed: command: [\"serve\", \"two words\"] → (not set); memory_limit: 512 MiB → 1 MiB; \
         user: ada → (not set))"
    );
}

#[test]
fn no_secret_is_ever_shown() {
    let secret = "hunter2";
    let with = |text: &str| {
        let mut service = full();
        let url = format!("postgres://ada:{text}@db/x");
        let named = ["DB_PASSWORD", "API_TOKEN", "DB_PASS"].map(|name| (name.to_owned(), Template::new(text)));
        service.env = named.into();
        service.env.insert("DATABASE_URL".to_owned(), Template::new(&url));
        service.labels = [("auth-token".to_owned(), text.to_owned()), ("dsn".to_owned(), url)].into();
        service
    };
    // A changed one, a new one and one that is gone.
    let old = format!("{secret}-old");
    for (declared, found) in [(with(secret), with(&old)), (with(secret), full()), (full(), with(secret))] {
        let plan = plan(declared, &found);
        let shown = [plan.steps[0].to_string(), crate::report::plan_json(&plan), crate::report::plan_text(&plan)];
        for text in shown {
            assert!(!text.contains(secret), "{text}");
            assert!(text.contains(MASK), "{text}");
        }
    }
    assert_eq!(
        lines(&plan(with(secret), &with(&old))),
        [
            "env API_TOKEN: *** → *** (another value)",
            "env DATABASE_URL: postgres://ada:***@db/x → postgres://ada:***@db/x (another value)",
            "env DB_PASS: *** → *** (another value)",
            "env DB_PASSWORD: *** → *** (another value)",
            "label auth-token: *** → *** (another value)",
            "label dsn: postgres://ada:***@db/x → postgres://ada:***@db/x (another value)",
        ]
    );
}
