use crate::{Container, Fields, Health, Parameters, Result};

/// A service: what its container is like, and what happens in its life.
///
/// Only [`fields`](Self::fields) must be written. Each call runs in a fresh instance of the component, with a
/// deadline, and perhaps beside a call for another service: what a hook leaves for later goes into
/// [`context`](crate::context).
///
/// An error from a hook fails the service, and so does a panic.
pub trait Service {
    /// The container: its image, ports, environment and the rest.
    ///
    /// With the same parameters it must give the same fields. It is called once at the beginning of each command.
    ///
    /// # Errors
    ///
    /// An error ends the command.
    fn fields(&self, parameters: &Parameters) -> Result<Fields>;

    /// Whether the service is ready. `Ok(false)` means "not yet": it is asked again 0.1 s later, until the time for
    /// it is up.
    ///
    /// It must not change anything. Unless it is written, the service is ready once its container runs and its health
    /// check, its own or that of its image, says healthy, if there is one. One that is written counts alone.
    ///
    /// # Errors
    ///
    /// An error fails the service at once.
    fn ping(&self, container: &Container) -> Result<bool> {
        Ok(container.is_running()? && matches!(container.health()?, Health::None | Health::Healthy))
    }

    /// Runs once for each new container, after the first true of [`ping`](Self::ping); dependents wait for it.
    ///
    /// It does not run when a stopped container is started again. It should bear finding its own traces in a
    /// volume, from an earlier container or from a run that failed halfway.
    ///
    /// # Errors
    ///
    /// An error fails the service; the next start replaces the container and runs this again.
    fn post_start_init(&self, container: &Container) -> Result<()> {
        let _ = container;
        Ok(())
    }

    /// Runs before a container is created, once the dependencies are ready. `service` is the name under which this
    /// service was added to the group.
    ///
    /// What it sets in the context can be used in this service's own environment.
    ///
    /// # Errors
    ///
    /// An error fails the service, and no container is created.
    fn pre_start(&self, service: &str) -> Result<()> {
        let _ = service;
        Ok(())
    }

    /// Runs before a running container is stopped.
    ///
    /// # Errors
    ///
    /// An error is reported and does not keep the service up.
    fn pre_stop(&self, container: &Container) -> Result<()> {
        let _ = container;
        Ok(())
    }
}
