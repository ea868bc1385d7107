//! What is kept of a scenario whose test has failed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result};

use super::Scenario;
use crate::workspace;

/// Keeps the commands with their output, what the engine knows of the containers, their logs, and the scenario's
/// directories, and says where. Never panics.
pub(super) fn keep(scenario: &Scenario) {
    let directory = directory(scenario);
    let kept = write(scenario, &directory);
    eprintln!("what helps to see why is kept in {}", directory.display());
    if let Err(error) = kept {
        eprintln!("but not all of it: {error:#}");
    }
}

/// Named after the test, as the test runner names its threads.
fn directory(scenario: &Scenario) -> PathBuf {
    let thread = thread::current();
    // With one thread for all tests, that thread is no test's.
    let test =
        thread.name().filter(|name| *name != "main").map_or_else(|| scenario.group(), |name| name.replace("::", "."));
    workspace::target().join("e2e").join(test)
}

fn write(scenario: &Scenario, directory: &Path) -> Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory).context("cannot remove what was kept before")?;
    }
    fs::create_dir_all(directory)?;
    fs::write(directory.join("commands.log"), scenario.history.text())?;
    copy(&scenario.directory(), directory).context("cannot copy the scenario's directories")?;
    if let Some(inner) = &scenario.inner {
        fs::write(directory.join("engine.log"), inner.log()?)?;
    }
    for container in scenario.engine().containers(&scenario.group())? {
        let id = container.id.unwrap_or_default();
        let name = container.names.unwrap_or_default().first().map_or(id.clone(), |name| name.replace('/', ""));
        let inspected = scenario.engine().inspect(&id)?;
        fs::write(directory.join(format!("{name}.json")), serde_json::to_vec_pretty(&inspected)?)?;
        fs::write(directory.join(format!("{name}.log")), scenario.engine().logs(&id)?)?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        let kind = entry.file_type()?;
        // Links are not followed: they may lead anywhere.
        if kind.is_dir() {
            copy(&entry.path(), &target)?;
        } else if kind.is_file() {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
