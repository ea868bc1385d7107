//! Python: its SDK's own tests, and the tests' definitions, which componentize-py makes components of.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use crate::child;
use crate::debian;
use crate::failure::Failure;
use crate::narration;
use crate::workspace;

const SOURCES: &str = "tests/definitions/python";
const SDK: &str = "guest-sdk/python/src";
const SDK_TESTS: &str = "guest-sdk/python/tests";
/// The tool and the packages, each pinned with its digest.
const TOOL: &str = "host/src/toolchain/componentize-py.txt";
const PACKAGES: &str = "tests/definitions/python/packages.txt";
/// The Python that componentize-py compiles in.
const VERSION_INSIDE: &str = "3.14";
const WORLD: &str = "plugin-with-hooks";
/// The module that a component is made of: it names the definition, and what that exports.
const ENTRY: &str = "entry";
const WHY: &str = "the Python SDK is tested, and definitions in Python are built, by a Python from 3.10 on with `venv` and \
    `pip`, and there is none";
const INSTEAD: &str = "On Fedora that is `sudo dnf install python3`, on macOS `brew install python3`.";
/// Prints what a virtual environment would be made with, or fails if none can be made or it is too old.
const PROBE: &str = "import ensurepip, sys, venv; assert sys.version_info >= (3, 10); \
    print(ensurepip.version(), sys.version, sys.base_prefix)";
/// What the tool's own script does. That one knows where it was installed, and does not work once it was moved.
const COMPONENTIZE: &str = "import componentize_py, sys; sys.exit(componentize_py.script())";

/// The directory of the sources.
pub(crate) fn sources() -> PathBuf {
    workspace::root().join(SOURCES)
}

/// Runs the SDK's own tests whose names contain one of the filters; all when there is none.
pub(crate) fn test(filters: &[&str]) -> Result<ExitStatus, Failure> {
    let (python, _) = find()?;
    let mut command = Command::new(python);
    // Nothing comes to lie beside the sources.
    command.current_dir(workspace::root()).args(["-B", SDK_TESTS]).args(filters);
    child::run_to_stdout(&mut command, "testing the Python SDK")
}

/// Builds the definitions of these names into a directory, those whose sources, SDK, contract or pins have changed.
pub(crate) fn build(names: &[String], target: &Path, directory: &Path) -> Result<(), Failure> {
    let ours = target.join("python");
    fs::create_dir_all(&ours).map_err(|error| Failure::system(format_args!("make {}", ours.display()), &error))?;
    let (tool_pins, package_pins) = (read(&workspace::root().join(TOOL))?, read(&workspace::root().join(PACKAGES))?);
    let contract = text(&files(&workspace::root().join("wit"), "wit")?)?;
    let sdk = files(&workspace::root().join(SDK), "py")?;
    let sdk_text = text(&sdk)?;
    for name in names {
        let source = read(&sources().join(name).with_extension("py"))?;
        let component = directory.join(name).with_extension("wasm");
        let made_of = [source.as_str(), &sdk_text, &contract, &tool_pins, &package_pins].concat();
        let stamp = ours.join(name).with_extension("made-of");
        if component.is_file() && is_made_of(&stamp, &made_of) {
            narration::line(&format!("{}: up to date", component.display()));
            continue;
        }
        let python = tool(&ours, &tool_pins)?;
        let packages = packages(&python, &ours, &package_pins)?;
        let sources = copy(&ours, name, &source, &sdk)?;
        componentize(&python, &[&sources, &packages], &ours.join(name).with_extension("wasm"), &component)?;
        write(&stamp, &made_of)?;
    }
    Ok(())
}

/// A directory with the definition, what makes a component of it, and the SDK. It is a copy: compiled files come to lie
/// beside them.
fn copy(ours: &Path, name: &str, source: &str, sdk: &[PathBuf]) -> Result<PathBuf, Failure> {
    let sources = ours.join("sources").join(name);
    remove(&sources)?;
    for file in sdk {
        let inside = file.strip_prefix(workspace::root().join(SDK)).unwrap_or(file);
        write_below(&sources.join(inside), &read(file)?)?;
    }
    let entry = format!("import {name}\nfrom drillmaster.component import GroupHooks, Lifecycle, ServiceHooks\n");
    write_below(&sources.join(ENTRY).with_extension("py"), &entry)?;
    write_below(&sources.join(name).with_extension("py"), source)?;
    Ok(sources)
}

