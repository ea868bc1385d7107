//! What a label says of the fields of a container so that they can be compared later, without a value in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::described::{former_default_of, is_known};
use super::hash::hex;
use super::{Comparison, FieldText, Service};

/// The version of what is written here of fields. The first one left out the signal that stops a container where that was
/// SIGTERM, whether or not that was declared.
const VERSION: u32 = 2;

/// The same of variables with the context filled in.
const ENVIRONMENT_VERSION: u32 = 1;

/// How many bytes of a digest are kept: enough that no two values have the same by chance.
const KEPT: usize = 16;

/// What is hashed: fields as they are declared, or variables with the context filled in.
const FIELD: &str = "field";
const ENVIRONMENT: &str = "environment";

/// How many bytes of a key's digest tell it from other keys.
const ID: usize = 8;

/// A key with which fields are hashed that may be secret: without it nobody can find out by trying which value a hash is
/// of.
#[derive(Clone, PartialEq, Eq)]
pub struct FingerprintKey([u8; Self::LENGTH]);

impl FingerprintKey {
    /// How many bytes a key has.
    pub const LENGTH: usize = 32;

    /// A key of these random bytes.
    #[must_use]
    pub fn new(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// What tells it from other keys and says nothing else of it.
    fn id(&self) -> String {
        let digest = Sha256::new().chain_update(b"drillmaster fingerprint key\0").chain_update(self.0).finalize();
        hex(&digest[..ID])
    }

    /// Makes keyed hashes for one purpose and one container, so that the same value has another one elsewhere.
    fn hasher(&self, purpose: &str, instance: &str) -> Hasher {
        let mut hasher = Hasher(Hmac::new_from_slice(&self.0).expect("a key of any length will do"));
        hasher.update(purpose);
        hasher.update(instance);
        hasher
    }
}

/// Makes keyed hashes.
#[derive(Clone)]
struct Hasher(Hmac<Sha256>);

impl Hasher {
    /// The hash of the value of a field.
    fn hash(&self, field: &str, value: &str) -> String {
        let mut hasher = self.clone();
        hasher.update(field);
        hasher.update(value);
        hex(&hasher.0.finalize().into_bytes()[..KEPT])
    }

    /// Takes a text with its length, so that nothing can be taken for something else.
    fn update(&mut self, text: &str) {
        self.0.update(&(text.len() as u64).to_be_bytes());
        self.0.update(text.as_bytes());
    }
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FingerprintKey({})", self.id())
    }
}

/// The fingerprints of the fields a container was made from, by the names of the fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprints {
    v: u32,
    /// The id of the key of the keyed hashes.
    key: String,
    /// The hashes of fields that may hold a secret.
    keyed: BTreeMap<String, String>,
    /// The hashes of those that cannot.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    open: BTreeMap<String, String>,
}

/// How fields compare with fingerprints.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    /// The fields that differ.
    pub changed: Vec<String>,
    /// The fields of which that cannot be known: another key made their hashes, or another version.
    pub unknown: Vec<String>,
}

impl Fingerprints {
    /// The fingerprints of a service's fields for the container whose instance this is.
    #[must_use]
    pub fn of_fields(service: &Service, instance: &str, key: &FingerprintKey) -> Self {
        let hasher = key.hasher(FIELD, instance);
        let mut prints = Self { v: VERSION, key: key.id(), keyed: BTreeMap::new(), open: BTreeMap::new() };
        for (name, field) in service.described() {
            match field.comparison() {
                Comparison::Open => prints.open.insert(name.clone(), open_hash(&name, &field.text())),
                Comparison::Keyed => prints.keyed.insert(name.clone(), hasher.hash(&name, &field.text())),
                Comparison::None => None,
            };
        }
        prints
    }

    /// The fingerprints of variables with the context filled in, by the names of the variables.
    #[must_use]
    pub fn of_environment(values: &BTreeMap<String, String>, instance: &str, key: &FingerprintKey) -> Self {
        let hasher = key.hasher(ENVIRONMENT, instance);
        let print = |(name, value): (&String, &String)| (name.clone(), hasher.hash(name, value));
        Self { v: ENVIRONMENT_VERSION, key: key.id(), keyed: values.iter().map(print).collect(), open: BTreeMap::new() }
    }

