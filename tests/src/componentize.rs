//! Core modules made components.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use wit_component::ComponentEncoder;

/// Makes a component of a core module that carries its WIT, as wit-bindgen embeds it. The file is written only when
/// its content changes; gives whether it did.
///
/// # Errors
///
/// When the module cannot be read or is none, carries no WIT or does not fulfil it, or the file cannot be written.
pub fn componentize(module: &Path, component: &Path) -> Result<bool> {
    let shown = module.display();
    let bytes = fs::read(module).with_context(|| format!("cannot read the module {shown}"))?;
    let bytes = ComponentEncoder::default()
        .validate(true)
        .module(&bytes)
        .and_then(ComponentEncoder::encode)
        .with_context(|| format!("cannot make a component of {shown}"))?;
    if fs::read(component).is_ok_and(|old| old == bytes) {
        return Ok(false);
    }
    fs::write(component, bytes).with_context(|| format!("cannot write {}", component.display()))?;
    Ok(true)
}
