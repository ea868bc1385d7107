use std::{fmt::Display, str::FromStr};

use crate::Result;

type LookUp = dyn Fn(&str) -> Option<String>;

/// What the person running the group gave with `--set NAME=VALUE`.
///
/// In a test: `Parameters::from([("port", "5433")])`, or `Parameters::default()` for none at all.
pub struct Parameters(Box<LookUp>);

impl Parameters {
    pub(crate) fn new(look_up: impl Fn(&str) -> Option<String> + 'static) -> Self {
        Self(Box::new(look_up))
    }

    /// The value of a parameter, if it was given.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        (self.0)(name)
    }

    /// The value of a parameter as a number, or as whatever else can be read from text.
    ///
    /// # Errors
    ///
    /// When the parameter was given but cannot be read; the error names it and shows its value.
    pub fn parse<T>(&self, name: &str) -> Result<Option<T>>
    where
        T: FromStr,
        T::Err: Display,
    {
        self.get(name)
            .map(|value| {
                value.parse().map_err(|error| format!("the parameter `{name}` cannot be `{value}`: {error}").into())
            })
            .transpose()
    }
}

impl Default for Parameters {
    fn default() -> Self {
        Self::new(|_| None)
    }
}

impl<N: Into<String>, V: Into<String>, const LENGTH: usize> From<[(N, V); LENGTH]> for Parameters {
    fn from(pairs: [(N, V); LENGTH]) -> Self {
        let pairs = pairs.map(|(name, value)| (name.into(), value.into()));
        Self::new(move |wanted| pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_was_not_given_is_none() {
        let parameters = Parameters::default();
        assert_eq!(parameters.get("port"), None);
        assert_eq!(parameters.parse::<u16>("port").unwrap(), None);
    }

    #[test]
    fn a_parameter_is_read_as_what_is_wanted() {
        let parameters = Parameters::from([("port", "5433")]);
        assert_eq!(parameters.get("port").as_deref(), Some("5433"));
        assert_eq!(parameters.parse::<u16>("port").unwrap(), Some(5433));
    }

    #[test]
    fn a_parameter_that_cannot_be_read_is_an_error_with_its_name_and_value() {
        let error = Parameters::from([("port", "70000")]).parse::<u16>("port").unwrap_err();
        assert!(error.to_string().starts_with("the parameter `port` cannot be `70000`: "), "{error}");
    }
}
