//! Timing whole processes.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::child;
use crate::failure::Failure;
use crate::interrupt;

/// What no process may take longer than.
const LIMIT: Duration = Duration::from_mins(2);

/// Runs a command to its end and says how long that took, from before it was started. Its output goes to a file, which
/// is shown if it fails.
pub(super) fn time(command: &mut Command, output: &Path) -> Result<Duration, Failure> {
    let shown = child::shown(command);
    let file = File::create(output).map_err(|error| Failure::system("make a file", &error))?;
    let same = file.try_clone().map_err(|error| Failure::system("make a file", &error))?;
    command.stdin(Stdio::null()).stdout(file).stderr(same);
    let began = Instant::now();
    let mut child = command.spawn().map_err(|error| Failure::system(format_args!("run {shown}"), &error))?;
    let (ended, waiting) = mpsc::channel::<()>();
    let id = child.id().to_string();
    // Waiting is left to the system, which is exact; somebody else keeps an eye on the clock.
    let watchdog = thread::spawn(move || {
        if waiting.recv_timeout(LIMIT) == Err(mpsc::RecvTimeoutError::Timeout) {
            let _ = Command::new("kill").args(["-9", &id]).status();
        }
    });
    let status = child.wait().map_err(|error| Failure::system(format_args!("wait for {shown}"), &error));
    let took = began.elapsed();
    drop(ended);
    let _ = watchdog.join();
    if let Some(signal) = interrupt::take() {
        return Err(Failure::interrupted(signal));
    }
    let status = status?;
    if status.success() {
        return Ok(took);
    }
    let said = fs::read_to_string(output).unwrap_or_default();
    Err(Failure::step(format!("{shown} ended with {status} after {} s:\n{said}", took.as_secs())))
}
