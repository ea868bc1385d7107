/// The signal that asks a container to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopSignal {
    /// `SIGINT`, as Ctrl-C sends it.
    Int,
    /// `SIGTERM`.
    Term,
    /// `SIGKILL`, which no process can answer.
    Kill,
    /// `SIGQUIT`.
    Quit,
}

impl StopSignal {
    /// Its name, as `SIGINT`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Int => "SIGINT",
            Self::Term => "SIGTERM",
            Self::Kill => "SIGKILL",
            Self::Quit => "SIGQUIT",
        }
    }
}
