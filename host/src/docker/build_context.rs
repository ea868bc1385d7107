//! The build context: a directory as the tar file that the builder takes.

use std::fs::File;
use std::io::{self, Seek as _};
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, DirEntry, PermissionsExt as _};

/// Packs a directory, off the async threads.
pub(super) async fn packed(directory: &Path) -> io::Result<tokio::fs::File> {
    let directory = directory.to_owned();
    Ok(tokio::fs::File::from_std(tokio::task::spawn_blocking(move || pack(&directory)).await??))
}

/// Packs a directory into a temporary file, which is gone when it is closed.
///
/// Entries are sorted, belong to root and carry no time, so that the same content gives the same bytes. Symlinks are
/// packed as they are and never followed: the directory handle lets nothing outside be reached.
fn pack(directory: &Path) -> io::Result<File> {
    let mut archive = tar::Builder::new(tempfile::tempfile()?);
    let root = Dir::open_ambient_dir(directory, ambient_authority())?;
    append(&mut archive, &root, Path::new(""))?;
    let mut file = archive.into_inner()?;
    file.rewind()?;
    Ok(file)
}

fn append(archive: &mut tar::Builder<File>, directory: &Dir, path: &Path) -> io::Result<()> {
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
        assert_eq!(names(pack(directory.path()).unwrap()), ["Dockerfile", "src", "src/b"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_symlink_out_of_the_directory_brings_nothing_in() {
        let directory = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/passwd", directory.path().join("link")).unwrap();
        let mut archive = tar::Archive::new(pack(directory.path()).unwrap());
        let entry = archive.entries().unwrap().next().unwrap().unwrap();
        assert_eq!(entry.header().entry_type(), tar::EntryType::Symlink);
        assert_eq!(entry.size(), 0);
    }

    #[test]
    fn a_directory_that_is_not_there_is_an_error() {
        assert_eq!(pack(Path::new("/no/such/directory")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
