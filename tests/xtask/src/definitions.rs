//! Definitions: compiled to core modules, then made components; those in Python at once.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::build;
use crate::child;
use crate::failure::Failure;
use crate::python;
use crate::wasm::{self, Toolchain};
use crate::workspace;

/// Which definitions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// The example.
    Example,
    /// The example and the tests' own.
    All,
}

/// The example's component, once it is built.
pub(crate) fn example() -> PathBuf {
    workspace::root().join("examples/todo/app.wasm")
}

/// Builds definitions: the example beside its sources, the tests' into `definitions` in the target directory.
pub(crate) fn build(which: Which, toolchain: &Toolchain, target: &Path) -> Result<(), Failure> {
    let modules = target.join("wasm").join(wasm::TARGET).join("definition");
    let mut command = toolchain.build(&target.join("wasm"));
    command.args(["--package", "todo-definition", "--lib"]);
    let mut componentize = build::harness(target);
    componentize.arg("componentize").arg(modules.join("todo_definition.wasm")).arg(example());
    let mut in_python = Vec::new();
    let directory = target.join("definitions");
    if which == Which::All {
        command.args(["--package", "drillmaster-test-definitions", "--examples"]);
        let in_rust = names(&workspace::root().join("tests/definitions/examples"), "rs")?;
        in_python = names(&python::sources(), "py")?;
        prepare(&directory, &[in_rust.as_slice(), &in_python].concat())
            .map_err(|error| Failure::system(format_args!("prepare {}", directory.display()), &error))?;
        for name in in_rust {
            let file = format!("{name}.wasm");
            componentize.arg(modules.join("examples").join(&file)).arg(directory.join(&file));
        }
    }
    child::succeed(&mut command, "compiling definitions")?;
    child::succeed(&mut componentize, "making components")?;
    python::build(&in_python, target, &directory)
}

/// The tests' definitions in one language by name: one source file each.
fn names(directory: &Path, extension: &str) -> Result<Vec<String>, Failure> {
    let failure = |error| Failure::system(format_args!("list {}", directory.display()), &error);
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).map_err(failure)? {
        let path = entry.map_err(failure)?.path();
        if path.extension().is_some_and(|found| found == extension) {
            names.push(path.file_stem().unwrap_or_default().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Makes the directory, and takes out of it what has no source any more.
fn prepare(directory: &Path, names: &[String]) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        if !names.iter().any(|name| *name == stem) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}
