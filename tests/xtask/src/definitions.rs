//! Definitions in Rust: compiled to core modules, then made components.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::build;
use crate::child;
use crate::failure::Failure;
use crate::wasm::{self, Toolchain};
use crate::workspace;

/// The definitions that each language has.
const CONFORMING: [&str; 2] = ["failing", "reference"];

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
    let directory = target.join("definitions");
    if which == Which::All {
        command.args(["--package", "drillmaster-test-definitions", "--examples"]);
        let names = names(&workspace::root().join("tests/definitions/examples"))?;
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

/// Builds those definitions for Rust's other target, of which components come at once, into a directory of their own.
pub(crate) fn build_for_wasip2(target: &Path) -> Result<(), Failure> {
    let mut command = workspace::cargo();
    command.args(["build", "--package", "drillmaster-test-definitions", "--target", wasm::WASIP2]);
    command.args(["--profile", "definition", "--target-dir"]).arg(target.join("wasm"));
    command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    let directory = target.join("definitions/wasip2");
    fs::create_dir_all(&directory)
        .map_err(|error| Failure::system(format_args!("make {}", directory.display()), &error))?;
    for name in CONFORMING {
        command.args(["--example", name]);
    }
    child::succeed(&mut command, "compiling definitions for wasm32-wasip2")?;
    for name in CONFORMING {
        let file = Path::new(name).with_extension("wasm");
        let made = target.join("wasm").join(wasm::WASIP2).join("definition/examples").join(&file);
        let copied = fs::copy(&made, directory.join(&file));
        copied.map_err(|error| Failure::system(format_args!("copy {}", made.display()), &error))?;
    }
    Ok(())
}

/// The definitions in a directory by name: one source file each.
fn names(directory: &Path) -> Result<Vec<String>, Failure> {
    let failure = |error| Failure::system(format_args!("list {}", directory.display()), &error);
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).map_err(failure)? {
        let path = entry.map_err(failure)?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
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
        if path.is_file() && !names.iter().any(|name| *name == stem) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}
