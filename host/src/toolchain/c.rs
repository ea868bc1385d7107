//! Definitions in C: `make` compiles them, with a compiler for WebAssembly.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::Command;

use super::making::{Step, ToolError, works};
use super::output::Output;

const COMPILING: Step = Step { name: "make", limit: Duration::from_mins(30), advice: "" };

/// The variable that names the compiler, with its flags, as `make` has it.
const COMPILER: &str = "WASM_CC";

/// Where the compilers that we look for come from.
const ZIGS: [&str; 3] = ["zig", "python3 -m ziglang", "python -m ziglang"];

/// Compiles the sources in a directory, as their Makefile says, to a file in another one.
pub(super) async fn compile(directory: &Path, work: &Path, output: Output<'_>) -> Result<PathBuf, ToolError> {
    let mut version = Command::new("make");
    version.arg("--version");
    if !works(version).await {
        return Err(ToolError::Missing(
            "a definition in C is built by make, and there is none here: on Debian `sudo apt install make` installs it, on \
             Fedora `sudo dnf install make`, on macOS `xcode-select --install`"
                .into(),
        ));
    }
    let compiler = compiler().await?;
    let module = work.join("core.wasm");
    let mut command = Command::new("make");
    command.arg("--silent").arg(format!("{COMPILER}={compiler}")).arg(format!("OUT={}", module.display()));
    COMPILING.run_aloud(command, directory, output).await?;
    if !module.is_file() {
        return Err(ToolError::Sources(format!(
            "{} did not make $(OUT): it has to include the SDK's drillmaster.mk",
            directory.join("Makefile").display()
        )));
    }
    Ok(module)
}

/// A C compiler that compiles to WebAssembly, with the flags that make it do so.
async fn compiler() -> Result<String, ToolError> {
    if let Ok(named) = env::var(COMPILER) {
        return Ok(named);
    }
    for zig in ZIGS {
        let mut words = zig.split(' ');
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).arg("version");
        if works(command).await {
            return Ok(format!("{zig} cc --target=wasm32-wasi"));
        }
    }
    if let Some(sdk) = env::var_os("WASI_SDK_PATH").map(PathBuf::from).filter(|sdk| sdk.join("bin/clang").is_file()) {
        let shown = sdk.display();
        return Ok(format!("{shown}/bin/clang --target=wasm32-wasip1 --sysroot={shown}/share/wasi-sysroot"));
    }
    Err(ToolError::Missing(format!(
        "a definition in C is built by a compiler for WebAssembly, and there is none here: `pip install ziglang` installs one, \
         and so does https://ziglang.org/download. With the WASI SDK, set WASI_SDK_PATH to its directory; with another clang, \
         {COMPILER} to the command"
    )))
}
