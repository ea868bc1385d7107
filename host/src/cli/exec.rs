//! `drillmaster exec`

use std::io::{ErrorKind, IsTerminal as _};

use futures_util::StreamExt as _;
use tokio::io::AsyncWriteExt as _;

use crate::docker::{Attached, Docker, Output};
use crate::engine::EngineError;
use crate::group::GroupName;
use crate::plan::{Container, ContainerId, Observed, State};

use super::arguments::{self, separate};
use super::fault::Fault;
use super::output;
use super::screen::Screen;
use super::session::look_at_engine;
use super::target::{Named, Target, meanwhile};

/// The exit code when nobody reads what the command writes: that of a program which SIGPIPE has ended. The command's own is
/// not known.
const READER_GONE: i64 = 141;

/// Returns the command's own exit code.
pub(super) async fn run(arguments: arguments::Exec) -> Result<u8, Fault> {
    let screen = Screen::new(arguments.group.verbose);
    let (definitions, services) = separate(&arguments.named);
    let [service] = services.as_slice() else {
        return Err(Fault::invalid("exec runs a command in one service: drillmaster exec SERVICE -- COMMAND"));
    };
    let named = Target::named(&definitions, &arguments.group, &screen);
    let (Named { group: name, claim, .. }, docker) = meanwhile(named, Docker::connect()).await?;
    let docker = docker?;
    let (observed, _) = look_at_engine(&docker, &name, &claim).await?;
    let container = running(&observed, service, &name).map_err(Fault::Failed)?;
    let tty = !arguments.no_tty && std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let code = attach(&docker, &container.id, &arguments.command, tty).await?;
    Ok(u8::try_from(code).unwrap_or(1))
}

/// The container of a service in which a command can be run, or why there is none.
fn running<'a>(observed: &'a Observed, service: &str, group: &GroupName) -> Result<&'a Container, String> {
    let found = observed.committed(service).into_iter().chain(observed.of(service));
    let found = found.filter(|found| found.state.is_up());
    match found.min_by_key(|found| (!matches!(found.state, State::Running | State::Unknown), found.stage)) {
        Some(container @ Container { state: State::Running | State::Unknown, .. }) => Ok(container),
        Some(Container { state: State::Paused, name, .. }) => Err(format!(
            "cannot run a command in service `{service}` of group {group}: its container is paused; `drillmaster start` or \
             `docker unpause {name}` lets it go on"
        )),
        Some(Container { state, .. }) => Err(format!(
            "cannot run a command in service `{service}` of group {group}: its container is {state}; \
             `drillmaster logs {service}` shows why"
        )),
        None => Err(format!("service `{service}` of group {group} has no running container")),
    }
}

async fn attach(docker: &Docker, id: &ContainerId, command: &[String], tty: bool) -> Result<i64, Fault> {
    let Attached { id, mut output, mut input } = docker.attach(id, command, tty).await?;
    let raw = if tty { Some(Raw::enter().map_err(Fault::local)?) } else { None };
    let typing = async {
        // Both end with the command; what is typed after that is nobody's.
        let _ = tokio::io::copy(&mut tokio::io::stdin(), &mut input).await;
        let _ = input.shutdown().await;
        std::future::pending::<()>().await;
    };
    let showing = async {
        while let Some(piece) = output.next().await {
            let written = match piece? {
                Output::Stdout(bytes) => write(output::stdout(), &bytes),
                // Nobody could be told.
                Output::Stderr(bytes) => write(output::stderr(), &bytes).or(Ok(())),
            };
            // As after `| head`: the command is for nobody any more.
            if written.is_err_and(|error| error.kind() == ErrorKind::BrokenPipe) {
                return Ok(Some(READER_GONE));
            }
        }
        Ok::<_, EngineError>(None)
    };
    let resizing = async {
        if tty {
            follow_size(docker, &id).await;
        }
        std::future::pending::<()>().await;
    };
    let shown = tokio::select! {
        shown = showing => shown,
        () = typing => Ok(None),
        () = resizing => Ok(None),
    };
    drop(raw);
    match shown? {
        Some(code) => Ok(code),
        None => Ok(docker.exit_code(&id, command).await?),
    }
}

fn write(mut to: impl std::io::Write, bytes: &[u8]) -> std::io::Result<()> {
    to.write_all(bytes)?;
    to.flush()
}

/// Keeps the command's terminal as large as this one.
async fn follow_size(docker: &Docker, id: &str) {
    #[cfg(unix)]
    let mut changes = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::window_change()).ok();
    loop {
        if let Ok((columns, rows)) = crossterm::terminal::size() {
            // The command may have ended; a wrong size is no reason to fail.
            let _ = docker.resize(id, columns, rows).await;
        }
        #[cfg(unix)]
        match &mut changes {
            Some(changes) => drop(changes.recv().await),
            None => return,
        }
        #[cfg(not(unix))]
        return;
    }
}

/// The terminal hands every key to the command, Ctrl-C included, as long as this lives.
struct Raw;

impl Raw {
    fn enter() -> std::io::Result<Self> {
        crossterm::terminal::enable_raw_mode()?;
        Ok(Self)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = crossterm::terminal::disable_raw_mode();
    }
}
