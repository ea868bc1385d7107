//! What the grants let every call of a definition have.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

use crate::grants::{Directory, Grants};

/// The grants, with their directories open.
#[derive(Clone, Default)]
pub struct Allowed {
    pub(in crate::component) grants: Arc<Grants>,
    directories: Arc<Vec<Opened>>,
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
    error: std::io::Error,
}

impl Allowed {
    /// Opens what is granted.
    ///
    /// # Errors
    /// If a directory cannot be opened.
    pub fn open(grants: Grants) -> Result<Self, GrantError> {
        let read = grants.read.iter().filter(|directory| !grants.write.contains(directory));
        let read = read.map(|directory| Opened::new(directory, FsPerms::ReadOnly, "--allow-read"));
        let write = grants.write.iter().map(|directory| Opened::new(directory, FsPerms::ReadWrite, "--allow-write"));
        let directories = read.chain(write).collect::<Result<_, _>>()?;
        Ok(Self { directories: Arc::new(directories), grants: Arc::new(grants) })
    }

    /// Gives a call its directories and variables.
    pub(super) fn give(&self, wasi: &mut WasiCtxBuilder) -> wasmtime::Result<()> {
        for opened in self.directories.iter() {
            wasi.preopened_dir(opened.path(), opened.granted.written.to_string_lossy(), opened.permissions)?;
        }
        for name in &self.grants.env {
            if let Ok(value) = std::env::var(name) {
                wasi.env(name, value);
            }
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
