//! The build context: a directory as the tar file that the builder takes, and the digest of all an image is built from.

use std::fs::File;
use std::io::{self, Seek as _, Write};
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, DirEntry, PermissionsExt as _};

use crate::group::{Build, Digest, Digester};

/// What an image is built from, packed for the builder.
#[derive(Debug)]
pub struct BuildContext {
    /// The tar file. It has no name, and is gone when it is closed.
    pub file: File,
    /// The digest of the content and of everything else that shapes the image.
    pub digest: Digest,
}

impl BuildContext {
    /// Packs what a build takes. It blocks.
    ///
    /// # Errors
    /// If the directory cannot be read.
    pub fn pack(build: &Build, platform: Option<&str>) -> io::Result<Self> {
        let mut tee = Tee { digester: Digester::default(), file: tempfile::tempfile()? };
        pack(&build.directory, &mut tee)?;
        tee.file.rewind()?;
        Ok(Self { file: tee.file, digest: with_the_rest(&tee.digester.finish(), build, platform) })
    }

    /// The digest that [`pack`](Self::pack) would give. It blocks.
    ///
    /// # Errors
    /// If the directory cannot be read.
    pub fn digest_of(build: &Build, platform: Option<&str>) -> io::Result<Digest> {
        let mut digester = Digester::default();
        pack(&build.directory, &mut digester)?;
        Ok(with_the_rest(&digester.finish(), build, platform))
    }
}

/// The digest of the content together with that of the arguments and the like. Where the directory lies does not count.
fn with_the_rest(content: &Digest, build: &Build, platform: Option<&str>) -> Digest {
    Digest::of_json(&(content.to_string(), &build.dockerfile, &build.arguments, &build.target, platform))
}

/// Writes to a file what it digests.
struct Tee {
    digester: Digester,
    file: File,
}

impl Write for Tee {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.digester.write_all(&bytes[..written])?;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Packs a directory.
///
/// Entries are sorted, belong to root and carry no time, so that the same content gives the same bytes. Symlinks are
/// packed as they are and never followed: the directory handle lets nothing outside be reached.
fn pack(directory: &Path, to: &mut impl Write) -> io::Result<()> {
    let mut archive = tar::Builder::new(to);
    let root = Dir::open_ambient_dir(directory, ambient_authority())?;
    append(&mut archive, &root, Path::new(""))?;
    archive.into_inner()?;
    Ok(())
}

fn append(archive: &mut tar::Builder<impl Write>, directory: &Dir, path: &Path) -> io::Result<()> {
    let mut entries = directory.entries()?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let path: PathBuf = path.join(&name);
        let metadata = entry.metadata()?;
        let mut header = tar::Header::new_gnu();
        header.set_mode(metadata.permissions().mode());
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(0);
        if metadata.is_dir() {
            header.set_entry_type(tar::EntryType::Directory);
            archive.append_data(&mut header, &path, io::empty())?;
            append(archive, &entry.open_dir()?, &path)?;
        } else if metadata.is_symlink() {
            header.set_entry_type(tar::EntryType::Symlink);
            archive.append_link(&mut header, &path, directory.read_link_contents(&name)?)?;
        } else if metadata.is_file() {
            let file = entry.open()?;
            // A file can grow while it is read; the header has said how much there is.
            header.set_size(metadata.len());
            archive.append_data(&mut header, &path, io::Read::take(file, metadata.len()))?;
        }
        // Sockets, pipes and devices cannot be part of an image.
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(directory: &Path) -> Build {
        Build {
            directory: directory.to_owned(),
            dockerfile: "Dockerfile".to_owned(),
            arguments: std::collections::BTreeMap::new(),
            target: None,
        }
    }

    fn packed(directory: &Path) -> io::Result<File> {
        BuildContext::pack(&build(directory), None).map(|context| context.file)
    }

    fn names(archive: File) -> Vec<String> {
        let mut archive = tar::Archive::new(archive);
        let entries = archive.entries().unwrap();
        entries.map(|entry| entry.unwrap().path().unwrap().display().to_string()).collect()
    }

    #[test]
    fn a_directory_is_packed_in_order_with_what_is_below_it() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("src")).unwrap();
        std::fs::write(directory.path().join("src/b"), "b").unwrap();
        std::fs::write(directory.path().join("Dockerfile"), "FROM scratch").unwrap();
        assert_eq!(names(packed(directory.path()).unwrap()), ["Dockerfile", "src", "src/b"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_symlink_out_of_the_directory_brings_nothing_in() {
        let directory = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/passwd", directory.path().join("link")).unwrap();
        let mut archive = tar::Archive::new(packed(directory.path()).unwrap());
        let entry = archive.entries().unwrap().next().unwrap().unwrap();
        assert_eq!(entry.header().entry_type(), tar::EntryType::Symlink);
        assert_eq!(entry.size(), 0);
    }

    #[test]
    fn a_directory_that_is_not_there_is_an_error() {
        assert_eq!(packed(Path::new("/no/such/directory")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn the_digest_follows_the_content_and_what_shapes_the_build_and_not_the_place() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for directory in [&here, &there] {
            std::fs::write(directory.path().join("Dockerfile"), "FROM scratch").unwrap();
        }
        let digest = |build: &Build, platform| BuildContext::digest_of(build, platform).unwrap();
        let before = digest(&build(here.path()), None);
        assert_eq!(before, BuildContext::pack(&build(there.path()), None).unwrap().digest);
        assert_ne!(before, digest(&build(here.path()), Some("linux/arm64")));
        assert_ne!(before, digest(&Build { target: Some("test".into()), ..build(here.path()) }, None));
        std::fs::write(here.path().join("Dockerfile"), "FROM other").unwrap();
        assert_ne!(before, digest(&build(here.path()), None));
    }
}
