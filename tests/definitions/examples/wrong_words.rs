//! Words and numbers that the contract can carry and the SDK cannot say.

#![cfg(target_family = "wasm")]

use drillmaster_sdk::bindings;
use drillmaster_sdk::bindings::drillmaster::plugin::definition;
use drillmaster_sdk::bindings::exports::drillmaster::plugin::{group_hooks, lifecycle, service_hooks};
use drillmaster_test_definitions::IMAGE;

struct WrongWords;

impl lifecycle::Guest for WrongWords {
    fn fields(group: definition::Group) -> Result<(), String> {
        group.add_service("signal", IMAGE).set_stop_signal("SIGHUP");
        group.add_service("policy", IMAGE).set_restart_policy("sometimes");
        let ports = group.add_service("ports", IMAGE);
        ports.add_port(0, None);
        ports.add_port(70000, Some(70001));
        Ok(())
    }

    fn ping(_: lifecycle::Container) -> Result<bool, String> {
        Ok(true)
    }

    fn post_start_init(_: lifecycle::Container) -> Result<(), String> {
        Ok(())
    }
}

impl service_hooks::Guest for WrongWords {
    fn pre_start(_: String) -> Result<(), String> {
        Ok(())
    }

    fn pre_stop(_: lifecycle::Container) -> Result<(), String> {
        Ok(())
    }
}

impl group_hooks::Guest for WrongWords {
    fn on_start(_: Vec<String>) -> Result<(), String> {
        Ok(())
    }

    fn on_stop(_: Vec<String>) -> Result<(), String> {
        Ok(())
    }

    fn on_reload(_: String) -> Result<(), String> {
        Ok(())
    }
}

bindings::export!(WrongWords with_types_in bindings);
