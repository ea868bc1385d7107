//! Between the contract and the SDK: what a component exports, and what it makes of its imports.

use std::{rc::Rc, sync::Once};

use crate::{
    Build, Container, Declaration, Fields, Group, Parameters, Response, Result, Transport,
    bindings::{
        drillmaster::plugin::{container as imported, definition},
        exports::drillmaster::plugin::{group_hooks, lifecycle, service_hooks},
    },
    container::{Backend, ExecOutput},
    error, log,
    time_out::milliseconds,
};

/// What `export_group!` makes: where the exports find the group.
pub trait Definition {
    /// The group, evaluated anew.
    fn group() -> Group;
}

impl<D: Definition> lifecycle::Guest for D {
    fn fields(group: definition::Group) -> Result<(), String> {
        call(D::group, |declared| {
            let group = Rc::new(group);
            let asked = Rc::clone(&group);
            let parameters = Parameters::new(move |name| asked.parameter(name));
            tell(&group, &declared.declare(&parameters)?);
            Ok(())
        })
    }

    fn ping(container: imported::Container) -> Result<bool, String> {
        call(D::group, |group| group.ping(&Container::new(container)))
    }

    fn post_start_init(container: imported::Container) -> Result<(), String> {
        call(D::group, |group| group.post_start_init(&Container::new(container)))
    }
}

impl<D: Definition> service_hooks::Guest for D {
    fn pre_start(service: String) -> Result<(), String> {
        call(D::group, |group| group.pre_start(&service))
    }

    fn pre_stop(container: imported::Container) -> Result<(), String> {
        call(D::group, |group| group.pre_stop(&Container::new(container)))
    }
}

impl<D: Definition> group_hooks::Guest for D {
    fn on_start(services: Vec<String>) -> Result<(), String> {
        call(D::group, |group| group.started(&services))
    }

    fn on_stop(services: Vec<String>) -> Result<(), String> {
        call(D::group, |group| group.stopped(&services))
    }

    fn on_reload(service: String) -> Result<(), String> {
        call(D::group, |group| group.reloaded(&service))
    }
}

/// Runs one export: an error reaches the person with its causes.
fn call<T>(group: fn() -> Group, hook: impl FnOnce(&Group) -> Result<T>) -> Result<T, String> {
    log_panics();
    hook(&group()).map_err(|error| error::text(&*error))
}

/// A panic ends the instance without a word; from here on, its place and text are logged first.
fn log_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            let text = panic.payload_as_str().unwrap_or("no message");
            match panic.location() {
                Some(location) => log::error(format!("panicked at {location}: {text}")),
                None => log::error(format!("panicked: {text}")),
            }
        }));
    });
}

fn tell(group: &definition::Group, declaration: &Declaration) {
    if let Some(name) = &declaration.name {
        group.set_name(name);
    }
    for service in &declaration.services {
        tell_fields(&group.add_service(&service.name, &service.fields.image), &service.fields);
    }
}

fn tell_fields(service: &definition::Service, fields: &Fields) {
    if let Some(build) = &fields.build {
        tell_build(service, build);
    }
    for name in &fields.dependencies {
        service.add_dependency(name);
    }
    for (name, value) in &fields.env {
        service.set_env(name, value);
    }
    for port in &fields.ports {
        let (container, host) = (port.container.into(), port.host.map(Into::into));
        match port.transport {
            Transport::Tcp => service.add_port(container, host),
            Transport::Udp => service.add_udp_port(container, host),
        }
    }
    if fields.always_start_new {
        service.set_always_start_new(true);
    }
    if let Some(signal) = fields.stop_signal {
        service.set_stop_signal(signal.name());
    }
    if let Some(timeout) = fields.stop_timeout {
        service.set_stop_timeout(milliseconds(timeout));
    }
    if let Some(argv) = &fields.entrypoint {
        service.set_entrypoint(argv);
    }
    if let Some(argv) = &fields.command {
        service.set_command(argv);
    }
    if let Some(user) = &fields.user {
        service.set_user(user);
    }
    if let Some(path) = &fields.working_directory {
        service.set_working_directory(path);
    }
    for mount in &fields.mounts {
        service.add_mount(&mount.source, &mount.target, mount.read_only);
    }
    for volume in &fields.volumes {
        service.add_volume(&volume.source, &volume.target, volume.read_only);
    }
    for target in &fields.tmpfs {
        service.add_tmpfs(target);
    }
    for (name, value) in &fields.labels {
        service.add_label(name, value);
    }
    for hostname in &fields.aliases {
        service.add_alias(hostname);
    }
    for name in &fields.networks {
        service.add_network(name);
    }
    if let Some(policy) = fields.restart_policy {
        service.set_restart_policy(policy.name());
    }
    if let Some(check) = &fields.health_check {
        service.set_health_check(&check.argv, milliseconds(check.interval));
    }
    if let Some(platform) = &fields.platform {
        service.set_platform(platform);
    }
    if let Some(mebibytes) = fields.shared_memory_mib {
        service.set_shared_memory(mebibytes);
    }
    if let Some(mebibytes) = fields.memory_limit_mib {
        service.set_memory_limit(mebibytes);
    }
    if let Some(millicpus) = fields.cpu_limit_millicpus {
        service.set_cpu_limit(millicpus);
    }
}

fn tell_build(service: &definition::Service, build: &Build) {
    service.set_build(&build.directory, build.dockerfile.as_deref());
    for (name, value) in &build.arguments {
        service.add_build_argument(name, value);
    }
    if let Some(stage) = &build.target {
        service.set_build_target(stage);
    }
}

impl Backend for imported::Container {
    fn service_name(&self) -> String {
        self.service_name()
    }

    fn address(&self, port: u32) -> Result<(String, u32), String> {
        self.address(port)
    }

    fn is_running(&self) -> Result<bool, String> {
        self.is_running()
    }

    fn health(&self) -> Result<String, String> {
        self.health()
    }

    fn exec(&self, argv: &[String], timeout_ms: u32) -> Result<ExecOutput, String> {
        let imported::ExecOutput { exit_code, stdout, stderr } = self.exec(argv, timeout_ms)?;
        Ok(ExecOutput { exit_code, stdout, stderr })
    }

    fn probe_tcp(&self, port: u32, timeout_ms: u32) -> bool {
        self.probe_tcp(port, timeout_ms)
    }

    fn http_get(&self, port: u32, path: &str, timeout_ms: u32) -> Result<Response, String> {
        let imported::HttpResponse { status, body } = self.http_get(port, path, timeout_ms)?;
        Ok(Response { status, body })
    }

    fn log_tail(&self, lines: u32) -> Result<Vec<u8>, String> {
        self.log_tail(lines)
    }

    fn dependency(&self, service: &str) -> Result<Container, String> {
        self.dependency(service).map(Container::new)
    }
}
