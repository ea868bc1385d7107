//! Whether a component was made for this host: what is wrong with its imports and exports, in words that are clearer
//! than what goes wrong when it is linked.

use crate::component::capability::Capability;
use crate::component::facts::Facts;

use super::error::LoadProblem;

/// The version of the contract that this host speaks.
pub(super) const CONTRACT: &str = "0.1.0";

/// What versions begin with that it can run, as long as they call nothing that it does not have.
const COMPATIBLE: &str = "0.1.";
const WASI: &str = "0.2.";

/// What the names of the contract's interfaces begin with.
pub(super) const PACKAGE: &str = "drillmaster:plugin/";
const LIFECYCLE: &str = "drillmaster:plugin/lifecycle@";

/// Refuses a component that was made for another version of the contract, or is no definition at all.
pub(super) fn check_version(facts: &Facts) -> Result<(), LoadProblem> {
    let names = facts.imports.iter().chain(&facts.exports);
    let mut versions = names.filter_map(|name| name.strip_prefix(PACKAGE)?.split_once('@')).map(|(_, version)| version);
    if let Some(other) = versions.find(|version| !version.starts_with(COMPATIBLE)) {
        return Err(LoadProblem::OtherVersion(other.to_owned()));
    }
    if facts.exports.iter().any(|name| name.starts_with(LIFECYCLE)) {
        return Ok(());
    }
    let instead = match facts.exports.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [first, .., last] => format!("{first} … {last}"),
    };
    Err(LoadProblem::NotADefinition(format!("it does not export {LIFECYCLE}{CONTRACT}, but {instead}")))
}

/// The import for which a component cannot even be compiled: later versions of WASI take what is not supported here.
pub(super) fn uncompilable(facts: &Facts) -> Option<LoadProblem> {
    facts.imports.iter().find_map(|import| other_wasi(import))
}

/// Why a component that was compiled cannot be linked, from what the linker says about it, outermost message first.
pub(super) fn unlinkable(messages: &[String], facts: &Facts) -> LoadProblem {
    let quoted = |message: &str| Some(message.split_once('`')?.1.split_once('`')?.0.to_owned());
    let unknown = || LoadProblem::NotADefinition(messages.join(": "));
    // The first message names the import, the one behind it what of it is not there or different.
    let Some(import) = messages.first().and_then(|message| quoted(message)) else { return unknown() };
    if !facts.imports.contains(&import) {
        return unknown();
    }
    if let Some(problem) = other_wasi(&import) {
        return problem;
    }
    let item = messages.get(1).and_then(|message| quoted(message)).map(|item| plain(&item));
    let is_missing = messages.last().is_some_and(|message| message.ends_with("is missing"));
    let is_ours = import.starts_with(PACKAGE);
    match (item, Capability::of(&import)) {
        (Some(function), _) if is_ours && is_missing => LoadProblem::NewerVersion { function, interface: import },
        (Some(item), Some(_)) => LoadProblem::UnknownItem { item, interface: import, is_missing },
        _ => LoadProblem::UnknownImport(import),
    }
}

fn other_wasi(import: &str) -> Option<LoadProblem> {
    let (_, version) = import.strip_prefix("wasi:")?.split_once('@')?;
    // What was before 0.2.0 has its version too, as 0.2.0-rc-2023-11-10.
    let is_ours = version.starts_with(WASI) && !version.contains('-');
    (!is_ours).then(|| LoadProblem::OtherWasi(import.to_owned()))
}

/// The name of a function as people write it: `container.exec` for `[method]container.exec`.
fn plain(name: &str) -> String {
    name.rsplit_once(']').map_or(name, |(_, plain)| plain).to_owned()
}