    /// The text of a label. Equal fingerprints have the same.
    ///
    /// # Panics
    /// Never: texts and a number have a JSON form.
    #[must_use]
    pub fn label(&self) -> String {
        serde_json::to_string(self).expect("texts and a number have a JSON form")
    }

    /// The fingerprints that a label holds; none if it holds others than this version knows.
    #[must_use]
    pub fn from_label(label: &str) -> Option<Self> {
        serde_json::from_str(label).ok().filter(|prints: &Self| (1..=VERSION).contains(&prints.v))
    }

    /// Whether a field was set.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.open.contains_key(field) || self.keyed.contains_key(field)
    }

    /// How the fields of a service compare with those that a container was made from.
    #[must_use]
    pub fn compare_fields(
        &self,
        fields: &BTreeMap<String, FieldText>,
        instance: &str,
        key: Option<&FingerprintKey>,
    ) -> Compared {
        let compared = fields.iter().filter(|(_, field)| field.comparison() != Comparison::None).map(|(name, _)| name);
        let names: BTreeSet<&String> = compared.chain(self.open.keys()).chain(self.keyed.keys()).collect();
        let hasher = self.hasher(key, FIELD, instance);
        let mut result = Compared::default();
        for name in names {
            let field = fields.get(name).map(FieldText::text);
            let is_same = match (self.open.get(name), self.keyed.get(name), field) {
                (Some(hash), _, Some(field)) => Some(*hash == open_hash(name, &field)),
                (None, Some(hash), Some(field)) => hasher.as_ref().map(|hasher| *hash == hasher.hash(name, &field)),
                (None, None, Some(field)) if self.v == 1 => Some(former_default_of(name) == Some(field.as_str())),
                // Another version has put it there.
                (_, _, None) if !is_known(name) => None,
                _ => Some(false),
            };
            result.add(name, is_same);
        }
        result
    }

    /// How variables compare with those that a container was made with. One that is not among the values is left out.
    #[must_use]
    pub fn compare_environment(
        &self,
        values: &BTreeMap<String, String>,
        instance: &str,
        key: Option<&FingerprintKey>,
    ) -> Compared {
        let hasher = self.hasher(key, ENVIRONMENT, instance);
        let mut result = Compared::default();
        for (name, hash) in &self.keyed {
            if let Some(value) = values.get(name) {
                result.add(name, hasher.as_ref().map(|hasher| *hash == hasher.hash(name, value)));
            }
        }
        result
    }

    /// What makes the same hashes, if they were made with this key.
    fn hasher(&self, key: Option<&FingerprintKey>, purpose: &str, instance: &str) -> Option<Hasher> {
        key.filter(|key| key.id() == self.key).map(|key| key.hasher(purpose, instance))
    }
}

impl Compared {
    fn add(&mut self, field: &str, is_same: Option<bool>) {
        match is_same {
            Some(true) => {}
            Some(false) => self.changed.push(field.to_owned()),
            None => self.unknown.push(field.to_owned()),
        }
    }
}

/// The hash of a field that cannot hold a secret. It takes no key, so that it means the same to everybody.
fn open_hash(field: &str, value: &str) -> String {
    let digest = Sha256::new().chain_update(field).chain_update(b"\0").chain_update(value).finalize();
    hex(&digest[..KEPT])
}

#[cfg(test)]
impl FingerprintKey {
    /// The key of the tests.
    pub(crate) fn of_tests() -> Self {
        Self::new([7; Self::LENGTH])
    }
}

#[cfg(test)]
impl Fingerprints {
    /// The fingerprints of a service in the tests: equal for two that can use the same container.
    pub(crate) fn of_service(service: &Service) -> Self {
        Self::of_fields(service, "", &FingerprintKey::of_tests())
    }
}

#[cfg(test)]
mod tests;
