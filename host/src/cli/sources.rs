//! What definitions need that run from their source, or are built.

use std::path::{Path, PathBuf};

use crate::component::Cache;
use crate::project::{StateDirectory, directory_of, is_no_project, is_private, resolved};
use crate::toolchain::{self, ToolError};

use super::fault::Fault;
use super::screen;

/// Whether a definition that runs from its source may have all that lies beside it.
pub(super) fn can_be_lent(file: &Path) -> Result<(), Fault> {
    directory_of(file).map_err(Fault::invalid).and_then(|directory| is_lendable(file, &directory))
}

/// Whether a definition may have all that is in a directory.
pub(super) fn is_lendable(what: &Path, directory: &Path) -> Result<(), Fault> {
    if !is_no_project(directory) {
        return Ok(());
    }
    Err(Fault::Invalid(format!(
        "{} lies in {}, which is a private directory, holds one, or is one where everybody can write, and could read all \
         that is there: put it into a directory of its own",
        what.display(),
        directory.display()
    )))
}

/// Whether drillmaster's state, with the values of groups and the key of fingerprints, lies beside a definition that reads all
/// that is there.
pub(super) fn holds_no_state(file: &Path) -> Result<(), Fault> {
    let directory = directory_of(file).map_err(Fault::invalid)?;
    match StateDirectory::of_all().map(|state| resolved(&state)).filter(|state| state.starts_with(&directory)) {
        None => Ok(()),
        Some(state) => Err(Fault::Invalid(format!(
            "{} could read what drillmaster keeps in {}: set XDG_STATE_HOME to a directory that does not lie in {}",
            file.display(),
            state.display(),
            directory.display()
        ))),
    }
}

/// What runs definitions in Python. It is kept whether or not compiled definitions are.
pub(super) async fn python_interpreter() -> Result<PathBuf, Fault> {
    let cache = kept()?;
    let tell = |step: &str| {
        screen::notice(step);
    };
    let made = toolchain::interpreter(&cache.directory().join("python"), tell).await;
    made.map_err(Fault::tool)
}

/// What runs definitions in JavaScript, which is kept in the same way.
pub(super) fn javascript_interpreter() -> Result<PathBuf, Fault> {
    toolchain::javascript_interpreter(&kept()?.directory().join("javascript")).map_err(Fault::tool)
}

/// Where what drillmaster makes of tools is kept, and what it compiles. It need not be there.
pub(super) fn kept() -> Result<Cache, Fault> {
    let cache = Cache::of_user().ok_or(ToolError::NoPlace).map_err(Fault::tool)?;
    // Whoever could write there would say what runs definitions.
    for directory in ["", "python", "javascript"].map(|name| cache.directory().join(name)) {
        is_private(&directory).map_err(|reason| {
            Fault::Failed(format!(
                "drillmaster keeps there what definitions run in, and somebody else could change it: {reason}\nRemove it, and it \
                 is made again; or set XDG_CACHE_HOME to a directory of yours"
            ))
        })?;
    }
    Ok(cache)
}
