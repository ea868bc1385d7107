//! Where things are on this machine: the project's directory, and the state that is kept between commands.

mod account;
mod below;
mod build_context;
mod directory;
mod dockerfile;
mod downloads;
mod file;
mod key;
mod lock;
mod mount_points;
mod ownership;
mod pending;
mod private;
mod private_directories;
mod projects;
mod state;
mod trust;
mod ways;

pub use account::{account, may_exist};
pub use below::{importable_are_own, obeyed_around};
pub use build_context::{BuildContent, BuildContext, BuildContextError, is_packed};
pub use directory::{ProjectDirectory, ProjectError, directory_of, is_no_project, resolved};
pub use dockerfile::{Fetches, fetches};
pub use file::{PROJECT_FILE, ProjectFile, ProjectFileError};
pub use key::{KeyError, make_key, read_key};
pub use lock::{Lock, LockError};
pub use ownership::{NotOwn, is_own, is_own_directory, is_own_entry};
pub use pending::{Pending, PendingRequest};
pub use private::check as is_private;
pub use projects::{Projects, ProjectsError};
pub use state::{StateDirectory, StateError};
pub use trust::{DirectoryId, TrustError, TrustStore, Trusted, TrustedContent};
pub use ways::ways_to;
