//! The live part of a terminal as lines: a pure function of the board, the time and the terminal's size.

use std::time::{Duration, Instant};

use crate::run::Phase;

use super::board::{Board, Row, Standing};
use super::style::{DIMMED, ERROR, GOOD, PLAIN, WARNING, color_of, fit, padded, styled, time};

const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const SPINNER_INTERVAL: Duration = Duration::from_millis(100);

/// A line for each service, in the order of the plan, none wider than the terminal. If it is not high enough, those that
/// are busy or have failed are shown, then those that wait, and the last line counts the others.
pub(super) fn frame(board: &Board, now: Instant, columns: usize, rows: usize) -> Vec<String> {
    let room = room(rows);
    let shown = shown(board, room);
    let columns = columns.saturating_sub(1).max(1);
    let width = board.rows.iter().map(|row| row.service.len()).max().unwrap_or(0);
    let visible = board.rows.iter().zip(&shown).filter(|(_, shown)| **shown).map(|(row, _)| row);
    let mut lines: Vec<_> = visible.map(|row| fit(&line(row, now, width), columns).into_owned()).collect();
    if shown.contains(&false) {
        let others = board.rows.iter().zip(&shown).filter(|(_, shown)| !**shown).map(|(row, _)| row);
        lines.push(fit(&styled(&folded(&others.collect::<Vec<_>>()), DIMMED), columns).into_owned());
    }
    lines
}

/// How many lines the live part may have: the lines above it have to be seen too.
fn room(rows: usize) -> usize {
    rows.saturating_sub(if rows > 8 { 4 } else { 2 }).max(1)
}

/// Which of the rows are shown in so many lines.
fn shown(board: &Board, room: usize) -> Vec<bool> {
    let all = board.rows.len();
    if all <= room {
        return vec![true; all];
    }
    let mut order: Vec<usize> = (0..all).collect();
    order.sort_by_key(|index| match board.rows[*index].standing {
        Standing::Busy(_) | Standing::Failed => 0,
        Standing::Waiting => 1,
        Standing::NotStarted | Standing::Interrupted => 2,
        Standing::Ready(_) | Standing::Stopped(_) => 3,
    });
    let mut shown = vec![false; all];
    order.into_iter().take(room - 1).for_each(|index| shown[index] = true);
    shown
}

/// The rows that are not shown, counted: `… 17 more: 12 ready, 5 waiting`.
fn folded(rows: &[&Row]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for row in rows {
        let state = match row.standing {
            Standing::Busy(_) => "busy",
            other => word(other),
        };
        match counts.iter_mut().find(|(word, _)| *word == state) {
            Some((_, count)) => *count += 1,
            None => counts.push((state, 1)),
        }
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let counts = counts.iter().map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ");
    format!("… {} more: {counts}", rows.len())
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Waiting => "waiting",
        Standing::Busy(Phase::Pulling) => "pulling",
        Standing::Busy(Phase::Building) => "building",
        Standing::Busy(Phase::Starting) => "starting",
        Standing::Busy(Phase::Pinging) => "pinging",
        Standing::Busy(Phase::Initialising) => "initialising",
        Standing::Busy(Phase::Stopping) => "stopping",
        Standing::Ready(_) => "ready",
        Standing::Stopped(_) => "stopped",
        Standing::Failed => "failed",
        Standing::NotStarted => "not started",
        Standing::Interrupted => "interrupted",
    }
}

/// `⠙ db   pulling        3.4 s  3 of 7 layers, 45 of 120 MB`
fn line(row: &Row, now: Instant, width: usize) -> String {
    let spent = now.saturating_duration_since(row.since);
    let (mark, style, spent) = match row.standing {
        Standing::Waiting => ("·", DIMMED, None),
        Standing::Busy(_) => (spinner(spent), PLAIN, Some(spent)),
        Standing::Ready(took) => ("✔", GOOD, took),
        Standing::Stopped(took) => ("✔", GOOD, Some(took)),
        Standing::Failed => ("✘", ERROR, None),
        Standing::NotStarted => ("✘", DIMMED, None),
        Standing::Interrupted => ("✘", WARNING, None),
    };
    // A tab is as wide as it likes. One is in a name only if somebody else has put it into a label.
    let flat = |text: &str| text.replace('\t', " ");
    let name = styled(&padded(&flat(&row.service), width), color_of(&row.service));
    let spent = spent.map(time).unwrap_or_default();
    let last = flat(&row.word().unwrap_or_default());
    let state = match (spent.is_empty(), last.is_empty()) {
        (true, true) => word(row.standing).to_owned(),
        _ => format!("{:12}", word(row.standing)),
    };
    let line = format!("{} {name}  {}", styled(mark, style), styled(&state, style));
    match (spent.is_empty(), last.is_empty()) {
        (true, true) => line,
        (false, true) => format!("{line}  {spent:>8}"),
        (true, false) => format!("{line}  {}", styled(&last, DIMMED)),
        (false, false) => format!("{line}  {spent:>8}  {}", styled(&last, DIMMED)),
    }
}

