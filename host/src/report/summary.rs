//! The end of a start: each service, and where it is reached.

use std::fmt::Write as _;

use crate::plan::Published;
use crate::run::{ServiceOutcome, StartOutcome};

use super::style::padded;
use super::visible;

/// A line for each service: its name, what came of it, the addresses of its ports and the time it took.
#[must_use]
pub fn summary(outcome: &StartOutcome) -> String {
    let rows: Vec<_> = outcome.0.iter().map(|(service, outcome)| row(service, outcome)).collect();
    table(&rows)
}

/// Rows below each other, each column as wide as it has to be, with control characters made visible.
pub(super) fn table<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> String {
    let rows: Vec<_> = rows.iter().map(|row| row.each_ref().map(|cell| visible(cell))).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..COLUMNS).map(width).collect();
    rows.iter().fold(String::new(), |mut text, row| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| padded(cell, *width));
        let line = cells.collect::<Vec<_>>().join("  ");
        let _ = writeln!(text, "{}", line.trim_end());
        text
    })
}

fn row(service: &str, outcome: &ServiceOutcome) -> [String; 3] {
    let (state, rest) = match outcome {
        ServiceOutcome::Ready { published, took: None } => ("ready", addresses(published)),
        ServiceOutcome::Ready { published, took: Some(took) } => {
            let addresses = addresses(published);
            let gap = if addresses.is_empty() { "" } else { "  " };
            ("ready", format!("{addresses}{gap}({:.1} s)", took.as_secs_f64()))
        }
        ServiceOutcome::Failed(_) => ("failed", String::new()),
        ServiceOutcome::NotStarted { because } => ("not started", format!("because {because} failed")),
        ServiceOutcome::Interrupted => ("interrupted", String::new()),
    };
    [service.to_owned(), state.to_owned(), rest]
}

/// Where ports are published, as people read it.
pub(super) fn addresses(published: &[Published]) -> String {
    let shown = published.iter().map(|port| format!("{} -> {}/{}", port.at(), port.container, port.protocol));
    shown.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::group::Protocol;
    use crate::plan::Exit;
    use crate::run::Failure;

    #[test]
    fn each_service_has_a_line() {
        let published =
            vec![Published { container: 80, protocol: Protocol::Tcp, address: "127.0.0.1".into(), host: 8080 }];
        let on_ipv6 = vec![Published { address: "::1".into(), ..published[0].clone() }];
        let took = Some(Duration::from_millis(1234));
        let outcome = StartOutcome(
            [
                ("web", ServiceOutcome::Ready { published, took }),
                ("ipv6", ServiceOutcome::Ready { published: on_ipv6, took: None }),
                ("worker", ServiceOutcome::Ready { published: vec![], took: None }),
                ("db", ServiceOutcome::Failed(Failure::Exited(Exit { code: 1, out_of_memory: false }))),
                ("app", ServiceOutcome::NotStarted { because: "db".into() }),
            ]
            .into_iter()
            .map(|(name, outcome)| (name.to_owned(), outcome))
            .collect(),
        );
        assert_eq!(
            summary(&outcome),
            "app     not started  because db failed\n\
             db      failed\n\
             ipv6    ready        [::1]:8080 -> 80/tcp\n\
             web     ready        127.0.0.1:8080 -> 80/tcp  (1.2 s)\n\
             worker  ready\n"
        );
    }
}
