//! What can be said on the command line.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::grants::{Grants, LabelPrefix, Memory, NetGrant};
use crate::plan::PullPolicy;
use crate::toolchain::Language;

/// Starts dependent Docker services that a sandboxed Wasm component declares, pings and initialises.
#[derive(Debug, Parser)]
#[command(name = "drillmaster", version, arg_required_else_help = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Start what is not ready: create, ping and initialise services in order of dependency
    Start(Start),
    /// Stop services in reverse order of dependency
    Stop(Stop),
    /// Build the images of services again and replace their containers
    Reload(Reload),
    /// Stop and start the containers of services again
    Restart(Again),
    /// Show what start would do and why, and change nothing
    Plan(Plan),
    /// Say whether definitions are valid, or every mistake in them; needs no Docker
    Check(Inspect),
    /// Show what definitions import, declare and could ask for; needs no Docker
    Inspect(Inspect),
    /// Show how each service stands, and what differs from its definition
    Ps(Ps),
    /// Show what the services' containers wrote
    Logs(Logs),
    /// Run a command in a service's container
    Exec(Exec),
    /// Build a component of the definition in a directory
    Build(Build),
    /// Write a small group to begin with, in a new directory
    New(New),
    /// Trust a project file with its grants, or a directory: its sources may be built, and its services write below it
    Trust(Trust),
    /// Print a script that completes drillmaster's commands in a shell
    Completions(Completions),
}

#[derive(Debug, Args)]
pub(super) struct Start {
    #[command(flatten)]
    pub(super) what: What,
    /// How long each service may take to become ready, in seconds
    #[arg(long, value_name = "S", default_value = "300", value_parser = seconds)]
    pub(super) timeout: Duration,
    #[command(flatten)]
    pub(super) locking: Locking,
    #[command(flatten)]
    pub(super) output: Output,
}

/// What `start` is to do, and `plan` to show.
#[derive(Debug, Args)]
pub(super) struct What {
    /// The components, sources or directories of sources that declare the services [default: those of drillmaster.toml]
    #[arg(value_name = "DEFINITION")]
    pub(super) definitions: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) group: Group,
    /// Services to leave alone; no other may depend on them
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub(super) exclude: Vec<String>,
    /// Services that get a new container in any case
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub(super) recreate: Vec<String>,
    #[command(flatten)]
    pub(super) images: Images,
}

