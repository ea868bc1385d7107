use crate::{Container, Declaration, DeclaredService, Parameters, Result, Service, error};

type ServicesHook = Box<dyn Fn(&[String]) -> Result<()>>;
type ServiceHook = Box<dyn Fn(&str) -> Result<()>>;

/// The services that belong together, each under its name.
///
/// A name must be unique in the group and a valid hostname label: other services reach the service under it. One
/// type can be several services, under several names.
#[derive(Default)]
#[must_use]
pub struct Group {
    name: Option<String>,
    services: Vec<(String, Box<dyn Service>)>,
    on_start: Option<ServicesHook>,
    on_stop: Option<ServicesHook>,
    on_reload: Option<ServiceHook>,
}

impl Group {
    /// A group that is named after the project directory.
    pub fn new() -> Self {
        Self::default()
    }

    /// A group with a name of its own. `--group` on the command line wins over it.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..Self::default() }
    }

    /// Adds a service under this name.
    pub fn service(mut self, name: impl Into<String>, service: impl Service + 'static) -> Self {
        self.services.push((name.into(), Box::new(service)));
        self
    }

    /// Runs after `start`, with the names of the services that it started. An error is reported and undoes nothing.
    pub fn on_start(mut self, hook: impl Fn(&[String]) -> Result<()> + 'static) -> Self {
        self.on_start = Some(Box::new(hook));
        self
    }

    /// Runs after `stop`, with the names of the services that it stopped. An error is reported and undoes nothing.
    pub fn on_stop(mut self, hook: impl Fn(&[String]) -> Result<()> + 'static) -> Self {
        self.on_stop = Some(Box::new(hook));
        self
    }

    /// Runs after `reload` of one service, with its name. An error is reported and undoes nothing.
    pub fn on_reload(mut self, hook: impl Fn(&str) -> Result<()> + 'static) -> Self {
        self.on_reload = Some(Box::new(hook));
        self
    }

    /// Calls `fields` of every service: what the host is told.
    ///
    /// # Errors
    ///
    /// When a service's `fields` gives an error; all of them are told, each with its service.
    pub fn declare(&self, parameters: &Parameters) -> Result<Declaration> {
        let mut services = Vec::new();
        let mut errors = Vec::new();
        for (name, service) in &self.services {
            match service.fields(parameters) {
                Ok(fields) => services.push(DeclaredService { name: name.clone(), fields }),
                Err(error) => errors.push(format!("service `{name}`: {}", error::text(&*error))),
            }
        }
        if errors.is_empty() {
            Ok(Declaration { name: self.name.clone(), services })
        } else {
            Err(errors.join("; ").into())
        }
    }

    /// Calls `ping` of the service that the container belongs to.
    ///
    /// # Errors
    ///
    /// What the hook gives, or that there is no such service.
    pub fn ping(&self, container: &Container) -> Result<bool> {
        self.find(&container.name())?.ping(container)
    }

    /// Calls `post_start_init` of the service that the container belongs to.
    ///
    /// # Errors
    ///
    /// What the hook gives, or that there is no such service.
    pub fn post_start_init(&self, container: &Container) -> Result<()> {
        self.find(&container.name())?.post_start_init(container)
    }

    /// Calls `pre_start` of a service.
    ///
    /// # Errors
    ///
    /// What the hook gives, or that there is no such service.
    pub fn pre_start(&self, service: &str) -> Result<()> {
        self.find(service)?.pre_start(service)
    }

    /// Calls `pre_stop` of the service that the container belongs to.
    ///
    /// # Errors
    ///
    /// What the hook gives, or that there is no such service.
    pub fn pre_stop(&self, container: &Container) -> Result<()> {
        self.find(&container.name())?.pre_stop(container)
    }

    /// Calls the hook given to [`on_start`](Self::on_start), if there is one.
    ///
    /// # Errors
    ///
    /// What the hook gives.
    pub fn started(&self, services: &[String]) -> Result<()> {
        self.on_start.as_ref().map_or(Ok(()), |hook| hook(services))
    }

    /// Calls the hook given to [`on_stop`](Self::on_stop), if there is one.
    ///
    /// # Errors
    ///
    /// What the hook gives.
    pub fn stopped(&self, services: &[String]) -> Result<()> {
        self.on_stop.as_ref().map_or(Ok(()), |hook| hook(services))
    }

    /// Calls the hook given to [`on_reload`](Self::on_reload), if there is one.
    ///
    /// # Errors
    ///
    /// What the hook gives.
    pub fn reloaded(&self, service: &str) -> Result<()> {
        self.on_reload.as_ref().map_or(Ok(()), |hook| hook(service))
    }

    fn find(&self, wanted: &str) -> Result<&dyn Service> {
        let found = self.services.iter().find(|(name, _)| name == wanted);
        let (_, service) = found.ok_or_else(|| {
            let names: Vec<&str> = self.services.iter().map(|(name, _)| name.as_str()).collect();
            format!("the definition has no service `{wanted}`, only {}", names.join(", "))
        })?;
        Ok(&**service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Fields, Health, context, testing::FakeContainer};

    /// Ready once it is told so; its fields need a parameter.
    struct Picky(bool);

    impl Service for Picky {
        fn fields(&self, parameters: &Parameters) -> Result<Fields> {
            let port = parameters.parse("port")?.ok_or("the parameter `port` is needed")?;
            Ok(Fields::new("picky").port(80, port))
        }

        fn ping(&self, _: &Container) -> Result<bool> {
            Ok(self.0)
        }

        fn post_start_init(&self, container: &Container) -> Result<()> {
            context::set("initialised", container.name())
        }

        fn pre_start(&self, service: &str) -> Result<()> {
            context::set("starting", service)
        }

        fn pre_stop(&self, container: &Container) -> Result<()> {
            context::set("stopping", container.name())
        }
    }

    /// Says nothing of its own but an image.
    struct Plain;

    impl Service for Plain {
        fn fields(&self, _: &Parameters) -> Result<Fields> {
            Ok(Fields::new("plain"))
        }
    }

    fn container(name: &str) -> Container {
        FakeContainer::new(name).container()
    }

    #[test]
    fn a_group_declares_its_services_in_order() {
        let group = Group::named("shop").service("b", Plain).service("a", Picky(true));
        let declaration = group.declare(&Parameters::from([("port", "8080")])).unwrap();
        assert_eq!(declaration.name.as_deref(), Some("shop"));
        let names: Vec<_> = declaration.services.iter().map(|service| &service.name).collect();
        assert_eq!(names, ["b", "a"]);
        assert_eq!(declaration.service("a"), Some(&Fields::new("picky").port(80, 8080)));
        assert_eq!(declaration.service("c"), None);
        assert_eq!(Group::new().declare(&Parameters::default()).unwrap().name, None);
    }

    #[test]
    fn every_service_that_cannot_be_declared_is_told_at_once() {
        let group = Group::new().service("a", Picky(true)).service("b", Plain).service("c", Picky(true));
        let error = group.declare(&Parameters::default()).unwrap_err().to_string();
        assert_eq!(error, "service `a`: the parameter `port` is needed; service `c`: the parameter `port` is needed");
    }

    #[test]
    fn a_hook_goes_to_the_service_of_that_name() {
        let group = Group::new().service("ready", Picky(true)).service("busy", Picky(false));
        assert!(group.ping(&container("ready")).unwrap());
        assert!(!group.ping(&container("busy")).unwrap());
        group.post_start_init(&container("busy")).unwrap();
        group.pre_start("ready").unwrap();
        group.pre_stop(&container("busy")).unwrap();
        let left = ["initialised", "starting", "stopping"].map(|key| context::get(key).unwrap());
        assert_eq!(left, ["busy", "ready", "busy"]);
    }

    #[test]
    fn a_hook_for_a_service_that_is_not_there_is_an_error_that_names_those_that_are() {
        let group = Group::new().service("a", Plain).service("b", Plain);
        let error = group.ping(&container("c")).unwrap_err().to_string();
        assert_eq!(error, "the definition has no service `c`, only a, b");
        assert!(group.post_start_init(&container("c")).is_err());
        assert!(group.pre_start("c").is_err());
        assert!(group.pre_stop(&container("c")).is_err());
    }

    #[test]
    fn without_a_ping_of_its_own_a_service_is_ready_when_it_runs_and_is_not_unhealthy() {
        let group = Group::new().service("plain", Plain).service("ready", Picky(true));
        for (health, ready) in
            [(Health::None, true), (Health::Starting, false), (Health::Healthy, true), (Health::Unhealthy, false)]
        {
            let plain = FakeContainer::new("plain").health(health);
            assert_eq!(group.ping(&plain.container()).unwrap(), ready, "{health:?}");
        }
        let stopped = FakeContainer::new("plain").stopped();
        assert!(!group.ping(&stopped.container()).unwrap());
        let unhealthy = FakeContainer::new("ready").health(Health::Unhealthy);
        assert!(group.ping(&unhealthy.container()).unwrap(), "a ping of its own counts alone");
    }

    #[test]
    fn a_service_without_hooks_needs_nothing() {
        let group = Group::new().service("plain", Plain);
        group.post_start_init(&container("plain")).unwrap();
        group.pre_start("plain").unwrap();
        group.pre_stop(&container("plain")).unwrap();
    }

    #[test]
    fn the_hooks_of_a_group_run_when_there_are_any() {
        let group = Group::new();
        group.started(&["a".into()]).unwrap();
        group.stopped(&["a".into()]).unwrap();
        group.reloaded("a").unwrap();

        let group = Group::new()
            .on_start(|services| context::set("started", services.join(" ")))
            .on_stop(|_| Err("too late".into()))
            .on_reload(|service| context::set("reloaded", service));
        group.started(&["a".into(), "b".into()]).unwrap();
        assert_eq!(group.stopped(&[]).unwrap_err().to_string(), "too late");
        group.reloaded("c").unwrap();
        assert_eq!(context::get("started").as_deref(), Some("a b"));
        assert_eq!(context::get("reloaded").as_deref(), Some("c"));
    }
}
