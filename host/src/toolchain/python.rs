//! Definitions in Python: a component with a Python inside imports them from their directory. It does so at each call of
//! one that runs from its source; and once, when a component is built, which is what it then is.

mod loader;
mod packages;
mod pip;
mod requirements;

use std::path::Path;
use std::sync::Arc;

use crate::component::{Allowed, Importing, Runtime};

use super::making::{ToolError, Tools};
use super::rewrite::{self, BEGINNING, IMPORTING};

pub use loader::interpreter;

/// The file that has the definition.
pub(super) const APP: &str = "app.py";

/// What exports the import of a definition.
const IMPORT: &str = "import-definition";

/// Whether a file is a definition in Python, by its name.
#[must_use]
pub fn is_python(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "py")
}

/// A component of a definition in Python, with all inside that it imports from its directory and of the packages that it
/// requires, which are installed below a directory for temporary files.
///
/// # Errors
/// If it requires what cannot be installed; or it cannot be imported, which the error tells as a person is told of it.
pub(super) async fn python_component(entry: &Path, work: &Path, tools: &Tools<'_>) -> Result<Vec<u8>, ToolError> {
    let not_built = |error: anyhow::Error| ToolError::NotBuilt { file: entry.display().to_string(), error };
    let directory = entry.parent().unwrap_or(Path::new("."));
    let packages = packages::installed(directory, work, tools.tell).await?;
    let loader = interpreter(&tools.cache.directory().join("python"), tools.tell).await?;
    let loader = std::fs::read(&loader).map_err(ToolError::system(format!("read {}", loader.display())))?;
    (tools.tell)("making a component of the definition and of Python; that takes some seconds");
    let runtime = Runtime::new(Some(tools.cache.clone()), Allowed::default()).map_err(not_built)?;
    let loader = rewrite::beginning_with(&loader, IMPORT).map_err(not_built)?;
    let importing = Importing::Python { definition: entry, packages: packages.as_deref() };
    runtime.snapshot(&loader, BEGINNING, importing, IMPORTING, Arc::clone(&tools.log)).await.map_err(not_built)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_in_python_is_known_by_its_name() {
        assert!(is_python(Path::new("app.py")) && is_python(Path::new("/a/b.py")));
        assert!(!is_python(Path::new("app.wasm")) && !is_python(Path::new("py")) && !is_python(Path::new("a.pyc")));
    }
}