#[derive(Debug, Args)]
pub(super) struct Images {
    /// When to pull images
    #[arg(long, value_enum, default_value = "missing")]
    pub(super) pull: Pull,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Pull {
    /// In any case, to see whether there is a newer one
    Always,
    /// When they are not here
    Missing,
    /// Never: a service without its image fails
    Never,
}

impl From<Pull> for PullPolicy {
    fn from(pull: Pull) -> Self {
        match pull {
            Pull::Always => PullPolicy::Always,
            Pull::Missing => PullPolicy::Missing,
            Pull::Never => PullPolicy::Never,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct Plan {
    #[command(flatten)]
    pub(super) what: What,
    /// Ask no engine: show what would be done if nothing were there
    #[arg(long)]
    pub(super) offline: bool,
    /// Print the plan as JSON; the same input gives the same bytes
    #[arg(long)]
    pub(super) json: bool,
}

/// What `check` and `inspect` look at.
#[derive(Debug, Args)]
pub(super) struct Inspect {
    /// The components, sources or directories of sources that declare the services [default: those of drillmaster.toml]
    #[arg(value_name = "DEFINITION")]
    pub(super) definitions: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) group: Group,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Reload {
    #[command(flatten)]
    pub(super) again: Again,
    #[command(flatten)]
    pub(super) images: Images,
}

/// What `reload` and `restart` have in common.
#[derive(Debug, Args)]
pub(super) struct Again {
    /// The services; what has a dot or a slash in it is a definition
    #[arg(value_name = "DEFINITION|SERVICE", required = true)]
    pub(super) named: Vec<Named>,
    #[command(flatten)]
    pub(super) group: Group,
    /// Restart the running services that depend on them too, in order, afterwards
    #[arg(long)]
    pub(super) dependents: bool,
    /// How long each service may take to become ready, in seconds
    #[arg(long, value_name = "S", default_value = "300", value_parser = seconds)]
    pub(super) timeout: Duration,
    #[command(flatten)]
    pub(super) locking: Locking,
    #[command(flatten)]
    pub(super) output: Output,
}

#[derive(Debug, Args)]
pub(super) struct Ps {
    /// The components, sources or directories of sources that declare the services [default: those of drillmaster.toml, unless --group is given]
    #[arg(value_name = "DEFINITION")]
    pub(super) definitions: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) group: Group,
    /// Print a JSON list
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Logs {
    /// The services, all by default; what has a dot or a slash in it is a definition
    #[arg(value_name = "DEFINITION|SERVICE")]
    pub(super) named: Vec<Named>,
    #[command(flatten)]
    pub(super) group: Group,
    /// Go on with what they write, until they end or you interrupt it
    #[arg(long, short)]
    pub(super) follow: bool,
    /// How many of the last lines to show of each; all by default
    #[arg(long, value_name = "N")]
    pub(super) tail: Option<u32>,
    /// Print one JSON object a line
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Exec {
    /// The service; what has a dot or a slash in it is a definition
    #[arg(value_name = "DEFINITION|SERVICE", required = true)]
    pub(super) named: Vec<Named>,
    #[command(flatten)]
    pub(super) group: Group,
    /// Give the command no terminal, even if there is one here
    #[arg(long, short = 'T')]
    pub(super) no_tty: bool,
    /// The command and its arguments
    #[arg(value_name = "COMMAND", last = true, required = true)]
    pub(super) command: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct Build {
    /// The directory that the sources lie in
    #[arg(value_name = "DIR", default_value = ".")]
    pub(super) directory: PathBuf,
    /// The language that they are in [default: the one that their files tell]
    #[arg(long, value_enum)]
    pub(super) lang: Option<Lang>,
    /// The component to write [default: app.wasm in that directory]
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct New {
    /// The directory to make; its name is the group's
    #[arg(value_name = "NAME")]
    pub(super) directory: PathBuf,
    /// The language to write it in
    #[arg(long, value_enum)]
    pub(super) lang: Lang,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Lang {
    Rust,
    Python,
    #[value(name = "javascript", alias = "js")]
    JavaScript,
    C,
    Go,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Rust => Language::Rust,
            Lang::Python => Language::Python,
            Lang::JavaScript => Language::JavaScript,
            Lang::C => Language::C,
            Lang::Go => Language::Go,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct Trust {
    /// A drillmaster.toml, or a directory [default: the nearest drillmaster.toml, else this directory]
    #[arg(value_name = "PATH")]
    pub(super) path: Option<PathBuf>,
    /// Show all that is trusted
    #[arg(long, conflicts_with_all = ["path", "revoke"])]
    pub(super) list: bool,
    /// Trust it no longer
    #[arg(long)]
    pub(super) revoke: bool,
}

#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(super) shell: Shell,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl From<Shell> for clap_complete::Shell {
    fn from(shell: Shell) -> Self {
        match shell {
            Shell::Bash => clap_complete::Shell::Bash,
            Shell::Zsh => clap_complete::Shell::Zsh,
            Shell::Fish => clap_complete::Shell::Fish,
        }
    }
}

/// A definition or a service. A service's name is a hostname label and so has neither a dot nor a slash.
#[derive(Debug, Clone)]
pub(super) enum Named {
    Definition(PathBuf),
    Service(String),
}

impl From<&str> for Named {
    fn from(text: &str) -> Self {
        if text.contains(['.', '/', std::path::MAIN_SEPARATOR]) {
            Named::Definition(PathBuf::from(text))
        } else {
            Named::Service(text.to_owned())
        }
    }
}

/// Tells definitions and services apart.
pub(super) fn separate(named: &[Named]) -> (Vec<PathBuf>, Vec<String>) {
    let (mut definitions, mut services) = (Vec::new(), Vec::new());
    for one in named {
        match one {
            Named::Definition(path) => definitions.push(path.clone()),
            Named::Service(name) => services.push(name.clone()),
        }
    }
    (definitions, services)
}

#[derive(Debug, Args)]
pub(super) struct Stop {
    /// The components, sources or directories of sources that declare the services [default: those of drillmaster.toml, unless --group is given]
    #[arg(value_name = "DEFINITION")]
    pub(super) definitions: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) group: Group,
    /// Services to leave running; they may not depend on one that is stopped
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub(super) exclude: Vec<String>,
    /// How long each container may take to stop before it is killed, in seconds [default: the service's own, else 10]
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub(super) timeout: Option<Duration>,
    /// Remove the containers, their context values and, if nothing was excluded, the group's networks
    #[arg(long)]
    pub(super) remove: bool,
    /// Remove the group's volumes as well, with the data in them
    #[arg(long, requires = "remove", conflicts_with = "exclude")]
    pub(super) volumes: bool,
    /// Stop services too that the definitions do not declare (any more)
    #[arg(long)]
    pub(super) orphans: bool,
    #[command(flatten)]
    pub(super) locking: Locking,
    #[command(flatten)]
    pub(super) output: Output,
}

#[derive(Debug, Args)]
pub(super) struct Group {
    /// The group's name, which makes it yours whatever project began it [default: the definition's own, else the project directory's]
    #[arg(long = "group", id = "group", value_name = "NAME")]
    pub(super) name: Option<String>,
    /// A parameter for the definitions; can be given more than once
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = parameter)]
    pub(super) parameters: Vec<(String, String)>,
    /// Show debug lines of the definition too, and each engine request and hook call with its time
    #[arg(long, short)]
    pub(super) verbose: bool,
    /// Compile the definitions again, and do not keep what comes of it
    #[arg(long)]
    pub(super) no_cache: bool,
    #[command(flatten)]
    pub(super) allow: Allow,
}

/// The heading of [`Allow`] in the help.
const ALLOW: &str = "What the definitions may do";

/// What the definitions may do, beside what the `[grants]` of `drillmaster.toml` allow.
#[derive(Debug, Args)]
pub(super) struct Allow {
    /// Let the definitions read a directory, at the same path
    #[arg(long = "allow-read", help_heading = ALLOW, value_name = "DIR")]
    read: Vec<PathBuf>,
    /// Let the definitions read and write a directory, at the same path
    #[arg(long = "allow-write", help_heading = ALLOW, value_name = "DIR")]
    write: Vec<PathBuf>,
    /// Let the definitions see an environment variable
    #[arg(long = "allow-env", help_heading = ALLOW, value_name = "NAME")]
    env: Vec<String>,
    /// Let the definitions connect to a TCP port of a host
    #[arg(long = "allow-net", help_heading = ALLOW, value_name = "HOST:PORT")]
    net: Vec<NetGrant>,
    /// Let the services mount a file or directory outside the project directory
    #[arg(long = "allow-mount", help_heading = ALLOW, value_name = "PATH")]
    mount: Vec<PathBuf>,
    /// Let the services have labels that begin like this, although other tools act on them
    #[arg(long = "allow-label", help_heading = ALLOW, value_name = "PREFIX")]
    label: Vec<LabelPrefix>,
    /// Publish the services' ports on this address [default: 127.0.0.1]
    #[arg(long, help_heading = ALLOW, value_name = "ADDRESS")]
    publish_on: Option<IpAddr>,
    /// How much memory each call of the definitions may use, in MiB [default: 256]
    #[arg(long, help_heading = ALLOW, value_name = "MIB", value_parser = mebibytes)]
    memory: Option<Memory>,
}

impl Allow {
    /// What is allowed; relative paths are as they were written.
    pub(super) fn grants(&self) -> Grants {
        Grants {
            read: self.read.iter().cloned().map(Into::into).collect(),
            write: self.write.iter().cloned().map(Into::into).collect(),
            env: self.env.iter().cloned().collect(),
            net: self.net.iter().cloned().collect(),
            mount: self.mount.iter().cloned().collect(),
            label: self.label.iter().cloned().collect(),
            publish_on: self.publish_on,
            memory: self.memory,
        }
    }
}

/// What happens when another command changes the group.
#[derive(Debug, Args)]
pub(super) struct Locking {
    /// Fail at once if another command is changing the group, instead of waiting for it
    #[arg(long)]
    pub(super) no_wait_lock: bool,
}

/// How a command that changes something tells what happens.
#[derive(Debug, Args)]
pub(super) struct Output {
    /// Print each event as a line of JSON on stdout, and nothing else there; the last one has the exit code
    #[arg(long)]
    pub(super) json: bool,
}

/// The longest that anybody can want to wait: from any time on, there is a time that much later.
const LONGEST: Duration = Duration::from_hours(365 * 24);

/// A number of seconds, with decimals if need be.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().map_err(|_| "not a number of seconds".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(time) if time <= LONGEST => Ok(time),
        Ok(_) => Err("longer than a year".to_owned()),
        Err(_) => Err("not a length of time".to_owned()),
    }
}

fn mebibytes(text: &str) -> Result<Memory, String> {
    Memory::of_mib(text.parse().map_err(|_| "not a number of MiB".to_owned())?)
}

fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("not of the form NAME=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        crate::cli::command().debug_assert();
    }

    #[test]
    fn times_and_parameters_are_read() {
        assert_eq!(seconds("1.5"), Ok(Duration::from_millis(1500)));
        assert_eq!(seconds("31536000"), Ok(Duration::from_hours(365 * 24)));
        assert!(seconds("31536001").is_err() && seconds("1.8e19").is_err() && seconds("1e300").is_err());
        assert!(seconds("-1").is_err() && seconds("soon").is_err() && seconds("NaN").is_err());
        assert_eq!(parameter("a=b=c"), Ok(("a".into(), "b=c".into())));
        assert!(parameter("a").is_err() && parameter("=b").is_err());
    }
}
