use super::*;
use crate::group::{
    BuildDeclaration, Declaration, Digest, Fingerprints, MountDeclaration, PortDeclaration, Protocol, StopSignal,
};

fn service(name: &str) -> ServiceDeclaration {
    ServiceDeclaration { name: name.to_owned(), image: "image:1".to_owned(), ..ServiceDeclaration::default() }
}

fn source(file: &str, services: Vec<ServiceDeclaration>) -> Source {
    let digest = Digest::of(file.as_bytes());
    Source { file: file.to_owned(), digest, declaration: Declaration { services, ..Declaration::default() } }
}

fn check_all(sources: Vec<Source>) -> Result<Group, Mistakes> {
    check(sources, MemoryPaths::default().check(&GroupName::new("g").unwrap()))
}

fn checked(services: Vec<ServiceDeclaration>) -> Result<Group, Mistakes> {
    check_all(vec![source("app.wasm", services)])
}

/// The mistakes of a group, a line each.
fn mistakes(services: Vec<ServiceDeclaration>) -> Vec<String> {
    checked(services).map_or_else(|found| found.0.iter().map(Mistake::to_string).collect(), |_| vec![])
}

/// The mistakes of a service `s` that is sound but for what `change` does to it.
fn mistakes_of(change: impl FnOnce(&mut ServiceDeclaration)) -> Vec<String> {
    let mut declared = service("s");
    change(&mut declared);
    mistakes(vec![declared])
}

#[test]
fn a_sound_declaration_keeps_what_it_says() {
    let group = checked(vec![
        ServiceDeclaration {
            dependencies: vec!["db".into()],
            env: vec![("URL".into(), "{db.url}".into())],
            ports: vec![PortDeclaration { container: 80, host: Some(8080), protocol: Protocol::Tcp }],
            stop_signal: Some("SIGINT".into()),
            build: Some(BuildDeclaration { directory: "web".into(), dockerfile: None }),
            mounts: vec![MountDeclaration { source: "conf".into(), target: "/conf".into(), read_only: true }],
            ..service("web")
        },
        service("db"),
    ])
    .unwrap();
    let web = &group.services["web"];
    assert_eq!(web.stop_signal, Some(StopSignal::Int));
    assert_eq!(web.context_keys().collect::<Vec<_>>(), ["db.url"]);
    assert_eq!(web.build.as_ref().unwrap().directory, PathBuf::from("/project/web"));
    assert_eq!(web.mounts["/conf"].source, PathBuf::from("/project/conf"));
    assert_eq!(group.services["db"].stop_signal, None);
    assert!(!group.services["db"].always_start_new);
    assert_eq!(group.dependencies().order().unwrap(), ["db", "web"]);
}

#[test]
fn a_group_without_services_is_a_mistake() {
    assert_eq!(mistakes(vec![]), ["service `-`, name: the definition declares no services"]);
}

#[test]
fn names_must_be_there_unique_and_hostnames() {
    assert_eq!(
        mistakes(vec![service(""), service("a"), service("a"), service("A"), service("my_db")]),
        [
            "service `a`, name: there is another service of this name",
            "service `A`, name: it differs from `a` only in case, which host names do not tell apart",
            "service `#1`, name: it is empty",
            "service `my_db`, name: \"my_db\" is not a valid hostname: letters, digits and inner hyphens, at most 63 \
             characters",
        ]
    );
}

#[test]
fn an_image_must_be_there_and_well_formed() {
    assert_eq!(mistakes_of(|s| s.image = String::new()), ["service `s`, image: it is empty"]);
    let [mistake] = &mistakes_of(|s| s.image = "Not An Image".into())[..] else { panic!() };
    assert!(mistake.starts_with("service `s`, image: \"Not An Image\" is not an image reference"), "{mistake}");
}

