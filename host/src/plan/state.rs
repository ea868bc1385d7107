//! Whether a container runs, and what its health check says.

use std::fmt;

/// Whether a container runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Its process runs.
    Running,
    /// Its process is frozen, until somebody lets it go on.
    Paused,
    /// Its process has exited, and the engine is about to start it again.
    Restarting {
        /// The code that it exited with, if that is known.
        exit_code: Option<i64>,
    },
    /// It was created, or has exited.
    Stopped {
        /// The code that it exited with; none if it was never started, or that is not known.
        exit_code: Option<i64>,
    },
    /// The engine is removing it, or could not remove the whole of it: it never runs again.
    Dead,
    /// Something that this version does not know. It may run.
    Unknown,
}

impl State {
    /// The state in a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            State::Running => "running",
            State::Paused => "paused",
            State::Restarting { .. } => "restarting",
            State::Stopped { .. } => "stopped",
            State::Dead => "dead",
            State::Unknown => "in an unknown state",
        }
    }

    /// The code that its process exited with, if it has exited and the code is known.
    #[must_use]
    pub fn exit_code(self) -> Option<i64> {
        match self {
            State::Restarting { exit_code } | State::Stopped { exit_code } => exit_code,
            State::Running | State::Paused | State::Dead | State::Unknown => None,
        }
    }

    /// Whether it runs, or goes on running unless it is stopped.
    #[must_use]
    pub fn is_up(self) -> bool {
        !matches!(self, State::Stopped { .. } | State::Dead)
    }
}

/// As `stopped (exit code 3)`.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())?;
        self.exit_code().map_or(Ok(()), |code| write!(f, " (exit code {code})"))
    }
}

/// What a container's health check says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Health {
    /// There is no health check, or nothing is known of it.
    #[default]
    None,
    /// It has not answered yet.
    Starting,
    /// It succeeded.
    Healthy,
    /// It failed.
    Unhealthy,
}

impl Health {
    /// All of them.
    pub const ALL: [Self; 4] = [Health::None, Health::Starting, Health::Healthy, Health::Unhealthy];

    /// The health in a word, as the engine and definitions have it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Health::None => "none",
            Health::Starting => "starting",
            Health::Healthy => "healthy",
            Health::Unhealthy => "unhealthy",
        }
    }

    /// The health that a word stands for; none for a word that no health has.
    #[must_use]
    pub fn of_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|health| health.word() == word).unwrap_or_default()
    }

    /// Whether it says that the container is not ready.
    #[must_use]
    pub fn is_in_the_way(self) -> bool {
        matches!(self, Health::Starting | Health::Unhealthy)
    }
}

/// How a container's process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    /// Its exit code.
    pub code: i64,
    /// Whether the kernel killed a process of the container because it used more memory than its limit.
    pub out_of_memory: bool,
}

impl Exit {
    /// The code of a process that SIGKILL has ended.
    const KILLED: i64 = 137;
}

/// What happened to the container: completes "its container …".
impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Exit { code: Self::KILLED, out_of_memory: true } => {
                f.write_str("was killed because it used more than its memory limit")
            }
            Exit { code, out_of_memory: true } => {
                write!(
                    f,
                    "exited with code {code}, and a process in it was killed because it used more than its memory limit"
                )
            }
            Exit { code, out_of_memory: false } => write!(f, "exited with code {code}"),
        }
    }
}
