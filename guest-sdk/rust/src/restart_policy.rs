/// What the engine does when a container exits by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestartPolicy {
    /// Nothing, which is so when nothing else is said.
    No,
    /// Starts it again.
    Always,
    /// Starts it again after an exit code other than 0.
    OnFailure,
    /// Starts it again, but not after a restart of the engine when it had been stopped before.
    UnlessStopped,
}

impl RestartPolicy {
    /// Its name, as `on-failure`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Always => "always",
            Self::OnFailure => "on-failure",
            Self::UnlessStopped => "unless-stopped",
        }
    }
}
