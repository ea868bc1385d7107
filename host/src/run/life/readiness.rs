//! Whether a container runs, and is ready.

use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use crate::component::{CallError, Hook};
use crate::engine::Inspected;
use crate::group::RestartPolicy;
use crate::plan::{ContainerId, Exit, State};

use super::{Failure, Life, Phase};

/// The time between an answer of `ping` and the next question.
const PING_INTERVAL: Duration = Duration::from_millis(100);

/// After a failed hook: how long to wait for word that the container itself has exited, which is the better reason and
/// comes late on a busy machine.
const EXIT_GRACE: Duration = Duration::from_secs(1);

/// What a look at a container shows that has not exited for good.
pub(super) enum Look {
    /// It runs.
    Runs(Inspected),
    /// It is paused, or about to be started again.
    NotNow(Inspected),
}

impl Look {
    fn exit(&self) -> Option<Exit> {
        match self {
            Look::Runs(found) | Look::NotNow(found) => found.exit,
        }
    }
}

impl Life<'_> {
    /// Does something that makes sense only while a container runs; ends at once when it exits or the person
    /// interrupts the run.
    pub(super) async fn while_it_runs<T>(
        &self,
        id: &ContainerId,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let exit = self.exit_of(id);
        let mut exit = std::pin::pin!(exit);
        let result = tokio::select! {
            biased;
            () = self.shared.tools.cancel.cancelled() => return Err(Failure::Interrupted),
            failure = &mut exit => return Err(failure),
            result = work => result,
        };
        match result {
            // A hook that fails may have noticed that the container is gone, before its end is announced.
            Err(failure @ Failure::Hook { error: CallError::Returned(_) | CallError::Crashed(_), .. }) => {
                Err(timeout(EXIT_GRACE, exit).await.unwrap_or(failure))
            }
            other => other,
        }
    }

    /// Returns when a container has exited for good, with that as a failure. One that the engine starts again by itself
    /// has not.
    async fn exit_of(&self, id: &ContainerId) -> Failure {
        loop {
            if let Err(error) = self.engine().wait(id).await {
                return error.into();
            }
            match self.look(id).await {
                Err(failure) => return failure,
                Ok(look) => *self.last_exit.lock().unwrap_or_else(PoisonError::into_inner) = look.exit(),
            }
            sleep(PING_INTERVAL).await;
        }
    }

    /// Asks `ping` until it says true of a container that runs.
    pub(super) async fn until_ready(&self, id: &ContainerId, instance: &str) -> Result<Inspected, Failure> {
        self.phase(Phase::Pinging);
        let within = self.shared.options.timeout;
        let deadline = Instant::now() + within;
        let mut asked = 0_u32;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            asked = asked.saturating_add(1);
            let not_yet = match self.call(Hook::Ping, instance, left).await {
                Ok(true) => match self.look(id).await? {
                    Look::Runs(found) => {
                        let started = *self.started.lock().unwrap_or_else(PoisonError::into_inner);
                        if let (1, Some(started), false) = (asked, started, self.shared.reach.was_asked(self.name())) {
                            self.shared.note_untried(started);
                        }
                        return Ok(found);
                    }
                    Look::NotNow(_) => "ping answered true",
                },
                Ok(false) => "ping still answered false",
                Err(CallError::TookTooLong(_)) => {
                    return Err(Failure::NotReady { within, last: self.why_not(id, "ping did not return").await });
                }
                Err(error) => return Err(Failure::Hook { hook: Hook::Ping, error }),
            };
            if Instant::now() + PING_INTERVAL >= deadline {
                return Err(Failure::NotReady { within, last: self.why_not(id, not_yet).await });
            }
            sleep(PING_INTERVAL).await;
        }
    }

    /// Looks whether a container runs now. That it has exited for good is a failure.
    pub(super) async fn look(&self, id: &ContainerId) -> Result<Look, Failure> {
        let found = self.engine().inspect(id).await?;
        if found.state == State::Running {
            return Ok(Look::Runs(found));
        }
        match found.exit {
            _ if found.state.is_up() => Ok(Look::NotNow(found)),
            Some(exit) if self.is_final(exit) => Err(Failure::Exited(exit)),
            // The engine starts it again. If it says so only a moment later, or somebody has stopped it: the next look tells.
            _ => {
                sleep(EXIT_GRACE).await;
                let found = self.engine().inspect(id).await?;
                match found.state {
                    State::Running => Ok(Look::Runs(found)),
                    state if state.is_up() => Ok(Look::NotNow(found)),
                    _ => Err(found.exit.map_or_else(|| Failure::NotRunning(found.state), Failure::Exited)),
                }
            }
        }
    }

    /// Whether the engine does not start a container again that has exited like this.
    fn is_final(&self, exit: Exit) -> bool {
        match self.step.service.restart_policy {
            RestartPolicy::No => true,
            RestartPolicy::OnFailure => exit.code == 0,
            RestartPolicy::Always | RestartPolicy::UnlessStopped => false,
        }
    }

    /// Why a container is not ready when its time is up: what is the matter with it, else what `ping` did.
    async fn why_not(&self, id: &ContainerId, ping: &str) -> String {
        let Ok(found) = self.engine().inspect(id).await else { return ping.to_owned() };
        let last_exit = *self.last_exit.lock().unwrap_or_else(PoisonError::into_inner);
        match (not_running(&found), last_exit) {
            (Some(why), _) => why,
            (None, Some(exit)) => format!("{ping}; {}", again_and_again(exit, found.restarts)),
            (None, None) if found.restarts > 0 => {
                format!("{ping}; the engine has started its container again ({})", times(found.restarts))
            }
            (None, None) if found.health.is_in_the_way() => {
                format!("{ping}; its health check says {}", found.health.word())
            }
            (None, None) => ping.to_owned(),
        }
    }
}

/// Why a container does not run, as far as a look tells; none if it runs.
pub(in crate::run) fn not_running(found: &Inspected) -> Option<String> {
    match (found.state, found.exit) {
        (State::Running, _) => None,
        (State::Restarting { .. }, Some(exit)) => Some(again_and_again(exit, found.restarts)),
        (State::Stopped { .. }, Some(exit)) => Some(format!("its container {exit}")),
        (state, _) => Some(format!("its container is {state}")),
    }
}

fn again_and_again(exit: Exit, restarts: u64) -> String {
    format!("its container {exit} and the engine starts it again and again ({})", times(restarts))
}

fn times(count: u64) -> String {
    if count == 1 { "1 time".to_owned() } else { format!("{count} times") }
}