/// Makes one component of the modules in some directories.
fn componentize(python: &Path, directories: &[&Path], made: &Path, component: &Path) -> Result<(), Failure> {
    let mut command = Command::new(python);
    command.current_dir(workspace::root()).env_remove("VIRTUAL_ENV");
    command.args(["-c", COMPONENTIZE, "--quiet", "--wit-path", "wit", "--world", WORLD, "componentize", ENTRY]);
    for directory in directories {
        command.arg("--python-path").arg(directory);
    }
    command.arg("--output").arg(made);
    child::succeed(&mut command, "making a component of a definition in Python")?;
    narration::line(&format!("{}: written", component.display()));
    fs::rename(made, component).map_err(|error| Failure::system(format_args!("write {}", component.display()), &error))
}

/// The Python of a virtual environment that has the tool.
fn tool(ours: &Path, pins: &str) -> Result<PathBuf, Failure> {
    let (python, version) = find()?;
    let environment = ours.join("venv");
    let inside = environment.join("bin/python");
    let made_of = [version.as_str(), pins].concat();
    renewed(&environment, &made_of, || {
        let mut command = Command::new(python);
        command.args(["-m", "venv"]).arg(&environment);
        child::succeed(&mut command, "making a virtual environment of Python")?;
        child::succeed(&mut pip_install(&inside, TOOL), "installing componentize-py")
    })?;
    Ok(inside)
}

/// The directory of the packages that are compiled in.
fn packages(python: &Path, ours: &Path, pins: &str) -> Result<PathBuf, Failure> {
    let directory = ours.join("packages");
    renewed(&directory, pins, || {
        let mut command = pip_install(python, PACKAGES);
        command.args(["--platform", "any", "--implementation", "py", "--abi", "none"]);
        command.args(["--python-version", VERSION_INSIDE, "--target"]).arg(&directory);
        child::succeed(&mut command, "installing the packages that definitions in Python use")
    })?;
    Ok(directory)
}

fn pip_install(python: &Path, pins: &str) -> Command {
    let mut command = Command::new(python);
    command.args(["-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--progress-bar", "off"]);
    command.args(["--require-hashes", "--only-binary", ":all:", "--requirement"]).arg(workspace::root().join(pins));
    command
}

/// A Python that can make virtual environments, and its version. Where there is none, Debian's is installed.
fn find() -> Result<(&'static str, String), Failure> {
    let probe = |python| Some((python, child::ask(Command::new(python).args(["-c", PROBE]))?));
    let any = || ["python3", "/usr/bin/python3"].into_iter().find_map(probe);
    if let Some(found) = any() {
        return Ok(found);
    }
    debian::install(&["python3-venv"], WHY, INSTEAD)?;
    any().ok_or_else(|| Failure::step(format!("{WHY}, even with Debian's python3-venv. {INSTEAD}")))
}

/// Makes a directory anew unless it was made of the same before. One that was left half made is not taken for it.
fn renewed(directory: &Path, made_of: &str, make: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
    let stamp = directory.with_extension("made-of");
    if directory.is_dir() && is_made_of(&stamp, made_of) {
        return Ok(());
    }
    remove(&stamp)?;
    remove(directory)?;
    make()?;
    write(&stamp, made_of)
}

fn is_made_of(stamp: &Path, made_of: &str) -> bool {
    fs::read(stamp).is_ok_and(|stamp| stamp == made_of.as_bytes())
}

/// Removes a file, or a directory with all that is in it, if it is there.
fn remove(path: &Path) -> Result<(), Failure> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Failure::system(format_args!("remove {}", path.display()), &error))
        }
        _ => Ok(()),
    }
}

/// The files of this kind in a directory and those below it, in an order that does not change.
fn files(directory: &Path, extension: &str) -> Result<Vec<PathBuf>, Failure> {
    let failure = |error| Failure::system(format_args!("list {}", directory.display()), &error);
    let entries = fs::read_dir(directory).map_err(failure)?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>().map_err(failure)?;
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(self::files(&path, extension)?);
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    Ok(files)
}

/// What stands in files, one after the other.
fn text(files: &[PathBuf]) -> Result<String, Failure> {
    files.iter().map(|file| read(file)).collect()
}

fn read(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| Failure::system(format_args!("read {}", file.display()), &error))
}

fn write(file: &Path, content: &str) -> Result<(), Failure> {
    fs::write(file, content).map_err(|error| Failure::system(format_args!("write {}", file.display()), &error))
}

/// The same, in a directory that is made if it is not there.
fn write_below(file: &Path, content: &str) -> Result<(), Failure> {
    if let Some(directory) = file.parent() {
        fs::create_dir_all(directory)
            .map_err(|error| Failure::system(format_args!("make {}", directory.display()), &error))?;
    }
    write(file, content)
}
