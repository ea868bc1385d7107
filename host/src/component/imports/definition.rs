//! `definition`: declaring the services of a group.
//!
//! Every setter only writes down what it was given; the whole is checked once `fields` has returned.

use wasmtime::Result;
use wasmtime::component::Resource;

use crate::component::bindings::drillmaster::plugin::definition::{Host, HostGroup, HostService};
use crate::component::limits::Exceeded;
use crate::component::state::{GroupHandle, Role, ServiceHandle, State};
use crate::group::{BuildDeclaration, Declaration, MountDeclaration, PortDeclaration, Protocol, ServiceDeclaration};

/// The most services that a definition can declare.
const MAX_SERVICES: usize = 1_000;

type Service = Resource<ServiceHandle>;

/// The longest name of a parameter, in bytes, and the most of them, that are remembered to have been asked for.
const LONGEST_PARAMETER: usize = 1000;
const MOST_PARAMETERS: usize = 1000;

impl State {
    fn declaration(&mut self) -> Result<&mut Declaration> {
        match &mut self.role {
            Role::Fields { declaration, .. } => Ok(declaration),
            Role::Build | Role::Hook { .. } | Role::Group { .. } => {
                Err(wasmtime::Error::msg("services can be declared only in fields"))
            }
        }
    }

    /// The service that a handle stands for, of which something is declared: these texts, or a number if there are none.
    fn service(&mut self, handle: &Service, texts: &[&str]) -> Result<&mut ServiceDeclaration> {
        let index = self.handles.get(handle)?.0;
        self.limits.declare(texts)?;
        let service = self.declaration()?.services.get_mut(index);
        service.ok_or_else(|| wasmtime::Error::msg("there is no such service"))
    }
}

fn texts(argv: &[String]) -> Vec<&str> {
    argv.iter().map(String::as_str).collect()
}

impl Host for State {}

impl HostGroup for State {
    async fn set_name(&mut self, _: Resource<GroupHandle>, name: String) -> Result<()> {
        self.limits.declare(&[&name])?;
        self.declaration()?.name = Some(name);
        Ok(())
    }

    async fn parameter(&mut self, _: Resource<GroupHandle>, name: String) -> Result<Option<String>> {
        match &mut self.role {
            Role::Fields { parameters, declaration } => {
                let value = parameters.get(&name).cloned();
                // What nobody can have given need not be remembered.
                if name.len() <= LONGEST_PARAMETER && declaration.asked.len() < MOST_PARAMETERS {
                    declaration.asked.insert(name);
                }
                Ok(value)
            }
            Role::Build | Role::Hook { .. } | Role::Group { .. } => {
                Err(wasmtime::Error::msg("parameters can be read only in fields"))
            }
        }
    }

    async fn add_service(&mut self, _: Resource<GroupHandle>, name: String, image: String) -> Result<Service> {
        self.limits.declare(&[&name, &image])?;
        let services = &mut self.declaration()?.services;
        if services.len() == MAX_SERVICES {
            return Err(Exceeded(format!("it declares more than {MAX_SERVICES} services")).into());
        }
        services.push(ServiceDeclaration { name, image, ..ServiceDeclaration::default() });
        let index = services.len() - 1;
        Ok(self.handles.push(ServiceHandle(index))?)
    }

    async fn drop(&mut self, handle: Resource<GroupHandle>) -> Result<()> {
        self.handles.delete(handle)?;
        Ok(())
    }
}

impl HostService for State {
    async fn add_dependency(&mut self, service: Service, name: String) -> Result<()> {
        self.service(&service, &[&name])?.dependencies.push(name);
        Ok(())
    }

    async fn set_env(&mut self, service: Service, name: String, value: String) -> Result<()> {
        self.service(&service, &[&name, &value])?.env.push((name, value));
        Ok(())
    }

    async fn add_port(&mut self, service: Service, container: u32, host: Option<u32>) -> Result<()> {
        self.service(&service, &[])?.ports.push(PortDeclaration { container, host, protocol: Protocol::Tcp });
        Ok(())
    }

    async fn add_udp_port(&mut self, service: Service, container: u32, host: Option<u32>) -> Result<()> {
        self.service(&service, &[])?.ports.push(PortDeclaration { container, host, protocol: Protocol::Udp });
        Ok(())
    }

    async fn set_always_start_new(&mut self, service: Service, always: bool) -> Result<()> {
        self.service(&service, &[])?.always_start_new = always;
        Ok(())
    }

