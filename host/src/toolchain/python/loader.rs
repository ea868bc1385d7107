//! The component that runs definitions in Python. It is made once on each machine, of this version's SDK alone, by
//! componentize-py, which comes from the Python package index.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use include_dir::{Dir, include_dir};
use tokio::time::Instant;

use crate::group::Digest;
use crate::toolchain::component::CONTRACT;
use crate::toolchain::keeping::{UNFINISHED, create, sweep};
use crate::toolchain::making::{Step, ToolError};

use super::pip::{self, isolated};

static SDK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../guest-sdk/python/src");

/// componentize-py, pinned with its digests, as pip has it.
const PINS: &str = include_str!("componentize-py.txt");

/// What the component is made of: a module of the SDK, for a world that is the contract and what drillmaster itself calls.
const MODULE: &str = "drillmaster.loader";
const WORLD: &str = "python-loader";

/// What there is of that world beside the contract.
const WIT: [(&str, &str); 2] =
    [("loader.wit", include_str!("loader.wit")), ("deps/cli/environment.wit", include_str!("environment.wit"))];

/// What componentize-py's own script does. That one has the path of its Python inside, which may be too long for it.
const COMPONENTIZE: &str = "import componentize_py, sys; sys.exit(componentize_py.script())";

/// The name of a component that is being made.
const MADE: &str = "made.wasm";

/// How long another process is waited for that makes the same, and how often it is looked whether it has.
const PATIENCE: Duration = Duration::from_mins(25);
const LOOK: Duration = Duration::from_millis(100);

const INSTALLING: Step = Step {
    name: "installing componentize-py",
    limit: Duration::from_mins(10),
    advice: "\nIt comes from PyPI: can this machine reach that? pip's own settings (PIP_INDEX_URL, PIP_PROXY) count.",
};

const MAKING: Step = Step { name: "componentize-py", limit: Duration::from_mins(10), advice: "" };

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
    let python = install(work.path(), &tell).await?;
    tell("making a component of Python and its standard library");
    make(&python, work.path()).await?;
    fs::rename(work.path().join(MADE), &made).map_err(cannot())?;
    drop(turn);
    Ok(made)
}

/// Makes a virtual environment with componentize-py in a directory; gives its Python.
async fn install(work: &Path, tell: impl Fn(&str)) -> Result<PathBuf, ToolError> {
    let pins = work.join("pins.txt");
    write(&pins, PINS.as_bytes()).map_err(ToolError::system(format!("write {}", pins.display())))?;
    let python = pip::environment(work).await?;
    tell("installing componentize-py from PyPI");
    let mut command = pip::install(&python);
    command.args(["--require-hashes", "--only-binary", ":all:", "--requirement"]).arg(pins);
    INSTALLING.run(command, work).await?;
    Ok(python)
}

/// Makes the component in a directory. Nothing but what is in drillmaster goes into it.
async fn make(python: &Path, work: &Path) -> Result<(), ToolError> {
    let cannot = || ToolError::system(format!("write to {}", work.display()));
    for (name, files) in [("sources", &SDK), ("wit", &CONTRACT)] {
        let mut files = files.entries_below();
        files.try_for_each(|(path, content)| write(&work.join(name).join(path), content)).map_err(cannot())?;
    }
    for (path, content) in WIT {
        write(&work.join("wit").join(path), content.as_bytes()).map_err(cannot())?;
    }
    let mut command = isolated(python);
    // Else componentize-py asks the pipenv or python3 that it finds for packages, and lets what it makes write to them.
    command.env("VIRTUAL_ENV", work.join("no-packages"));
    command.args(["-c", COMPONENTIZE, "--quiet", "--wit-path", "wit", "--world", WORLD]);
    command.args(["componentize", MODULE, "--python-path", "sources", "--output", MADE]);
    MAKING.run(command, work).await
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
    Digest::of_json(&(all, PINS, MODULE, WORLD, WIT))
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
}
