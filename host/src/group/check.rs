//! From what a definition said to what it means: every mistake of the whole group at once.

mod fields;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use super::{Declaration, Group, GroupName, InvalidGroupName, ServiceDeclaration};
use fields::ServiceCheck;

/// Something wrong with a declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The service, by name or, without one, by its place (`#2`).
    pub service: String,
    /// The field, named as in the reference.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "service `{}`, {}: {}", self.service, self.field, self.problem)
    }
}

/// All mistakes of a declaration, in the order of its services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl std::error::Error for Mistakes {}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [only] => write!(f, "{only}"),
            mistakes => {
                write!(f, "{} mistakes:", mistakes.len())?;
                mistakes.iter().try_for_each(|mistake| write!(f, "\n  {mistake}"))
            }
        }
    }
}

/// Finds the host paths that a definition names.
pub trait Paths {
    /// The absolute path of a file or directory that a definition names, if the definition may use it.
    ///
    /// # Errors
    /// Says why not.
    fn resolve(&self, path: &str) -> Result<PathBuf, String>;
}

/// What a declaration is checked with.
pub struct Check<'a> {
    /// The group's name, as [`group_name`] found it.
    pub name: GroupName,
    /// Where paths lead.
    pub paths: &'a dyn Paths,
}

/// The name of a group: the one chosen on the command line, else the definition's own, else its file's.
///
/// # Errors
/// If that name cannot be a group's.
pub fn group_name(chosen: Option<&str>, declared: Option<&str>, file: &str) -> Result<GroupName, InvalidGroupName> {
    GroupName::new(chosen.or(declared).unwrap_or(file))
}

/// Checks a declaration.
///
/// # Errors
/// With every mistake there is, not only the first.
pub fn check(declaration: Declaration, with: Check<'_>) -> Result<Group, Mistakes> {
    let mut mistakes = Vec::new();
    if declaration.services.is_empty() {
        mistakes.push(Mistake {
            service: "-".to_owned(),
            field: "name",
            problem: "the definition declares no services".to_owned(),
        });
    }
    check_together(&declaration.services, &mut mistakes);
    let mut services = BTreeMap::new();
    for (index, declared) in declaration.services.into_iter().enumerate() {
        let service = ServiceCheck::new(label(&declared, index), with.paths, &mut mistakes).check(declared);
        services.insert(service.name.clone(), service);
    }
    let group = Group { name: with.name, services };
    if let Err(cycle) = group.dependencies().order() {
        mistakes.push(Mistake {
            service: cycle.0[0].clone(),
            field: "dependencies",
            problem: format!("they form a circle: {cycle}"),
        });
    }
    if mistakes.is_empty() { Ok(group) } else { Err(Mistakes(mistakes)) }
}

/// What a service is called in a mistake.
fn label(declared: &ServiceDeclaration, index: usize) -> String {
    if declared.name.is_empty() { format!("#{}", index + 1) } else { declared.name.clone() }
}

/// What can be seen only by looking at all services: names, dependencies and host ports.
fn check_together(services: &[ServiceDeclaration], mistakes: &mut Vec<Mistake>) {
    let mut names: BTreeMap<String, &str> = BTreeMap::new();
    let mut ports: BTreeMap<(u32, String), String> = BTreeMap::new();
    for (index, declared) in services.iter().enumerate() {
        let service = label(declared, index);
        // Host names are the same in either case, so two that differ only in case would answer for each other.
        if let Some(other) = names.insert(declared.name.to_ascii_lowercase(), &declared.name)
            && !declared.name.is_empty()
        {
            let problem = if other == declared.name {
                "there is another service of this name".to_owned()
            } else {
                format!("it differs from `{other}` only in case, which host names do not tell apart")
            };
            mistakes.push(Mistake { service: service.clone(), field: "name", problem });
        }
        for dependency in &declared.dependencies {
            if !services.iter().any(|other| other.name == *dependency) {
                let known = services.iter().map(|service| service.name.as_str()).collect::<Vec<_>>().join(", ");
                mistakes.push(Mistake {
                    service: service.clone(),
                    field: "dependencies",
                    problem: format!("there is no service `{dependency}`; the services are: {known}"),
                });
            }
        }
        for port in &declared.ports {
            let Some(host) = port.host else { continue };
            if let Some(taken) = ports.insert((host, port.protocol.to_string()), service.clone()) {
                mistakes.push(Mistake {
                    service: service.clone(),
                    field: "ports",
                    problem: format!("host port {host}/{} is published twice, by `{taken}` too", port.protocol),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests;
