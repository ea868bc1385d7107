//! `drillmaster build`

use std::path::Path;
use std::sync::Arc;

use crate::component::{Level, LogLine};
use crate::report::visible;
use crate::toolchain::{COMPONENT, Language, Sources, Tools};

use super::arguments;
use super::fault::Fault;
use super::interrupt;
use super::print::{out, tell};
use super::sources::{is_lendable, kept};

pub(super) async fn run(arguments: arguments::Build) -> Result<(), Fault> {
    let cancel = interrupt::watch();
    let sources = Sources::find(&arguments.directory, arguments.lang.map(Into::into)).map_err(Fault::tool)?;
    let component = arguments.output.unwrap_or_else(|| arguments.directory.join(COMPONENT));
    interrupt::unless(&cancel, build(&sources, &arguments.directory, &component)).await?;
    let size = std::fs::metadata(&component).map_err(Fault::local)?.len();
    out(&format!("wrote {}: {} KB, of {}\n", component.display(), size.div_ceil(1000), sources.language()));
    Ok(())
}

/// Builds a component of the sources in a directory, into a file.
///
/// # Errors
/// If a tool is missing or fails, or the sources are wrong.
pub(super) async fn build(sources: &Sources, directory: &Path, component: &Path) -> Result<(), Fault> {
    if matches!(sources.language(), Language::Python | Language::JavaScript) {
        // They run while they are built, in a sandbox to which the directory is lent.
        let found = directory.canonicalize().map_err(Fault::local)?;
        is_lendable(&directory.join("app"), &found)?;
    }
    let log = |line: LogLine| {
        if line.level > Level::Debug {
            tell(&format!("| {}", visible(&line.text)));
        }
    };
    let tools = Tools { cache: &kept()?, tell: &tell, log: Arc::new(log) };
    sources.build(component, &tools).await.map_err(Fault::tool)
}
