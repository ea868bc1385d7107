//! The directories in which is kept what runs sources, and what builds them.

use std::fs::{self, DirBuilder};
use std::io;
use std::path::Path;
use std::time::Duration;

/// What the names of files and directories begin with in which something is being made. They are hidden, since some lie
/// among a person's sources.
pub(super) const UNFINISHED: &str = ".unfinished-";

/// How old what another version made must be to go when this one makes its own.
const OUTDATED: Duration = Duration::from_hours(30 * 24);

/// How old an unfinished one must be to be somebody's who died while making it: no making takes so long.
const ABANDONED: Duration = Duration::from_hours(1);

/// A directory for this user alone.
pub(super) fn create(directory: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(directory)
}

/// Removes what killed commands have left, and what older versions have made.
pub(super) fn sweep(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let Ok(metadata) = entry.metadata() else { continue };
        let age = metadata.modified().ok().and_then(|modified| modified.elapsed().ok()).unwrap_or_default();
        let unfinished = entry.file_name().to_string_lossy().starts_with(UNFINISHED);
        if age < if unfinished { ABANDONED } else { OUTDATED } {
            continue;
        }
        let _ = if metadata.is_dir() { fs::remove_dir_all(entry.path()) } else { fs::remove_file(entry.path()) };
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn what_was_abandoned_or_is_outdated_goes_and_what_was_made_or_is_being_made_stays() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        let aged = |path: &Path, age| File::open(path).unwrap().set_modified(SystemTime::now() - age).unwrap();
        for directory in [".unfinished-dead", ".unfinished-alive"] {
            fs::create_dir_all(at(directory).join("venv")).unwrap();
        }
        for file in [".unfinished-file", "loader-x.wasm", "loader-y.wasm"] {
            fs::write(at(file), "").unwrap();
        }
        aged(&at(".unfinished-dead"), 2 * ABANDONED);
        aged(&at(".unfinished-file"), 2 * ABANDONED);
        aged(&at("loader-x.wasm"), 2 * ABANDONED);
        aged(&at("loader-y.wasm"), 2 * OUTDATED);
        sweep(home.path());
        let mut left: Vec<_> = fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, [".unfinished-alive", "loader-x.wasm"]);
    }
}
