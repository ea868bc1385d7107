//! Checking the fields of one service, each for itself.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use crate::group::built::is_built_image;
use crate::group::name::{is_hostname_label, is_object_name};
use crate::group::tool_labels::OWN_LABELS;
use crate::group::{
    Build, HealthCheck, ImageName, Mount, Port, PortDeclaration, RestartPolicy, Service, ServiceDeclaration,
    StopSignal, Template, Volume, begins_with, is_own_label, mask_text, mask_value, short, tool_of_label,
};

use super::{Check, Mistake};

/// The most bytes that are shown of a value that is wrong.
const SHOWN: usize = 200;

/// Checks the fields of one service, one after the other.
pub(super) struct ServiceCheck<'a> {
    file: &'a str,
    service: String,
    with: &'a Check<'a>,
    mistakes: &'a mut Vec<Mistake>,
    /// Where something is mounted in the container, and the field that says so.
    mount_points: BTreeMap<PathBuf, &'static str>,
}

impl<'a> ServiceCheck<'a> {
    pub(super) fn new(file: &'a str, service: String, with: &'a Check<'a>, mistakes: &'a mut Vec<Mistake>) -> Self {
        Self { file, service, with, mistakes, mount_points: BTreeMap::new() }
    }

    fn wrong(&mut self, field: &'static str, problem: impl Into<String>) {
        let (file, service) = (self.file.to_owned(), self.service.clone());
        let problem = mask_text(&problem.into()).into_owned();
        self.mistakes.push(Mistake { file, service, field, problem });
    }

    /// The service; where a field was wrong, with something harmless in its place, since the mistake is noted.
    pub(super) fn check(mut self, declared: ServiceDeclaration) -> Service {
        self.names(&declared);
        Service {
            image: self.image(&declared),
            env: self.env(&declared.env),
            ports: declared.ports.iter().map(|port| self.port(port)).collect(),
            stop_signal: declared
                .stop_signal
                .as_deref()
                .and_then(|word| self.word("stop_signal", word, StopSignal::from_word, StopSignal::WORDS)),
            stop_timeout: declared.stop_timeout_ms.map(|ms| Duration::from_millis(ms.into())),
            build: self.build(&declared),
            entrypoint: self.entrypoint(&declared),
            command: self.argv("command", declared.command.as_ref()),
            user: self.not_empty("user", declared.user.as_ref()),
            working_directory: declared.working_directory.as_ref().map(|path| self.target("working_directory", path)),
            mounts: self.mounts(&declared),
            volumes: self.volumes(&declared),
            tmpfs: declared.tmpfs.iter().map(|target| self.mount_point("tmpfs", target)).collect(),
            labels: self.labels(&declared.labels),
            restart_policy: declared
                .restart_policy
                .as_deref()
                .and_then(|word| self.word("restart_policy", word, RestartPolicy::from_word, RestartPolicy::WORDS))
                .unwrap_or_default(),
            health_check: self.health_check(declared.health_check.as_ref()),
            platform: self.platform(declared.platform.as_ref()),
            shared_memory_mib: self.not_zero("shared_memory", declared.shared_memory_mib),
            memory_limit_mib: self.not_zero("memory_limit", declared.memory_limit_mib),
            cpu_limit_millis: self.not_zero("cpu_limit", declared.cpu_limit_millis),
            always_start_new: declared.always_start_new,
            dependencies: declared.dependencies.into_iter().collect(),
            aliases: declared.aliases.into_iter().collect(),
            networks: declared.networks.into_iter().collect(),
            name: declared.name,
        }
    }

    fn names(&mut self, declared: &ServiceDeclaration) {
        const RULE: &str = "letters, digits and inner hyphens, at most 63 characters";
        if declared.name.is_empty() {
            self.wrong("name", "it is empty");
        } else if !is_hostname_label(&declared.name) {
            self.wrong("name", format!("{} is not a valid hostname: {RULE}", quoted(&declared.name)));
        }
        for alias in declared.aliases.iter().filter(|alias| !is_hostname_label(alias)) {
            self.wrong("aliases", format!("{} is not a valid hostname: {RULE}", quoted(alias)));
        }
        let names = declared.aliases.iter().map(|alias| ("aliases", alias)).chain([("name", &declared.name)]);
        for (field, name) in names {
            if let Some(meaning) = other_meaning(name) {
                self.wrong(field, format!("{} does not lead to the service: it is {meaning}", quoted(name)));
            }
        }
        for network in &declared.networks {
            if !is_object_name(network) {
                self.wrong("networks", format!("{} cannot be a network's name", quoted(network)));
            }
        }
    }

