//! What a build context is, apart from when its files were last changed.

use std::io::{self, Write};

use crate::group::{Digest, Digester};

/// The unit of a tar file, in bytes: each header takes one, and content is filled up to whole ones.
const BLOCK: usize = 512;

/// Digests a tar file as if nothing in it had a date, so that the same files have the same digest on every machine and after
/// every checkout.
#[derive(Default)]
pub(super) struct TimelessDigester {
    digester: Digester,
    /// The part of a header that has been seen.
    header: Vec<u8>,
    /// How many bytes of content follow before the next header.
    content: u64,
}

impl TimelessDigester {
    /// The digest of what was written.
    pub(super) fn finish(self) -> Digest {
        self.digester.finish()
    }

    fn digest_header(&mut self) -> io::Result<()> {
        let mut header = tar::Header::from_byte_slice(&self.header).clone();
        // The end is marked with blocks of nothing.
        if self.header.iter().any(|byte| *byte != 0) {
            self.content = header.entry_size()?.next_multiple_of(BLOCK as u64);
            header.set_mtime(0);
            header.set_cksum();
        }
        self.header.clear();
        self.digester.write_all(header.as_bytes())
    }
}

impl Write for TimelessDigester {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let content = usize::try_from(self.content).unwrap_or(usize::MAX).min(bytes.len());
        if content > 0 {
            self.digester.write_all(&bytes[..content])?;
            self.content -= content as u64;
            return Ok(content);
        }
        let part = (BLOCK - self.header.len()).min(bytes.len());
        self.header.extend(&bytes[..part]);
        if self.header.len() == BLOCK {
            self.digest_header()?;
        }
        Ok(part)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    /// A tar file with entries of these sizes, one of a long name, changed at this time.
    fn packed(time: u64) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        for (name, size) in [("a".to_owned(), 0), ("b".repeat(150), 511), ("c".to_owned(), 512), ("d".to_owned(), 1025)]
        {
            let mut header = tar::Header::new_gnu();
            header.set_mtime(time);
            header.set_size(size);
            // Content that looks like a header.
            archive.append_data(&mut header, name, io::repeat(b'1').take(size)).unwrap();
        }
        archive.into_inner().unwrap()
    }

    fn digest(bytes: &[u8], at_once: usize) -> Digest {
        let mut digester = TimelessDigester::default();
        bytes.chunks(at_once).for_each(|chunk| digester.write_all(chunk).unwrap());
        digester.finish()
    }

    #[test]
    fn files_with_dates_have_the_digest_of_those_without() {
        let mut plain = Digester::default();
        plain.write_all(&packed(0)).unwrap();
        let expected = plain.finish();
        for at_once in [1, 7, 511, 512, 513, 100_000] {
            assert_eq!(digest(&packed(0), at_once), expected);
            assert_eq!(digest(&packed(1_700_000_000), at_once), expected);
        }
        let mut other = packed(0);
        let last = other.len() - 1024 - 512;
        other[last] = b'2';
        assert_ne!(digest(&other, 512), expected);
    }
}