    async fn set_stop_signal(&mut self, service: Service, signal: String) -> Result<()> {
        let service = self.service(&service, &[&signal])?;
        service.stop_signal = Some(signal);
        Ok(())
    }

    async fn set_stop_timeout(&mut self, service: Service, milliseconds: u32) -> Result<()> {
        self.service(&service, &[])?.stop_timeout_ms = Some(milliseconds);
        Ok(())
    }

    async fn set_build(&mut self, service: Service, directory: String, dockerfile: Option<String>) -> Result<()> {
        let texts = [directory.as_str(), dockerfile.as_deref().unwrap_or_default()];
        let service = self.service(&service, &texts)?;
        service.build = Some(BuildDeclaration { directory, dockerfile });
        Ok(())
    }

    async fn add_build_argument(&mut self, service: Service, name: String, value: String) -> Result<()> {
        self.service(&service, &[&name, &value])?.build_arguments.push((name, value));
        Ok(())
    }

    async fn set_build_target(&mut self, service: Service, stage: String) -> Result<()> {
        let service = self.service(&service, &[&stage])?;
        service.build_target = Some(stage);
        Ok(())
    }

    async fn set_entrypoint(&mut self, service: Service, argv: Vec<String>) -> Result<()> {
        let service = self.service(&service, &texts(&argv))?;
        service.entrypoint = Some(argv);
        Ok(())
    }

    async fn set_command(&mut self, service: Service, argv: Vec<String>) -> Result<()> {
        let service = self.service(&service, &texts(&argv))?;
        service.command = Some(argv);
        Ok(())
    }

    async fn set_user(&mut self, service: Service, user: String) -> Result<()> {
        let service = self.service(&service, &[&user])?;
        service.user = Some(user);
        Ok(())
    }

    async fn set_working_directory(&mut self, service: Service, path: String) -> Result<()> {
        let service = self.service(&service, &[&path])?;
        service.working_directory = Some(path);
        Ok(())
    }

    async fn add_mount(&mut self, service: Service, source: String, target: String, read_only: bool) -> Result<()> {
        self.service(&service, &[&source, &target])?.mounts.push(MountDeclaration { source, target, read_only });
        Ok(())
    }

    async fn add_volume(&mut self, service: Service, name: String, target: String, read_only: bool) -> Result<()> {
        self.service(&service, &[&name, &target])?.volumes.push(MountDeclaration { source: name, target, read_only });
        Ok(())
    }

    async fn add_tmpfs(&mut self, service: Service, target: String) -> Result<()> {
        self.service(&service, &[&target])?.tmpfs.push(target);
        Ok(())
    }

    async fn add_label(&mut self, service: Service, name: String, value: String) -> Result<()> {
        self.service(&service, &[&name, &value])?.labels.push((name, value));
        Ok(())
    }

    async fn add_alias(&mut self, service: Service, hostname: String) -> Result<()> {
        self.service(&service, &[&hostname])?.aliases.push(hostname);
        Ok(())
    }

    async fn add_network(&mut self, service: Service, name: String) -> Result<()> {
        self.service(&service, &[&name])?.networks.push(name);
        Ok(())
    }

    async fn set_restart_policy(&mut self, service: Service, policy: String) -> Result<()> {
        let service = self.service(&service, &[&policy])?;
        service.restart_policy = Some(policy);
        Ok(())
    }

    async fn set_health_check(&mut self, service: Service, argv: Vec<String>, interval_ms: u32) -> Result<()> {
        let service = self.service(&service, &texts(&argv))?;
        service.health_check = Some((argv, interval_ms));
        Ok(())
    }

    async fn set_platform(&mut self, service: Service, platform: String) -> Result<()> {
        let service = self.service(&service, &[&platform])?;
        service.platform = Some(platform);
        Ok(())
    }

    async fn set_shared_memory(&mut self, service: Service, mebibytes: u32) -> Result<()> {
        self.service(&service, &[])?.shared_memory_mib = Some(mebibytes);
        Ok(())
    }

    async fn set_memory_limit(&mut self, service: Service, mebibytes: u32) -> Result<()> {
        self.service(&service, &[])?.memory_limit_mib = Some(mebibytes);
        Ok(())
    }

    async fn set_cpu_limit(&mut self, service: Service, millicpus: u32) -> Result<()> {
        self.service(&service, &[])?.cpu_limit_millis = Some(millicpus);
        Ok(())
    }

    async fn drop(&mut self, handle: Service) -> Result<()> {
        self.handles.delete(handle)?;
        Ok(())
    }
}
