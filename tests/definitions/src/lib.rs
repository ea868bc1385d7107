//! What the tests' definitions have in common: they are made of the tests' service, which their environment steers.

pub mod steered;

use drillmaster_sdk::{Container, Fields, Result};

/// The image of the tests' service.
pub const IMAGE: &str = "drillmaster-test-service:latest";

/// The port that it listens on.
pub const PORT: u16 = 8080;

/// The tests' service, on a free port of the host.
pub fn fields() -> Fields {
    Fields::new(IMAGE).free_port(PORT)
}

/// Whether the service says that it is ready; not yet, as long as it does not answer.
///
/// # Errors
///
/// None so far; it fits a `ping`.
pub fn ready(container: &Container) -> Result<bool> {
    Ok(container.http_get(PORT, "/ready").is_ok_and(|response| response.status == 200))
}

/// Counts in the container, so that a test can ask the service how often this was done.
///
/// # Errors
///
/// When the command cannot be run, or fails.
pub fn count(container: &Container, name: &str) -> Result<()> {
    container.exec(["/service", "count", name])?.check()?;
    Ok(())
}
