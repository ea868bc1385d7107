//! What runs definitions in Python: a component with a Python inside, which imports them from their directory. It is
//! made once on each machine, of this version's SDK, by componentize-py, which comes from the Python package index.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use include_dir::{Dir, include_dir};
use tokio::process::Command;
use tokio::time::Instant;

use crate::group::Digest;

use super::making::{Step, ToolError};

static SDK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../guest-sdk/python/src");
static CONTRACT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../wit");

/// componentize-py, pinned with its digests, as pip has it.
const PINS: &str = include_str!("componentize-py.txt");

/// What the component is made of.
const ENTRY: &str = "from drillmaster.loader import GroupHooks, Lifecycle, ServiceHooks\n";

/// Ends well if this Python can make a virtual environment with componentize-py.
const PROBE: &str = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))";

/// What componentize-py's own script does. That one has the path of its Python inside, which may be too long for it.
const COMPONENTIZE: &str = "import componentize_py, sys; sys.exit(componentize_py.script())";

/// What the names of directories begin with in which something is being made.
pub(super) const UNFINISHED: &str = "unfinished-";

/// How old what another version made must be to go when this one makes its own.
const OUTDATED: Duration = Duration::from_hours(30 * 24);

/// How long another process is waited for that makes the same, and how often it is looked whether it has.
const PATIENCE: Duration = Duration::from_mins(25);
const LOOK: Duration = Duration::from_millis(100);

const PROBING: Step = Step { name: "looking at a Python", limit: Duration::from_secs(20), advice: "" };

const PREPARING: Step = Step { name: "making a virtual environment", limit: Duration::from_mins(3), advice: "" };

const INSTALLING: Step = Step {
    name: "installing componentize-py",
    limit: Duration::from_mins(10),
    advice: "\nIt comes from PyPI: can this machine reach that? pip's own settings (PIP_INDEX_URL, PIP_PROXY) count.",
};

const MAKING: Step = Step { name: "componentize-py", limit: Duration::from_mins(10), advice: "" };

/// Whether a file is a definition in Python, by its name.
#[must_use]
pub fn is_python(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "py")
}

/// The component that runs definitions in Python, kept in a directory, and made if it is not there. Each step of making it
/// is told.
///
/// # Errors
/// If it is not there and cannot be made.
pub async fn interpreter(directory: &Path, tell: impl Fn(&str)) -> Result<PathBuf, ToolError> {
    let made = directory.join(format!("loader-{}.wasm", made_of()));
    if made.is_file() {
        return Ok(made);
    }
    let cannot = || ToolError::system(format!("make what runs definitions in Python in {}", directory.display()));
    create(directory).map_err(cannot())?;
    let turn = turn(directory, &tell).await.map_err(cannot())?;
    if made.is_file() {
        return Ok(made);
    }
    tell("making what runs definitions in Python; that is done once, and takes a minute");
    sweep(directory);
    let work = tempfile::Builder::new().prefix(UNFINISHED).tempdir_in(directory).map_err(cannot())?;
    let inside = |name: &str| work.path().join(name);
    for (name, files) in [("sources", &SDK), ("wit", &CONTRACT)] {
        files
            .entries_below()
            .try_for_each(|(path, content)| write(&inside(name).join(path), content))
            .map_err(cannot())?;
    }
    write(&inside("sources").join("entry.py"), ENTRY.as_bytes()).map_err(cannot())?;
    write(&inside("pins.txt"), PINS.as_bytes()).map_err(cannot())?;

    let python = find(work.path()).await?;
    let mut command = isolated(python);
    command.args(["-m", "venv"]).arg(inside("venv"));
    PREPARING.run(command, work.path()).await?;
    let python = inside("venv").join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });

    tell("installing componentize-py from PyPI");
    let mut command = isolated(&python);
    command.args(["-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--progress-bar", "off"]);
    command.args(["--require-hashes", "--only-binary", ":all:", "--requirement"]).arg(inside("pins.txt"));
    INSTALLING.run(command, work.path()).await?;

    tell("making a component of Python and its standard library");
    let mut command = isolated(&python);
    command.env_remove("VIRTUAL_ENV");
    command.args(["-c", COMPONENTIZE, "--quiet", "--wit-path", "wit", "--world", "plugin-with-hooks"]);
    command.args(["componentize", "entry", "--python-path", "sources", "--output", "loader.wasm"]);
    MAKING.run(command, work.path()).await?;
    fs::rename(inside("loader.wasm"), &made).map_err(cannot())?;
    drop(turn);
    Ok(made)
}

