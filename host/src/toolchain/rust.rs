//! Definitions in Rust: cargo compiles them, for either of the targets that make components.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::process::Command;

use super::making::{Step, ToolError, works};
use super::output::Output;

/// The targets in the order in which they are looked for. With the first, the standard library has clocks, files and
/// sockets; with the second, a component is smaller.
const TARGETS: [&str; 2] = ["wasm32-wasip2", "wasm32-unknown-unknown"];

const COMPILING: Step = Step { name: "cargo build", limit: Duration::from_hours(1), advice: "" };

/// Compiles the library of the package in a directory; gives the file that it became.
pub(super) async fn compile(directory: &Path, output: Output<'_>) -> Result<PathBuf, ToolError> {
    let cargo = named_by("CARGO", "cargo");
    let mut version = Command::new(&cargo);
    version.arg("--version");
    if !works(version).await {
        return Err(ToolError::Missing(
            "a definition in Rust is built by cargo, and there is none here: https://rustup.rs says how to install it"
                .into(),
        ));
    }
    let mut command = Command::new(cargo);
    command.args(["build", "--release", "--lib", "--message-format", "json-render-diagnostics"]);
    // Flags for this machine's processor or linker do not fit there.
    command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    // It does not see that there is a terminal in the end. Where there is none, colours are stripped.
    if env::var_os("CARGO_TERM_COLOR").is_none() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    if env::var_os("CARGO_BUILD_TARGET").is_none() {
        command.args(["--target", installed(directory).await?]);
    }
    let messages = COMPILING.ask_aloud(command, directory, output).await?;
    artifact(&messages).ok_or_else(|| {
        ToolError::Sources(format!(
            "{} has no library that becomes a component: it needs a `[lib]` with `crate-type = [\"cdylib\"]`",
            directory.join("Cargo.toml").display()
        ))
    })
}

/// The program that a variable names, else the usual one.
fn named_by(variable: &str, usual: &str) -> OsString {
    env::var_os(variable).unwrap_or_else(|| usual.into())
}

/// The first of the targets whose standard library is installed.
async fn installed(directory: &Path) -> Result<&'static str, ToolError> {
    for target in TARGETS {
        let mut command = Command::new(named_by("RUSTC", "rustc"));
        command.current_dir(directory).args(["--print", "target-libdir", "--target", target]);
        command.stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let Ok(output) = command.output().await else { continue };
        let library = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
        let mut files = fs::read_dir(library).into_iter().flatten().flatten();
        if files.any(|file| file.file_name().to_string_lossy().starts_with("libstd-")) {
            return Ok(target);
        }
    }
    Err(ToolError::Missing(
        "the Rust toolchain has no standard library for WebAssembly: `rustup target add wasm32-wasip2` installs it. Another \
         way of having one can be named with cargo's own variables, as CARGO_BUILD_TARGET"
            .into(),
    ))
}

/// What cargo says it has made, one JSON object a line.
#[derive(Deserialize)]
struct Message {
    reason: String,
    target: Option<Target>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

/// The WebAssembly that the last library became.
fn artifact(messages: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Message>(line).ok());
    let is_library = |message: &Message| {
        let kinds = message.target.as_ref().map(|target| target.kind.as_slice()).unwrap_or_default();
        message.reason == "compiler-artifact" && kinds.iter().any(|kind| kind == "cdylib")
    };
    let last = messages.rev().find(is_library)?;
    last.filenames.into_iter().find(|file| file.extension().is_some_and(|extension| extension == "wasm"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_has_made_is_the_last_librarys_module() {
        let messages = r#"
{"reason":"compiler-artifact","target":{"kind":["lib"],"name":"sdk"},"filenames":["/t/libsdk.rlib"]}
{"reason":"build-script-executed","package_id":"x"}
{"reason":"compiler-artifact","target":{"kind":["cdylib"]},"filenames":["/t/shop.d","/t/shop.wasm"]}
{"reason":"build-finished","success":true}
"#;
        assert_eq!(artifact(messages), Some(PathBuf::from("/t/shop.wasm")));
        assert_eq!(artifact(r#"{"reason":"build-finished","success":true}"#), None);
        assert_eq!(artifact("no JSON"), None);
    }
}
