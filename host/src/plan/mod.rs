//! What is there and what should be, in; steps with their reasons, out.
//!
//! A plan is a pure function of the declared group, what was observed in Docker and what the person asked for. There
//! is no engine in reach here, so planning cannot change anything.

mod observed;
mod reconcile;
mod step;
mod teardown;
#[cfg(test)]
mod tests;

pub use observed::{Container, ContainerId, ImageId, Images, Network, NetworkId, Observed, Published, Stage, State};
pub use reconcile::{ContextValue, environment_hash, recheck, reconcile};
pub use step::{Action, ImageAction, Plan, Reason, Step};
pub use teardown::{StopStep, Teardown, TeardownRequest, teardown};