/// Waits until nobody else makes it. The turn ends with the file, or this process.
async fn turn(directory: &Path, tell: impl Fn(&str)) -> io::Result<File> {
    let file = File::create(directory.join("making"))?;
    let end = Instant::now() + PATIENCE;
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if Instant::now() > end => {
                return Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    "another drillmaster has been making it for too long",
                ));
            }
            Err(TryLockError::WouldBlock) => {}
        }
        if !std::mem::replace(&mut told, true) {
            tell("waiting for another drillmaster, which is making what runs definitions in Python");
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// The digest of all that it is made of.
fn made_of() -> Digest {
    let files = SDK.entries_below().chain(CONTRACT.entries_below());
    let mut all: Vec<_> =
        files.map(|(path, content)| (path.display().to_string(), Digest::of(content).to_string())).collect();
    all.sort();
    Digest::of_json(&(all, PINS, ENTRY))
}

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

/// Removes what killed commands have left, and what older versions have made. Nobody else is making anything: it is our
/// turn.
pub(super) fn sweep(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let age = || entry.metadata().ok()?.modified().ok()?.elapsed().ok();
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            let _ = fs::remove_dir_all(entry.path());
        } else if age().is_some_and(|age| age > OUTDATED) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Python without the modules that lie in the working directory: they may be a stranger's, and would run unfenced.
fn isolated(python: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(python);
    command.arg("-I");
    command
}

/// A Python that can make virtual environments.
async fn find(work: &Path) -> Result<&'static str, ToolError> {
    for python in ["python3", "python"] {
        let mut command = isolated(python);
        command.args(["-c", PROBE]);
        if PROBING.run(command, work).await.is_ok() {
            return Ok(python);
        }
    }
    Err(ToolError::NoPython)
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    fs::write(path, content)
}

trait Below {
    /// All files in a directory and those below, but for what Python leaves beside its sources.
    fn entries_below(&self) -> impl Iterator<Item = (&Path, &[u8])>;
}

impl Below for Dir<'_> {
    fn entries_below(&self) -> impl Iterator<Item = (&Path, &[u8])> {
        let mut files: Vec<_> = self.files().map(|file| (file.path(), file.contents())).collect();
        for directory in self.dirs().filter(|directory| !directory.path().ends_with("__pycache__")) {
            files.extend(directory.entries_below());
        }
        files.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_of_the_sdk_and_the_contract() {
        let has = |files: &Dir<'_>, name: &str| files.entries_below().any(|(path, _)| path == Path::new(name));
        assert!(has(&SDK, "drillmaster/loader.py") && has(&SDK, "drillmaster/component.py"));
        assert!(has(&CONTRACT, "lifecycle.wit"));
        assert_eq!(made_of(), made_of());
    }

    #[test]
    fn a_definition_in_python_is_known_by_its_name() {
        assert!(is_python(Path::new("app.py")) && is_python(Path::new("/a/b.py")));
        assert!(!is_python(Path::new("app.wasm")) && !is_python(Path::new("py")) && !is_python(Path::new("a.pyc")));
    }

    #[tokio::test]
    async fn what_is_there_is_not_made_again() {
        let home = tempfile::tempdir().unwrap();
        let there = home.path().join(format!("loader-{}.wasm", made_of()));
        fs::write(&there, "a component").unwrap();
        let found = interpreter(home.path(), |step| panic!("{step}")).await.unwrap();
        assert_eq!(found, there);
    }

    #[tokio::test(start_paused = true)]
    async fn what_another_process_makes_is_waited_for() {
        let home = tempfile::tempdir().unwrap();
        let other = turn(home.path(), |step| panic!("{step}")).await.unwrap();
        let told = std::cell::Cell::new(0);
        let mine = turn(home.path(), |_| told.set(told.get() + 1));
        let mut mine = std::pin::pin!(mine);
        assert!(tokio::time::timeout(Duration::from_mins(1), &mut mine).await.is_err());
        assert_eq!(told.get(), 1);
        drop(other);
        mine.await.unwrap();

        let _other = turn(home.path(), |_| {}).await.unwrap();
        let error = turn(home.path(), |_| {}).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn what_was_abandoned_or_is_outdated_goes_and_what_was_made_stays() {
        let home = tempfile::tempdir().unwrap();
        let [abandoned, made, old] =
            ["unfinished-x", "loader-x.wasm", "loader-y.wasm"].map(|name| home.path().join(name));
        fs::create_dir_all(abandoned.join("venv")).unwrap();
        fs::write(&made, "").unwrap();
        let long_ago = std::time::SystemTime::now() - 2 * OUTDATED;
        File::create(&old).unwrap().set_modified(long_ago).unwrap();
        sweep(home.path());
        assert_eq!([&abandoned, &made, &old].map(|path| path.exists()), [false, true, false]);
    }
}
