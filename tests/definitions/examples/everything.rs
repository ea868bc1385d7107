//! `everything` has every field but a build. Its ports on the host and its platform are parameters.

use std::time::Duration;

use drillmaster_sdk::{Container, Fields, Group, Health, Parameters, RestartPolicy, Result, Service, StopSignal};
use drillmaster_test_definitions::{PORT, fields, ready};

struct Everything;

impl Service for Everything {
    fn fields(&self, parameters: &Parameters) -> Result<Fields> {
        let needed = |name| Ok::<_, drillmaster_sdk::Error>(parameters.parse(name)?.ok_or("a port is needed")?);
        Ok(fields()
            .port(9090, needed("tcp_port")?)
            .udp_port(9053, needed("udp_port")?)
            .free_udp_port(9054)
            .env("GREETING", "hello")
            .env("COUNT_DIR", "/written")
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
            .platform(parameters.get("platform").unwrap_or_default())
            .shared_memory_mib(48)
            .memory_limit_mib(128)
            .cpu_limit_millicpus(500))
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        Ok(ready(container)? && container.probe_tcp(PORT) && container.health()? == Health::Healthy)
    }
}

fn group() -> Group {
    Group::named("everything").service("everything", Everything)
}

drillmaster_sdk::export_group!(group());
