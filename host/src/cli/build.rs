//! `drillmaster build`

use std::path::Path;
use std::sync::Arc;

use crate::component::LogEvent;
use crate::report::visible;
use crate::run::Event;
use crate::toolchain::{COMPONENT, Language, Sources, Tools};

use super::arguments;
use super::fault::Fault;
use super::interrupt;
use super::print::{out, tell};
use super::screen::{self, Screen};
use super::sources::{is_lendable, kept};

pub(super) async fn run(arguments: arguments::Build) -> Result<(), Fault> {
    let _screen = Screen::new(false);
    let cancel = interrupt::watch();
    let sources = Sources::find(&arguments.directory, arguments.lang.map(Into::into)).map_err(Fault::tool)?;
    let component = arguments.output.unwrap_or_else(|| arguments.directory.join(COMPONENT));
    interrupt::unless(&cancel, build(&sources, &arguments.directory, &component)).await?;
    let size = std::fs::metadata(&component).map_err(Fault::local)?.len();
    let shown = component.display().to_string();
    out(&format!("wrote {}: {} KB, of {}\n", visible(&shown), size.div_ceil(1000), sources.language()));
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
    let output = |tool: &str, line: String| screen::show(Event::ToolOutput { tool: tool.to_owned(), line });
    let log = Arc::new(|event: LogEvent| screen::show(event.into()));
    let tools = Tools { cache: &kept()?, tell: &tell, output: &output, log };
    sources.build(component, &tools).await.map_err(Fault::tool)
}
