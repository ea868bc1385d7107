//! `drillmaster new`

use crate::scaffold;

use super::arguments;
use super::fault::Fault;
use super::print::out;
use super::trust;

pub(super) fn run(arguments: &arguments::New) -> Result<(), Fault> {
    let language = arguments.lang.into();
    let group = scaffold::write(&arguments.directory, language).map_err(Fault::invalid)?;
    // What was written here is drillmaster's own.
    trust::trust_new(&arguments.directory).map_err(Fault::local)?;
    let shown = arguments.directory.display();
    out(&format!(
        "wrote the group {group} in {language}: {shown}/README.md says how it is built, tested and started, and this \
         starts it\n\n    drillmaster start {shown}\n"
    ));
    Ok(())
}
