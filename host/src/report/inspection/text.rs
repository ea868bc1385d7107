//! For people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::component::{Capability, Facts};
use crate::grants::Grants;
use crate::group::{Build, RestartPolicy, Service, mask_value};
use crate::report::plan::counted;
use crate::report::summary::table;
use crate::report::visible;

use super::{Inspected, Inspection};

/// That a group is valid, in a line.
#[must_use]
pub fn check_text(inspection: &Inspection) -> String {
    let name = inspection.name.as_ref().map(ToString::to_string).unwrap_or_default();
    let services = inspection.group.as_ref().map_or(0, |group| group.services.len());
    format!("group {name} is valid: {}\n", counted(services, "service"))
}

/// Each definition: what it is, and what it could ask for. Then what they declare.
#[must_use]
pub fn inspection_text(inspection: &Inspection) -> String {
    let component = |definition: &Inspected| {
        let facts = definition.facts.as_ref()?;
        Some(format!("{}\n{}", visible(&definition.file), component(facts, &inspection.grants)))
    };
    let components = inspection.definitions.iter().filter_map(component);
    components.chain([declared(inspection)]).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

/// A cell or two of a table.
fn row(name: &str, value: &str) -> [String; 2] {
    [name, value].map(|text| visible(text).into_owned())
}

fn component(facts: &Facts, grants: &Grants) -> String {
    let mut rows = vec![row("size", &size(facts.size)), row("sha256", &facts.digest.to_string())];
    if facts.is_source {
        // Without files of its own it is given what it imports.
        let reads_itself = facts.imports_for(Some(Capability::Files)).next().is_some();
        let beside = if reads_itself { "" } else { "; it can import what lies beside it" };
        rows.push(row(
            "source",
            &format!("a component of drillmaster's own runs it, of which the rest is told{beside}"),
        ));
    }
    if let Some(version) = facts.contract() {
        rows.push(row("contract", &format!("drillmaster:plugin@{version}")));
        rows.push(row("hooks", &facts.hooks().join(", ")));
    }
    if let Some(memory) = facts.memory {
        let most = size(grants.memory.unwrap_or_default().bytes() as u64);
        rows.push(row("memory", &format!("{} at the beginning of a call, and at most {most}", size(memory))));
    }
    let imports = counted(facts.imports.len(), "interface");
    rows.push(row("imports", &format!("{imports}, whether it uses them or not; they give it:")));
    indented(&table(&rows), 2) + &indented(&table(&imported(facts, grants)), 4)
}

/// For each purpose of an import, what a definition gets, and below it the interfaces.
fn imported(facts: &Facts, grants: &Grants) -> Vec<[String; 2]> {
    let mut purposes: Vec<_> = facts.imports.iter().map(|import| Capability::of(import)).collect();
    // What the host does not have comes last.
    purposes.sort_by_key(|purpose| (purpose.is_none(), *purpose));
    purposes.dedup();
    let mut rows = Vec::new();
    for purpose in purposes {
        let own = facts.is_source && purpose == Some(Capability::Files);
        let own = if own { "its own directory, to read; beside that " } else { "" };
        rows.push(row(purpose.map_or("unknown", Capability::word), &format!("{own}{}", given(purpose, grants))));
        rows.extend(packages(facts.imports_for(purpose)).iter().map(|interfaces| row("", interfaces)));
    }
    rows
}

/// Interfaces, those of one package in one line: `wasi:io@0.2.6: poll, streams`.
fn packages<'a>(imports: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut packages: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut others = Vec::new();
    for import in imports {
        let (name, version) = import.split_at(import.find('@').unwrap_or(import.len()));
        match name.split_once('/') {
            Some((package, interface)) => packages.entry(format!("{package}{version}")).or_default().push(interface),
            None => others.push(import.to_owned()),
        }
    }
    let packages = packages.into_iter().map(|(package, mut interfaces)| {
        interfaces.sort_unstable();
        format!("{package}: {}", interfaces.join(", "))
    });
    packages.chain(others).collect()
}

