//! Where the contenders work: their names in Docker, their files, and looking at what they have done.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command};

use crate::child;
use crate::docker::Docker;
use crate::failure::Failure;
use crate::narration;

use super::contender::{Contender, READY_AFTER_MS};
use super::process::time;

/// What everything in Docker is named with, and then the process's number.
const PREFIX: &str = "dmbench-";
const IMAGE: &str = "drillmaster-test-service:latest";

/// Everything of one benchmark; goes when this is dropped.
pub(super) struct World {
    docker: Docker,
    pub(super) target: PathBuf,
    pub(super) directory: PathBuf,
    mark: String,
}

impl World {
    /// Makes it, and removes what killed ones have left.
    pub(super) fn make(docker: &Docker, target: &Path) -> Result<Self, Failure> {
        let mark = format!("{PREFIX}{}", process::id());
        let directory = target.join("bench").join(&mark);
        fs::create_dir_all(&directory)
            .map_err(|error| Failure::system(format_args!("make {}", directory.display()), &error))?;
        let world = Self { docker: docker.clone(), target: target.to_owned(), directory, mark };
        child::succeed(&mut world.floor(&["sweep", PREFIX]), "sweeping")?;
        // A name of our own: a test run beside this one may build the image again.
        child::succeed(&mut world.floor(&["tag", IMAGE, &world.mark]), "naming the image")?;
        Ok(world)
    }

    /// The image that everybody starts.
    pub(super) fn image(&self) -> String {
        format!("{}:latest", self.mark)
    }

    /// What the names of one contender's containers and networks contain.
    pub(super) fn mark(&self, letter: char) -> String {
        format!("{}-{letter}", self.mark)
    }

    pub(super) fn floor(&self, words: &[&str]) -> Command {
        let mut command = Command::new(self.release("drillmaster-test-floor"));
        self.docker.name_to(command.args(words));
        command
    }

    pub(super) fn drillmaster(&self) -> Command {
        let mut command = Command::new(self.release("drillmaster"));
        command.env("XDG_STATE_HOME", self.directory.join("state"));
        command.env("XDG_CACHE_HOME", self.directory.join("cache"));
        self.docker.name_to(&mut command);
        command
    }

    pub(super) fn peer(&self, words: &[String]) -> Command {
        let mut command = Command::new(&words[0]);
        self.docker.name_to(command.args(&words[1..]).current_dir(&self.directory));
        command
    }

    pub(super) fn time(&self, command: &mut Command) -> Result<std::time::Duration, Failure> {
        time(command, &self.directory.join("output"))
    }

    /// Looks whether so many containers of a contender run and so many are stopped, and gives their ids.
    pub(super) fn expect(&self, contender: &Contender, running: usize, stopped: usize) -> Result<Vec<String>, Failure> {
        let state = self.ask(&["state", &contender.mark])?;
        let count = |state: &str, word: &str| state.lines().filter(|line| line.ends_with(word)).count();
        let found = (count(&state, " running"), count(&state, " stopped"));
        if found == (running, stopped) {
            return Ok(state.lines().map(str::to_owned).collect());
        }
        let said = fs::read_to_string(self.directory.join("output")).unwrap_or_default();
        Err(Failure::step(format!(
            "{} should have left {running} running containers and {stopped} stopped ones, and left {} and {}; it said:\n{said}",
            contender.name, found.0, found.1
        )))
    }

    /// Looks whether each service was started after the one before was ready.
    pub(super) fn expect_chain(&self, contender: &Contender) -> Result<(), Failure> {
        let times: Vec<f64> = self.ask(&["started", &contender.mark])?.lines().filter_map(second).collect();
        let apart = |pair: &[f64]| (pair[1] - pair[0]).rem_euclid(86_400.0) * 1000.0 >= f64::from(READY_AFTER_MS);
        if times.len() == super::contender::LINKS && times.windows(2).all(apart) {
            return Ok(());
        }
        Err(Failure::step(format!("{} did not wait for what its services depend on: {times:?}", contender.name)))
    }

    /// Removes everything of a contender from Docker.
    pub(super) fn remove(&self, contender: &Contender) -> Result<(), Failure> {
        self.time(&mut self.floor(&["remove", &contender.mark])).map(drop)
    }

    fn ask(&self, words: &[&str]) -> Result<String, Failure> {
        let mut command = self.floor(words);
        child::ask(&mut command).ok_or_else(|| Failure::step(format!("{} failed", child::shown(&command))))
    }

    fn release(&self, name: &str) -> PathBuf {
        self.target.join("release").join(name)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for mut command in [self.floor(&["remove", &self.mark]), self.floor(&["untag", &self.mark])] {
            if child::ask(&mut command).is_none() {
                narration::line(&format!("      {} failed: the next benchmark tries again", child::shown(&command)));
            }
        }
        // What stays is small, and below the target directory.
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// The second of the day of a time as the engine writes it, `2026-01-31T23:59:59.123456789Z`.
fn second(time: &str) -> Option<f64> {
    let time = time.split_once('T')?.1.trim_end_matches('Z');
    let parts: Vec<f64> = time.split(':').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [hours, minutes, seconds] = parts[..] else { return None };
    Some((hours * 60.0 + minutes) * 60.0 + seconds)
}
