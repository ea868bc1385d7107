//! What is private to this room and reads what others wrote, for `tests/fuzz`. It is part of no interface.
#![allow(missing_docs, clippy::missing_errors_doc, reason = "it is for one caller, and not for good")]

use std::io;
use std::path::Path;

use super::modules;

/// What a definition in JavaScript can import.
pub struct Modules(modules::Modules);

impl Modules {
    pub fn beside(file: &Path) -> io::Result<Self> {
        modules::Modules::beside(file).map(Self)
    }

    pub fn resolve(&self, referrer: &str, specifier: &str) -> Result<String, String> {
        self.0.resolve(referrer, specifier).map_err(|error| error.to_string())
    }

    pub fn load(&self, name: &str) -> Result<String, String> {
        self.0.load(name).map_err(|error| error.to_string())
    }
}