/// What a definition gets of what it imports.
fn given(purpose: Option<Capability>, grants: &Grants) -> String {
    let granted = |granted: Vec<String>| (!granted.is_empty()).then(|| format!("granted: {}", granted.join(", ")));
    match purpose {
        Some(Capability::Drillmaster) => "what it declares, the containers of that in hooks, and a log".to_owned(),
        Some(Capability::Files) => {
            let read = grants.read.difference(&grants.write).map(|directory| (directory, "to read"));
            let write = grants.write.iter().map(|directory| (directory, "to read and write"));
            let all = read.chain(write).map(|(directory, how)| format!("{} {how}", directory.written.display()));
            let none = || "nothing; --allow-read DIR or --allow-write DIR would grant some".to_owned();
            granted(all.collect()).unwrap_or_else(none)
        }
        Some(Capability::Environment) => granted(grants.env.iter().cloned().collect())
            .unwrap_or_else(|| "nothing of yours; --allow-env NAME would grant a variable".to_owned()),
        Some(Capability::Network) => {
            let more = granted(grants.net.iter().map(ToString::to_string).collect());
            let more = more.unwrap_or_else(|| "--allow-net HOST:PORT would grant more".to_owned());
            format!("in hooks, the published TCP ports of its own services; {more}")
        }
        Some(Capability::Http) => "HTTP to the same, without TLS".to_owned(),
        Some(Capability::Clock) => "the time in hooks, a fixed one in fields".to_owned(),
        Some(Capability::Random) => "random numbers in hooks, fixed ones in fields".to_owned(),
        Some(Capability::Stdio) => "lines that you see, with control characters made visible; no input".to_owned(),
        Some(Capability::Basics) => "streams, waiting and ending, which lead nowhere by themselves".to_owned(),
        None => "nothing: drillmaster does not have it".to_owned(),
    }
}

/// What the definitions declare.
fn declared(inspection: &Inspection) -> String {
    let Some(group) = &inspection.group else {
        return inspection.definitions.iter().map(declared_by).collect();
    };
    let name = inspection.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    let mut text = format!("group{name}: {}\n", counted(group.services.len(), "service"));
    for service in group.services.values() {
        let _ = writeln!(text, "  {}", visible(&service.name));
        text += &indented(&table(&fields(service)), 4);
    }
    text
}

/// What can be told of services if not all of it makes sense.
fn declared_by(definition: &Inspected) -> String {
    let Some(services) = &definition.services else { return String::new() };
    // Nobody has checked it: it may be the address of a registry, with a password.
    let rows: Vec<_> = services.iter().map(|(name, image)| row(name, &mask_value("image", image))).collect();
    let count = counted(rows.len(), "service");
    format!("{} declares {count}\n{}", visible(&definition.file), indented(&table(&rows), 2))
}

/// The fields of a service that are not as they are by default.
fn fields(service: &Service) -> Vec<[String; 2]> {
    let mut described = service.described();
    let image = described.remove("image");
    if service.restart_policy == RestartPolicy::default() {
        described.remove("restart_policy");
    }
    let image = image.map(|image| row("image", &image.shown()));
    let build = service.build.as_ref().map(|build| row("build", &built(build)));
    let always_start_new = service.always_start_new.then(|| row("always_start_new", "yes"));
    let others = described.iter().map(|(name, text)| row(name, &text.shown()));
    [image, build, always_start_new].into_iter().flatten().chain(others).collect()
}

/// How an image is built. The values of arguments may be secret.
fn built(build: &Build) -> String {
    let target = build.target.iter().map(|target| format!(", up to {target}"));
    let arguments = build.arguments.keys().map(|name| format!(", with {name}"));
    let rest: String = target.chain(arguments).collect();
    format!("{}, {}{rest}", build.directory.display(), build.dockerfile)
}

fn indented(lines: &str, columns: usize) -> String {
    lines.lines().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{:columns$}{line}", "");
        text
    })
}

