//! `drillmaster inspect`

use crate::report::{inspection_json, inspection_text};

use super::arguments;
use super::fault::Fault;
use super::print::out;
use super::screen::Screen;
use super::target::Target;
use super::trust::Purpose;

pub(super) async fn run(arguments: arguments::Inspect) -> Result<(), Fault> {
    let screen = Screen::new(arguments.group.verbose);
    let target = Target::required(&arguments.definitions, &arguments.group, Purpose::Look).await?;
    let inspection = target.examine(&screen).await?;
    out(&if arguments.json { inspection_json(&inspection) } else { inspection_text(&inspection) });
    inspection.wrong().map_or(Ok(()), |wrong| Err(Fault::Definition(wrong)))
}
