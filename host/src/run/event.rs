//! What happens while a plan is carried out.

use std::sync::Arc;
use std::time::Duration;

use crate::component::{CallError, GroupHook, Hook, LogEvent, LogLine};
use crate::engine::ImageProgress;
use crate::grants::Denied;
use crate::plan::{Plan, Published};

use super::Failure;

/// Something that happened. Every way of showing a run draws these.
#[derive(Debug, Clone)]
pub enum Event {
    /// This is what `start` is going to do.
    Planned(Arc<Plan>),
    /// A service entered a phase.
    Phase {
        /// The service.
        service: String,
        /// The phase.
        phase: Phase,
    },
    /// A word of progress of a service's image.
    Progress {
        /// The service.
        service: String,
        /// The word.
        progress: ImageProgress,
    },
    /// A service's image was pulled or built; its turn may still have to come.
    ImageReady {
        /// The service.
        service: String,
    },
    /// The grants that are in force for this command.
    Grants(Vec<GrantSource>),
    /// A definition wrote a line to its log.
    Log(LogLine),
    /// A definition was denied something.
    Denied {
        /// The service whose hook it was; none in `fields` and in hooks of the group.
        service: Option<String>,
        /// What it was denied.
        denied: Denied,
    },
    /// The rest of what a call writes to its log is dropped.
    LogCut {
        /// The service whose hook it is; none in `fields` and in hooks of the group.
        service: Option<String>,
        /// How much a call may write.
        limit: String,
    },
    /// A tool that builds a definition wrote a line.
    ToolOutput {
        /// The tool, as `cargo build`.
        tool: String,
        /// The line.
        line: String,
    },
    /// A service is ready.
    Ready {
        /// The service.
        service: String,
        /// Since its turn came; none if it was ready before.
        took: Option<Duration>,
        /// Where its ports are published.
        published: Vec<Published>,
    },
    /// A service failed.
    Failed {
        /// The service.
        service: String,
        /// Why.
        failure: Failure,
        /// The last lines of its container, if it has one.
        log_tail: Vec<u8>,
    },
    /// A service was not started because another one is not ready.
    NotStarted {
        /// The service.
        service: String,
        /// The service that failed.
        because: String,
    },
    /// A service was stopped because the person interrupted the run.
    Interrupted {
        /// The service.
        service: String,
    },
    /// A service is stopped.
    Stopped {
        /// The service.
        service: String,
        /// Whether it ran before.
        ran: bool,
        /// Whether its container was removed as well.
        removed: bool,
        /// How long it took.
        took: Duration,
    },
    /// A service could not be stopped.
    NotStopped {
        /// The service.
        service: String,
        /// Why.
        failure: Failure,
    },
    /// A network or volume of the group was removed.
    Removed {
        /// What it is: `network` or `volume`.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A hook failed whose failure changes nothing.
    HookFailed {
        /// The service.
        service: String,
        /// The hook.
        hook: Hook,
        /// Why.
        error: CallError,
    },
    /// A hook of the group failed, which undoes nothing.
    GroupHookFailed {
        /// The hook.
        hook: GroupHook,
        /// Why.
        error: CallError,
    },
    /// Something the person should know.
    Warning(String),
}

impl From<LogEvent> for Event {
    fn from(event: LogEvent) -> Self {
        match event {
            LogEvent::Line(line) => Event::Log(line),
            LogEvent::Denied { service, denied } => Event::Denied { service, denied },
            LogEvent::Cut { service, limit } => Event::LogCut { service, limit },
        }
    }
}

/// Grants, and who gave them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantSource {
    /// Each in a few words, as `env CI`.
    pub grants: Vec<String>,
    /// Where they were given: a file, or the command line.
    pub from: String,
}

/// What is being done with a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Its image is pulled.
    Pulling,
    /// Its image is built.
    Building,
    /// Its container is created and started.
    Starting,
    /// It is asked whether it is ready.
    Pinging,
    /// Its initialisation runs.
    Initialising,
    /// Its container is stopped.
    Stopping,
}

/// Takes events as they come. It must not block for long.
pub type EventSink = Arc<dyn Fn(Event) + Send + Sync>;
