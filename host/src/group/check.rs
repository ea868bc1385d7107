//! From what a definition said to what it means: every mistake of the whole group at once.

mod fields;
#[cfg(test)]
mod memory;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use super::{
    Group, GroupName, InvalidGroupName, Mount, Service, ServiceDeclaration, Source, mask_text, option_with, quoted,
    short,
};
use fields::ServiceCheck;

/// The most networks that a group has beside its own. An engine has ranges of addresses for some thirty by default.
const MOST_NETWORKS: usize = 10;

/// The most mistakes that are shown.
const SHOWN: usize = 100;

/// The most bytes that are shown of a name or a list of names, and of a problem.
const SHORT: usize = 100;
const LONG: usize = 1000;

/// Something wrong with a declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file of the definition that declares it.
    pub file: String,
    /// The service, by name or, without one, by its place (`#2`).
    pub service: String,
    /// The field, named as in the reference.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It may repeat what the definition declares, in whichever field.
        let (service, problem) = (mask_text(&self.service), mask_text(&self.problem));
        f.write_str(&quoted(&format!("service `{service}`, {}: {}", self.field, short(&problem, LONG))))
    }
}

/// All mistakes of a group, in the order of its services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl std::error::Error for Mistakes {}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [] => f.write_str("no mistakes"),
            [only] => write!(f, "{}: {only}", quoted(&only.file)),
            [first, rest @ ..] if rest.iter().all(|mistake| mistake.file == first.file) => {
                write!(f, "{}: {} mistakes:", quoted(&first.file), self.0.len())?;
                self.0.iter().take(SHOWN).try_for_each(|mistake| write!(f, "\n  {mistake}"))?;
                self.not_shown(f)
            }
            mistakes => {
                write!(f, "{} mistakes:", mistakes.len())?;
                mistakes
                    .iter()
                    .take(SHOWN)
                    .try_for_each(|mistake| write!(f, "\n  {}: {mistake}", quoted(&mistake.file)))?;
                self.not_shown(f)
            }
        }
    }
}

impl Mistakes {
    fn not_shown(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more"),
        }
    }
}

/// Finds the host paths that a definition names.
pub trait Paths: Send + Sync {
    /// The absolute path of a file or directory that a definition names, without symlinks, if its containers may read
    /// it, or write to it too.
    ///
    /// # Errors
    /// Says why not.
    fn resolve(&self, path: &str, to_write: bool) -> Result<PathBuf, String>;

    /// Whether the person has granted such a path by name, or what it lies in.
    fn is_granted(&self, path: &Path) -> bool;

    /// Where a path of the machine leads now; the path itself where that cannot be known.
    fn leads_to(&self, path: &Path) -> PathBuf;

    /// Whether there is something at a path of the machine; true where that cannot be known.
    fn is_there(&self, path: &Path) -> bool;

    /// Looks once more at such a path: whether it still leads where it did.
    ///
    /// # Errors
    /// Says where it leads now.
    fn still_leads_there(&self, path: &Path) -> Result<(), String>;
}

/// What a declaration is checked with.
pub struct Check<'a> {
    /// The group's name, as [`group_name`] found it.
    pub name: GroupName,
    /// Where paths lead.
    pub paths: &'a dyn Paths,
    /// The address on which ports are published.
    pub publish_on: IpAddr,
    /// What the names of labels may begin with although other tools act on them.
    pub granted_labels: &'a BTreeSet<String>,
}

/// Why a group has no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GroupNameError {
    /// The name cannot be a group's.
    #[error(transparent)]
    Invalid(#[from] InvalidGroupName),
    /// Two definitions want different names.
    #[error("{first} names the group `{name}`, and {second} names it `{other}`; choose with --group NAME")]
    Different {
        /// A definition's file.
        first: String,
        /// The name it gives.
        name: String,
        /// Another one's.
        second: String,
        /// The name that one gives.
        other: String,
    },
}

