//! `log`: lines for the person at the terminal.

use wasmtime::Result;

use crate::component::bindings::drillmaster::plugin::log::Host;
use crate::component::log::Level;
use crate::component::state::State;

impl Host for State {
    async fn debug(&mut self, message: String) -> Result<()> {
        self.log.write(Level::Debug, &message);
        Ok(())
    }

    async fn info(&mut self, message: String) -> Result<()> {
        self.log.write(Level::Info, &message);
        Ok(())
    }

    async fn warn(&mut self, message: String) -> Result<()> {
        self.log.write(Level::Warn, &message);
        Ok(())
    }

    async fn error(&mut self, message: String) -> Result<()> {
        self.log.write(Level::Error, &message);
        Ok(())
    }
}