    fn image(&mut self, declared: &ServiceDeclaration) -> ImageName {
        if declared.image.is_empty() {
            self.wrong("image", "it is empty");
        } else {
            match ImageName::new(&declared.image) {
                Ok(image) if declared.build.is_some() && image.has_digest() => {
                    self.wrong("image", format!("{} has a digest, which no build can give", quoted(&declared.image)));
                }
                Ok(image) if is_built_image(&image) => {
                    let problem = "is the name of an image that a group has built; services of that group use it by the \
                                   name that they declare";
                    self.wrong("image", format!("{} {problem}", quoted(&declared.image)));
                }
                Ok(image) => return image,
                Err(error) => self.wrong("image", error.to_string()),
            }
        }
        ImageName::new("scratch").expect("a plain name is a reference")
    }

    fn env(&mut self, declared: &[(String, String)]) -> BTreeMap<String, Template> {
        for (name, value) in declared {
            if name.is_empty() || name.contains(['=', '\0']) {
                self.wrong(
                    "env",
                    format!("{} cannot be a variable's name: it must not be empty or hold `=`", quoted(name)),
                );
            }
            if value.contains('\0') {
                self.wrong("env", format!("the value of {name} holds a NUL byte"));
            }
        }
        declared.iter().map(|(name, value)| (name.clone(), Template::new(value))).collect()
    }

    fn port(&mut self, declared: &PortDeclaration) -> Port {
        let address = self.with.publish_on;
        let mut number = |side: &str, port: u32| match u16::try_from(port) {
            Ok(number) if number != 0 => number,
            _ => {
                self.wrong("ports", format!("{side} port {port} is not between 1 and 65535"));
                1
            }
        };
        Port {
            container: number("container", declared.container),
            address,
            host: declared.host.map(|host| number("host", host)),
            protocol: declared.protocol,
        }
    }

    fn build(&mut self, declared: &ServiceDeclaration) -> Option<Build> {
        let Some(build) = &declared.build else {
            if !declared.build_arguments.is_empty() || declared.build_target.is_some() {
                self.wrong("build", "build arguments or a build target are given, but no directory to build");
            }
            return None;
        };
        let dockerfile = build.dockerfile.clone().unwrap_or_else(|| "Dockerfile".to_owned());
        if !stays_inside(&dockerfile) {
            self.wrong("build", format!("{dockerfile:?} is not the path of a Dockerfile inside {}", build.directory));
        }
        match self.with.paths.resolve(&build.directory, false) {
            Err(problem) => self.wrong("build", problem),
            Ok(directory) => {
                return Some(Build {
                    directory,
                    dockerfile,
                    arguments: declared.build_arguments.iter().cloned().collect(),
                    target: declared.build_target.clone(),
                });
            }
        }
        None
    }

    fn mounts(&mut self, declared: &ServiceDeclaration) -> BTreeMap<String, Mount> {
        let mut mounts = BTreeMap::new();
        for mount in &declared.mounts {
            let target = self.mount_point("mounts", &mount.target);
            match self.with.paths.resolve(&mount.source, !mount.read_only) {
                Ok(source) if source.to_str().is_none() => {
                    self.wrong("mounts", format!("Docker cannot be told of {}: it is not UTF-8", source.display()));
                }
                Ok(source) => {
                    mounts.insert(target, Mount { source, read_only: mount.read_only });
                }
                Err(problem) => self.wrong("mounts", problem),
            }
        }
        mounts
    }

    fn volumes(&mut self, declared: &ServiceDeclaration) -> BTreeMap<String, Volume> {
        let mut volumes = BTreeMap::new();
        for volume in &declared.volumes {
            if !is_object_name(&volume.source) {
                self.wrong(
                    "volumes",
                    format!(
                        "{} cannot be a volume's name: a letter or digit, then letters, digits, `_`, `.` or `-`",
                        quoted(&volume.source)
                    ),
                );
            }
            let target = self.mount_point("volumes", &volume.target);
            volumes.insert(target, Volume { name: volume.source.clone(), read_only: volume.read_only });
        }
        volumes
    }

    fn labels(&mut self, declared: &[(String, String)]) -> BTreeMap<String, String> {
        for (name, _) in declared {
            if name.is_empty() || is_own_label(name) {
                self.wrong(
                    "labels",
                    format!("{} cannot be used: it is empty or begins with {OWN_LABELS}", quoted(name)),
                );
            } else if let Some(tool) = tool_of_label(name)
                && !self.with.granted_labels.iter().any(|prefix| begins_with(name, prefix))
            {
                let problem = format!(
                    "{} is read by {}, which acts on the labels of all containers; --allow-label {} would allow it",
                    quoted(name),
                    tool.name,
                    tool.prefix
                );
                self.wrong("labels", problem);
            }
        }
        declared.iter().cloned().collect()
    }

