//! Where things are on this machine: the project's directory, and the state that is kept between commands.

mod directory;
mod lock;
mod state;

pub use directory::ProjectDirectory;
pub use lock::{Lock, LockError};
pub use state::{StateDirectory, StateError};