/// The name of a group: the one that was chosen, else the definitions' own, else that of the project directory, as far as
/// it can be a group's, else that of the first definition's file.
///
/// # Errors
/// If that name cannot be a group's, or the definitions do not agree on it.
pub fn group_name(chosen: Option<&str>, project: &Path, sources: &[Source]) -> Result<GroupName, GroupNameError> {
    if let Some(chosen) = chosen {
        return Ok(GroupName::new(chosen)?);
    }
    let mut declared = sources.iter().filter_map(|source| Some((source, source.declaration.name.as_deref()?)));
    let Some((first, name)) = declared.next() else {
        let directory = project.file_name().unwrap_or_default().to_string_lossy();
        if let Some(name) = GroupName::resembling(&directory) {
            return Ok(name);
        }
        let file = sources.first().map(|source| source.file.as_str()).unwrap_or_default();
        return Ok(GroupName::new(&Path::new(file).file_stem().unwrap_or_default().to_string_lossy())?);
    };
    match declared.find(|(_, other)| *other != name) {
        Some((second, other)) => Err(GroupNameError::Different {
            first: first.file.clone(),
            name: short(name, SHORT).into_owned(),
            second: second.file.clone(),
            other: short(other, SHORT).into_owned(),
        }),
        None => Ok(GroupName::new(name)?),
    }
}

/// Checks what the definitions of a group declare, together.
///
/// # Errors
/// With every mistake there is, not only the first.
pub fn check(sources: Vec<Source>, with: Check<'_>) -> Result<Group, Mistakes> {
    let mut mistakes = Vec::new();
    for source in sources.iter().filter(|source| source.declaration.services.is_empty()) {
        mistakes.push(Mistake {
            file: source.file.clone(),
            service: "-".to_owned(),
            field: "name",
            problem: "the definition declares no services".to_owned(),
        });
    }
    check_together(&sources, &mut mistakes);
    let mut services = BTreeMap::new();
    let mut definitions = BTreeMap::new();
    let mut files = BTreeMap::new();
    for Source { file, digest, declaration } in sources {
        for (index, declared) in declaration.services.into_iter().enumerate() {
            let label = label(&declared, index);
            let service = ServiceCheck::new(&file, label, &with, &mut mistakes).check(declared);
            definitions.insert(service.name.clone(), digest.clone());
            files.insert(service.name.clone(), file.clone());
            services.insert(service.name.clone(), service);
        }
    }
    let builders = check_builds(&services, &files, &mut mistakes);
    check_names_and_networks(&services, &files, &mut mistakes);
    check_mounts(&services, &files, with.paths, &mut mistakes);
    let granted_labels = with.granted_labels.clone();
    let group = Group { name: with.name, services, definitions, builders, granted_labels };
    if let Err(cycle) = group.dependencies().order() {
        mistakes.push(Mistake {
            file: files.get(&cycle.0[0]).cloned().unwrap_or_default(),
            service: cycle.0[0].clone(),
            field: "dependencies",
            problem: format!("they form a circle: {cycle}"),
        });
    }
    if mistakes.is_empty() { Ok(group) } else { Err(Mistakes(mistakes)) }
}

/// Who builds which image. Two services that build one from different things would take its name from each other at every
/// start.
fn check_builds(
    services: &BTreeMap<String, Service>,
    files: &BTreeMap<String, String>,
    mistakes: &mut Vec<Mistake>,
) -> BTreeMap<String, String> {
    let mut builders: BTreeMap<String, &Service> = BTreeMap::new();
    for service in services.values().filter(|service| service.build.is_some()) {
        let other = *builders.entry(service.image.canonical()).or_insert(service);
        if (&other.build, &other.platform) != (&service.build, &service.platform) {
            mistakes.push(Mistake {
                file: files.get(&service.name).cloned().unwrap_or_default(),
                service: service.name.clone(),
                field: "build",
                problem: format!("it builds the image {}, which `{}` builds otherwise", service.image, other.name),
            });
        }
    }
    builders.into_iter().map(|(image, service)| (image, service.name.clone())).collect()
}

/// An alias that is another service's name would take that one's requests. Each network takes one of the few ranges of
/// addresses that an engine has for all of them.
fn check_names_and_networks(
    services: &BTreeMap<String, Service>,
    files: &BTreeMap<String, String>,
    mistakes: &mut Vec<Mistake>,
) {
    let names: BTreeMap<String, &str> =
        services.keys().map(|name| (name.to_ascii_lowercase(), name.as_str())).collect();
    let mut networks = BTreeSet::new();
    for service in services.values() {
        let mut mistake = |field, problem| {
            let (file, service) = (files.get(&service.name).cloned().unwrap_or_default(), service.name.clone());
            mistakes.push(Mistake { file, service, field, problem });
        };
        for alias in &service.aliases {
            let other = names.get(&alias.to_ascii_lowercase()).filter(|name| **name != service.name);
            if let Some(other) = other {
                mistake(
                    "aliases",
                    format!("{alias} is the name of the service `{other}`, whose requests it would take"),
                );
            }
        }
        let had = networks.len();
        networks.extend(&service.networks);
        if had <= MOST_NETWORKS && networks.len() > MOST_NETWORKS {
            mistake("networks", format!("a group has at most {MOST_NETWORKS} networks beside its own"));
        }
    }
}

