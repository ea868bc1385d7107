use std::time::Duration;

use crate::{Build, Mount, Port, RestartPolicy, StopSignal, Transport};

/// What a service's container is like: its image, and whatever else is said of it.
///
/// Nothing is checked here. The host checks the whole group and reports every mistake at once, each with its service
/// and field. A method called twice replaces what it said for the same thing (an environment variable's value, the
/// image's command), or adds one more where there may be several (ports, volumes).
///
/// ```
/// use drillmaster_sdk::{Fields, StopSignal};
///
/// let fields = Fields::new("postgres:15")
///     .env("POSTGRES_PASSWORD", "secret")
///     .port(5432, 5433)
///     .volume("data", "/var/lib/postgresql/data")
///     .stop_signal(StopSignal::Int);
/// assert_eq!(fields.env_value("POSTGRES_PASSWORD"), Some("secret"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct Fields {
    /// The image's reference; with a build, what it is called within the group.
    pub image: String,
    /// How the image is built; it is pulled when none.
    pub build: Option<Build>,
    /// The services that must be ready first.
    pub dependencies: Vec<String>,
    /// Names and values of environment variables.
    pub env: Vec<(String, String)>,
    /// Published ports.
    pub ports: Vec<Port>,
    /// Whether a stopped container is replaced instead of started again.
    pub always_start_new: bool,
    /// The signal that asks the container to stop.
    pub stop_signal: Option<StopSignal>,
    /// How long the container may take to stop.
    pub stop_timeout: Option<Duration>,
    /// Instead of the image's own entrypoint.
    pub entrypoint: Option<Vec<String>>,
    /// Instead of the image's own command.
    pub command: Option<Vec<String>>,
    /// The user that the container runs as.
    pub user: Option<String>,
    /// The directory that the container's process starts in.
    pub working_directory: Option<String>,
    /// Directories and files below the project directory.
    pub mounts: Vec<Mount>,
    /// Named volumes.
    pub volumes: Vec<Mount>,
    /// Where empty file systems in memory are mounted.
    pub tmpfs: Vec<String>,
    /// Names and values of labels.
    pub labels: Vec<(String, String)>,
    /// Further names of the service on the group's networks.
    pub aliases: Vec<String>,
    /// Further networks.
    pub networks: Vec<String>,
    /// What the engine does when the container exits by itself.
    pub restart_policy: Option<RestartPolicy>,
    /// The engine's own health check.
    pub health_check: Option<HealthCheck>,
    /// The platform of the image.
    pub platform: Option<String>,
    /// The size of `/dev/shm` in MiB.
    pub shared_memory_mib: Option<u32>,
    /// The most memory that the container may use, in MiB.
    pub memory_limit_mib: Option<u32>,
    /// The most CPU time that the container may use, in thousandths of one CPU.
    pub cpu_limit_millicpus: Option<u32>,
}

/// The engine's own health check: a command in the container, healthy when it exits with 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// The time from one check to the next.
    pub interval: Duration,
}

impl Fields {
    /// A container of this image. With a [`build`](Self::build) it is what the image is called within the group, whoever
    /// else has one of that name.
    pub fn new(image: impl Into<String>) -> Self {
        Self {
            image: image.into(),
            build: None,
            dependencies: Vec::new(),
            env: Vec::new(),
            ports: Vec::new(),
            always_start_new: false,
            stop_signal: None,
            stop_timeout: None,
            entrypoint: None,
            command: None,
            user: None,
            working_directory: None,
            mounts: Vec::new(),
            volumes: Vec::new(),
            tmpfs: Vec::new(),
            labels: Vec::new(),
            aliases: Vec::new(),
            networks: Vec::new(),
            restart_policy: None,
            health_check: None,
            platform: None,
            shared_memory_mib: None,
            memory_limit_mib: None,
            cpu_limit_millicpus: None,
        }
    }

    /// Builds the image, when the group has not built it yet or what it is built from has changed, from a directory below
    /// the project directory: the directory's name, or a [`Build`] that says more.
    pub fn build(mut self, build: impl Into<Build>) -> Self {
        self.build = Some(build.into());
        self
    }

