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
const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld"];
const RUSTC: &str = "/usr/bin/rustc";
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
        if standard_library() {
            narration::line("      the active toolchain has the standard library for Wasm");
            return Ok(Self::Ours);
        }
        if debian::here() && debian::missing(&PACKAGES).is_empty() && debians_version().is_ok() {
            narration::line("      the active toolchain has no standard library for Wasm; Debian's builds it");
            return Ok(Self::Debian);
        }
        if download()? {
            return Ok(Self::Ours);
        }
        let missing = debian::missing(&PACKAGES);
        if !missing.is_empty() {
            debian::install(&missing, "there is no Rust standard library for Wasm", INSTEAD)?;
        }
        debians_version()?;
        Ok(Self::Debian)
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
    let mut command = Command::new("/usr/bin/cargo");
    let ours = workspace::cargo();
    command.current_dir(workspace::root());
    command.envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.envs([
        ("RUSTC", RUSTC),
        // build-std is not stable yet.
        ("RUSTC_BOOTSTRAP", "1"),
        ("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "/usr/bin/wasm-ld"),
    ]);
    command
}

/// Whether the active toolchain can build for Wasm.
fn standard_library() -> bool {
    let mut command = Command::new("rustc");
    command.current_dir(workspace::root()).args(["--print", "target-libdir", "--target", TARGET]);
    let Some(directory) = child::ask(&mut command) else {
        return false;
    };
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
}

/// Lets rustup download the standard library; false when it cannot, which is no failure.
fn download() -> Result<bool, Failure> {
    if child::ask(Command::new("rustup").arg("--version")).is_none() {
        narration::line("      the active toolchain has no standard library for Wasm, and there is no rustup");
        return Ok(false);
    }
    let mut command = Command::new("rustup");
    // Why it cannot is said in one line; the stack it found that out on helps nobody.
    command.current_dir(workspace::root()).args(["target", "add", TARGET]).env("RUST_BACKTRACE", "0");
    narration::line(&format!("      asking rustup for it: {}", child::shown(&command)));
    let status = child::run_within(&mut command, "downloading", DOWNLOAD_LIMIT)?;
    let got = status.success() && standard_library();
    if !got {
        narration::line(&format!("      rustup could not download it ({status}); trying Debian's toolchain"));
    }
    Ok(got)
}