/// A number of bytes, with no more digits than one can read.
fn size(bytes: u64) -> String {
    const KIB: u64 = 1024;
    const MIB: u64 = 1024 * KIB;
    match bytes {
        0..KIB => format!("{bytes} bytes"),
        KIB..MIB => format!("{} KiB", bytes.div_ceil(KIB)),
        _ => {
            let tenths = bytes.saturating_mul(10).div_ceil(MIB);
            match tenths % 10 {
                0 => format!("{} MiB", tenths / 10),
                tenth => format!("{}.{tenth} MiB", tenths / 10),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::Digest;

    fn facts(imports: &[&str]) -> Facts {
        Facts {
            digest: Digest::from_text("0123"),
            size: 18 * 1024 * 1024 + 1,
            is_source: false,
            imports: imports.iter().map(|&import| import.to_owned()).collect(),
            exports: vec!["drillmaster:plugin/lifecycle@0.1.0".to_owned()],
            memory: Some(64 * 1024),
        }
    }

    #[test]
    fn a_component_is_told_with_what_its_imports_give_it() {
        let imports = [
            "wasi:io/streams@0.2.6",
            "other",
            "wasi:cli/environment@0.2.6",
            "wasi:io/poll@0.2.6",
            "a:b/c@1.0.0",
            "a:b/d",
        ];
        assert_eq!(
            component(&facts(&imports), &Grants::default()),
            "  size      18.1 MiB
  sha256    0123
  contract  drillmaster:plugin@0.1.0
  hooks     fields, ping, post-start-init
  memory    64 KiB at the beginning of a call, and at most 256 MiB
  imports   6 interfaces, whether it uses them or not; they give it:
    environment  nothing of yours; --allow-env NAME would grant a variable
                 wasi:cli@0.2.6: environment
    basics       streams, waiting and ending, which lead nowhere by themselves
                 wasi:io@0.2.6: poll, streams
    unknown      nothing: drillmaster does not have it
                 a:b: d
                 a:b@1.0.0: c
                 other
"
        );
    }

    #[test]
    fn of_a_source_it_is_told_what_it_reads_beside_what_is_granted() {
        let source = Facts { is_source: true, ..facts(&["wasi:filesystem/types@0.2.6"]) };
        let told = component(&source, &Grants::default());
        let expected = "files  its own directory, to read; beside that nothing; --allow-read DIR or";
        assert!(
            told.contains("source    a component of drillmaster's own runs it") && told.contains(expected),
            "{told}"
        );
        assert!(!told.contains("lies beside it"), "{told}");
        let told = component(&Facts { is_source: true, ..facts(&[]) }, &Grants::default());
        assert!(told.contains("of which the rest is told; it can import what lies beside it\n"), "{told}");
    }

    #[test]
    fn what_is_granted_is_told_in_place_of_what_could_be() {
        let directory = |path: &str| std::path::PathBuf::from(path).into();
        let grants = Grants {
            read: [directory("conf"), directory("out")].into(),
            write: [directory("out")].into(),
            env: ["CI".to_owned()].into(),
            net: ["example.com:443".parse().unwrap()].into(),
            ..Grants::default()
        };
        let given = |capability| given(Some(capability), &grants);
        assert_eq!(given(Capability::Files), "granted: conf to read, out to read and write");
        assert_eq!(given(Capability::Environment), "granted: CI");
        assert!(given(Capability::Network).ends_with("of its own services; granted: example.com:443"));
    }

    #[test]
    fn sizes_are_as_precise_as_one_can_read() {
        let sizes = [0, 1023, 1024, 1025, 1024 * 1024 - 1, 1024 * 1024, 256 * 1024 * 1024, 1024 * 1024 + 1];
        let shown = ["0 bytes", "1023 bytes", "1 KiB", "2 KiB", "1024 KiB", "1 MiB", "256 MiB", "1.1 MiB"];
        assert_eq!(sizes.map(size), shown);
    }
}
