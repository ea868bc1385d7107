//! Stopping the containers that are in a new one's way: that which it replaces, and those which have its host ports.

use std::time::Duration;

use tokio::time::Instant;

use crate::component::Hook;
use crate::plan::{Container, Stage};

use super::{Event, Failure, Life, PRE_STOP_TIMEOUT, Phase, STOP_TIMEOUT, can_be_asked};

impl Life<'_> {
    /// Stops the container that is replaced or restarted. One that is replaced stays until the new one is ready.
    pub(super) async fn stop_old(&self, old: &Container) -> Result<(), Failure> {
        if old.state.is_up() {
            self.stop_once(old, self.stop_timeout()).await?;
        }
        Ok(())
    }

    /// Stops the containers of other services that have a host port which the service is to get: they are replaced or removed
    /// when their turn comes, which can be only after this one's.
    pub(super) async fn free_ports(&self) -> Result<(), Failure> {
        for holder in &self.step.stopped_first {
            let cell = self.shared.stops.of(&holder.id);
            if cell.initialized() {
                continue;
            }
            let (began, service) = (Instant::now(), holder.service.clone());
            self.emit(Event::Phase { service: service.clone(), phase: Phase::Stopping });
            self.stop_once(holder, holder.stop_timeout.unwrap_or(STOP_TIMEOUT)).await?;
            self.emit(Event::Stopped { service, ran: true, removed: false, took: began.elapsed() });
        }
        Ok(())
    }

    /// Stops a container that runs, unless it was stopped for another service before.
    async fn stop_once(&self, container: &Container, limit: Duration) -> Result<(), Failure> {
        let stop = async || {
            self.shared.tools.let_go_on(container).await;
            // One that never became ready has nothing to prepare.
            if container.stage != Stage::Starting && can_be_asked(container.state) {
                self.pre_stop(container, limit).await?;
            }
            Ok(self.engine().stop(self.turn().await?, &container.id, limit).await?)
        };
        self.shared.stops.of(&container.id).get_or_try_init(stop).await.copied()
    }

    async fn pre_stop(&self, container: &Container, limit: Duration) -> Result<(), Failure> {
        let service = &container.service;
        self.shared.reach.put(service, container.id.clone());
        // What it depended on when it was created may be no service any more.
        let dependencies = self
            .shared
            .plan
            .group
            .services
            .get(service)
            .map_or(&container.dependencies, |declared| &declared.dependencies);
        let limit = limit.max(PRE_STOP_TIMEOUT);
        let call = self.call_of(Hook::PreStop, service, dependencies, &container.instance, limit);
        match self.unless_interrupted(Hook::PreStop, call).await {
            Err(Failure::Hook { hook, error }) => {
                self.emit(Event::HookFailed { service: service.clone(), hook, error });
                Ok(())
            }
            other => other,
        }
    }
}