    /// Starts this service only once another of the group is ready, and stops it first. Hooks may then reach the
    /// other's container with [`Container::dependency`](crate::Container::dependency).
    pub fn depends_on(mut self, service: impl Into<String>) -> Self {
        self.dependencies.push(service.into());
        self
    }

    /// An environment variable. `{key}` in the value is replaced from the [`context`](crate::context) when the
    /// service starts, `{{key}}` is the text `{key}`, and all else is left as it is.
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        set(&mut self.env, name.into(), value.into());
        self
    }

    /// The value of an environment variable that was said.
    #[must_use]
    pub fn env_value(&self, name: &str) -> Option<&str> {
        self.env.iter().find(|(set, _)| set == name).map(|(_, value)| value.as_str())
    }

    /// Publishes a TCP port of the container on this port of the host.
    pub fn port(self, container: u16, host: u16) -> Self {
        self.publish(container, Some(host), Transport::Tcp)
    }

    /// Publishes a TCP port of the container on whichever port of the host is free.
    pub fn free_port(self, container: u16) -> Self {
        self.publish(container, None, Transport::Tcp)
    }

    /// Publishes a UDP port of the container on this port of the host.
    pub fn udp_port(self, container: u16, host: u16) -> Self {
        self.publish(container, Some(host), Transport::Udp)
    }

    /// Publishes a UDP port of the container on whichever port of the host is free.
    pub fn free_udp_port(self, container: u16) -> Self {
        self.publish(container, None, Transport::Udp)
    }

    /// Replaces a stopped container by a new one instead of starting it again.
    pub fn always_start_new(mut self) -> Self {
        self.always_start_new = true;
        self
    }

    /// The signal that asks the container to stop; by default the image says which, and else it is `SIGTERM`.
    pub fn stop_signal(mut self, signal: StopSignal) -> Self {
        self.stop_signal = Some(signal);
        self
    }

    /// How long the container may take to stop after that signal before it is killed; 10 seconds if nothing is said.
    /// Rounded up to seconds.
    pub fn stop_timeout(mut self, timeout: Duration) -> Self {
        self.stop_timeout = Some(timeout);
        self
    }

    /// Replaces the image's entrypoint. An empty one takes it away; then there has to be a command.
    pub fn entrypoint(mut self, argv: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.entrypoint = Some(words(argv));
        self
    }

    /// Replaces the image's command.
    pub fn command(mut self, argv: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.command = Some(words(argv));
        self
    }

    /// Runs the container as this user of the image: a name or number, `user` or `user:group`.
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// Starts the container's process in this directory, an absolute path in the container.
    pub fn working_directory(mut self, path: impl Into<String>) -> Self {
        self.working_directory = Some(path.into());
        self
    }

    /// Mounts a directory or file below the project directory at an absolute path in the container.
    pub fn mount(mut self, source: impl Into<String>, target: impl Into<String>) -> Self {
        self.mounts.push(Mount::new(source, target, false));
        self
    }

    /// The same, and the container may only read it.
    pub fn read_only_mount(mut self, source: impl Into<String>, target: impl Into<String>) -> Self {
        self.mounts.push(Mount::new(source, target, true));
        self
    }

    /// Mounts a named volume, which belongs to the group and outlives its containers.
    pub fn volume(mut self, name: impl Into<String>, target: impl Into<String>) -> Self {
        self.volumes.push(Mount::new(name, target, false));
        self
    }

    /// The same, and the container may only read it.
    pub fn read_only_volume(mut self, name: impl Into<String>, target: impl Into<String>) -> Self {
        self.volumes.push(Mount::new(name, target, true));
        self
    }

    /// Mounts an empty file system in memory, which is gone with the container.
    pub fn tmpfs(mut self, target: impl Into<String>) -> Self {
        self.tmpfs.push(target.into());
        self
    }

    /// A label on the container. Names that begin with `dev.drillmaster.` are the host's own; those that other tools act on
    /// (as `traefik.` or `com.docker.`) need a grant.
    pub fn label(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        set(&mut self.labels, name.into(), value.into());
        self
    }

    /// A further name of this service on the group's networks.
    pub fn alias(mut self, hostname: impl Into<String>) -> Self {
        self.aliases.push(hostname.into());
        self
    }

    /// A further network of the group, beside the one that all its services share.
    pub fn network(mut self, name: impl Into<String>) -> Self {
        self.networks.push(name.into());
        self
    }

    /// What the engine does when the container exits by itself; nothing, if nothing is said.
    pub fn restart_policy(mut self, policy: RestartPolicy) -> Self {
        self.restart_policy = Some(policy);
        self
    }

    /// The engine's own health check: a command run in the container at every `interval`, healthy when it exits
    /// with 0. [`Container::health`](crate::Container::health) reads it. The
    /// service is ready once it is healthy, unless `ping` is written.
    pub fn health_check(mut self, argv: impl IntoIterator<Item = impl Into<String>>, interval: Duration) -> Self {
        self.health_check = Some(HealthCheck { argv: words(argv), interval });
        self
    }

    /// The platform of the image, as `linux/amd64`.
    pub fn platform(mut self, platform: impl Into<String>) -> Self {
        self.platform = Some(platform.into());
        self
    }

    /// The size of `/dev/shm` in MiB.
    pub fn shared_memory_mib(mut self, mebibytes: u32) -> Self {
        self.shared_memory_mib = Some(mebibytes);
        self
    }

    /// The most memory that the container may use, in MiB.
    pub fn memory_limit_mib(mut self, mebibytes: u32) -> Self {
        self.memory_limit_mib = Some(mebibytes);
        self
    }

    /// The most CPU time that the container may use, in thousandths of one CPU: 1500 is one and a half.
    pub fn cpu_limit_millicpus(mut self, millicpus: u32) -> Self {
        self.cpu_limit_millicpus = Some(millicpus);
        self
    }

    fn publish(mut self, container: u16, host: Option<u16>, transport: Transport) -> Self {
        self.ports.push(Port { container, host, transport });
        self
    }
}

