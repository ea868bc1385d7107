//! The images that the example and the tests are built on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build;
use crate::child;
use crate::debian;
use crate::docker::Docker;
use crate::failure::Failure;
use crate::narration;
use crate::workspace;

/// What the harness exits with when there is no base image and none can be pulled.
const NO_BASE: u8 = 4;
const INSTEAD: &str = "Give Docker access to a registry (`docker pull debian:bookworm-slim`), or make the image on a \
    Debian machine: `sudo debootstrap --variant=minbase bookworm /tmp/bookworm && sudo tar -C /tmp/bookworm -c . | \
    docker import - debian:bookworm-slim`.";

/// Sees to the base image of the example.
pub(crate) fn base(docker: &Docker, target: &Path) -> Result<(), Failure> {
    let status = child::run(docker.name_to(build::harness(target).args(["images", "base"])), "pulling")?;
    match child::code(status) {
        0 => Ok(()),
        3 => Err(Failure::docker("Docker does not answer")),
        NO_BASE => {
            let archive = bootstrap(target)?;
            let mut command = build::harness(target);
            command.args(["images", "base", "--from"]).arg(&archive);
            child::succeed(docker.name_to(&mut command), "importing the base image")?;
            // It is 150 MB and of no further use.
            fs::remove_file(&archive)
                .map_err(|error| Failure::system(format_args!("remove {}", archive.display()), &error))
        }
        _ => Err(Failure::step(format!("no base image: the harness ended with {status}"))),
    }
}

/// Builds the tests' service, linked statically, and its image.
pub(crate) fn service(docker: &Docker, target: &Path) -> Result<(), Failure> {
    let host = host()?;
    let directory = target.join("service");
    let mut command = workspace::cargo();
    // An explicit target keeps the flags away from build scripts.
    command.args(["build", "--package", "drillmaster-test-service", "--target", &host]);
    command.arg("--target-dir").arg(&directory);
    command.env("CARGO_ENCODED_RUSTFLAGS", "-Ctarget-feature=+crt-static");
    child::succeed(&mut command, "compiling the tests' service")?;
    let binary = directory.join(host).join("debug/drillmaster-test-service");
    let mut command = build::harness(target);
    command.args(["images", "service"]).arg(binary);
    child::succeed(docker.name_to(&mut command), "building an image")
}

/// Builds the image of the engine that the tests restart, on the base image.
pub(crate) fn engine(docker: &Docker, target: &Path) -> Result<(), Failure> {
    child::succeed(docker.name_to(build::harness(target).args(["images", "engine"])), "building an image")
}

/// Makes Debian's smallest system, as an archive.
fn bootstrap(target: &Path) -> Result<PathBuf, Failure> {
    let why = "the base image is not here and cannot be pulled, so it has to be made with debootstrap";
    if !debian::here() || !debian::root() {
        return Err(Failure::step(format!("{why}, which takes root on Debian. {INSTEAD}")));
    }
    let missing = debian::missing(&["debootstrap"]);
    if !missing.is_empty() {
        debian::install(&missing, why, INSTEAD)?;
    }
    let directory = target.join("debootstrap");
    let archive = target.join("debootstrap.tar");
    remove(&directory)?;
    narration::line(&format!("      {why}: about a minute, in {}", directory.display()));
    let mut command = Command::new("debootstrap");
    command.args(["--variant=minbase", "bookworm"]).arg(&directory);
    child::succeed(&mut command, "making the base image")?;
    let mut command = Command::new("tar");
    // What apt has downloaded is of no use in an image.
    command.arg("--exclude=./var/cache/apt/archives/*.deb").arg("--exclude=./var/lib/apt/lists/*");
    command.arg("--create").arg("--file").arg(&archive).arg("--directory").arg(&directory).arg(".");
    child::succeed(&mut command, "packing the base image")?;
    remove(&directory)?;
    Ok(archive)
}

fn remove(directory: &Path) -> Result<(), Failure> {
    if !directory.exists() {
        return Ok(());
    }
    fs::remove_dir_all(directory)
        .map_err(|error| Failure::system(format_args!("remove {}", directory.display()), &error))
}

/// The platform that we run on, in rustc's words.
fn host() -> Result<String, Failure> {
    let version = child::ask(Command::new("rustc").current_dir(workspace::root()).arg("-vV"));
    let version = version.ok_or_else(|| Failure::step("`rustc -vV` failed; run it to see why"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or_else(|| Failure::step("`rustc -vV` names no host"))?.to_owned())
}
