//! `subject`, whose hooks do everything that hooks can and log what came of it, `helper`, which it depends on, and
//! `stranger`, which it does not.

use std::time::Duration;

use drillmaster_sdk::{Container, Fields, Group, Parameters, Result, Service, context, log};
use drillmaster_test_definitions::{PORT, count, fields, ready};

/// A port that nobody publishes.
const UNPUBLISHED: u16 = 9090;

struct Subject;

impl Service for Subject {
    fn fields(&self, _: &Parameters) -> Result<Fields> {
        Ok(fields().depends_on("helper").env("OWN", "{own.value}").env("SAY_LINES", "5"))
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        ready(container)
    }

    fn pre_start(&self, service: &str) -> Result<()> {
        context::set("own.value", format!("set before {service} was created"))
    }

    fn post_start_init(&self, container: &Container) -> Result<()> {
        runs_commands(container)?;
        reaches_ports(container)?;
        reaches_dependencies(container)?;
        log::info(format!("the service is {}", container.name()));
        log::info(format!("running is {}", container.is_running()?));
        log::info(format!("health is {}", container.health()?.name()));
        log::info(format!("the log ends with {:?}", container.log_tail(2)?.lines().collect::<Vec<_>>()));
        Ok(())
    }

    fn pre_stop(&self, container: &Container) -> Result<()> {
        log::info(format!("before the stop, running is {}", container.is_running()?));
        count(container, "stopping")
    }
}

fn runs_commands(container: &Container) -> Result<()> {
    let code = container.exec(["/service", "exit", "7"])?.exit_code;
    log::info(format!("the exit code is {code}"));
    let printed = container.exec(["/service", "print", "some words; not a shell's $HOME"])?;
    log::info(format!("stdout is {:?}, stderr is {:?}", printed.stdout_text(), printed.stderr_text()));
    let failed = container.exec(["/service", "fail", "some complaint"])?;
    log::info(format!("stdout is {:?}, stderr is {:?}", failed.stdout_text(), failed.stderr_text()));
    log::info(format!("a check says {}", failed.check().map_or_else(|error| error.to_string(), |_| "nothing".into())));
    let flood = container.exec(["/service", "flood", "3000000"])?;
    log::info(format!("of a flood {} bytes are kept", flood.stdout.len()));
    let missing = container.exec(["/no/such/program"])?;
    let text = [missing.stdout_text(), missing.stderr_text()].concat().replace('\n', " ");
    log::info(format!("a missing program has the code {} and says {text}", missing.exit_code));
    let slow = container.exec_timeout(["/service", "sleep", "60000"], Duration::from_millis(200));
    log::info(format!("a slow command: {}", told(slow.map(drop))));
    Ok(())
}

fn reaches_ports(container: &Container) -> Result<()> {
    log::info(format!("the address is {}", container.address(PORT)?));
    log::info(format!("no address: {}", told(container.address(UNPUBLISHED).map(drop))));
    let (published, unpublished) = (container.probe_tcp(PORT), container.probe_tcp(UNPUBLISHED));
    log::info(format!("something listens: {published}, {unpublished}"));
    for path in ["/env/OWN", "/nowhere"] {
        let answer = container.http_get(PORT, path)?;
        log::info(format!("{path} answers {} {:?}", answer.status, answer.text()));
    }
    Ok(())
}

fn reaches_dependencies(container: &Container) -> Result<()> {
    let helper = container.dependency("helper")?;
    log::info(format!("{} answers {:?}", helper.name(), helper.http_get(PORT, "/env/WHO")?.text()));
    log::info(format!("a stranger: {}", told(container.dependency("stranger").map(drop))));
    Ok(())
}

/// What an error says.
fn told(result: Result<()>) -> String {
    result.map_or_else(|error| error.to_string(), |()| "no error".to_owned())
}

struct Plain;

impl Service for Plain {
    fn fields(&self, _: &Parameters) -> Result<Fields> {
        Ok(fields().env("WHO", "a service without hooks"))
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        ready(container)
    }
}

fn group() -> Group {
    Group::named("hooked").service("subject", Subject).service("helper", Plain).service("stranger", Plain)
}

drillmaster_sdk::export_group!(group());
