//! The SDK for JavaScript, without what is for tests.

use include_dir::{Dir, include_dir};

use super::{DEFINITION, directory_of, join};

static SDK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../guest-sdk/javascript");

/// What the names of its modules begin with.
const SCHEME: &str = "drillmaster:";

/// What a definition imports as `drillmaster`.
pub(super) const INDEX: &str = "drillmaster:index.js";

/// A module that is run as a script.
#[derive(Debug, Clone, Copy)]
pub(in crate::component) struct Module {
    pub(in crate::component) name: &'static str,
    pub(in crate::component) source: &'static str,
}

/// Imports a definition, and exports what the contract wants. What is wrong with the definition is told by these.
pub(in crate::component) const SCRIPT: Module = Module {
    name: "drillmaster:src/component.js",
    source: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../guest-sdk/javascript/src/component.js")),
};

/// The same, but that it fails itself when something is wrong with the definition.
pub(in crate::component) const BUILDING: Module = Module {
    name: "drillmaster:src/building.js",
    source: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../guest-sdk/javascript/src/building.js")),
};

/// What an import in the SDK means.
pub(super) fn import(referrer: &str, specifier: &str) -> Option<String> {
    let referrer = referrer.strip_prefix(SCHEME)?;
    if specifier == DEFINITION {
        return Some(specifier.to_owned());
    }
    Some(format!("{SCHEME}{}", join(directory_of(referrer), specifier)?))
}

/// The source of one of its modules.
pub(super) fn source(module: &str) -> Option<&'static str> {
    SDK.get_file(module.strip_prefix(SCHEME)?)?.contents_utf8()
}
