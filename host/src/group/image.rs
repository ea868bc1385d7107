//! Image references.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::reference::Reference;
use super::{mask_value, short};

/// The port of a registry that names none.
const HTTPS: u16 = 443;

/// The most bytes that are shown of a text that is no reference.
const SHOWN: usize = 200;

/// A well-formed image reference, kept as it was written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ImageName(String);

/// A text that is no image reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an image reference: {reason}")]
pub struct InvalidImageName {
    /// What was given.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

impl ImageName {
    /// Checks an image reference (`postgres:15`, `registry.example/team/app@sha256:…`).
    ///
    /// # Errors
    /// If the text is not a reference as the distribution specification has it.
    pub fn new(text: &str) -> Result<Self, InvalidImageName> {
        match Reference::parse(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(error) => {
                // It may be the address of a registry, with a password.
                let text = short(&mask_value("", text), SHOWN).into_owned();
                Err(InvalidImageName { text, reason: error.to_string() })
            }
        }
    }

    /// The reference as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host of the registry that has it, and its port.
    #[must_use]
    pub fn registry(&self) -> (&str, u16) {
        let registry = Reference::parse(&self.0).map_or("", |reference| reference.registry());
        match registry.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().unwrap_or(HTTPS)),
            None => (registry, HTTPS),
        }
    }

    /// Whether it is the id of an image, as `docker build --quiet` prints it, which no registry knows.
    #[must_use]
    pub fn is_id(&self) -> bool {
        self.0
            .strip_prefix("sha256:")
            .is_some_and(|id| id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
    }

    /// Whether it names an image by its digest, which only a pull can give.
    #[must_use]
    pub fn has_digest(&self) -> bool {
        Reference::parse(&self.0).is_ok_and(|reference| reference.has_digest())
    }

    /// The reference in full, with registry and tag: two references to the same thing are equal in this form.
    #[must_use]
    pub fn canonical(&self) -> String {
        Reference::parse(&self.0).map_or_else(|_| self.0.clone(), |reference| reference.whole())
    }
}

impl fmt::Display for ImageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_forms_of_one_image_are_the_same() {
        let canonical = |text| ImageName::new(text).expect(text).canonical();
        assert_eq!(canonical("postgres"), canonical("docker.io/library/postgres:latest"));
        assert_ne!(canonical("postgres:15"), canonical("postgres:16"));
    }

    #[test]
    fn the_registry_of_an_image_has_a_host_and_a_port() {
        let table = [
            ("postgres:15", ("docker.io", 443)),
            ("ghcr.io/a/b@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", ("ghcr.io", 443)),
            ("localhost/x", ("localhost", 443)),
            ("127.0.0.1:5000/x:1", ("127.0.0.1", 5000)),
        ];
        for (image, registry) in table {
            assert_eq!(ImageName::new(image).unwrap().registry(), registry, "{image}");
        }
    }

    #[test]
    fn an_id_is_known_by_its_form() {
        let id = format!("sha256:{}", "0a".repeat(32));
        assert!(ImageName::new(&id).unwrap().is_id());
        for name in [&id[..71], "sha256:17", "sha256", "postgres:17"].into_iter().filter(|name| *name != id) {
            assert!(!ImageName::new(name).unwrap().is_id(), "{name}");
        }
    }

    #[test]
    fn a_text_that_is_no_reference_is_refused() {
        for wrong in ["", " ", "UPPER", "a b", "a:b:c", "-x", "image:"] {
            assert!(ImageName::new(wrong).is_err(), "{wrong:?}");
        }
    }
}
