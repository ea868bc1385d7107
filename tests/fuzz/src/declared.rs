//! What a definition could declare.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use drillmaster::group::{
    BuildDeclaration, Check, Declaration, Digest, Group, GroupName, MountDeclaration, Paths, PortDeclaration, Protocol,
    ServiceDeclaration, Source, check,
};

use crate::input::Input;

pub(crate) const NAMES: [&str; 6] = ["db", "app", "web", "a-b", "DB", "x"];
const IMAGES: [&str; 6] = ["postgres:15", "busybox", "r.io/team/app@sha256:", "a/b", "localhost:5000/a:1", "A"];
const TARGETS: [&str; 4] = ["/data", "/", "/a b", "relative"];
const PATHS: [&str; 5] = ["app", ".", "../up", "/etc", "a/b"];
const OBJECTS: [&str; 4] = ["back", "data", "a.b_c-d", ".hidden"];
const VARIABLES: [&str; 5] = ["MODE", "DB_PASSWORD", "URL", "", "A=B"];
const LABELS: [&str; 5] = ["team", "API_KEY", "dev.drillmaster.x", "traefik.enable", "Com.Docker.Compose.x"];
const VALUES: [&str; 6] = ["", "x", "{db.url}", "postgres://{user}:{p}@db", "{{x}}", "http://u:p@h"];

/// One definition, often more.
pub(crate) fn sources(input: &mut Input<'_>) -> Vec<Source> {
    let mut sources = input.list(2, |input| source(input));
    sources.push(source(input));
    sources
}

fn source(input: &mut Input<'_>) -> Source {
    let file = input.word(&["app.wasm", "db.wasm", "a/b.wasm", ".wasm"]);
    Source { digest: Digest::of(file.as_bytes()), file, declaration: declaration(input) }
}

fn declaration(input: &mut Input<'_>) -> Declaration {
    Declaration {
        name: input.optional(|input| input.word(&OBJECTS)),
        services: input.list(6, service),
        ..Declaration::default()
    }
}

/// A group without a mistake: a service that would bring one is left out.
pub(crate) fn sound_group(input: &mut Input<'_>) -> Group {
    let name = GroupName::new("shop").expect("it is a name");
    let granted_labels: BTreeSet<String> = input.list(1, |input| input.word(&["traefik.", "c"])).into_iter().collect();
    let mut sound = Group {
        name: name.clone(),
        services: BTreeMap::new(),
        definitions: BTreeMap::new(),
        builders: BTreeMap::new(),
        granted_labels: granted_labels.clone(),
    };
    let mut services = Vec::new();
    for declared in input.list(4, service) {
        services.push(declared);
        let declaration = Declaration { services: services.clone(), ..Declaration::default() };
        let source = Source { file: "app.wasm".to_owned(), digest: Digest::of(b"app"), declaration };
        let publish_on = Ipv4Addr::LOCALHOST.into();
        let check_with = Check { name: name.clone(), paths: &NoPaths, publish_on, granted_labels: &granted_labels };
        match check(vec![source], check_with) {
            Ok(group) => sound = group,
            Err(_) => drop(services.pop()),
        }
    }
    sound
}

struct NoPaths;

impl Paths for NoPaths {
    fn resolve(&self, _: &str, _: bool) -> Result<PathBuf, String> {
        Err("there are no files here".to_owned())
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

fn service(input: &mut Input<'_>) -> ServiceDeclaration {
    let mut service = ServiceDeclaration {
        name: input.word(&NAMES),
        image: input.word(&IMAGES),
        dependencies: input.list(3, |input| input.word(&NAMES)),
        ..ServiceDeclaration::default()
    };
    // A few fields at a time: with all of them there would nearly always be a mistake.
    for _ in 0..input.up_to(6) {
        field(&mut service, input);
    }
    service
}

fn field(service: &mut ServiceDeclaration, input: &mut Input<'_>) {
    match input.up_to(22) {
        0..=2 => service.env.push((input.word(&VARIABLES), input.word(&VALUES))),
        3 => service.ports.push(port(input)),
        4 => service.always_start_new = input.any(),
        5 => service.stop_signal = Some(input.word(&["SIGINT", "SIGTERM", "SIGKILL", "SIGQUIT", "SIGHUP"])),
        6 => service.stop_timeout_ms = Some(input.number()),
        7 => {
            let dockerfile = input.optional(|input| input.word(&["Dockerfile", "../Dockerfile", "a/b"]));
            service.build = Some(BuildDeclaration { directory: input.word(&PATHS), dockerfile });
        }
        8 => service.build_arguments.push((input.word(&VARIABLES), input.word(&VALUES))),
        9 => service.build_target = Some(input.word(&OBJECTS)),
        10 => service.entrypoint = Some(input.list(3, |input| input.word(&VALUES))),
        11 => service.command = Some(input.list(3, |input| input.word(&VALUES))),
        12 => service.user = Some(input.word(&["root", "1000:1000", ""])),
        13 => service.working_directory = Some(input.word(&TARGETS)),
        14 => service.mounts.push(mount(input, &PATHS)),
        15 => service.volumes.push(mount(input, &OBJECTS)),
        16 => service.tmpfs.push(input.word(&TARGETS)),
        17 => service.labels.push((input.word(&LABELS), input.word(&VALUES))),
        18 => service.aliases.push(input.word(&NAMES)),
        19 => service.networks.push(input.word(&OBJECTS)),
        20 => service.restart_policy = Some(input.word(&["no", "always", "on-failure", "unless-stopped", "x"])),
        21 => service.health_check = Some((input.list(3, |input| input.word(&VALUES)), input.number())),
        _ => {
            service.platform = input.optional(|input| input.word(&["linux/amd64", "linux", "linux/arm/v7", "/"]));
            service.shared_memory_mib = input.optional(Input::number);
            service.memory_limit_mib = input.optional(Input::number);
            service.cpu_limit_millis = input.optional(Input::number);
        }
    }
}

fn port(input: &mut Input<'_>) -> PortDeclaration {
    let protocol = input.pick(&[Protocol::Tcp, Protocol::Udp]);
    PortDeclaration { container: input.number(), host: input.optional(Input::number), protocol }
}

fn mount(input: &mut Input<'_>, sources: &[&str]) -> MountDeclaration {
    MountDeclaration { source: input.word(sources), target: input.word(&TARGETS), read_only: input.any() }
}
