//! For programs. Fields are only ever added.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::component::Capability;
use crate::group::{Build, Service, mask_text, mask_value};
use crate::report::json_text::{Layout, json};

use super::{Inspected, Inspection, Problem};

/// Whether a group is valid, and what is wrong with it, as JSON that ends with a line break.
#[must_use]
pub fn check_json(inspection: &Inspection) -> String {
    let check = CheckJson {
        valid: inspection.problems.is_empty(),
        group: name(inspection),
        services: services(inspection).map(|service| service.name.as_str()).collect(),
        problems: inspection.problems.iter().map(ProblemJson::of).collect(),
    };
    json(&check, Layout::Readable)
}

/// All that can be told, as JSON that ends with a line break.
#[must_use]
pub fn inspection_json(inspection: &Inspection) -> String {
    let inspection = InspectionJson {
        valid: inspection.problems.is_empty(),
        definitions: inspection.definitions.iter().map(DefinitionJson::of).collect(),
        group: name(inspection),
        services: services(inspection).map(ServiceJson::of).collect(),
        problems: inspection.problems.iter().map(ProblemJson::of).collect(),
    };
    json(&inspection, Layout::Readable)
}

fn name(inspection: &Inspection) -> Option<&str> {
    inspection.name.as_ref().map(crate::group::GroupName::as_str)
}

fn services(inspection: &Inspection) -> impl Iterator<Item = &Service> {
    inspection.group.iter().flat_map(|group| group.services.values())
}

#[derive(Serialize)]
struct CheckJson<'a> {
    valid: bool,
    group: Option<&'a str>,
    services: Vec<&'a str>,
    problems: Vec<ProblemJson<'a>>,
}

#[derive(Serialize)]
struct InspectionJson<'a> {
    valid: bool,
    definitions: Vec<DefinitionJson<'a>>,
    group: Option<&'a str>,
    services: Vec<ServiceJson<'a>>,
    problems: Vec<ProblemJson<'a>>,
}

#[derive(Serialize)]
struct ProblemJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    problem: String,
}

impl<'a> ProblemJson<'a> {
    fn of(problem: &'a Problem) -> Self {
        let whole = |file, problem| Self { file, service: None, field: None, problem };
        match problem {
            Problem::Load(error) => whole(Some(&error.file), error.problem.to_string()),
            Problem::Fields { file, problem } => whole(Some(file), format!("fields failed: {problem}")),
            Problem::Group(problem) => whole(None, problem.clone()),
            Problem::Mistake(mistake) => Self {
                file: Some(&mistake.file),
                // As in words: they may repeat what the definition declares.
                service: Some(mask_text(&mistake.service)),
                field: Some(mistake.field),
                problem: mask_text(&mistake.problem).into_owned(),
            },
        }
    }
}

#[derive(Serialize)]
struct DefinitionJson<'a> {
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<ComponentJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    declares: Option<Vec<DeclaredJson<'a>>>,
}

#[derive(Serialize)]
struct ComponentJson<'a> {
    digest: String,
    size: u64,
    is_source: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    memory: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contract: Option<&'a str>,
    hooks: Vec<&'a str>,
    imports: Vec<ImportJson<'a>>,
    exports: &'a [String],
}

#[derive(Serialize)]
struct ImportJson<'a> {
    name: &'a str,
    #[serde(rename = "for")]
    purpose: Option<&'static str>,
}

#[derive(Serialize)]
struct DeclaredJson<'a> {
    service: &'a str,
    image: Cow<'a, str>,
}

impl<'a> DefinitionJson<'a> {
    fn of(definition: &'a Inspected) -> Self {
        let import = |name: &'a String| ImportJson { name, purpose: Capability::of(name).map(Capability::word) };
        let component = definition.facts.as_ref().map(|facts| ComponentJson {
            digest: facts.digest.to_string(),
            size: facts.size,
            is_source: facts.is_source,
            memory: facts.memory,
            contract: facts.contract(),
            hooks: facts.hooks(),
            imports: facts.imports.iter().map(import).collect(),
            exports: &facts.exports,
        });
        let declared = |services: &'a Vec<(String, String)>| {
            let image = |image: &'a String| mask_value("image", image);
            services.iter().map(|(service, name)| DeclaredJson { service, image: image(name) }).collect()
        };
        Self { file: &definition.file, component, declares: definition.services.as_ref().map(declared) }
    }
}

#[derive(Serialize)]
struct ServiceJson<'a> {
    service: &'a str,
    always_start_new: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    build: Option<BuildJson<'a>>,
    fields: BTreeMap<String, String>,
}

/// The values of arguments may be secret.
#[derive(Serialize)]
struct BuildJson<'a> {
    directory: String,
    dockerfile: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'a str>,
    arguments: Vec<&'a str>,
}

impl<'a> ServiceJson<'a> {
    fn of(service: &'a Service) -> Self {
        let build = |build: &'a Build| BuildJson {
            directory: build.directory.display().to_string(),
            dockerfile: &build.dockerfile,
            target: build.target.as_deref(),
            arguments: build.arguments.keys().map(String::as_str).collect(),
        };
        Self {
            service: &service.name,
            always_start_new: service.always_start_new,
            build: service.build.as_ref().map(build),
            fields: service.described().into_iter().map(|(name, text)| (name, text.shown())).collect(),
        }
    }
}
