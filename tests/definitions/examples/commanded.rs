//! Services that publish no port, and are asked by commands in their containers: `top` depends on `left` and `right`,
//! both of them on `db`. Each counts in its container how often it was initialised.
//!
//! `--set SERVICE.NAME=VALUE`, where `NAME` is one of
//!
//! | name | meaning |
//! |---|---|
//! | `restart-policy` (`always`), `stop-timeout` (ms) | the field |
//! | `HOLD_INIT` | `post_start_init` takes a minute |
//! | `READY_AFTER_MS`, `IGNORE_SIGTERM`, `SAY` | passed on to the tests' service |

use std::time::Duration;

use drillmaster_sdk::{Container, Fields, Group, Parameters, RestartPolicy, Result, Service};
use drillmaster_test_definitions::{IMAGE, count};

struct Commanded {
    name: &'static str,
    needs: &'static [&'static str],
}

impl Service for Commanded {
    fn fields(&self, parameters: &Parameters) -> Result<Fields> {
        let parameter = |name: &str| format!("{}.{name}", self.name);
        let mut fields = Fields::new(IMAGE);
        if parameters.get(&parameter("restart-policy")).is_some_and(|policy| policy == "always") {
            fields = fields.restart_policy(RestartPolicy::Always);
        }
        if let Some(milliseconds) = parameters.parse(&parameter("stop-timeout"))? {
            fields = fields.stop_timeout(Duration::from_millis(milliseconds));
        }
        for variable in ["HOLD_INIT", "READY_AFTER_MS", "IGNORE_SIGTERM", "SAY"] {
            if let Some(value) = parameters.get(&parameter(variable)) {
                fields = fields.env(variable, value);
            }
        }
        Ok(self.needs.iter().fold(fields, |fields, needed| fields.depends_on(*needed)))
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        answers(container, "ready")
    }

    fn post_start_init(&self, container: &Container) -> Result<()> {
        count(container, "init")?;
        if answers(container, "env/HOLD_INIT")? {
            container.exec_timeout(["/service", "sleep", "60000"], Duration::from_mins(1))?.check()?;
        }
        Ok(())
    }
}

/// Whether the service answers 200 to a request for this path.
fn answers(container: &Container, path: &str) -> Result<bool> {
    Ok(container.exec(["/service", "get", path])?.success())
}

fn group() -> Group {
    [("db", &[][..]), ("left", &["db"]), ("right", &["db"]), ("top", &["left", "right"])]
        .into_iter()
        .fold(Group::named("commanded"), |group, (name, needs)| group.service(name, Commanded { name, needs }))
}

drillmaster_sdk::export_group!(group());
