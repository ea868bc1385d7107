//! Definitions: compiled to core modules, then made components.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::build;
use crate::child;
use crate::failure::Failure;
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
    if which == Which::All {
        command.args(["--package", "drillmaster-test-definitions", "--examples"]);
        let directory = target.join("definitions");
        let names = names().map_err(|error| Failure::system("list tests/definitions/examples", &error))?;
        prepare(&directory, &names)
            .map_err(|error| Failure::system(format_args!("prepare {}", directory.display()), &error))?;
        for name in names {
            let file = format!("{name}.wasm");
            componentize.arg(modules.join("examples").join(&file)).arg(directory.join(&file));
        }
    }
    child::succeed(&mut command, "compiling definitions")?;
    child::succeed(&mut componentize, "making components")
}

/// The tests' definitions by name: one source file each.
fn names() -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(workspace::root().join("tests/definitions/examples"))? {
        let path = entry?.path();
        if let (Some(name), Some("rs")) = (path.file_stem(), path.extension().and_then(OsStr::to_str)) {
            names.push(name.to_string_lossy().into_owned());
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
