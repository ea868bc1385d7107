//! A Rust toolchain that can build for Wasm.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::child;
use crate::debian;
use crate::failure::Failure;
use crate::narration;
use crate::workspace;

/// What definitions are built for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
/// What they can be built for as well.
pub(crate) const WASIP2: &str = "wasm32-wasip2";
const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld"];
const RUSTC: &str = "/usr/bin/rustc";
const DEBIANS_CARGO: &str = "/usr/bin/cargo";
const DEBIANS: [(&str, &str); 3] = [
    ("RUSTC", RUSTC),
    // build-std is not stable yet.
    ("RUSTC_BOOTSTRAP", "1"),
    ("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "/usr/bin/wasm-ld"),
];
const NEEDED: &str = env!("CARGO_PKG_RUST_VERSION");
const INSTEAD: &str = "Or let rustup download it: `rustup target add wasm32-unknown-unknown`.";
const DOWNLOAD_LIMIT: Duration = Duration::from_mins(3);

/// Who builds definitions.
pub(crate) enum Toolchain {
    /// The cargo that runs us: its standard library for Wasm is there.
    Ours,
    /// Debian's, which compiles its standard library for Wasm from source.
    Debian,
}

impl Toolchain {
    /// Finds a toolchain; if there is none, rustup is asked to download what ours lacks, and then Debian's is
    /// installed.
    pub(crate) fn find() -> Result<Self, Failure> {
        if standard_library(TARGET) {
            narration::line("      the active toolchain has the standard library for Wasm");
            return Ok(Self::Ours);
        }
        if debian::here() && debian::missing(&PACKAGES).is_empty() && debians_version().is_ok() {
            narration::line("      the active toolchain has no standard library for Wasm; Debian's builds it");
            return Ok(Self::Debian);
        }
        if download(TARGET)? {
            return Ok(Self::Ours);
        }
        let missing = debian::missing(&PACKAGES);
        if !missing.is_empty() {
            debian::install(&missing, "there is no Rust standard library for Wasm", INSTEAD)?;
        }
        debians_version()?;
        Ok(Self::Debian)
    }

    /// Tells the tests with which variables `drillmaster build` builds definitions in Rust here, one a line.
    pub(crate) fn name_to(&self, command: &mut Command) {
        if matches!(self, Self::Debian) {
            let more = [
                ("CARGO", DEBIANS_CARGO),
                ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort"),
                ("CARGO_BUILD_TARGET", TARGET),
            ];
            let variables = DEBIANS.iter().chain(&more).map(|(name, value)| format!("{name}={value}\n"));
            command.env("DRILLMASTER_TEST_RUST", variables.collect::<String>());
        }
    }

    /// A `cargo build` for Wasm, to which packages are to be added.
    pub(crate) fn build(&self, target_directory: &Path) -> Command {
        let mut command = match self {
            Self::Ours => workspace::cargo(),
            Self::Debian => debians_cargo(),
        };
        command.arg("build");
        if matches!(self, Self::Debian) {
            command.arg("-Zbuild-std=std,panic_abort");
        }
        command.args(["--target", TARGET, "--profile", "definition", "--target-dir"]).arg(target_directory);
        // Flags for the host's processor or linker do not fit here.
        command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        command
    }
}

/// Makes sure that the active toolchain can build for the other target, if rustup can bring that about; false if not.
pub(crate) fn has_wasip2() -> Result<bool, Failure> {
    Ok(standard_library(WASIP2) || download(WASIP2)?)
}

/// Makes sure that Debian's compiler is not too old: its newer versions come with the security updates.
fn debians_version() -> Result<(), Failure> {
    let version = child::ask(Command::new(RUSTC).arg("--version")).unwrap_or_default();
    let minor = |version: &str| version.split('.').nth(1)?.parse::<u32>().ok();
    if minor(&version) >= minor(NEEDED) {
        return Ok(());
    }
    Err(Failure::step(format!(
        "{RUSTC} is {version:?}, and Rust {NEEDED} is needed: enable Debian's security updates, then run \
         `sudo apt-get update && sudo apt-get install {}`. {INSTEAD}",
        PACKAGES.join(" ")
    )))
}

fn debians_cargo() -> Command {
    let mut command = Command::new(DEBIANS_CARGO);
    let ours = workspace::cargo();
    command.current_dir(workspace::root());
    command.envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.envs(DEBIANS);
    command
}

/// Whether the active toolchain can build for a target.
fn standard_library(target: &str) -> bool {
    let mut command = Command::new("rustc");
    command.current_dir(workspace::root()).args(["--print", "target-libdir", "--target", target]);
    let Some(directory) = child::ask(&mut command) else {
        return false;
    };
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
}

/// Lets rustup download the standard library; false when it cannot, which is no failure.
fn download(target: &str) -> Result<bool, Failure> {
    if child::ask(Command::new("rustup").arg("--version")).is_none() {
        narration::line("      the active toolchain has no standard library for Wasm, and there is no rustup");
        return Ok(false);
    }
    let mut command = Command::new("rustup");
    // Why it cannot is said in one line; the stack it found that out on helps nobody.
    command.current_dir(workspace::root()).args(["target", "add", target]).env("RUST_BACKTRACE", "0");
    narration::line(&format!("      asking rustup for it: {}", child::shown(&command)));
    let status = child::run_within(&mut command, "downloading", DOWNLOAD_LIMIT)?;
    let got = status.success() && standard_library(target);
    if !got {
        narration::line(&format!("      rustup could not download it ({status})"));
    }
    Ok(got)
}
