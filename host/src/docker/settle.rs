//! What a command that was killed has asked for, and the engine goes on with.

use std::path::Path;
use std::time::Duration;

use futures_util::future::try_join_all;
use tokio::time::{Instant, sleep};

use crate::engine::{AnonymousVolumes, Engine as _, EngineError, Result};
use crate::group::GroupName;
use crate::plan::ContainerId;
use crate::project::{Pending, PendingRequest};

use super::Docker;

/// The time between two looks for something that the engine may be creating.
const APPEARS: Duration = Duration::from_millis(50);

impl Docker {
    /// From now on, what takes long and goes on without us is noted in a file; first the end is waited for of what a
    /// killed command has left there for the group. Then the engine shows what is, and not what was before.
    ///
    /// What the engine could not be brought to do with a container is no reason not to go on with the others: it is given,
    /// and forgotten.
    ///
    /// # Errors
    /// If the engine cannot be reached.
    pub async fn settle(&mut self, group: &GroupName, file: &Path) -> Result<Vec<EngineError>> {
        let left = Pending::open(file);
        self.pending = Some(Pending::open(file));
        let (all, began) = (left.all(), Instant::now());
        let settled = all.iter().map(async |(subject, request)| {
            let mut unsettled = None;
            match request {
                // One that was refused, or never asked for, never comes.
                PendingRequest::Create => {
                    while self.holder(subject).await?.is_none() && !left.is_over(request, began.elapsed()) {
                        sleep(APPEARS).await;
                    }
                }
                PendingRequest::Network => {
                    while self.networks_named(subject).await?.is_empty() && !left.is_over(request, began.elapsed()) {
                        sleep(APPEARS).await;
                    }
                }
                // The engine shows a container only between two changes of it, so that to have looked at it is enough for one
                // that was being started. One that is gone has done everything, and nobody may have one of somebody else's
                // removed by a line there.
                _ if !self.holder(subject).await?.is_some_and(|holder| holder.is_of(group)) => {}
                PendingRequest::Start => {}
                _ => match self.repeat(&ContainerId(subject.clone()), request).await {
                    Err(error @ EngineError::Unreachable { .. }) => return Err(error),
                    repeated => unsettled = repeated.err(),
                },
            }
            self.forget_pending(subject);
            Ok(unsettled)
        });
        Ok(try_join_all(settled).await?.into_iter().flatten().collect())
    }

    /// Asks again, which is no harm: the answer comes when it has been done.
    async fn repeat(&self, id: &ContainerId, request: &PendingRequest) -> Result<()> {
        match request {
            PendingRequest::Stop(timeout) => self.stop(self.turn().await, id, *timeout).await,
            PendingRequest::Rename(name) => match self.rename(id, name).await {
                // It is called so already, or another is: what is there now is the next plan's to see.
                Err(EngineError::Refused { .. } | EngineError::NameTaken { .. } | EngineError::Gone { .. }) => Ok(()),
                renamed => renamed,
            },
            // Which of the two it was is not noted, and what stays can still be removed.
            PendingRequest::Remove => self.remove(self.turn().await, id, AnonymousVolumes::Kept).await,
            PendingRequest::Create | PendingRequest::Start | PendingRequest::Network => Ok(()),
        }
    }

    fn forget_pending(&self, subject: &str) {
        if let Some(pending) = &self.pending {
            pending.end(subject);
        }
    }

    /// Notes a request about a container or a network until it has been answered; one whose answer was lost may still be
    /// carried out.
    pub(super) async fn noting<T>(
        &self,
        subject: &str,
        request: PendingRequest,
        answer: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let Some(pending) = &self.pending else { return answer.await };
        pending.begin(subject, request);
        let answer = answer.await;
        if !answer.as_ref().is_err_and(EngineError::is_lost_answer) {
            pending.end(subject);
        }
        answer
    }
}
