//! What runs definitions in Python: a component with a Python inside, which imports them from their directory. It is
//! made once on each machine, of this version's SDK, by componentize-py, which comes from the Python package index.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use include_dir::{Dir, include_dir};
use tokio::process::Command;
use tokio::time::Instant;

use crate::group::Digest;

use super::component::CONTRACT;
use super::keeping::{UNFINISHED, create, sweep};
use super::making::{Step, ToolError, Tools, works};

static SDK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../guest-sdk/python/src");

/// componentize-py, pinned with its digests, as pip has it.
const PINS: &str = include_str!("componentize-py.txt");

/// What the component is made of.
const LOADER: &str = "from drillmaster.loader import GroupHooks, Lifecycle, ServiceHooks\n";

/// What a component of a person's own is made of.
const OWN: &str = "import app\nfrom drillmaster.component import GroupHooks, Lifecycle, ServiceHooks\n";

/// The file that has the definition.
const APP: &str = "app.py";

/// The Python in a component, for which packages are chosen.
const INSIDE: &str = "3.14";

/// A file of requirements, which can pin packages with their digests, as pip has it.
const REQUIREMENTS: &str = "requirements.txt";

/// Ends well if this Python can make a virtual environment with componentize-py.
const PROBE: &str = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))";

/// What componentize-py's own script does. That one has the path of its Python inside, which may be too long for it.
const COMPONENTIZE: &str = "import componentize_py, sys; sys.exit(componentize_py.script())";

/// The name of a component that is being made, and of a virtual environment.
const MADE: &str = "made.wasm";
const ENVIRONMENT: &str = "venv";

/// How long another process is waited for that makes the same, and how often it is looked whether it has.
const PATIENCE: Duration = Duration::from_mins(25);
const LOOK: Duration = Duration::from_millis(100);

/// What is told where there is none.
const NO_PYTHON: &str = "a definition in Python needs a Python 3.10 or later, with `venv` and `pip`, for making what runs \
    it; once, and there is none here. On Debian `sudo apt install python3-venv` installs it, on Fedora `sudo dnf install \
    python3`, on macOS `brew install python3`";

const PREPARING: Step = Step { name: "making a virtual environment", limit: Duration::from_mins(3), advice: "" };

const INSTALLING: Step = Step {
    name: "installing componentize-py",
    limit: Duration::from_mins(10),
    advice: "\nIt comes from PyPI: can this machine reach that? pip's own settings (PIP_INDEX_URL, PIP_PROXY) count.",
};

const REQUIRING: Step = Step {
    name: "installing the packages that the definition requires",
    limit: Duration::from_mins(10),
    advice: "\nThey come from PyPI, which this machine has to reach; only packages in pure Python work in a component.",
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
    let python = install(work.path(), &tell).await?;
    tell("making a component of Python and its standard library");
    make(&python, work.path(), LOADER, &[]).await?;
    fs::rename(work.path().join(MADE), &made).map_err(cannot())?;
    drop(turn);
    Ok(made)
}

/// A component of the definition in a directory, with the packages that it requires, in a file of another directory.
pub(super) async fn componentize(directory: &Path, work: &Path, tools: &Tools<'_>) -> Result<PathBuf, ToolError> {
    entry(directory)?;
    let python = kept(&tools.directory.join("python"), tools.tell).await?;
    let packages = work.join("packages");
    let mut paths = vec![absolute(directory)?];
    if let Some(required) = required(directory)? {
        (tools.tell)("installing the packages that the definition requires");
        let mut command = pip_install(&python);
        command.args(["--only-binary", ":all:", "--platform", "any", "--implementation", "py", "--abi", "none"]);
        command.args(["--python-version", INSIDE, "--target"]).arg(&packages).args(required);
        REQUIRING.run(command, work).await?;
        paths.push(packages);
    }
    (tools.tell)("making a component of the definition and of Python; that takes some twenty seconds");
    make(&python, work, OWN, &paths).await?;
    Ok(work.join(MADE))
}

/// The file in a directory that has the definition.
///
/// # Errors
/// If there is none.
pub(super) fn entry(directory: &Path) -> Result<PathBuf, ToolError> {
    let app = directory.join(APP);
    if app.is_file() {
        return Ok(app);
    }
    Err(ToolError::Sources(format!("there is no {APP} in {}: it has the definition", directory.display())))
}

fn absolute(directory: &Path) -> Result<PathBuf, ToolError> {
    directory.canonicalize().map_err(ToolError::system(format!("find {}", directory.display())))
}

