//! What fields were of containers that are to be replaced, for those who want to know why.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, stream};

use crate::engine::Engine;
use crate::plan::Plan;

/// How many containers are asked about at a time.
const AT_A_TIME: usize = 16;

/// The plan, with what each changed field was: one request for each container that is to be replaced, and none if none is.
/// What the engine does not tell stays unknown; the plan is right all the same.
pub async fn with_old_fields(plan: Plan, engine: &dyn Engine) -> Plan {
    let ask = async |id| {
        let told = engine.made_from(&id).await;
        told.ok().map(|service| (id, service))
    };
    let told = stream::iter(plan.unknown_containers()).map(ask).buffer_unordered(AT_A_TIME);
    let containers: BTreeMap<_, _> = told.filter_map(async |told| told).collect().await;
    plan.with_old_fields(&containers)
}