#[test]
fn a_mistake_does_not_tell_the_secrets_of_a_value_however_long_it_is() {
    let long = format!("hunter2{}", "x".repeat(500));
    let url = format!("https://ada:{long}@registry.example/Image");
    let mistakes = mistakes_of(|s| {
        s.image.clone_from(&url);
        s.env = vec![("DB_PASSWORD=hunter2".into(), String::new()), ("TOKEN".into(), "hunter2\0".into())];
        s.labels = vec![(String::new(), "hunter2".into()), ("dev.drillmaster.x?token=hunter2".into(), String::new())];
        s.aliases = vec![format!("--password={long}")];
        s.networks = vec!["redis://:hunter2@cache".into()];
        s.platform = Some("PASSWORD = hunter2".into());
        s.restart_policy = Some("AUTH_TOKEN=hunter2".into());
        s.working_directory = Some(url.clone());
        let mounted = |source: &str, target: &str| MountDeclaration {
            source: source.to_owned(),
            target: target.to_owned(),
            read_only: true,
        };
        s.volumes = vec![mounted(&url, "data")];
        s.mounts = vec![mounted(&url, "https://:hunter2@x")];
        s.build_arguments = vec![("SECRET".into(), "hunter2".into())];
        s.dependencies = vec!["redis://:hunter2@cache/0".into()];
        s.build = Some(BuildDeclaration {
            directory: "../https://ada:hunter2@git.example/x".into(),
            dockerfile: Some("https://ada:hunter2@git.example/../../Dockerfile".into()),
        });
    });
    assert!(mistakes.len() > 12, "{mistakes:#?}");
    for mistake in &mistakes {
        assert!(!mistake.contains("hunter2"), "{mistake}");
    }
    assert!(mistakes.iter().any(|mistake| mistake.contains(r#""DB_PASSWORD=***" cannot be a variable's name"#)));
}

#[test]
fn an_unknown_dependency_is_named_with_the_known_services() {
    assert_eq!(
        mistakes_of(|s| s.dependencies = vec!["dbb".into()]),
        ["service `s`, dependencies: there is no service `dbb`; the services are: s"]
    );
}

#[test]
fn a_circle_of_dependencies_is_shown() {
    let depending = |name: &str, on: &str| ServiceDeclaration { dependencies: vec![on.to_owned()], ..service(name) };
    assert_eq!(
        mistakes(vec![depending("a", "b"), depending("b", "c"), depending("c", "a")]),
        ["service `a`, dependencies: they form a circle: a → b → c → a"]
    );
    assert_eq!(mistakes(vec![depending("a", "a")]), ["service `a`, dependencies: they form a circle: a → a"]);
}

#[test]
fn a_host_port_can_be_published_once_and_ports_have_a_range() {
    let port = |container, host| PortDeclaration { container, host, protocol: Protocol::Tcp };
    let udp = |container, host| PortDeclaration { protocol: Protocol::Udp, ..port(container, host) };
    let publishing = |name: &str, ports| ServiceDeclaration { ports, ..service(name) };
    assert_eq!(
        mistakes(vec![
            publishing("a", vec![port(80, Some(8080)), udp(80, Some(8080))]),
            publishing("b", vec![port(81, Some(8080)), port(80, None)]),
        ]),
        ["service `b`, ports: host port 8080/tcp is published twice, by `a` too"]
    );
    assert_eq!(
        mistakes_of(|s| s.ports = vec![port(0, Some(70000))]),
        [
            "service `s`, ports: container port 0 is not between 1 and 65535",
            "service `s`, ports: host port 70000 is not between 1 and 65535",
        ]
    );
}

#[test]
fn a_variable_needs_a_name_that_the_environment_can_hold() {
    assert_eq!(
        mistakes_of(|s| s.env = vec![("A=B".into(), "x".into()), ("C".into(), "\0".into())]),
        [
            "service `s`, env: \"A=B\" cannot be a variable's name: it must not be empty or hold `=`",
            "service `s`, env: the value of C holds a NUL byte",
        ]
    );
}

#[test]
fn words_come_from_their_lists() {
    assert_eq!(
        mistakes_of(|s| {
            s.stop_signal = Some("SIGHUP".into());
            s.restart_policy = Some("often".into());
        }),
        [
            "service `s`, stop_signal: \"SIGHUP\" is not one of SIGINT, SIGTERM, SIGKILL, SIGQUIT",
            "service `s`, restart_policy: \"often\" is not one of no, always, on-failure, unless-stopped",
        ]
    );
}

#[test]
fn paths_outside_the_project_are_refused_for_mounts_and_builds() {
    assert_eq!(
        mistakes_of(|s| {
            s.build = Some(BuildDeclaration { directory: "../app".into(), dockerfile: None });
            s.mounts = vec![MountDeclaration { source: "../etc".into(), target: "/etc".into(), read_only: true }];
        }),
        [
            "service `s`, build: ../app is outside the project directory",
            "service `s`, mounts: ../etc is outside the project directory",
        ]
    );
}

#[test]
fn targets_are_absolute_and_used_once() {
    let volume = |name: &str, target: &str| MountDeclaration {
        source: name.to_owned(),
        target: target.to_owned(),
        read_only: false,
    };
    assert_eq!(
        mistakes_of(|s| {
            s.volumes = vec![volume("data", "/data"), volume("more", "/data"), volume("-x", "rel")];
            s.tmpfs = vec!["tmp".into()];
            s.working_directory = Some("work".into());
        }),
        [
            "service `s`, working_directory: \"work\" is not an absolute path in the container",
            "service `s`, volumes: \"/data\" is a target of volumes too: one would hide the other",
            "service `s`, volumes: \"-x\" cannot be a volume's name: a letter or digit, then letters, digits, `_`, \
             `.` or `-`",
            "service `s`, volumes: \"rel\" is not an absolute path in the container",
            "service `s`, tmpfs: \"tmp\" is not an absolute path in the container",
        ]
    );
}

#[test]
fn nothing_hides_what_is_mounted_at_the_same_place_and_options_are_no_part_of_a_path() {
    let at = |source: &str, target: &str| MountDeclaration {
        source: source.to_owned(),
        target: target.to_owned(),
        read_only: true,
    };
    let wrong = |mounts: &[&str], volumes: &[&str], tmpfs: &[&str]| {
        mistakes_of(|s| {
            s.mounts = mounts.iter().map(|target| at("app", target)).collect();
            s.volumes = volumes.iter().map(|target| at("data", target)).collect();
            s.tmpfs = tmpfs.iter().map(ToString::to_string).collect();
        })
    };
    let hides = |field: &str, target: &str, other: &str| {
        [format!("service `s`, {field}: {target:?} is a target of {other} too: one would hide the other")]
    };
    assert_eq!(wrong(&["/data"], &["/data/"], &[]), hides("volumes", "/data/", "mounts"));
    assert_eq!(wrong(&[], &["/a//b"], &["/a/./b"]), hides("tmpfs", "/a/./b", "volumes"));
    assert_eq!(wrong(&["/a"], &[], &["/b/../a"]), hides("tmpfs", "/b/../a", "mounts"));
    assert_eq!(wrong(&["/data"], &["/data/sub"], &["/data/tmp"]), [""; 0]);
    for (mounts, volumes, tmpfs) in
        [(&["/x:ro"][..], &[][..], &[][..]), (&[], &["/x:ro"], &[]), (&[], &[], &["/t:size=10m"])]
    {
        let told = wrong(mounts, volumes, tmpfs);
        assert!(told[0].contains("holds a colon") && told.len() == 1, "{told:?}");
    }
    assert!(wrong(&[], &["/"], &[])[0].contains("is the root of the container"));
}

#[test]
fn build_options_without_a_build_and_empty_values_are_mistakes() {
    assert_eq!(
        mistakes_of(|s| {
            s.build_target = Some("final".into());
            s.entrypoint = Some(vec![]);
            s.user = Some(String::new());
            s.labels = vec![("dev.drillmaster.group".into(), "other".into())];
            s.health_check = Some((vec![], 0));
            s.platform = Some("linux/".into());
            s.memory_limit_mib = Some(0);
        }),
        [
            "service `s`, build: build arguments or a build target are given, but no directory to build",
            "service `s`, entrypoint: it is empty, which takes the image's own away: then a command has to be declared",
            "service `s`, user: it is empty",
            "service `s`, labels: \"dev.drillmaster.group\" cannot be used: it is empty or begins with \
             dev.drillmaster.",
            "service `s`, health_check: its command is empty",
            "service `s`, health_check: it is 0",
            "service `s`, platform: \"linux/\" is not a platform such as linux/amd64",
            "service `s`, memory_limit: it is 0",
        ]
    );
}

#[test]
fn only_fields_that_shape_the_container_count_as_changed() {
    let build = |change: &dyn Fn(&mut ServiceDeclaration)| {
        let mut declared = service("s");
        change(&mut declared);
        checked(vec![declared, service("other")]).unwrap().services.remove("s").unwrap()
    };
    let plain = build(&|_| ());
    let shaped = build(&|s| {
        s.env = vec![("A".into(), "1".into())];
        s.user = Some("nobody".into());
    });
    assert_ne!(Fingerprints::of_service(&shaped), Fingerprints::of_service(&plain));

    let treated = build(&|s| {
        s.always_start_new = true;
        s.dependencies = vec!["other".into()];
        s.build = Some(BuildDeclaration { directory: "app".into(), dockerfile: None });
    });
    assert_eq!(Fingerprints::of_service(&treated), Fingerprints::of_service(&plain));
}

#[test]
fn names_and_ports_are_unique_across_definitions_and_mistakes_name_the_file() {
    let web = || ServiceDeclaration {
        ports: vec![PortDeclaration { container: 80, host: Some(80), protocol: Protocol::Tcp }],
        ..service("web")
    };
    let sources = vec![source("db.wasm", vec![service("db"), web()]), source("app.wasm", vec![web()])];
    assert_eq!(
        check_all(sources).unwrap_err().to_string(),
        "app.wasm: 2 mistakes:\n  \
         service `web`, name: there is another service of this name, in db.wasm\n  \
         service `web`, ports: host port 80/tcp is published twice, by `web`, in db.wasm too"
    );
}

#[test]
fn mistakes_in_several_definitions_are_all_told_with_their_files() {
    let wrong = |name: &str| ServiceDeclaration { image: String::new(), ..service(name) };
    let sources = vec![source("a.wasm", vec![wrong("a")]), source("b.wasm", vec![wrong("b")])];
    let text = check_all(sources).unwrap_err().to_string();
    assert!(text.starts_with("2 mistakes:\n  a.wasm: service `a`, image: "), "{text}");
    assert!(text.contains("\n  b.wasm: service `b`, image: "), "{text}");
}

#[test]
fn a_service_can_depend_on_one_of_another_definition() {
    let app = ServiceDeclaration { dependencies: vec!["db".into()], ..service("app") };
    let sources = vec![source("app.wasm", vec![app]), source("db.wasm", vec![service("db")])];
    let group = check_all(sources).unwrap();
    assert_eq!(group.dependencies().order().unwrap(), ["db", "app"]);
    assert_eq!(group.definitions["db"], Digest::of(b"db.wasm"));
}

#[test]
fn a_group_is_named_on_the_command_line_or_by_its_definitions_or_after_the_project_directory() {
    let named = |file: &str, name: Option<&str>| {
        let mut source = source(file, vec![]);
        source.declaration.name = name.map(str::to_owned);
        source
    };
    let in_directory =
        |directory, sources: &[Source]| group_name(None, Path::new(directory), sources).map(|name| name.to_string());
    let name = |chosen, sources: &[Source]| {
        group_name(chosen, Path::new("/home/alice/My Shop"), sources).map(|name| name.to_string())
    };
    let sources = [named("dir/db.wasm", None), named("app.wasm", Some("shop"))];
    assert_eq!(name(Some("mine"), &sources), Ok("mine".to_owned()));
    assert_eq!(name(None, &sources), Ok("shop".to_owned()));
    assert_eq!(name(None, &sources[..1]), Ok("My-Shop".to_owned()));
    // Where that gives no name, the first file does.
    for nameless in ["/", "/проект", ""] {
        assert_eq!(in_directory(nameless, &sources[..1]), Ok("db".to_owned()), "{nameless}");
    }
    assert!(in_directory("/", &[named("/.wasm", None)]).is_err());
    assert!(name(None, &[named("app.wasm", Some("no good"))]).is_err());
    let differing = [named("db.wasm", Some("store")), named("app.wasm", Some("shop"))];
    assert_eq!(
        name(None, &differing).unwrap_err().to_string(),
        "db.wasm names the group `store`, and app.wasm names it `shop`; choose with --group NAME"
    );
}

#[test]
fn one_tag_cannot_be_built_from_two_things() {
    let built = |name: &str, directory: &str| ServiceDeclaration {
        build: Some(BuildDeclaration { directory: directory.to_owned(), dockerfile: None }),
        ..service(name)
    };
    assert_eq!(mistakes(vec![built("a", "app"), built("b", "app"), service("c")]), [""; 0]);
    assert_eq!(
        mistakes(vec![built("a", "app"), built("b", "other")]),
        ["service `b`, build: it builds the image image:1, which `a` builds otherwise"]
    );
}

#[test]
fn a_label_that_another_tool_acts_on_is_a_mistake_unless_it_is_granted() {
    let with = |names: &[&str], granted: &[&str]| {
        let labels = names.iter().map(|name| ((*name).to_owned(), "x".to_owned())).collect();
        let declared = ServiceDeclaration { labels, ..service("s") };
        let sources = vec![source("app.wasm", vec![declared])];
        let checked = check(sources, MemoryPaths::granting_labels(granted).check(&GroupName::new("g").unwrap()));
        checked.map_or_else(|found| found.0.iter().map(Mistake::to_string).collect(), |_| Vec::new())
    };
    assert_eq!(with(&["team", "org.example.colour", "traefik"], &[]), [""; 0]);
    assert_eq!(
        with(&["team", "traefik.enable", "com.docker.compose.project"], &[]),
        [
            "service `s`, labels: \"traefik.enable\" is read by Traefik, which acts on the labels of all containers; \
             --allow-label traefik. would allow it",
            "service `s`, labels: \"com.docker.compose.project\" is read by Docker, which acts on the labels of all \
             containers; --allow-label com.docker. would allow it",
        ]
    );
    assert_eq!(with(&["Traefik.Enable"], &[]).len(), 1, "Traefik reads names in either case");
    assert_eq!(with(&["traefik.enable", "TRAEFIK.http.a"], &["traefik."]), [""; 0]);
    assert_eq!(with(&["traefik.enable"], &["traefik.http."]).len(), 1);
    assert_eq!(with(&["com.docker.compose.project"], &["traefik.", "caddy"]).len(), 1);
    // What is drillmaster's own nobody can grant.
    assert_eq!(with(&["dev.drillmaster.group"], &["dev.drillmaster."]).len(), 1);
    assert_eq!(with(&["Dev.Drillmaster.Group"], &[]).len(), 1);
}

#[test]
fn an_image_that_a_group_built_is_not_had_by_its_name_in_docker_and_a_build_gives_no_digest() {
    let of = |image: &str, build: bool| {
        let build = build.then(|| BuildDeclaration { directory: "app".into(), dockerfile: None });
        mistakes(vec![ServiceDeclaration { image: image.to_owned(), build, ..service("s") }])
    };
    assert_eq!(of("app:1", true), [""; 0]);
    let digest = format!("app@sha256:{}", "0".repeat(64));
    assert_eq!(of(&digest, false), [""; 0]);
    assert!(of(&digest, true)[0].ends_with("has a digest, which no build can give"), "{:?}", of(&digest, true));
    for build in [false, true] {
        let found = of("drillmaster.invalid/other/app:1", build);
        assert!(found[0].contains("is the name of an image that a group has built"), "{found:?}");
    }
}

#[test]
fn a_service_that_is_built_and_those_of_the_same_image_use_a_name_of_the_groups_own() {
    let built = ServiceDeclaration {
        build: Some(BuildDeclaration { directory: "app".into(), dockerfile: None }),
        image: "postgres:17".into(),
        ..service("a")
    };
    let same = ServiceDeclaration { image: "docker.io/library/postgres:17".into(), ..service("b") };
    let other = ServiceDeclaration { image: "postgres:16".into(), ..service("c") };
    let group = checked(vec![built, same, other]).unwrap();
    let image = |name: &str| group.image_of(&group.services[name]).as_str().to_owned();
    assert_eq!([image("a"), image("b")], ["drillmaster.invalid/g/postgres:17", "drillmaster.invalid/g/postgres:17"]);
    assert_eq!(image("c"), "postgres:16");
}

#[test]
fn what_is_shown_of_mistakes_is_bounded_whatever_a_definition_writes() {
    let long = "x".repeat(100_000);
    let many = |prefix: &str| (0..1000).map(|number| format!("{prefix}{number}")).collect::<Vec<_>>();
    let unknown = ServiceDeclaration { dependencies: many(&long[..100]), ..service(&long) };
    let others = many(&long).into_iter().map(|name| ServiceDeclaration { image: long.clone() + " ", ..service(&name) });
    let error = checked(std::iter::once(unknown).chain(others.take(10)).collect()).unwrap_err();
    assert!(error.0.len() > 1000);
    assert!(error.0.iter().all(|mistake| mistake.service.len() < 110));
    let shown = error.to_string();
    assert!(shown.len() < 200_000, "{}", shown.len());
    assert!(shown.ends_with(&format!("  and {} more", error.0.len() - 100)), "{}", &shown[shown.len() - 100..]);
}

/// The mistakes of two services, `a` and `b`, with these mounts; a `!` before one that is only read.
fn mistakes_of_mounts(paths: &MemoryPaths, a: &[&str], b: &[&str]) -> Vec<String> {
    let mounting = |name: &str, sources: &[&str]| {
        let mounts = sources.iter().map(|source| MountDeclaration {
            source: source.trim_start_matches('!').to_owned(),
            target: format!("/{source}"),
            read_only: source.starts_with('!'),
        });
        ServiceDeclaration { mounts: mounts.collect(), ..service(name) }
    };
    let sources = vec![source("app.wasm", vec![mounting("a", a), mounting("b", b)])];
    let checked = check(sources, paths.check(&GroupName::new("g").unwrap()));
    checked.map_or_else(|found| found.0.iter().map(Mistake::to_string).collect(), |_| vec![])
}

#[test]
fn what_a_container_can_replace_by_a_symlink_is_not_mounted() {
    let mistakes = |a: &[&str], b: &[&str]| mistakes_of_mounts(&MemoryPaths::default(), a, b);
    assert_eq!(
        mistakes(&["data"], &["data/sub/deeper"]),
        ["service `b`, mounts: /project/data/sub/deeper lies in /project/data, to which `a` writes: it could put a \
             symlink to anywhere in its place; let `a` only read /project/data, or --allow-mount /project/data \
             would allow it"]
    );
    // Its own container can do so too, and whether the other one only reads it does not matter.
    assert_eq!(mistakes(&["data", "!data/sub"], &[]).len(), 1);
    for (a, b) in [
        (&["!data"][..], &["data/sub"][..]),
        (&["data"], &["data"]),
        (&["data/sub"], &["!data"]),
        (&["data"], &["database", "other/data/sub"]),
    ] {
        assert_eq!(mistakes(a, b), [""; 0], "{a:?} {b:?}");
    }
    let granting = |path: &str| mistakes_of_mounts(&MemoryPaths::granting(&[path]), &["data"], &["data/sub/deeper"]);
    assert_eq!(granting("/project/data"), [""; 0]);
    // Of what could be put in its place, the person has said nothing.
    assert_eq!((granting("/project/data/sub").len(), granting("/project/data/sub/deeper").len()), (1, 1));
}

#[test]
fn a_dockerfile_lies_in_the_directory_that_is_built() {
    let with = |dockerfile: &str| {
        let build = BuildDeclaration { directory: "app".into(), dockerfile: Some(dockerfile.into()) };
        mistakes_of(|s| s.build = Some(build))
    };
    for sound in ["Dockerfile", "./docker/a", "docker/../Dockerfile", "..file"] {
        assert_eq!(with(sound), [""; 0], "{sound}");
    }
    for wrong in ["", ".", "../Dockerfile", "a/../../Dockerfile", "/etc/passwd", "a/.."] {
        let expected = format!("service `s`, build: {wrong:?} is not the path of a Dockerfile inside app");
        assert_eq!(with(wrong), [expected]);
    }
}

#[test]
fn every_port_is_published_on_the_address_of_the_group() {
    let publishing = |name: &str, host| ServiceDeclaration {
        ports: vec![PortDeclaration { container: 80, host, protocol: Protocol::Udp }],
        ..service(name)
    };
    let sources =
        || vec![source("a.wasm", vec![publishing("a", Some(80))]), source("b.wasm", vec![publishing("b", None)])];
    let paths = MemoryPaths::default();
    let on = |address: &str| {
        let with = Check { publish_on: address.parse().unwrap(), ..paths.check(&GroupName::new("g").unwrap()) };
        check(sources(), with).unwrap()
    };
    for address in ["127.0.0.1", "0.0.0.0", "::1"] {
        let group = on(address);
        let mut ports = group.services.values().flat_map(|service| &service.ports);
        assert!(ports.all(|port| port.address == address.parse::<IpAddr>().unwrap()));
    }
    let made_of = |address| Fingerprints::of_service(&on(address).services["a"]);
    assert_ne!(made_of("127.0.0.1"), made_of("0.0.0.0"));
}

#[test]
fn a_name_that_programs_take_for_something_else_is_refused() {
    for name in ["localhost", "LocalHost", "ip6-localhost", "0", "1", "007", "2130706433", "0x7f000001"] {
        let told = mistakes(vec![service(name)]);
        assert!(told.len() == 1 && told[0].contains("does not lead to the service: it is "), "{told:?}");
        let told = mistakes_of(|service| service.aliases = vec![name.to_owned()]);
        assert!(told.len() == 1 && told[0].contains(", aliases: "), "{told:?}");
    }
    for name in ["local", "localhost2", "1a", "x0", "0-1", "0xg"] {
        assert_eq!(mistakes(vec![service(name)]), [""; 0], "{name}");
    }
}

#[test]
fn an_alias_takes_no_other_services_requests() {
    let with = |alias: &str| ServiceDeclaration { aliases: vec![alias.to_owned()], ..service("a") };
    for alias in ["db", "DB"] {
        let told = mistakes(vec![with(alias), service("db")]);
        let expected =
            format!("service `a`, aliases: {alias} is the name of the service `db`, whose requests it would take");
        assert_eq!(told, [expected]);
    }
    assert_eq!(mistakes(vec![with("a"), service("db")]), [""; 0]);
    assert_eq!(
        mistakes(vec![with("main"), ServiceDeclaration { aliases: vec!["main".into()], ..service("b") }]),
        [""; 0]
    );
}

#[test]
fn a_group_takes_only_some_of_an_engines_networks() {
    let with = |name: &str, networks: std::ops::Range<usize>| ServiceDeclaration {
        networks: networks.map(|index| format!("n{index}")).collect(),
        ..service(name)
    };
    assert_eq!(mistakes(vec![with("a", 0..10), with("b", 0..10)]), [""; 0]);
    let expected = ["service `b`, networks: a group has at most 10 networks beside its own"];
    assert_eq!(mistakes(vec![with("a", 0..6), with("b", 6..11), with("c", 0..40)]), expected);
}

#[test]
fn what_a_mistake_repeats_of_a_definition_begins_no_line() {
    let mistake = |service: &str| Mistake {
        file: "a.js\nerror: forged".into(),
        service: service.into(),
        field: "image",
        problem: "no name\nwarning: forged".into(),
    };
    assert_eq!(
        Mistakes(vec![mistake("db")]).to_string(),
        "a.js\n  | error: forged: service `db`, image: no name\n  | warning: forged"
    );
    let two = Mistakes(vec![mistake("db"), mistake("a\nb")]).to_string();
    assert!(two.lines().skip(1).all(|line| line.starts_with("  ")), "{two}");
    assert!(!two.lines().any(|line| line.trim_start().starts_with("warning")), "{two}");
}
