//! What can be told of a component without running it.

use crate::group::Digest;

use super::capability::Capability;
use super::signature;

/// What can be told of a component without running it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The digest of the file.
    pub digest: Digest,
    /// How many bytes the file has.
    pub size: u64,
    /// Whether the file is a source, which a component runs: what follows is told of that component.
    pub is_source: bool,
    /// The names of what it imports, nearly always interfaces.
    pub imports: Vec<String>,
    /// The names of what it exports.
    pub exports: Vec<String>,
    /// How many bytes its largest memory has at the beginning; none if it has none, or could not be compiled.
    pub memory: Option<u64>,
}

impl Facts {
    /// The version of the contract that it was made for, if it is a definition.
    #[must_use]
    pub fn contract(&self) -> Option<&str> {
        self.exports.iter().find_map(|export| export.strip_prefix("drillmaster:plugin/lifecycle@"))
    }

    /// The hooks that it has, as the contract names them. One that does nothing counts as well.
    #[must_use]
    pub fn hooks(&self) -> Vec<&'static str> {
        signature::hooks(&self.exports).collect()
    }

    /// What it imports for a purpose; for none, what the host does not have.
    pub fn imports_for(&self, purpose: Option<Capability>) -> impl Iterator<Item = &str> {
        self.imports.iter().map(String::as_str).filter(move |import| Capability::of(import) == purpose)
    }
}
