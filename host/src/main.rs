//! The `drillmaster` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(drillmaster::cli::run());
    // A definition that is still being compiled after its time-out must not keep the process.
    runtime.shutdown_background();
    ExitCode::from(code)
}
