//! bollard's errors in the user's words.

use std::error::Error as _;

use bollard::errors::Error;

use crate::engine::EngineError;
use crate::group::mask_text;

use super::Docker;

/// An error with everything that caused it, outermost first.
pub(super) fn chain(error: &Error) -> String {
    if let Error::DockerResponseServerError { message: said, .. } | Error::DockerStreamError { error: said } = error {
        return said.trim().to_owned();
    }
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        // Many errors already include what caused them.
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

/// The same for people. The engine repeats what it was asked for, command lines among it, in which there can be secrets.
pub(super) fn told(error: &Error) -> String {
    mask_text(&chain(error)).into_owned()
}

/// What is at the bottom of an error, without its number: for connections that is what people know.
pub(super) fn root_cause(error: &Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let text = cause.to_string();
    text.split_once(" (os error").map_or(text.clone(), |(words, _)| words.to_owned())
}

/// Why the engine did not do what `action` names.
pub(super) fn failed(docker: &Docker, action: impl Into<String>, error: Error) -> EngineError {
    let action = action.into();
    match error {
        Error::RequestTimeoutError => EngineError::TimedOut { action },
        Error::DockerResponseServerError { status_code: 404, ref message }
            if message.contains("No such container") || message.contains("no such container") =>
        {
            EngineError::Gone { action, what: "the container".to_owned() }
        }
        Error::DockerResponseServerError { .. }
        | Error::DockerStreamError { .. }
        | Error::DockerContainerWaitError { .. } => EngineError::Refused { action, reason: told(&error) },
        Error::IOError { .. } | Error::HyperResponseError { .. } | Error::HyperLegacyError { .. } => {
            EngineError::Unreachable {
                endpoint: docker.endpoint.to_string(),
                reason: format!("it went away when asked to {action}: {}", root_cause(&error)),
                advice: "Is Docker still running? Start it again and repeat the command.".to_owned(),
            }
        }
        Error::JsonSerdeError { err } if err.is_eof() => cut(action, "it ends where something has to follow"),
        other => EngineError::Refused { action, reason: told(&other) },
    }
}

/// That an answer ended before all of it was here: `missing` says what it lacks.
pub(super) fn cut(action: impl Into<String>, missing: &str) -> EngineError {
    EngineError::Cut { action: action.into(), missing: missing.to_owned() }
}

/// Whether what was asked for is not there.
pub(super) fn is_not_found(error: &Error) -> bool {
    matches!(error, Error::DockerResponseServerError { status_code: 404, .. })
}

/// Whether what was asked for is in the way of something that is there.
pub(super) fn is_conflict(error: &Error) -> bool {
    matches!(error, Error::DockerResponseServerError { status_code: 409, .. })
}
