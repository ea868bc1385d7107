//! The fuzz targets: whatever others wrote, a definition, a label, a file, must do no harm. `cargo xtask fuzz` builds
//! this with the compiler's instrumentation, and runs one target after the other.
#![no_main]

mod declared;
mod engine;
mod input;
mod mutation;
mod shown;
mod targets;

use std::env;
use std::sync::LazyLock;

/// What names the target.
const NAME: &str = "FUZZ_TARGET";

static TARGET: LazyLock<targets::Target> = LazyLock::new(|| {
    let name = env::var(NAME).unwrap_or_default();
    targets::find(&name).unwrap_or_else(|| panic!("{NAME}={name}: there is no such target"))
});

libfuzzer_sys::fuzz_target!(init: LazyLock::force(&TARGET), |bytes: &[u8]| TARGET(bytes));