    fn health_check(&mut self, declared: Option<&(Vec<String>, u32)>) -> Option<HealthCheck> {
        let (command, interval_ms) = declared?;
        if command.is_empty() {
            self.wrong("health_check", "its command is empty");
        }
        // The engine refuses anything shorter than a millisecond.
        let interval = self.not_zero("health_check", Some(*interval_ms))?;
        Some(HealthCheck { command: command.clone(), interval: Duration::from_millis(interval.into()) })
    }

    fn platform(&mut self, declared: Option<&String>) -> Option<String> {
        let platform = declared?;
        if platform.is_empty() || platform.split('/').any(str::is_empty) || platform.contains(char::is_whitespace) {
            self.wrong("platform", format!("{} is not a platform such as linux/amd64", quoted(platform)));
        }
        Some(platform.clone())
    }

    /// A word from a fixed list; the default when none was given.
    fn word<T>(
        &mut self,
        field: &'static str,
        word: &str,
        from_word: fn(&str) -> Option<T>,
        words: &[&str],
    ) -> Option<T> {
        let known = from_word(word);
        if known.is_none() {
            self.wrong(field, format!("{} is not one of {}", quoted(word), words.join(", ")));
        }
        known
    }

    /// An empty one takes the image's away, and the image's command with it.
    fn entrypoint(&mut self, declared: &ServiceDeclaration) -> Option<Vec<String>> {
        let entrypoint = declared.entrypoint.as_ref()?;
        if entrypoint.iter().all(String::is_empty) && declared.command.is_none() {
            self.wrong(
                "entrypoint",
                "it is empty, which takes the image's own away: then a command has to be declared",
            );
        }
        Some(entrypoint.clone())
    }

    fn argv(&mut self, field: &'static str, declared: Option<&Vec<String>>) -> Option<Vec<String>> {
        if declared.is_some_and(Vec::is_empty) {
            self.wrong(field, "it is empty");
        }
        declared.cloned()
    }

    fn not_empty(&mut self, field: &'static str, declared: Option<&String>) -> Option<String> {
        if declared.is_some_and(String::is_empty) {
            self.wrong(field, "it is empty");
        }
        declared.cloned()
    }

    fn not_zero(&mut self, field: &'static str, declared: Option<u32>) -> Option<u32> {
        if declared == Some(0) {
            self.wrong(field, "it is 0");
        }
        declared
    }

    /// A path in the container.
    fn target(&mut self, field: &'static str, path: &str) -> String {
        if !path.starts_with('/') || path.contains('\0') {
            self.wrong(field, format!("{} is not an absolute path in the container", quoted(path)));
        }
        path.to_owned()
    }

    /// A path in the container at which something is mounted. Nothing else may be: one of two would hide the other.
    fn mount_point(&mut self, field: &'static str, path: &str) -> String {
        let target = self.target(field, path);
        let mut cleaned = PathBuf::from("/");
        for component in Path::new(path).components() {
            match component {
                Component::Normal(name) => cleaned.push(name),
                Component::ParentDir => drop(cleaned.pop()),
                Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
            }
        }
        if path.contains(':') {
            let hint = "options such as `ro` are not part of it; read-only is a field of its own";
            self.wrong(field, format!("{} holds a colon: {hint}", quoted(path)));
        } else if cleaned == Path::new("/") && path.starts_with('/') {
            self.wrong(field, format!("{} is the root of the container, in whose place nothing can be", quoted(path)));
        } else if let Some(other) = self.mount_points.insert(cleaned, field) {
            self.wrong(field, format!("{} is a target of {other} too: one would hide the other", quoted(path)));
        }
        target
    }
}

/// What a program takes a hostname for instead of asking for its address, if it does.
fn other_meaning(name: &str) -> Option<&'static str> {
    const OWN: [&str; 3] = ["localhost", "ip6-localhost", "ip6-loopback"];
    let hexadecimal = name.strip_prefix("0x").or_else(|| name.strip_prefix("0X"));
    let is_number = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit())
        || hexadecimal.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if OWN.iter().any(|own| name.eq_ignore_ascii_case(own)) {
        Some("each container itself")
    } else {
        is_number.then_some("an address, written as a number")
    }
}

/// A value as a mistake shows it.
fn quoted(value: &str) -> String {
    // A password can be where nobody expects one: `PASSWORD=x` for a variable's name.
    format!("{:?}", short(&mask_value("", value), SHOWN))
}

/// Whether a path is relative, and leads to something below where it begins, as far as it can be read from it.
fn stays_inside(path: &str) -> bool {
    let depth = Path::new(path).components().try_fold(0_u32, |depth, component| match component {
        Component::Normal(_) => Some(depth + 1),
        Component::CurDir => Some(depth),
        Component::ParentDir => depth.checked_sub(1),
        Component::RootDir | Component::Prefix(_) => None,
    });
    depth.is_some_and(|depth| depth > 0)
}
