//! The Rust SDK's bindings: generated from the WIT, and committed, since that builds three times faster than a macro.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use wit_bindgen_core::wit_parser::Resolve;
use wit_bindgen_core::{Files, WorldGenerator};
use wit_bindgen_rust::Opts;

use crate::workspace;

const WORLD: &str = "plugin-with-hooks";

/// Where they are committed.
#[must_use]
pub fn path() -> PathBuf {
    workspace::root().join("guest-sdk/rust/src/bindings.rs")
}

/// What they should be, going by the WIT.
///
/// # Errors
///
/// When the WIT has mistakes.
pub fn generate() -> Result<String> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(workspace::root().join("wit")).context("cannot read the WIT")?;
    let world = resolve.select_world(&[package], Some(WORLD)).context("cannot select the world")?;
    let options = Opts { format: true, pub_export_macro: true, ..Opts::default() };
    let mut files = Files::default();
    options.build().generate(&mut resolve, world, &mut files).context("cannot generate bindings")?;
    let mut files = files.iter();
    let (_, contents) = files.next().context("nothing was generated")?;
    ensure!(files.next().is_none(), "more than one file was generated");
    Ok(String::from_utf8(contents.to_vec())?)
}

/// Writes them if they are stale; gives whether they were.
///
/// # Errors
///
/// As for [`generate`], and when the file cannot be written.
pub fn write() -> Result<bool> {
    let path = path();
    let bindings = generate()?;
    if fs::read_to_string(&path).is_ok_and(|old| old == bindings) {
        return Ok(false);
    }
    fs::write(&path, bindings).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(true)
}

/// Makes sure that they are as generated.
///
/// # Errors
///
/// As for [`generate`], and when they differ: with the first line that does.
pub fn check() -> Result<()> {
    let shown = path();
    let shown = shown.display();
    let committed = fs::read_to_string(path()).with_context(|| format!("cannot read {shown}"))?;
    let generated = generate()?;
    if committed == generated {
        return Ok(());
    }
    let same = committed.lines().zip(generated.lines()).take_while(|(left, right)| left == right).count();
    let line = |text: &str| text.lines().nth(same).unwrap_or("the end of the file").trim().to_owned();
    anyhow::bail!(
        "{shown} is stale: line {} is\n    {}\nand generated would be\n    {}\nRun `cargo xtask bindings`.",
        same + 1,
        line(&committed),
        line(&generated)
    )
}
