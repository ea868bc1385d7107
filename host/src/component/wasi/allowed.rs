//! What every call of a definition has: what the grants let it have, and its own source.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

use crate::component::budget::Budget;
use crate::component::log::LogTotal;
use crate::component::modules::{Modules, directory_and_name};
use crate::grants::{Directory, DirectoryDenied, Grants, OutOfReach, may_be_lent};

/// Where a definition that is not a component finds its source, and the variable that says which file it is.
const SOURCE: &str = "/definition";
const SOURCE_FILE: &str = "DRILLMASTER_DEFINITION";

/// Where it finds the packages that it requires.
const PACKAGES: &str = "/packages";
/// The options that grant directories.
const READ: &str = "--allow-read";
const WRITE: &str = "--allow-write";

/// The grants, with their directories open.
#[derive(Clone, Default)]
pub struct Allowed {
    pub(in crate::component) grants: Arc<Grants>,
    /// The memory that all calls together may use.
    pub(in crate::component) budget: Budget,
    /// What their services have logged.
    pub(in crate::component) log_total: LogTotal,
    directories: Arc<Vec<Opened>>,
    /// The directory and the name of the source.
    source: Option<Arc<(Opened, String)>>,
    /// The directory of the packages that the source requires.
    packages: Option<Arc<Opened>>,
    /// The modules of the source, if it has to import what it reads.
    modules: Option<Arc<Modules>>,
}

/// A directory as it was when the command began: whatever its path leads to later, a definition sees this one.
struct Opened {
    directory: Dir,
    granted: Directory,
    permissions: FsPerms,
}

/// A granted directory cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot open {}, which {option} grants: {error}", path.display())]
pub struct GrantError {
    path: PathBuf,
    option: &'static str,
    error: io::Error,
}

impl Allowed {
    /// Opens what is granted.
    ///
    /// # Errors
    /// If a directory cannot be opened.
    pub fn open(grants: Grants) -> Result<Self, GrantError> {
        let read = grants.read.iter().filter(|directory| !grants.write.contains(directory));
        let read = read.map(|directory| Opened::new(directory, FsPerms::ReadOnly, READ));
        let write = grants.write.iter().map(|directory| Opened::new(directory, FsPerms::ReadWrite, WRITE));
        let directories = read.chain(write).collect::<Result<_, _>>()?;
        let budget = Budget::new(grants.memory.unwrap_or_default());
        let directories = Arc::new(directories);
        Ok(Self { directories, grants: Arc::new(grants), budget, ..Self::default() })
    }

    /// Makes sure that no open directory is, holds or lies in what is out of reach, and that none that is written holds what
    /// is pinned. None of these paths has symlinks.
    ///
    /// # Errors
    /// Says which one does.
    pub fn stay_out_of(&self, out_of_reach: &[OutOfReach], pinned: &[PathBuf]) -> Result<(), DirectoryDenied> {
        self.directories.iter().try_for_each(|opened| {
            // What was opened counts, whatever the path leads to by now.
            let path = opened.path().canonicalize().unwrap_or_else(|_| opened.granted.path.clone());
            let to_write = opened.permissions == FsPerms::ReadWrite;
            let option = if to_write { WRITE } else { READ };
            may_be_lent(option, &opened.granted.written, &path, to_write, out_of_reach, pinned)
        })
    }

    /// The same, and what lies beside a definition's source, to read.
    pub(in crate::component) fn with_source(&self, file: &Path) -> io::Result<Self> {
        let (path, name) = directory_and_name(file)?;
        Ok(Self { source: Some(Arc::new((Opened::lent(path, SOURCE)?, name))), ..self.clone() })
    }

    /// The same, and the packages that a definition's source requires, to read, if there are some.
    pub(in crate::component) fn with_packages(&self, directory: Option<&Path>) -> io::Result<Self> {
        let opened = directory.map(|path| Opened::lent(path.to_owned(), PACKAGES)).transpose()?;
        Ok(Self { packages: opened.map(Arc::new), ..self.clone() })
    }

    /// The same, and what a definition's source can import from beside it.
    pub(in crate::component) fn with_modules(&self, file: &Path) -> io::Result<Self> {
        Ok(Self { modules: Some(Arc::new(Modules::beside(file)?)), ..self.clone() })
    }

    /// The modules for one call, if it has some.
    pub(in crate::component) fn modules(&self) -> io::Result<Option<Arc<Modules>>> {
        self.modules.as_ref().map(|modules| modules.anew().map(Arc::new)).transpose()
    }

    /// Gives a call its directories and variables.
    pub(super) fn give(&self, wasi: &mut WasiCtxBuilder) -> wasmtime::Result<()> {
        let source = self.source.as_deref();
        let lent = source.map(|(directory, _)| directory).into_iter().chain(self.packages.as_deref());
        for opened in self.directories.iter().chain(lent) {
            wasi.preopened_dir(opened.path(), opened.granted.written.to_string_lossy(), opened.permissions)?;
        }
        for name in &self.grants.env {
            if let Ok(value) = std::env::var(name) {
                wasi.env(name, value);
            }
        }
        if let Some((_, name)) = source {
            wasi.env(SOURCE_FILE, name);
        }
        Ok(())
    }
}

impl Opened {
    fn new(granted: &Directory, permissions: FsPerms, option: &'static str) -> Result<Self, GrantError> {
        let directory = Dir::open_ambient_dir(&granted.path, ambient_authority()).map_err(|error| GrantError {
            path: granted.path.clone(),
            option,
            error,
        })?;
        Ok(Self { directory, granted: granted.clone(), permissions })
    }

    /// A directory that a definition may read, at a path of its own for it.
    fn lent(path: PathBuf, written: &str) -> io::Result<Self> {
        let directory = Dir::open_ambient_dir(&path, ambient_authority())?;
        let granted = Directory { path, written: PathBuf::from(written) };
        Ok(Self { directory, granted, permissions: FsPerms::ReadOnly })
    }

    /// A path that leads to the open directory itself, where the system has such paths. WASI takes nothing but paths.
    #[cfg(target_os = "linux")]
    fn path(&self) -> PathBuf {
        use std::os::fd::AsRawFd as _;
        Path::new("/proc/self/fd").join(self.directory.as_raw_fd().to_string())
    }

    #[cfg(not(target_os = "linux"))]
    fn path(&self) -> PathBuf {
        let _ = &self.directory;
        Path::new(&self.granted.path).to_owned()
    }
}
