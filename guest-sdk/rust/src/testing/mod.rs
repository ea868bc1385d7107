//! Trying a definition with plain `cargo test`: no WebAssembly, no Docker.
//!
//! [`FakeContainer`] answers what a test tells it to and remembers what was called. [`context`](crate::context) and
//! [`log`](crate::log) are kept in memory, one of each a thread. [`Group::declare`](crate::Group::declare) gives what
//! a group declares as plain data.
//!
//! ```
//! use drillmaster_sdk::{Container, Fields, Parameters, Result, Service, context, testing::FakeContainer};
//!
//! struct Database;
//!
//! impl Service for Database {
//!     fn fields(&self, _: &Parameters) -> Result<Fields> {
//!         Ok(Fields::new("postgres:15"))
//!     }
//!
//!     fn post_start_init(&self, container: &Container) -> Result<()> {
//!         container.exec(["createdb", "shop"])?.check()?;
//!         context::set("database", "shop")
//!     }
//! }
//!
//! let fake = FakeContainer::new("database").exec_succeeds(["createdb"], "");
//! Database.post_start_init(&fake.container())?;
//! assert_eq!(fake.calls(), ["exec createdb shop"]);
//! assert_eq!(context::get("database").as_deref(), Some("shop"));
//! # drillmaster_sdk::Result::<()>::Ok(())
//! ```

mod fake_container;
pub(crate) mod memory;

pub use fake_container::FakeContainer;
pub use memory::{clear, log_lines};
