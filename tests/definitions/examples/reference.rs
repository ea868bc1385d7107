//! The reference: every field, every import and every hook. Each language has the same group, and asks the host for the
//! same in the same order.
//!
//! `every` has every field but a build, which `built` has; `subject` has every hook and calls everything that a hook can
//! call, `helper`, which it depends on, has none but a `ping`.

use std::time::Duration;

use drillmaster_sdk::{
    Build, Container, Fields, Group, Health, Parameters, RestartPolicy, Result, Service, StopSignal, context, log,
};
use drillmaster_test_definitions::{PORT, fields, ready};

/// A value without a key of the context in it.
const AS_WRITTEN: &str = r#"{"db":{"port":5432}} {{ .Name }} ${HOME} {port:d} {}"#;

struct Every;

impl Service for Every {
    fn fields(&self, parameters: &Parameters) -> Result<Fields> {
        Ok(fields()
            .port(9090, parameters.parse("tcp_port")?.unwrap_or(20001))
            .udp_port(9053, 20002)
            .free_udp_port(9054)
            .env("GREETING", "grüß dich, {{Welt}}")
            .env("COUNT_DIR", "/written")
            .env("AS_WRITTEN", AS_WRITTEN)
            .always_start_new()
            .stop_signal(StopSignal::Quit)
            .stop_timeout(Duration::from_millis(2500))
            .entrypoint(["/service", "serve"])
            .command(["first", "second"])
            .user("1234:2345")
            .working_directory("/work")
            .mount("written", "/written")
            .read_only_mount("read/only.txt", "/read-only.txt")
            .volume("data", "/data")
            .read_only_volume("data", "/read-only-data")
            .tmpfs("/scratch")
            .label("org.example.colour", "green")
            .alias("nickname")
            .network("further")
            .restart_policy(RestartPolicy::OnFailure)
            .health_check(["/service", "exit", "0"], Duration::from_millis(100))
            .platform("linux/amd64")
            .shared_memory_mib(48)
            .memory_limit_mib(128)
            .cpu_limit_millicpus(500))
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        Ok(ready(container)? && container.probe_tcp(PORT) && container.health()? == Health::Healthy)
    }
}

struct Built;

impl Service for Built {
    fn fields(&self, parameters: &Parameters) -> Result<Fields> {
        let build = Build::directory("context")
            .dockerfile("docker/Chosen.dockerfile")
            .argument("GREETING", parameters.get("greeting").unwrap_or_else(|| "hello".to_owned()))
            .target("chosen");
        Ok(Fields::new("drillmaster-test-reference").build(build).free_port(PORT))
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        ready(container)
    }
}

struct Helper;

impl Service for Helper {
    fn fields(&self, _: &Parameters) -> Result<Fields> {
        Ok(fields().env("WHO", "the helper"))
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        ready(container)
    }
}

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
        log::debug("a debug line");
        log::info(format!("{} runs: {}", container.name(), container.is_running()?));
        log::warn(format!("its health is {}", container.health()?.name()));
        log::error(format!("its log ends with {}", container.log_tail(1)?.trim_end()));
        let unset = context::get("reference.done").is_none();
        context::set("reference.done", "no value before: ".to_owned() + if unset { "yes" } else { "no" })?;
        log::info(context::get("reference.done").unwrap_or_default());
        Ok(())
    }

    fn pre_stop(&self, container: &Container) -> Result<()> {
        container.exec(["/service", "count", "stopping"])?.check()?;
        Ok(())
    }
}

fn runs_commands(container: &Container) -> Result<()> {
    let printed = container.exec(["/service", "print", "some words; not a shell's $HOME"])?;
    log::info(printed.stdout_text().trim_end());
    let failed = container.exec(["/service", "fail", "a complaint"])?;
    log::info(format!("{}: {}", failed.exit_code, failed.stderr_text().trim_end()));
    if let Err(error) = failed.check() {
        log::info(error.to_string());
    }
    if let Err(error) = container.exec_timeout(["/service", "sleep", "60000"], Duration::from_millis(200)) {
        log::info(error.to_string());
    }
    Ok(())
}

fn reaches_ports(container: &Container) -> Result<()> {
    log::info(container.address(PORT)?.host);
    if let Err(error) = container.address(9090) {
        log::info(error.to_string());
    }
    let listens = container.probe_tcp_timeout(PORT, Duration::from_millis(1500));
    log::info(if listens { "somebody listens" } else { "nobody listens" });
    let answer = container.http_get(PORT, "/env/OWN")?;
    log::info(format!("{} {}", answer.status, answer.text()));
    let nothing = container.http_get_timeout(PORT, "/nowhere", Duration::from_secs(5))?;
    log::info(nothing.status.to_string());
    if let Err(error) = container.http_get(PORT, "nowhere") {
        log::info(error.to_string());
    }
    Ok(())
}

fn reaches_dependencies(container: &Container) -> Result<()> {
    let helper = container.dependency("helper")?;
    log::info(format!("{} is {}", helper.name(), helper.http_get(PORT, "/env/WHO")?.text()));
    if let Err(error) = container.dependency("stranger") {
        log::info(error.to_string());
    }
    Ok(())
}

fn listed(services: &[String]) -> String {
    let mut services = services.to_vec();
    services.sort();
    services.join(", ")
}

fn group() -> Group {
    Group::named("reference")
        .service("every", Every)
        .service("built", Built)
        .service("helper", Helper)
        .service("subject", Subject)
        .on_start(|services| {
            log::info(format!("started {}", listed(services)));
            Ok(())
        })
        .on_stop(|services| {
            log::info(format!("stopped {}", listed(services)));
            Ok(())
        })
        .on_reload(|service| {
            log::info(format!("reloaded {service}"));
            Ok(())
        })
}

drillmaster_sdk::export_group!(group());
