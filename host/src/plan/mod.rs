//! What is there and what should be, in; steps with their reasons, out.
//!
//! A plan is a pure function of the declared group, what was observed in Docker and what the person asked for. There
//! is no engine in reach here, so planning cannot change anything.

mod again;
mod claim;
mod drift;
mod foreign;
mod mounts;
mod observed;
mod old;
mod own_volumes;
mod platform;
mod ports;
mod reconcile;
mod state;
mod status;
mod step;
mod teardown;
#[cfg(test)]
mod tests;

pub use again::{Again, AgainError, reload, restart};
pub use claim::{Claim, NotYours};
pub use drift::environment_fingerprints;
pub use foreign::{Foreign, Marks, NotOurs, left_alone};
pub use mounts::{ExposedMount, HostMount, check_exposure};
pub use observed::{
    Container, ContainerId, Image, ImageId, Images, Network, NetworkId, Observed, Published, Recorded, Stage,
};
pub use own_volumes::{MadeFor, OwnVolume, OwnVolumes, is_anonymous, unmounted};
pub use ports::{HeldPort, Holds};
pub use reconcile::{ContextValue, PullPolicy, Request, recheck, recheck_image, reconcile};
pub use state::{Exit, Health, State};
pub use status::{Standing, Status, status};
pub use step::{Action, Change, ImageAction, ImageReason, Old, Plan, Reason, Step, Uncompared};
pub use teardown::{StopStep, Teardown, TeardownRequest, teardown};