/// What pip is to install for a definition: what its requirements.txt says, else its pyproject.toml.
fn required(directory: &Path) -> Result<Option<Vec<OsString>>, ToolError> {
    #[derive(Default, serde::Deserialize)]
    struct Project {
        #[serde(default)]
        dependencies: Vec<String>,
    }
    #[derive(serde::Deserialize)]
    struct File {
        #[serde(default)]
        project: Project,
    }
    let requirements = directory.join(REQUIREMENTS);
    if requirements.is_file() {
        return Ok(Some(vec!["--requirement".into(), absolute(&requirements)?.into()]));
    }
    let file = directory.join("pyproject.toml");
    if !file.is_file() {
        return Ok(None);
    }
    let text = fs::read_to_string(&file).map_err(ToolError::system(format!("read {}", file.display())))?;
    let parsed: Result<File, _> = toml::from_str(&text);
    let parsed = parsed.map_err(|error| ToolError::Sources(format!("{}: {error}", file.display())))?;
    // The SDK comes with drillmaster.
    let others = parsed.project.dependencies.into_iter().filter(|name| !name.starts_with("drillmaster"));
    let others: Vec<OsString> = others.map(Into::into).collect();
    Ok((!others.is_empty()).then(|| [vec!["--".into()], others].concat()))
}

/// A Python with componentize-py, which is kept for the next time.
async fn kept(directory: &Path, tell: &(dyn Fn(&str) + Send + Sync)) -> Result<PathBuf, ToolError> {
    let kept = directory.join(format!("componentize-py-{}", Digest::of(PINS.as_bytes())));
    let python = inside(&kept.join(ENVIRONMENT));
    if python.is_file() {
        return Ok(python);
    }
    let cannot = || ToolError::system(format!("install componentize-py in {}", directory.display()));
    create(directory).map_err(cannot())?;
    let _turn = turn(directory, tell).await.map_err(cannot())?;
    if !python.is_file() {
        sweep(directory);
        let work = tempfile::Builder::new().prefix(UNFINISHED).tempdir_in(directory).map_err(cannot())?;
        install(work.path(), tell).await?;
        fs::rename(work.path(), &kept).map_err(cannot())?;
    }
    Ok(python)
}

/// The Python of a virtual environment.
fn inside(environment: &Path) -> PathBuf {
    environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}

/// Makes a virtual environment with componentize-py in a directory; gives its Python.
async fn install(work: &Path, tell: impl Fn(&str)) -> Result<PathBuf, ToolError> {
    let pins = work.join("pins.txt");
    write(&pins, PINS.as_bytes()).map_err(ToolError::system(format!("write {}", pins.display())))?;
    let environment = work.join(ENVIRONMENT);
    let mut command = isolated(find().await?);
    command.args(["-m", "venv"]).arg(&environment);
    PREPARING.run(command, work).await?;
    tell("installing componentize-py from PyPI");
    let python = inside(&environment);
    let mut command = pip_install(&python);
    command.args(["--require-hashes", "--only-binary", ":all:", "--requirement"]).arg(pins);
    INSTALLING.run(command, work).await?;
    Ok(python)
}

fn pip_install(python: &Path) -> Command {
    let mut command = isolated(python);
    command.args(["-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--progress-bar", "off"]);
    command
}

/// Makes a component in a directory, of a module, of the SDK, and of the modules in further directories.
async fn make(python: &Path, work: &Path, entry: &str, paths: &[PathBuf]) -> Result<(), ToolError> {
    let cannot = || ToolError::system(format!("write to {}", work.display()));
    for (name, files) in [("sources", &SDK), ("wit", &CONTRACT)] {
        let mut files = files.entries_below();
        files.try_for_each(|(path, content)| write(&work.join(name).join(path), content)).map_err(cannot())?;
    }
    write(&work.join("sources/entry.py"), entry.as_bytes()).map_err(cannot())?;
    let mut command = isolated(python);
    command.env_remove("VIRTUAL_ENV");
    command.args(["-c", COMPONENTIZE, "--quiet", "--wit-path", "wit", "--world", "plugin-with-hooks"]);
    command.args(["componentize", "entry", "--python-path", "sources", "--output", MADE]);
    for path in paths {
        command.arg("--python-path").arg(path);
    }
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
    Digest::of_json(&(all, PINS, LOADER))
}

/// Python without the modules that lie in the working directory: they may be a stranger's, and would run unfenced.
fn isolated(python: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(python);
    command.arg("-I");
    command
}

/// A Python that can make virtual environments.
async fn find() -> Result<&'static str, ToolError> {
    for python in ["python3", "python"] {
        let mut command = isolated(python);
        command.args(["-c", PROBE]);
        if works(command).await {
            return Ok(python);
        }
    }
    Err(ToolError::Missing(NO_PYTHON.into()))
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
}
