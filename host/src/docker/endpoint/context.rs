//! The contexts of the Docker client: engines that have been given names.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::engine::{EngineError, Result};
use crate::group::Digest;

use super::{Address, Certificates, Endpoint, Machine, Source, Trouble, parse};

/// The context that stands for having chosen none.
const NONE: &str = "default";

/// A context that has been chosen, and may not be there.
pub(super) struct Context {
    name: String,
    named_by: String,
    settings: PathBuf,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    current_context: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Meta {
    endpoints: Endpoints,
}

#[derive(Deserialize)]
struct Endpoints {
    docker: Option<Docker>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Docker {
    host: String,
    #[serde(rename = "SkipTLSVerify")]
    skip_tls_verify: bool,
}

/// The context that `DOCKER_CONTEXT` names, else the current one of `config.json`; none if that is `default`, or nobody
/// has chosen one.
pub(super) fn current(machine: &Machine<'_>) -> Result<Option<Context>> {
    let variable = machine.set("DOCKER_CONTEXT").map(|name| (name, "DOCKER_CONTEXT".to_owned()));
    let Some(settings) = machine.settings() else {
        let Some((name, named_by)) = variable.filter(|(name, _)| name != NONE) else { return Ok(None) };
        let reason = "neither DOCKER_CONFIG nor HOME says where contexts are";
        return Err(unusable(&name, &named_by, reason.to_owned()));
    };
    let chosen = if variable.is_some() {
        variable
    } else {
        let file = settings.join("config.json");
        configured(&file, machine)?.map(|name| (name, file.display().to_string()))
    };
    let chosen = chosen.filter(|(name, _)| name != NONE);
    Ok(chosen.map(|(name, named_by)| Context { name, named_by, settings }))
}

/// What `config.json` has for the current context.
fn configured(file: &Path, machine: &Machine<'_>) -> Result<Option<String>> {
    let unreadable = |reason| EngineError::Unreachable {
        endpoint: "the Docker client's current context".to_owned(),
        reason: format!("cannot read {}: {reason}", file.display()),
        advice: "Put it right, or go without it: set DOCKER_HOST, or DOCKER_CONTEXT=default.".to_owned(),
    };
    let text = match (machine.read)(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error.to_string())),
    };
    let config: Config = serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
    Ok(config.current_context.filter(|name| !name.is_empty()))
}

impl Context {
    /// Where its engine is.
    pub(super) fn endpoint(&self, machine: &Machine<'_>) -> Result<Endpoint> {
        let file = self.directory("meta").join("meta.json");
        let wrong = |reason| unusable(&self.name, &self.named_by, reason);
        let text = (machine.read)(&file).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => wrong(format!("there is no such context, as there is no {}", file.display())),
            _ => wrong(format!("cannot read {}: {error}", file.display())),
        })?;
        let meta: Meta =
            serde_json::from_str(&text).map_err(|error| wrong(format!("cannot read {}: {error}", file.display())))?;
        let Some(docker) = meta.endpoints.docker else {
            return Err(wrong(format!("{} has no endpoint for Docker", file.display())));
        };
        let source = Source::Context { name: self.name.clone(), named_by: self.named_by.clone() };
        let address = if docker.host.is_empty() {
            machine.local().address
        } else {
            self.parse(&docker, machine).map_err(|trouble| trouble.at(&docker.host, &source))?
        };
        Ok(Endpoint { address, source })
    }

    fn parse(&self, docker: &Docker, machine: &Machine<'_>) -> std::result::Result<Address, Trouble> {
        parse(&docker.host, || {
            let directory = self.directory("tls").join("docker");
            let trouble = |reason| Trouble { reason, advice: None };
            if docker.skip_tls_verify {
                return Err(trouble(
                    "the context says to accept any certificate (SkipTLSVerify), with which whoever stands in between \
                     has this engine; give the context the engine's ca.pem instead"
                        .to_owned(),
                ));
            }
            let any = ["ca.pem", "cert.pem", "key.pem"].iter().any(|name| (machine.exists)(&directory.join(name)));
            any.then(|| Certificates::find(&directory, machine)).transpose().map_err(trouble)
        })
    }

    fn directory(&self, kind: &str) -> PathBuf {
        let digest = Digest::of(self.name.as_bytes());
        self.settings.join("contexts").join(kind).join(digest.to_string())
    }
}

fn unusable(name: &str, named_by: &str, reason: String) -> EngineError {
    EngineError::Unreachable {
        endpoint: format!("context `{name}`, which {named_by} names"),
        reason,
        advice: "`docker context ls` shows the contexts there are; choose one with `docker context use` or \
                 DOCKER_CONTEXT (`default` is none), or set DOCKER_HOST."
            .to_owned(),
    }
}
