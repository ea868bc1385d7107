//! The least that can be done: bare loops over bollard, each a whole process, and what `cargo xtask bench` asks the engine.
//!
//! | command | what it does |
//! |---|---|
//! | `look GROUP` | the five requests that a `start` with nothing to do makes, side by side where they can be |
//! | `start GROUP IMAGE NUMBER SLOTS` | creates a network and so many containers, and starts them, SLOTS at a time |
//! | `chain GROUP IMAGE NUMBER MS` | the same, one after the other, each once the one before is ready |
//! | `stop GROUP SLOTS` | stops the containers, SLOTS at a time |
//! | `state MARK` | a line for each container with MARK in its name: its id and state |
//! | `started MARK` | when each of them was started |
//! | `sweep PREFIX` | removes what has PREFIX and the number of a process in its name that is no more |
//! | `remove MARK` | removes containers and networks with MARK in their names |
//! | `tag IMAGE NAME`, `untag NAME` | gives an image a name, takes it away |

mod ask;
mod loops;

use std::process::ExitCode;

/// What goes wrong ends the process.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(run(&words)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(words: &[&str]) -> Result<()> {
    let host = std::env::var("DOCKER_HOST").ok().filter(|host| !host.is_empty());
    let host = host.unwrap_or_else(|| "unix:///var/run/docker.sock".to_owned());
    let docker = bollard::Docker::connect_with_host(&host)?.negotiate_version().await?;
    match words {
        ["look", group] => loops::look(&docker, group).await,
        ["start", group, image, number, slots] => {
            loops::start(&docker, group, image, number.parse()?, slots.parse()?).await
        }
        ["chain", group, image, number, ms] => loops::chain(&docker, group, image, number.parse()?, ms).await,
        ["stop", group, slots] => loops::stop(&docker, group, slots.parse()?).await,
        ["state", mark] => ask::state(&docker, mark).await,
        ["started", mark] => ask::started(&docker, mark).await,
        ["sweep", prefix] => ask::sweep(&docker, prefix).await,
        ["remove", mark] => ask::remove(&docker, mark).await,
        ["tag", image, name] => ask::tag(&docker, image, name).await,
        ["untag", name] => ask::untag(&docker, name).await,
        _ => Err(format!("cannot run {words:?}").into()),
    }
}
