//! How the services of a group stand, as a table and as JSON.

use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::plan::{Published, Standing, State, Status};

use super::json_text::{Layout, json};
use super::plan::{ChangeJson, NotComparedJson};
use super::summary::{addresses, table};

/// How a service stands, and since when its container runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusRow {
    /// How it stands.
    pub status: Status,
    /// When its container was started, as the engine writes it (RFC 3339); none if it does not run.
    pub running_since: Option<String>,
    /// Whether no definition declares it (any more).
    pub orphan: bool,
}

/// A line for each service: its name, how it stands, for how long it has run, its addresses, and what differs from the
/// definition.
#[must_use]
pub fn status_text(rows: &[StatusRow], now: SystemTime) -> String {
    let lines: Vec<_> = rows.iter().map(|row| line(row, now)).collect();
    table(&lines)
}

fn line(row: &StatusRow, now: SystemTime) -> [String; 4] {
    let status = &row.status;
    let published = status.container.as_ref().map(|found| addresses(&found.published)).unwrap_or_default();
    let changes = status.drift.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let notes = if row.orphan {
        "no definition declares it (any more)".to_owned()
    } else if changes.is_empty() {
        status.uncompared.as_ref().map(ToString::to_string).unwrap_or_default()
    } else {
        format!("changed: {changes}")
    };
    let gap = if published.is_empty() || notes.is_empty() { "" } else { "  " };
    let since = row.running_since.as_deref().and_then(|since| running_for(since, now)).unwrap_or_default();
    [status.service.clone(), standing(status), since, format!("{published}{gap}{notes}")]
}

/// How it stands, in words.
fn standing(status: &Status) -> String {
    let word = status.standing.word();
    let exit_code = status.container.as_ref().and_then(|found| found.state.exit_code());
    match (status.standing, exit_code) {
        (Standing::Starting, _) => format!("{word} (health)"),
        (_, Some(code)) => format!("{word} (exit code {code})"),
        _ => word.to_owned(),
    }
}

/// For how long something has run that was started at a time in RFC 3339; in whole seconds.
fn running_for(since: &str, now: SystemTime) -> Option<String> {
    let since = humantime::parse_rfc3339_weak(since).ok()?;
    let seconds = now.duration_since(since).unwrap_or_default().as_secs();
    // Seconds mean nothing to somebody who counts in hours.
    let rounded = match seconds {
        0..3600 => seconds,
        3600..86_400 => seconds / 60 * 60,
        _ => seconds / 3600 * 3600,
    };
    Some(humantime::format_duration(Duration::from_secs(rounded)).to_string())
}

#[derive(Serialize)]
struct Json<'a> {
    service: &'a str,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    health: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    running_since: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    container: Option<&'a str>,
    addresses: Vec<AddressJson<'a>>,
    orphan: bool,
    drift: Vec<ChangeJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_compared: Option<NotComparedJson<'a>>,
}

/// Where a port is reached, as it is shown to programs.
#[derive(Debug, Serialize)]
pub(super) struct AddressJson<'a> {
    container_port: u16,
    protocol: String,
    host: &'a str,
    host_port: u16,
}

impl<'a> AddressJson<'a> {
    pub(super) fn of(published: &'a Published) -> Self {
        Self {
            container_port: published.container,
            protocol: published.protocol.to_string(),
            host: &published.address,
            host_port: published.host,
        }
    }
}

/// The same as a JSON list, ending with a line break.
#[must_use]
pub fn status_json(rows: &[StatusRow]) -> String {
    let rows: Vec<_> = rows.iter().map(row_json).collect();
    json(&rows, Layout::Readable)
}

fn row_json(row: &StatusRow) -> Json<'_> {
    let Status { service, standing, container, drift, uncompared } = &row.status;
    Json {
        service,
        state: match standing {
            Standing::NotStarted => "not-started",
            Standing::NotRunning(State::Unknown) => "unknown",
            other => other.word(),
        },
        exit_code: container.as_ref().and_then(|found| found.state.exit_code()),
        health: container.as_ref().filter(|found| found.state == State::Running).map(|found| found.health.word()),
        running_since: row.running_since.as_deref(),
        container: container.as_ref().map(|found| found.id.0.as_str()),
        addresses: container.iter().flat_map(|found| &found.published).map(AddressJson::of).collect(),
        orphan: row.orphan,
        drift: drift.iter().map(ChangeJson::of).collect(),
        not_compared: uncompared.as_ref().map(NotComparedJson::of),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Change, Old, Uncompared};

    fn row(service: &str, standing: Standing) -> StatusRow {
        let status =
            Status { service: service.to_owned(), standing, container: None, drift: Vec::new(), uncompared: None };
        StatusRow { status, running_since: None, orphan: false }
    }

    #[test]
    fn each_service_has_a_line_with_what_matters_about_it() {
        let now = humantime::parse_rfc3339("2026-11-22T12:00:00Z").unwrap();
        let changed = Change { field: "env MODE".into(), old: Old::Shown("a".into()), new: Some("b".into()) };
        let mut db = row("db", Standing::Ready);
        db.running_since = Some("2026-11-22T11:58:30.123456789Z".into());
        db.status.drift = vec![changed];
        let orphan = StatusRow { orphan: true, ..row("gone", Standing::NotRunning(State::Dead)) };
        let mut web = row("web", Standing::Ready);
        web.status.uncompared = Some(Uncompared::Unreadable);
        assert_eq!(
            status_text(&[db, orphan, row("other", Standing::NotStarted), web], now),
            "db     ready        1m 29s  changed: env MODE: a → b\n\
             gone   dead                 no definition declares it (any more)\n\
             other  not started\n\
             web    ready                not compared: what its label says of its fields cannot be read by this version\n"
        );
    }

    #[test]
    fn a_change_can_be_of_any_length() {
        let mut db = row("db", Standing::Ready);
        let old = Old::Shown("a".repeat(100_000));
        db.status.drift = vec![Change { field: "env MODE".into(), old, new: None }];
        let text = status_text(&[db, row("web", Standing::NotStarted)], SystemTime::UNIX_EPOCH);
        assert!(text.starts_with("db   ready") && text.ends_with("\nweb  not started\n"), "{}", text.len());
    }

    #[test]
    fn long_times_are_rounded() {
        let now = humantime::parse_rfc3339("2026-11-22T12:00:00Z").unwrap();
        assert_eq!(running_for("2026-11-22T10:29:59Z", now).as_deref(), Some("1h 30m"));
        assert_eq!(running_for("2026-11-20T11:29:59Z", now).as_deref(), Some("2days"));
        assert_eq!(running_for("never", now), None);
    }
}
