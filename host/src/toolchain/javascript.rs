//! What runs definitions in JavaScript: a component with an engine inside, which imports them from their directory. It
//! is linked on each machine once, of what is in drillmaster itself.

mod link;

use std::path::{Path, PathBuf};

use crate::component::{Allowed, Importing, LogSink, Runtime};

use super::keeping::{create, sweep};
use super::making::{ToolError, write_whole};
use super::rewrite::{self, BEGINNING, IMPORTING};

/// What exports the run of a script. While a component is built it is called otherwise (see [`BEGINNING`]).
const INIT: &str = "init";

/// Whether a file is a definition in JavaScript, by its name.
#[must_use]
pub fn is_javascript(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "js" || extension == "mjs")
}

/// The component that runs definitions in JavaScript, kept in a directory, and linked if it is not there.
///
/// # Errors
/// If it is not there and cannot be linked, or written.
pub fn javascript_interpreter(directory: &Path) -> Result<PathBuf, ToolError> {
    let made = directory.join(format!("loader-{}.wasm", link::linked_of()));
    if made.is_file() {
        return Ok(made);
    }
    let component = link::linked().map_err(|error| ToolError::NotLinked(format!("{error:#}")))?;
    let write = || {
        create(directory)?;
        // Whoever looks for it finds all of it, or nothing; should two link it at a time, the same.
        write_whole(&made, &component)
    };
    let what = format!("keep what runs definitions in JavaScript in {}", directory.display());
    write().map_err(ToolError::system(what))?;
    sweep(directory);
    Ok(made)
}

/// A component of a definition in JavaScript, with all inside that it imports from its directory. What it logs while it
/// is imported goes to the log.
///
/// # Errors
/// If the definition cannot be imported, which the error tells as a person is told of it.
pub(super) async fn javascript_component(entry: &Path, log: LogSink) -> Result<Vec<u8>, ToolError> {
    let not_built = |error: anyhow::Error| ToolError::NotBuilt { file: entry.display().to_string(), error };
    let runtime = Runtime::new(None, Allowed::default()).map_err(not_built)?;
    let linked = link::linked().and_then(|linked| rewrite::beginning_with(&linked, INIT)).map_err(not_built)?;
    let built =
        runtime.snapshot(&linked, BEGINNING, Importing::JavaScript(entry), IMPORTING, log).await.map_err(not_built)?;
    rewrite::without_loader(&built).map_err(not_built)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;
    use std::time::Duration;

    use crate::group::Digest;

    use super::*;

    #[test]
    fn a_definition_in_javascript_is_known_by_its_name() {
        assert!(is_javascript(Path::new("app.js")) && is_javascript(Path::new("/a/b.mjs")));
        assert!(!is_javascript(Path::new("app.wasm")) && !is_javascript(Path::new("js")));
        assert!(!is_javascript(Path::new("a.cjs")) && !is_javascript(Path::new("a.json")));
    }

    /// A directory with a definition and what it imports.
    fn written(app: &str) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("app.js"), app).unwrap();
        fs::write(directory.path().join("image.json"), r#"{"image": "redis:7"}"#).unwrap();
        directory
    }

    async fn built(directory: &Path) -> Result<Vec<u8>, ToolError> {
        javascript_component(&directory.join("app.js"), Arc::new(|_| {})).await
    }

    #[tokio::test]
    async fn a_component_has_the_definition_and_what_it_imports_inside() {
        let directory = written(
            r#"import { defineGroup } from "drillmaster";
            import image from "./image.json" with { type: "json" };
            const cache = { ...image, ports: (given) => ({ 6379: given.number("port") }) };
            export default defineGroup({ services: { cache } });"#,
        );
        let component = built(directory.path()).await.unwrap();
        assert_eq!(Digest::of(&component), Digest::of(&built(directory.path()).await.unwrap()));
        let alone = tempfile::tempdir().unwrap();
        let file = alone.path().join("app.wasm");
        fs::write(&file, component).unwrap();
        let looked = Runtime::new(None, Allowed::default()).unwrap().look(&file).await;
        let facts = looked.facts.unwrap();
        assert!(!facts.exports.contains(&"init".to_owned()), "{:?}", facts.exports);
        assert_eq!(facts.imports_for(None).collect::<Vec<_>>(), [""; 0]);
        let parameters = [("port".to_owned(), "6380".to_owned())].into();
        let declaration = looked.definition.unwrap().fields(parameters, Arc::new(|_| {})).await.unwrap();
        let [cache] = declaration.services.as_slice() else { panic!("{declaration:?}") };
        assert_eq!((cache.name.as_str(), cache.image.as_str()), ("cache", "redis:7"));
    }

    #[tokio::test]
    async fn a_definition_that_cannot_be_imported_is_told_as_a_person_is_told_of_it() {
        let directory = written("import \"./image.json\";\nnull.x;\n");
        let told = built(directory.path()).await.unwrap_err().to_string();
        assert!(
            told.contains("app.js: TypeError: cannot read property 'x' of null\n  |     at <anonymous> (app.js:2:"),
            "{told}"
        );
        assert!(!told.contains("drillmaster:"), "{told}");
    }

    #[tokio::test]
    async fn a_definition_that_takes_all_its_memory_or_time_while_it_is_built_is_told_so() {
        let directory = written("const all = []; for (;;) all.push(new Uint8Array(1 << 20));");
        let told = built(directory.path()).await.unwrap_err().to_string();
        assert!(told.contains("app.js: ") && told.contains("out of memory"), "{told}");

        let directory = written("for (;;);");
        let runtime = Runtime::new(None, Allowed::default()).unwrap();
        let linked = rewrite::beginning_with(&link::linked().unwrap(), INIT).unwrap();
        let app = directory.path().join("app.js");
        let within = Duration::from_millis(200);
        let built = runtime.snapshot(&linked, BEGINNING, Importing::JavaScript(&app), within, Arc::new(|_| {})).await;
        assert_eq!(built.unwrap_err().to_string(), "it did not return within 0.2 s");
    }

    #[tokio::test]
    async fn a_definition_that_has_taken_all_its_memory_and_goes_on_is_built() {
        let directory = written(
            r#"import { defineGroup } from "drillmaster";
            let all = [];
            try { for (;;) all.push(new Uint8Array(1 << 20)); } catch { all = []; }
            export default defineGroup({ services: { cache: { image: "redis:7" } } });"#,
        );
        built(directory.path()).await.unwrap();
    }

    #[test]
    fn what_runs_them_is_linked_once() {
        let directory = tempfile::tempdir().unwrap();
        let kept = directory.path().join("kept");
        let made = javascript_interpreter(&kept).unwrap();
        let before = fs::metadata(&made).unwrap().modified().unwrap();
        assert_eq!(javascript_interpreter(&kept).unwrap(), made);
        assert_eq!(fs::metadata(&made).unwrap().modified().unwrap(), before);
        let left: Vec<_> = fs::read_dir(&kept).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(left, [made]);
    }
}
