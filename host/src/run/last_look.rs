//! The last look at all that was called ready.

use std::time::Duration;

use tokio::time::timeout;

use crate::engine::EngineError;
use crate::plan::{ContainerId, State};

use super::life::{SHOWN_LOG_LINES, not_running};
use super::shared::Shared;
use super::start::{ServiceOutcome, StartOutcome};
use super::{Event, Failure};

/// How long a container has to have run in the end that was ready at the first `ping`, which asked nothing of it. Most that cannot
/// work exit within this time.
const PROBATION: Duration = Duration::from_millis(500);

/// Looks once more at every service that was called ready, also at those that were ready before: one whose container does
/// not run any more has failed. What depends on it stays as it is.
pub(super) async fn look_again(shared: &Shared, outcome: &mut StartOutcome) {
    let tools = &shared.tools;
    let rest = shared.untried_since().map_or(Duration::ZERO, |since| PROBATION.saturating_sub(since.elapsed()));
    // A person who does not want to wait for it does not have to.
    if timeout(rest, tools.cancel.cancelled()).await.is_ok() || tools.cancel.is_cancelled() {
        return;
    }
    let states = match tools.engine.states(&shared.plan.group.name).await {
        Ok(states) => states,
        Err(error) => {
            tools.emit(Event::Warning(format!("nobody has looked once more at what was ready: {error}")));
            return;
        }
    };
    let containers = shared.reach.all();
    for (service, came_of) in &mut outcome.0 {
        let (ServiceOutcome::Ready { .. }, Some(id)) = (&*came_of, containers.get(service)) else { continue };
        if states.get(id) == Some(&State::Running) {
            continue;
        }
        if let Some(why) = why_not_ready(shared, id).await {
            let failure = Failure::ReadyNoMore(why);
            let log_tail = tools.engine.log_tail(id, SHOWN_LOG_LINES).await.unwrap_or_default();
            tools.emit(Event::Failed { service: service.clone(), failure: failure.clone(), log_tail });
            *came_of = ServiceOutcome::Failed(failure);
        }
    }
}

/// Why a container is not ready that did not run a moment ago; none if it runs.
async fn why_not_ready(shared: &Shared, id: &ContainerId) -> Option<String> {
    match shared.tools.engine.inspect(id).await {
        Ok(found) => not_running(&found),
        Err(EngineError::Gone { .. }) => Some("its container is gone".to_owned()),
        Err(error) => Some(error.to_string()),
    }
}
