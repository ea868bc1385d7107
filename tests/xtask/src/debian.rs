//! Debian's packages, which stand in for what cannot be downloaded.

use std::fs;
use std::process::Command;

use crate::child;
use crate::failure::Failure;
use crate::narration;

/// Those of the packages that are not installed.
pub(crate) fn missing<'a>(packages: &[&'a str]) -> Vec<&'a str> {
    packages.iter().copied().filter(|package| !installed(package)).collect()
}

/// Installs packages. `why` completes "…: needs Debian's packages". Where this may not or cannot, the failure ends
/// with `instead`, what a person can do.
pub(crate) fn install(packages: &[&str], why: &str, instead: &str) -> Result<(), Failure> {
    let words = packages.join(" ");
    if !here() {
        return Err(Failure::step(format!("{why}. {instead}")));
    }
    if !root() {
        return Err(Failure::step(format!("{why}. Run `sudo apt-get install {words}`. {instead}")));
    }
    narration::line(&format!("      {why}: installing Debian's packages {words}, after `apt-get update`"));
    // An update that fails, for one source of many perhaps, may still leave lists that are good enough.
    child::run(apt().arg("update"), "updating the package lists")?;
    let mut install = apt();
    install.args(["install", "--yes", "--no-install-recommends"]).args(packages);
    let status = child::run(&mut install, "installing packages")?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::step(format!("{why}, and {} ended with {status}. {instead}", child::shown(&install))))
}

/// Whether this is Debian, or one of its kin.
pub(crate) fn here() -> bool {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    release.lines().any(|line| {
        let (key, value) = line.split_once('=').unwrap_or_default();
        matches!(key, "ID" | "ID_LIKE") && value.trim_matches('"').split(' ').any(|name| name == "debian")
    })
}

/// Whether we may change the machine.
pub(crate) fn root() -> bool {
    child::ask(Command::new("id").arg("-u")).is_some_and(|id| id == "0")
}

fn installed(package: &str) -> bool {
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat", "${db:Status-Status}", package]);
    child::ask(&mut query).is_some_and(|status| status == "installed")
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.args(["--option", "DPkg::Lock::Timeout=120", "--option", "Acquire::Retries=2"]);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}
