/// Something of the host's in the container's file system: a directory or file, or a named volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// A path below the project directory, or the name of a volume.
    pub source: String,
    /// An absolute path in the container.
    pub target: String,
    /// Whether the container may only read it.
    pub read_only: bool,
}

impl Mount {
    pub(crate) fn new(source: impl Into<String>, target: impl Into<String>, read_only: bool) -> Self {
        Self { source: source.into(), target: target.into(), read_only }
    }
}