/// What lies in a directory that a container writes to, that container can replace by a symlink to anywhere, also in
/// the moment after we have looked, or before the engine starts a container again by itself: it must not be mounted.
fn check_mounts(
    services: &BTreeMap<String, Service>,
    files: &BTreeMap<String, String>,
    paths: &dyn Paths,
    mistakes: &mut Vec<Mistake>,
) {
    let mounts = || services.values().flat_map(|service| service.mounts.values().map(move |mount| (service, mount)));
    let writers: BTreeMap<&Path, &Service> = mounts()
        .filter(|(_, mount)| !mount.read_only)
        .map(|(service, mount)| (mount.source.as_path(), service))
        .collect();
    for (service, Mount { source, .. }) in mounts() {
        let written = source.ancestors().skip(1).find_map(|above| Some((above, *writers.get(above)?)));
        // A grant of what is mounted alone would be one of whatever is put in its place.
        let Some((above, writer)) = written.filter(|(above, _)| !paths.is_granted(above)) else { continue };
        let allow = option_with("--allow-mount", above);
        let (source, above) = (source.display(), above.display());
        mistakes.push(Mistake {
            file: files.get(&service.name).cloned().unwrap_or_default(),
            service: service.name.clone(),
            field: "mounts",
            problem: format!(
                "{source} lies in {above}, to which `{}` writes: it could put a symlink to anywhere in its place; let \
                 `{}` only read {above}, or {allow} would allow it",
                writer.name, writer.name
            ),
        });
    }
}

/// What a service is called in a mistake.
fn label(declared: &ServiceDeclaration, index: usize) -> String {
    if declared.name.is_empty() { format!("#{}", index + 1) } else { short(&declared.name, SHORT).into_owned() }
}

/// What can be seen only by looking at all services: names, dependencies and host ports.
fn check_together(sources: &[Source], mistakes: &mut Vec<Mistake>) {
    let known: Vec<&str> =
        sources.iter().flat_map(|source| &source.declaration.services).map(|service| service.name.as_str()).collect();
    let listed = known.join(", ");
    let (known, listed): (BTreeSet<&str>, _) = (known.into_iter().collect(), short(&listed, LONG));
    // In a group of several definitions, where the other one is.
    let elsewhere =
        |source: &Source, other: &str| if source.file == other { String::new() } else { format!(", in {other}") };
    let mut names: BTreeMap<String, (&str, &str)> = BTreeMap::new();
    let mut ports: BTreeMap<(u32, String), (String, &str)> = BTreeMap::new();
    for source in sources {
        for (index, declared) in source.declaration.services.iter().enumerate() {
            let service = label(declared, index);
            let mistake =
                |field, problem| Mistake { file: source.file.clone(), service: service.clone(), field, problem };
            // Host names are the same in either case, so two that differ only in case would answer for each other.
            if let Some((other, file)) =
                names.insert(declared.name.to_ascii_lowercase(), (&declared.name, &source.file))
                && !declared.name.is_empty()
            {
                let elsewhere = elsewhere(source, file);
                let problem = if other == declared.name {
                    format!("there is another service of this name{elsewhere}")
                } else {
                    format!("it differs from `{other}`{elsewhere} only in case, which host names do not tell apart")
                };
                mistakes.push(mistake("name", problem));
            }
            for dependency in &declared.dependencies {
                if !known.contains(dependency.as_str()) {
                    let dependency = short(dependency, SHORT);
                    let problem = format!("there is no service `{dependency}`; the services are: {listed}");
                    mistakes.push(mistake("dependencies", problem));
                }
            }
            for port in &declared.ports {
                let Some(host) = port.host else { continue };
                let taken = ports.insert((host, port.protocol.to_string()), (service.clone(), &source.file));
                if let Some((taken, file)) = taken {
                    let elsewhere = elsewhere(source, file);
                    let problem =
                        format!("host port {host}/{} is published twice, by `{taken}`{elsewhere} too", port.protocol);
                    mistakes.push(mistake("ports", problem));
                }
            }
        }
    }
}

#[cfg(test)]
pub(crate) use memory::MemoryPaths;

#[cfg(test)]
mod tests;
