//! Where things are on this machine: the project's directory, and the state that is kept between commands.

mod account;
mod build_context;
mod directory;
mod file;
mod lock;
mod pending;
mod projects;
mod state;

pub use account::{account, may_exist};
pub use build_context::{BuildContext, BuildContextError};
pub use directory::{ProjectDirectory, ProjectError, directory_of, holds_home};
pub use file::{PROJECT_FILE, ProjectFile, ProjectFileError};
pub use lock::{Lock, LockError};
pub use pending::{Pending, PendingRequest};
pub use projects::{Projects, ProjectsError};
pub use state::{StateDirectory, StateError};