fn spinner(spent: Duration) -> &'static str {
    let turn = spent.as_millis() / SPINNER_INTERVAL.as_millis();
    SPINNER[usize::try_from(turn % SPINNER.len() as u128).unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use super::super::style::columns_of;
    use super::*;
    use crate::component::{Level, LogLine};
    use crate::engine::ImageProgress;
    use crate::plan::Exit;
    use crate::run::{Event, Failure};

    fn phase(service: &str, phase: Phase) -> Event {
        Event::Phase { service: service.into(), phase }
    }

    fn ready(service: &str, milliseconds: u64) -> Event {
        Event::Ready { service: service.into(), took: Some(Duration::from_millis(milliseconds)), published: vec![] }
    }

    fn failed(service: &str) -> Event {
        Event::Failed {
            service: service.into(),
            failure: Failure::Exited(Exit { code: 1, out_of_memory: false }),
            log_tail: Vec::new(),
        }
    }

    /// What is shown three and a half seconds after some events.
    fn drawn(events: &[Event], columns: usize, rows: usize) -> Vec<String> {
        let now = Instant::now();
        let mut board = Board::default();
        for event in events {
            board.feed(event, now);
        }
        let lines = frame(&board, now + Duration::from_millis(3500), columns, rows);
        lines.iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect()
    }

    #[test]
    fn a_tab_in_a_name_takes_one_column() {
        assert_eq!(drawn(&[failed("a\tb")], 40, 24), ["✘ a b  failed"]);
    }

    #[test]
    fn each_service_has_a_line_with_its_phase_its_time_and_its_last_word() {
        let layer =
            |id: &str, status: &str, bytes| ImageProgress::Layer { id: id.into(), status: status.into(), bytes };
        let progress = |service: &str, progress| Event::Progress { service: service.into(), progress };
        let lines = drawn(
            &[
                phase("db", Phase::Pulling),
                progress("db", layer("a", "Already exists", None)),
                progress("db", layer("b", "Downloading", Some((45_000_000, 120_000_000)))),
                phase("builder", Phase::Building),
                progress("builder", ImageProgress::Step { number: 4, of: 9, instruction: "RUN make".into() }),
                phase("cache", Phase::Initialising),
                Event::Log(LogLine {
                    service: Some("cache".into()),
                    level: Level::Info,
                    text: "one\t\u{1b}[2J".into(),
                }),
                ready("web", 1234),
                failed("mail"),
                Event::NotStarted { service: "app".into(), because: "mail".into() },
            ],
            80,
            24,
        );
        assert_eq!(
            lines,
            [
                "⠴ db       pulling          3.5 s  1 of 2 layers, 45 of 120 MB",
                "⠴ builder  building         3.5 s  step 4/9 RUN make",
                "⠴ cache    initialising     3.5 s  | one \\u{1b}[2J",
                "✔ web      ready            1.2 s",
                "✘ mail     failed",
                "✘ app      not started",
            ]
        );
    }

    #[test]
    fn an_image_that_is_there_leaves_its_service_waiting() {
        let events = [phase("db", Phase::Pulling), Event::ImageReady { service: "db".into() }];
        assert_eq!(drawn(&events, 80, 24), ["· db  waiting"]);
    }

    #[test]
    fn forty_services_fit_into_24_rows_with_the_busy_and_the_failed_among_those_shown() {
        let names: Vec<String> = (0..40).map(|number| format!("s{number}")).collect();
        let mut events: Vec<_> = names.iter().map(|name| Event::ImageReady { service: name.clone() }).collect();
        events.extend(names[..25].iter().map(|name| ready(name, 900)));
        events.extend([failed("s0"), phase("s38", Phase::Pinging), phase("s39", Phase::Starting)]);
        let lines = drawn(&events, 80, 24);
        assert_eq!(lines.len(), 20);
        assert_eq!(lines[0], "✘ s0   failed");
        assert_eq!(lines[18], "⠴ s39  starting         3.5 s");
        assert_eq!(lines[19], "… 21 more: 21 ready");
        // All that wait are shown before any that is ready, in the order of the plan.
        assert_eq!(lines[4], "· s25  waiting");
    }

    #[test]
    fn what_does_not_fit_is_counted_by_its_state() {
        let mut events: Vec<_> = (0..12).map(|number| ready(&format!("r{number}"), 100)).collect();
        events.extend((0..5).map(|number| Event::ImageReady { service: format!("w{number}") }));
        events.extend((0..3).map(|number| phase(&format!("b{number}"), Phase::Starting)));
        let lines = drawn(&events, 80, 6);
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[3], "… 17 more: 12 ready, 5 waiting");
        assert_eq!(drawn(&events, 80, 1), ["… 20 more: 12 ready, 5 waiting, 3 busy"]);
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_whatever_it_is_written_in() {
        let log = |text: &str| LogLine { service: Some("db".into()), level: Level::Info, text: text.into() };
        for text in ["漢字かな交じり文".repeat(20), "e\u{301}\u{1f469}\u{200d}\u{1f680}".repeat(30), "x".repeat(500)]
        {
            let events = [phase("db", Phase::Pinging), Event::Log(log(&text))];
            for columns in [1, 2, 10, 40, 41, 79, 200] {
                let lines = drawn(&events, columns, 24);
                assert!(columns_of(&lines[0]) < columns.max(2), "{columns}: {lines:?}");
            }
        }
    }
}
