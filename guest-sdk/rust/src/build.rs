/// How the image of a service is built: from a directory below the project directory.
///
/// A directory's name alone is one: `fields.build("appdb")`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct Build {
    /// The directory that is sent to the engine, relative to the project directory.
    pub directory: String,
    /// A path inside that directory; `Dockerfile` when none.
    pub dockerfile: Option<String>,
    /// Names and values of build arguments, in the order given.
    pub arguments: Vec<(String, String)>,
    /// The stage to build up to; the last one when none.
    pub target: Option<String>,
}

impl Build {
    /// Builds from this directory.
    pub fn directory(directory: impl Into<String>) -> Self {
        Self { directory: directory.into(), dockerfile: None, arguments: Vec::new(), target: None }
    }

    /// Uses this file of the directory instead of `Dockerfile`.
    pub fn dockerfile(mut self, path: impl Into<String>) -> Self {
        self.dockerfile = Some(path.into());
        self
    }

    /// Gives a value to an `ARG` of the Dockerfile.
    pub fn argument(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.arguments.push((name.into(), value.into()));
        self
    }

    /// Builds up to this stage of a Dockerfile that has several.
    pub fn target(mut self, stage: impl Into<String>) -> Self {
        self.target = Some(stage.into());
        self
    }
}

impl From<&str> for Build {
    fn from(directory: &str) -> Self {
        Self::directory(directory)
    }
}

impl From<String> for Build {
    fn from(directory: String) -> Self {
        Self::directory(directory)
    }
}
