//! The digests of files that have been read before: a file is known again by what the system says of it, as git knows
//! that nothing was changed in a work tree. Reading and digesting a definition in Python takes longer than all the rest
//! of loading it.

use std::fs::Metadata;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::group::Digest;

use super::{Cache, open};

/// How many digests are kept. Each file has its place, which it shares with others: the last one is known.
const PLACES: u64 = 4096;

/// How long a file must have been left alone. One that is changed twice within a tick of its file system's clock, two
/// seconds on the coarsest, looks the same after both.
const SETTLED: Duration = Duration::from_secs(2);

/// How many bytes are read of what was noted: more than there can be.
const LONGEST: u64 = 512;

impl Cache {
    /// The digest of a file's content; none if it was not noted, or the file was changed since.
    pub(in crate::component) fn digest(&self, file: &Metadata) -> Option<Digest> {
        self.try_digest(file)
            .map_err(|reason| tracing::debug!("the digest of a definition is not known: {reason}"))
            .ok()
            .flatten()
    }

    /// Notes what the digest of a file's content is. What is said of the file must have been said before it was read.
    pub(in crate::component) fn note_digest(&self, file: &Metadata, digest: &Digest) {
        if is_settled(file, SystemTime::now())
            && let Err(reason) = self.try_note_digest(file, digest)
        {
            tracing::debug!("the digest of a definition is not noted: {reason}");
        }
    }

    fn try_digest(&self, file: &Metadata) -> io::Result<Option<Digest>> {
        self.check_directory()?;
        let mut noted = String::new();
        match open(&self.place(file), self.user) {
            Ok(place) => place.take(LONGEST).read_to_string(&mut noted)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        // Nothing is made of what is not whole, since it becomes the name of a file.
        let is_digest = |text: &&str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let digest = noted.strip_prefix(&identity(file)).and_then(|rest| rest.strip_suffix('\n')).filter(is_digest);
        Ok(digest.map(Digest::from_text))
    }

    /// The same, of a file that has been settled for long.
    pub(in crate::component) fn try_note_digest(&self, file: &Metadata, digest: &Digest) -> io::Result<()> {
        let mut unfinished = self.begin()?;
        writeln!(unfinished, "{}{digest}", identity(file))?;
        unfinished.persist(self.place(file))?;
        Ok(())
    }

    fn place(&self, file: &Metadata) -> PathBuf {
        // What follows in a directory gets neighbouring numbers, and so places of its own.
        let place = file.dev().wrapping_mul(31).wrapping_add(file.ino()) % PLACES;
        self.directory.join(format!("{place}.digest"))
    }
}

/// What only the same file has that nobody has changed. The time of the last change of content can be set by anyone, that
/// of the last change of anything is the system's.
fn identity(file: &Metadata) -> String {
    let (modified, changed) = ((file.mtime(), file.mtime_nsec()), (file.ctime(), file.ctime_nsec()));
    format!(
        "{} {} {} {}.{:09} {}.{:09} ",
        file.dev(),
        file.ino(),
        file.size(),
        modified.0,
        modified.1,
        changed.0,
        changed.1
    )
}

fn is_settled(file: &Metadata, now: SystemTime) -> bool {
    let changed = u64::try_from(file.ctime()).ok().map(|seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
    // A second more, for what it is behind the second. In the future: somebody has set a clock.
    changed
        .and_then(|changed| now.duration_since(changed).ok())
        .is_some_and(|age| age > SETTLED + Duration::from_secs(1))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::path::Path;

    use super::super::tests::{cache, mode};
    use super::*;

    fn written(path: &Path, content: &str) -> Metadata {
        fs::write(path, content).unwrap();
        fs::metadata(path).unwrap()
    }

    fn digest(text: &str) -> Digest {
        Digest::of(text.as_bytes())
    }

    #[test]
    fn a_file_is_known_again_until_it_is_changed() {
        let (home, cache) = cache();
        let path = home.path().join("app.wasm");
        let file = written(&path, "one");
        assert_eq!(cache.digest(&file), None);
        cache.try_note_digest(&file, &digest("one")).unwrap();
        assert_eq!(cache.digest(&fs::metadata(&path).unwrap()), Some(digest("one")));

        // As many bytes, and the time set back.
        fs::write(&path, "two").unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(file.modified().unwrap()).unwrap();
        let changed = fs::metadata(&path).unwrap();
        assert_eq!((changed.len(), changed.modified().unwrap()), (file.len(), file.modified().unwrap()));
        assert_eq!(cache.digest(&changed), None);
        assert_eq!(cache.digest(&written(&home.path().join("other.wasm"), "one")), None);

        cache.try_note_digest(&changed, &digest("two")).unwrap();
        assert_eq!(cache.digest(&changed), Some(digest("two")));
    }

    #[test]
    fn nothing_is_noted_of_a_file_that_may_still_be_written() {
        let (home, cache) = cache();
        let file = written(&home.path().join("app.wasm"), "one");
        cache.note_digest(&file, &digest("one"));
        assert_eq!(cache.digest(&file), None);
        let later = |seconds| is_settled(&file, SystemTime::now() + Duration::from_secs(seconds));
        assert!(!later(1) && later(5));
        let earlier = SystemTime::now() - Duration::from_hours(1);
        assert!(!is_settled(&file, earlier), "it was changed in the future");
    }

    #[test]
    fn what_is_odd_is_not_believed() {
        let (home, cache) = cache();
        let file = written(&home.path().join("app.wasm"), "one");
        cache.try_note_digest(&file, &digest("one")).unwrap();
        let place = cache.place(&file);
        let whole = fs::read_to_string(&place).unwrap();
        let slashes = whole.replace(&digest("one").to_string(), &"../".repeat(22)[..64]);
        for content in [&whole[..whole.len() - 2], "", &slashes, &format!("{whole}{whole}")] {
            fs::write(&place, content).unwrap();
            assert_eq!(cache.digest(&file), None, "{content}");
        }
        fs::write(&place, &whole).unwrap();
        assert_eq!(cache.digest(&file), Some(digest("one")));
        mode(&place, 0o644);
        assert_eq!(cache.digest(&file), None);
    }
}
