//! A directory of sources in the place of a definition.

use std::path::{Path, PathBuf};

use crate::toolchain::{COMPONENT, Language, Sources, ToolError};

use super::build::build;
use super::fault::Fault;
use super::print::tell;
use super::trust::{self, Purpose};

/// The file that is the definition of a directory: its component, built if that has to be and the command may, else
/// the source itself where that can run.
///
/// # Errors
/// If there is none, it cannot be built, or the person does not trust the directory.
pub(super) async fn definition(directory: &Path, purpose: Purpose) -> Result<PathBuf, Fault> {
    let component = directory.join(COMPONENT);
    let sources = match Sources::find(directory, None) {
        Ok(sources) => sources,
        // A directory with a component that somebody else has built is as good.
        Err(ToolError::Sources(_)) if component.is_file() => return Ok(component),
        Err(error) => return Err(Fault::tool(error)),
    };
    // What runs is what was built: a mistake that a source has now must not keep it up.
    if (purpose == Purpose::Manage && component.is_file()) || !sources.changed_since(&component) {
        return Ok(component);
    }
    let is_native = !matches!(sources.language(), Language::Python | Language::JavaScript);
    match purpose {
        Purpose::Change { .. } => {
            if is_native {
                trust::allow_build(directory, purpose).await?;
                sources.are_own().map_err(Fault::tool)?;
            }
            tell(&format!("building {}", component.display()));
            build(&sources, directory, &component).await?;
            Ok(component)
        }
        Purpose::Plan | Purpose::Look | Purpose::Manage if !is_native => sources.definition().map_err(Fault::tool),
        Purpose::Plan | Purpose::Look | Purpose::Manage => {
            let build = trust::command("build", directory);
            if !component.is_file() {
                let shown = directory.display();
                return Err(Fault::Invalid(format!(
                    "{shown} is not built yet, and this command builds nothing: `{build}` does"
                )));
            }
            tell(&format!("{} is older than its sources: `{build}` builds it", component.display()));
            Ok(component)
        }
    }
}
