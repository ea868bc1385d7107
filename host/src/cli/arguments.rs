//! What can be said on the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

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
}

#[derive(Debug, Args)]
pub(super) struct Start {
    /// The Wasm component that declares the services
    #[arg(value_name = "DEFINITION")]
    pub(super) definition: PathBuf,
    #[command(flatten)]
    pub(super) group: Group,
    /// Services to leave alone; no other may depend on them
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub(super) exclude: Vec<String>,
    /// How long each service may take to become ready, in seconds
    #[arg(long, value_name = "S", default_value = "300", value_parser = seconds)]
    pub(super) timeout: Duration,
}

#[derive(Debug, Args)]
pub(super) struct Stop {
    /// The component that declares the services; without it, --group says which ones
    #[arg(value_name = "DEFINITION")]
    pub(super) definition: Option<PathBuf>,
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
    /// Stop services too that the definition does not declare (any more)
    #[arg(long)]
    pub(super) orphans: bool,
}

#[derive(Debug, Args)]
pub(super) struct Group {
    /// The group's name [default: the definition's own, else its file name]
    #[arg(long = "group", id = "group", value_name = "NAME")]
    pub(super) name: Option<String>,
    /// A parameter for the definition; can be given more than once
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = parameter)]
    pub(super) parameters: Vec<(String, String)>,
    /// Show debug lines of the definition too
    #[arg(long, short)]
    pub(super) verbose: bool,
}

/// A number of seconds, with decimals if need be.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().map_err(|_| "not a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|_| "not a length of time".to_owned())
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
        assert!(seconds("-1").is_err() && seconds("soon").is_err() && seconds("NaN").is_err());
        assert_eq!(parameter("a=b=c"), Ok(("a".into(), "b=c".into())));
        assert!(parameter("a").is_err() && parameter("=b").is_err());
    }
}
