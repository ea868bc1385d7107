//! Services that parameters steer, so that one definition can fail in many ways.
//!
//! `--set SERVICE.NAME=VALUE`, where `NAME` is one of
//!
//! | name | meaning |
//! |---|---|
//! | `image`, `build`, `dockerfile`, `entrypoint`, `port` (of the host), `volume` (on `/counts`), `network`, `stop-timeout` (ms) | the field |
//! | `mount`, `read-only-mount` | what is mounted on `/mounted`, `/read` |
//! | `fields` | `error`, `panic`: what `fields` does instead |
//! | `PING` | `error`, `panic`, `false`, `endless`: what `ping` does; `gate`: not ready until `gate` is counted |
//! | `INIT` | `error`, `panic`, `endless`: what `post_start_init` does; `error-once`: an error if `init` was never counted before; `sleep`: a command in the container that takes a minute; `set`: sets `NAME.value` to `SAY` |
//! | `PRE_STOP` | `endless`: what `pre_stop` does |
//! | a variable of the tests' service | passed on to it |
//!
//! Hooks see no parameters: what steers them is in the container's environment. `post_start_init` counts `init`. The
//! group logs what was reloaded.

use std::hint;
use std::time::Duration;

use drillmaster_sdk::{Build, Container, Fields, Group, Parameters, Result, Service, context, log};

use crate::{IMAGE, PORT, count, ready};

const PASSED_ON: [&str; 9] =
    ["PING", "INIT", "PRE_STOP", "EXIT_AFTER_MS", "EXIT_CODE", "IGNORE_SIGTERM", "SAY", "SAY_LINES", "PASSWORD"];

/// A group of steered services: each with its name and the names of those that it depends on.
pub fn group(services: &'static [(&'static str, &'static [&'static str])]) -> Group {
    services
        .iter()
        .fold(Group::new(), |group, (name, dependencies)| group.service(*name, Steered { name, dependencies }))
        .on_reload(|service| {
            log::info(format!("reloaded {service}"));
            Ok(())
        })
}

struct Steered {
    name: &'static str,
    dependencies: &'static [&'static str],
}

impl Service for Steered {
    fn fields(&self, parameters: &Parameters) -> Result<Fields> {
        let parameter = |name: &str| format!("{}.{name}", self.name);
        let get = |name: &str| parameters.get(&parameter(name));
        match get("fields").as_deref() {
            Some("error") => return Err("it has no fields today".into()),
            Some("panic") => panic!("fields fell over"),
            _ => {}
        }
        let mut fields = Fields::new(get("image").unwrap_or_else(|| IMAGE.to_owned()));
        fields = match parameters.parse(&parameter("port"))? {
            Some(port) => fields.port(PORT, port),
            None => fields.free_port(PORT),
        };
        if let Some(directory) = get("build") {
            let build = Build::directory(directory);
            fields = fields.build(match get("dockerfile") {
                Some(dockerfile) => build.dockerfile(dockerfile),
                None => build,
            });
        }
        if let Some(source) = get("mount") {
            fields = fields.mount(source, "/mounted");
        }
        if let Some(source) = get("read-only-mount") {
            fields = fields.read_only_mount(source, "/read");
        }
        if let Some(name) = get("network") {
            fields = fields.network(name);
        }
        if let Some(program) = get("entrypoint") {
            fields = fields.entrypoint([program]);
        }
        if let Some(name) = get("volume") {
            fields = fields.volume(name, "/counts");
        }
        if let Some(milliseconds) = parameters.parse(&parameter("stop-timeout"))? {
            fields = fields.stop_timeout(Duration::from_millis(milliseconds));
        }
        for name in PASSED_ON {
            if let Some(value) = get(name) {
                fields = fields.env(name, value);
            }
        }
        Ok(self.dependencies.iter().fold(fields, |fields, name| fields.depends_on(*name)))
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        if !ready(container)? {
            return Ok(false);
        }
        // It may have died since.
        let Ok(told) = told(container, "PING") else { return Ok(false) };
        match told.as_str() {
            "error" => Err("there is no disk left".into()),
            "panic" => panic!("ping fell over"),
            "false" => Ok(false),
            "endless" => endless(),
            "gate" => Ok(container.http_get(PORT, "/peek/gate").is_ok_and(|answer| answer.body != b"0")),
            _ => Ok(true),
        }
    }

    fn post_start_init(&self, container: &Container) -> Result<()> {
        count(container, "init")?;
        match told(container, "INIT")?.as_str() {
            "error" => Err("the schema is broken".into()),
            "error-once" if container.http_get(PORT, "/peek/init")?.body == b"1" => Err("the schema is broken".into()),
            "panic" => panic!("post_start_init fell over"),
            "endless" => endless(),
            "sleep" => {
                container.exec_timeout(["/service", "sleep", "60000"], Duration::from_mins(1))?.check().map(drop)
            }
            "set" => context::set(format!("{}.value", self.name), told(container, "SAY")?),
            _ => Ok(()),
        }
    }

    fn pre_stop(&self, container: &Container) -> Result<()> {
        // One that does not answer has nothing to say.
        match told(container, "PRE_STOP").unwrap_or_default().as_str() {
            "endless" => endless(),
            _ => Ok(()),
        }
    }
}

/// A variable of the container; empty when it has none.
fn told(container: &Container, variable: &str) -> Result<String> {
    let answer = container.http_get(PORT, format!("/env/{variable}"))?;
    Ok(if answer.ok() { answer.text().into_owned() } else { String::new() })
}

fn endless() -> ! {
    loop {
        hint::spin_loop();
    }
}
