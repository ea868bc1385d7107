//! `context`: values that hooks leave for the services that start after them.

use wasmtime::Result;

use crate::component::access::Hook;
use crate::component::bindings::drillmaster::plugin::context::Host;
use crate::component::state::{Role, State};

impl Host for State {
    async fn get(&mut self, key: String) -> Result<Option<String>> {
        Ok(match &self.role {
            Role::Fields { .. } | Role::Build => None,
            Role::Hook { call, .. } => call.context.get(&key),
            Role::Group { context, .. } => context.get(&key),
        })
    }

    async fn set(&mut self, key: String, value: String) -> Result<Result<(), String>> {
        Ok(match &self.role {
            Role::Fields { .. } | Role::Build => {
                Err("fields cannot set context values: no service has started yet".to_owned())
            }
            Role::Group { .. } => {
                Err("a hook of the group cannot set context values: they belong to a service's container".to_owned())
            }
            Role::Hook { call, .. } if call.hook == Hook::Ping => {
                Err("ping cannot set context values; set them in post-start-init".to_owned())
            }
            Role::Hook { call, .. } => {
                call.context.set(&key, &value, &call.instance).map_err(|error| error.to_string())
            }
        })
    }
}
