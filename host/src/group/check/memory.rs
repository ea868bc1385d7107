//! A project directory that tests only think of.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Check, GroupName, Paths};

/// Everything exists below `/project`, and nothing else.
#[derive(Debug, Clone, Default)]
pub(crate) struct MemoryPaths {
    granted: BTreeSet<PathBuf>,
    granted_labels: BTreeSet<String>,
    moved: Arc<Mutex<BTreeMap<PathBuf, PathBuf>>>,
}

impl MemoryPaths {
    /// What is granted by name besides.
    pub(crate) fn granting(paths: &[&str]) -> Self {
        Self { granted: paths.iter().map(PathBuf::from).collect(), ..Self::default() }
    }

    /// What is granted of labels that other tools act on.
    pub(crate) fn granting_labels(prefixes: &[&str]) -> Self {
        Self { granted_labels: prefixes.iter().map(ToString::to_string).collect(), ..Self::default() }
    }

    /// From now on a path leads elsewhere.
    pub(crate) fn swap(&self, path: &str, now: &str) {
        self.moved.lock().unwrap_or_else(PoisonError::into_inner).insert(path.into(), now.into());
    }

    /// What a group of a name is checked with.
    pub(crate) fn check(&self, name: &GroupName) -> Check<'_> {
        Check {
            name: name.clone(),
            paths: self,
            publish_on: IpAddr::V4(Ipv4Addr::LOCALHOST),
            granted_labels: &self.granted_labels,
        }
    }
}

impl Paths for MemoryPaths {
    fn resolve(&self, path: &str, _: bool) -> Result<PathBuf, String> {
        let found = Path::new("/project").join(path);
        if path.starts_with("..") { Err(format!("{path} is outside the project directory")) } else { Ok(found) }
    }

    fn is_granted(&self, path: &Path) -> bool {
        self.granted.iter().any(|granted| path.starts_with(granted))
    }

    fn leads_to(&self, path: &Path) -> PathBuf {
        let moved = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        moved.get(path).cloned().unwrap_or_else(|| path.to_owned())
    }

    fn is_there(&self, _: &Path) -> bool {
        true
    }

    fn still_leads_there(&self, path: &Path) -> Result<(), String> {
        let moved = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        moved.get(path).map_or(Ok(()), |now| Err(format!("it leads to {} now", now.display())))
    }
}