fn words(argv: impl IntoIterator<Item = impl Into<String>>) -> Vec<String> {
    argv.into_iter().map(Into::into).collect()
}

fn set(pairs: &mut Vec<(String, String)>, name: String, value: String) {
    match pairs.iter_mut().find(|(set, _)| *set == name) {
        Some(pair) => pair.1 = value,
        None => pairs.push((name, value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_say_nothing_but_the_image_until_told() {
        let fields = Fields::new("redis:7");
        assert_eq!(fields.image, "redis:7");
        assert_eq!(fields, Fields::new(String::from("redis:7")));
        assert_ne!(fields, Fields::new("redis:7").always_start_new());
    }

    #[test]
    fn a_variable_that_is_set_twice_has_the_later_value() {
        let fields = Fields::new("image").env("A", "1").env("B", "2").env("A", "3");
        assert_eq!(fields.env_value("A"), Some("3"));
        assert_eq!(fields.env_value("B"), Some("2"));
        assert_eq!(fields.env_value("C"), None);
        assert_eq!(fields.env.len(), 2);
    }

    #[test]
    fn ports_are_added_with_what_they_speak() {
        let fields = Fields::new("image").port(80, 8080).free_port(81).udp_port(53, 5353).free_udp_port(54);
        let port = |container, host, transport| Port { container, host, transport };
        assert_eq!(
            fields.ports,
            [
                port(80, Some(8080), Transport::Tcp),
                port(81, None, Transport::Tcp),
                port(53, Some(5353), Transport::Udp),
                port(54, None, Transport::Udp),
            ]
        );
    }

    #[test]
    fn a_directory_alone_is_a_build() {
        let fields = Fields::new("image").build("app");
        assert_eq!(fields.build, Some(Build::directory("app")));
        let build = Build::directory("app").dockerfile("dev.Dockerfile").argument("V", "1").target("test");
        assert_eq!(build.dockerfile.as_deref(), Some("dev.Dockerfile"));
        assert_eq!(Fields::new("image").build(build.clone()).build, Some(build));
    }

    #[test]
    fn mounts_and_volumes_may_be_read_only() {
        let fields = Fields::new("image")
            .mount("src", "/src")
            .read_only_mount("etc", "/etc/app")
            .volume("data", "/data")
            .read_only_volume("seed", "/seed");
        let read_only = |mounts: &[Mount]| mounts.iter().map(|mount| mount.read_only).collect::<Vec<_>>();
        assert_eq!(read_only(&fields.mounts), [false, true]);
        assert_eq!(read_only(&fields.volumes), [false, true]);
    }
}
