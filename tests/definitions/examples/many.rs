//! As many services as a parameter says, `s0` and on, for `cargo xtask bench`. Written against the contract itself,
//! since a group of the SDK has the same services whatever its parameters are.
//!
//! | parameter | meaning |
//! |---|---|
//! | `services` | how many; 10 by default |
//! | `image` | their image; the tests' service by default |
//! | `chain` | `true`: each depends on the one before |
//! | `ready-after-ms` | they publish a port, and are ready so long after their start; ready at once by default |

#[cfg(target_family = "wasm")]
mod exported {
    use drillmaster_sdk::bindings;
    use drillmaster_sdk::bindings::drillmaster::plugin::{container::Container, definition::Group};
    use drillmaster_sdk::bindings::exports::drillmaster::plugin::{group_hooks, lifecycle, service_hooks};
    use drillmaster_test_definitions::{IMAGE, PORT};

    const PATIENCE_MS: u32 = 10_000;

    struct Many;

    impl lifecycle::Guest for Many {
        fn fields(group: Group) -> Result<(), String> {
            let services = group.parameter("services").map_or(Ok(10), |number| number.parse::<usize>());
            let services = services.map_err(|error| format!("services: {error}"))?;
            let image = group.parameter("image").unwrap_or_else(|| IMAGE.to_owned());
            let chain = group.parameter("chain").is_some_and(|chain| chain == "true");
            let ready_after = group.parameter("ready-after-ms");
            for number in 0..services {
                let service = group.add_service(&format!("s{number}"), &image);
                if chain && number > 0 {
                    service.add_dependency(&format!("s{}", number - 1));
                }
                if let Some(ready_after) = &ready_after {
                    service.set_env("READY_AFTER_MS", ready_after);
                    service.add_port(PORT.into(), None);
                }
            }
            Ok(())
        }

        fn ping(container: Container) -> Result<bool, String> {
            let waits = container.address(PORT.into()).is_ok();
            let answers =
                || container.http_get(PORT.into(), "/ready", PATIENCE_MS).is_ok_and(|answer| answer.status == 200);
            Ok(!waits || answers())
        }

        fn post_start_init(_: Container) -> Result<(), String> {
            Ok(())
        }
    }

    impl service_hooks::Guest for Many {
        fn pre_start(_: String) -> Result<(), String> {
            Ok(())
        }

        fn pre_stop(_: Container) -> Result<(), String> {
            Ok(())
        }
    }

    impl group_hooks::Guest for Many {
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

    bindings::export!(Many with_types_in bindings);
}
