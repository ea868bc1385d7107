/// What the engine's health check says of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Health {
    /// There is no health check.
    None,
    /// It has not answered yet.
    Starting,
    /// It succeeded.
    Healthy,
    /// It failed.
    Unhealthy,
}

impl Health {
    /// Its name, as `healthy`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Starting => "starting",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
        }
    }

    pub(crate) fn from_name(name: &str) -> Result<Self, String> {
        [Self::None, Self::Starting, Self::Healthy, Self::Unhealthy]
            .into_iter()
            .find(|health| health.name() == name)
            .ok_or_else(|| format!("`{name}` is a state of health that this SDK does not know"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_state_of_health_is_an_error_that_names_it() {
        assert_eq!(Health::from_name("starting"), Ok(Health::Starting));
        assert!(Health::from_name("dizzy").unwrap_err().contains("`dizzy`"));
    }
}
