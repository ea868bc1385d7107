//! Digests of plain data.

use std::{fmt, io};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest(String);

impl Digest {
    /// The digest of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut digester = Digester::default();
        digester.0.update(bytes);
        digester.finish()
    }

    /// The digest of a value's JSON. Sorted maps and structs make it the same for equal values.
    ///
    /// # Panics
    /// If the value has no JSON form (a map whose keys are not strings), which no type of this crate has.
    #[must_use]
    pub fn of_json(value: &impl Serialize) -> Self {
        Self::of(&serde_json::to_vec(value).expect("the crate's data types all have a JSON form"))
    }

    /// A digest that was read back, from a label for example.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// Digests bytes as they are written to it.
#[derive(Debug, Default)]
pub struct Digester(Sha256);

impl Digester {
    /// The digest of all that was written.
    #[must_use]
    pub fn finish(self) -> Digest {
        Digest(hex(&self.0.finalize()))
    }
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        use fmt::Write as _;
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl io::Write for Digester {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
