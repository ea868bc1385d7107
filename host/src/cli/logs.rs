//! `drillmaster logs`

mod lines;

use std::collections::BTreeSet;
use std::pin::pin;

use futures_util::StreamExt as _;
use tokio::sync::mpsc;

use crate::docker::{Docker, Output};
use crate::engine;
use crate::plan::{ContainerId, State, Status, status};
use crate::report::{log_json, prefixed};
use crate::run::Event;

use lines::Lines;

use super::arguments::{self, separate};
use super::fault::Fault;
use super::interrupt;
use super::print::{columns, out};
use super::screen::Screen;
use super::session::look_at_engine;
use super::target::{Named, Target, meanwhile};

/// How many lines may wait to be written.
const WAITING_LINES: usize = 1024;

/// The exit code: a log that is followed ends when the person interrupts it, which is no fault to be told.
pub(super) async fn run(arguments: arguments::Logs) -> Result<u8, Fault> {
    let screen = Screen::new(arguments.group.verbose);
    let (definitions, services) = separate(&arguments.named);
    let named = Target::named(&definitions, &arguments.group, &screen);
    let (Named { group, claim, .. }, docker) = meanwhile(named, Docker::connect()).await?;
    let docker = docker?;
    let (observed, _) = look_at_engine(&docker, &group, &claim).await?;
    let found = status(&observed, None);
    let containers = chosen(&found, &services).map_err(Fault::Invalid)?;
    let width = containers.iter().map(|(service, _)| service.len()).max().unwrap_or(0);

    for paused in paused(&found, &containers) {
        screen.show(Event::Warning(format!(
            "{paused} is paused: it writes nothing until `drillmaster start` lets it go on"
        )));
    }
    let cancel = interrupt::watch_quietly();
    let (lines, mut to_show) = mpsc::channel(WAITING_LINES);
    let reading = containers.iter().map(|(service, id)| {
        let lines = lines.clone();
        read(&docker, service, id, &arguments, lines)
    });
    let reading = futures_util::future::try_join_all(reading);
    drop(lines);
    let showing = async move {
        while let Some((service, line)) = to_show.recv().await {
            // With nobody left to read, there is nothing left to follow.
            if !out(&if arguments.json {
                log_json(&service, &line)
            } else {
                prefixed(&service, width, &line, columns())
            }) {
                break;
            }
        }
        drop(to_show);
    };
    tokio::select! {
        () = cancel.cancelled() => Ok(Fault::Interrupted.exit_code()),
        (read, ()) = async { tokio::join!(reading, showing) } => Ok(read.map(|_: Vec<()>| 0)?),
    }
}

/// The containers of the named services, of all if none is named.
fn chosen(found: &[Status], services: &[String]) -> Result<Vec<(String, ContainerId)>, String> {
    let known: BTreeSet<&str> = found.iter().map(|status| status.service.as_str()).collect();
    if let Some(unknown) = services.iter().find(|service| !known.contains(service.as_str())) {
        let known = known.into_iter().collect::<Vec<_>>().join(", ");
        let known = if known.is_empty() { "none has one".to_owned() } else { format!("those that have one: {known}") };
        return Err(format!("there is no container of a service `{unknown}`; {known}"));
    }
    let wanted = found.iter().filter(|status| services.is_empty() || services.contains(&status.service));
    Ok(wanted.filter_map(|status| Some((status.service.clone(), status.container.as_ref()?.id.clone()))).collect())
}

/// Those of the shown services whose containers are paused.
fn paused<'a>(found: &'a [Status], shown: &'a [(String, ContainerId)]) -> impl Iterator<Item = &'a str> {
    let is_shown = |status: &&Status| shown.iter().any(|(service, _)| *service == status.service);
    let is_paused = |status: &&Status| status.container.as_ref().is_some_and(|found| found.state == State::Paused);
    found.iter().filter(is_shown).filter(is_paused).map(|status| status.service.as_str())
}

/// Sends what a container wrote, line by line.
async fn read(
    docker: &Docker,
    service: &str,
    id: &ContainerId,
    arguments: &arguments::Logs,
    lines: mpsc::Sender<(String, String)>,
) -> engine::Result<()> {
    let mut pieces = pin!(docker.log(id, arguments.tail, arguments.follow));
    let (mut stdout, mut stderr) = (Lines::default(), Lines::default());
    while let Some(piece) = pieces.next().await {
        let whole = match piece? {
            Output::Stdout(piece) => stdout.push(&piece),
            Output::Stderr(piece) => stderr.push(&piece),
        };
        for line in whole {
            // Nobody shows them any more when the command is interrupted.
            if lines.send((service.to_owned(), line)).await.is_err() {
                return Ok(());
            }
        }
    }
    for line in [stdout.end(), stderr.end()].into_iter().flatten() {
        let _ = lines.send((service.to_owned(), line)).await;
    }
    Ok(())
}
