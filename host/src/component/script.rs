//! What a call of a definition in JavaScript begins with: the script that imports it.

use wasmtime::component::{Component, ComponentExportIndex, Instance};
use wasmtime::{Result, Store};

use super::modules::Module;
use super::state::State;

/// The export that runs it.
pub(super) const INIT: &str = "init";

/// What the engine wants to run before the script. Only streams would need more.
const SHIM: &str = "const wit = globalThis.wit = {};\n";

/// What `init` takes: what to run before, the script, its name, and whether the engine is to do without its collector
/// of garbage.
type Parameters = (&'static str, &'static str, Option<&'static str>, bool);
type Results = (std::result::Result<(), String>,);

/// How a component runs a script.
pub(super) struct Script(ComponentExportIndex);

impl Script {
    /// That of a component which has this export.
    pub(super) fn of(component: &Component, export: &str) -> Option<Self> {
        Some(Self(component.get_export_index(None, export)?))
    }

    /// Runs one, or says why it cannot be run.
    pub(super) async fn run(
        &self,
        store: &mut Store<State>,
        instance: &Instance,
        script: Module,
    ) -> Result<std::result::Result<(), String>> {
        let init = instance.get_typed_func::<Parameters, Results>(&mut *store, self.0)?;
        let (done,) = init.call_async(store, (SHIM, script.source, Some(script.name), false)).await?;
        Ok(done.map_err(|text| told(&text)))
    }
}

/// What the engine says of a script, without its own words round that.
fn told(text: &str) -> String {
    if text.contains("dead lock") {
        return "it awaits a promise that nothing settles: there are no timers, and nothing else to wait for"
            .to_owned();
    }
    text.split(MARK).nth(1).unwrap_or(text).to_owned()
}

/// What the SDK puts round what a person is to see.
const MARK: char = '\u{1}';

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn a_person_is_told_what_the_sdk_says_or_else_the_engine() {
        assert_eq!(told("Failed to do it: Error: \u{1}SyntaxError: no\u{1}\n  at x.js"), "SyntaxError: no");
        assert_eq!(told("out of memory"), "out of memory");
        assert!(told("Failed: Error blocking on a promise resulted in a dead lock").starts_with("it awaits a promise"));
    }
}
