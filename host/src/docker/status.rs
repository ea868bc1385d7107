//! What the engine's list of containers says of a container's state.

use crate::plan::{Health, State};

/// Reads the state of a container from the engine's word for it (`exited`), its text for people (`Exited (3) 2 hours ago`)
/// and its word for the health, which engines have only since API 1.52.
///
/// The word counts, where it is known. Only the text has the exit code, and of older engines the health. What nobody
/// has foreseen is [`State::Unknown`] or no health, never an error.
pub(super) fn state(word: &str, text: &str, health: Option<&str>) -> (State, Health) {
    let (word, text) = (word.trim().to_ascii_lowercase(), text.trim().to_ascii_lowercase());
    let state = of_word(&word, &text).or_else(|| of_text(&text)).unwrap_or(State::Unknown);
    // What the check of a container says that does not run is of no use any more.
    let health = match state {
        State::Running | State::Unknown => health.map_or_else(|| health_of(&text), Health::of_word),
        _ => Health::None,
    };
    (state, health)
}

fn of_word(word: &str, text: &str) -> Option<State> {
    Some(match word {
        "running" => State::Running,
        "paused" => State::Paused,
        "restarting" => State::Restarting { exit_code: exit_code(text) },
        "created" | "configured" | "initialized" => State::Stopped { exit_code: None },
        "exited" | "stopped" => State::Stopped { exit_code: exit_code(text) },
        "removing" | "dead" => State::Dead,
        _ => return None,
    })
}

fn of_text(text: &str) -> Option<State> {
    let begins = |word: &str| text.starts_with(word);
    Some(match text {
        "up" => State::Running,
        _ if begins("up ") && text.ends_with("(paused)") => State::Paused,
        _ if begins("up ") => State::Running,
        _ if begins("paused") => State::Paused,
        _ if begins("restarting") => State::Restarting { exit_code: exit_code(text) },
        _ if begins("exited") || begins("stopped") => State::Stopped { exit_code: exit_code(text) },
        _ if begins("created") || begins("initialized") => State::Stopped { exit_code: None },
        _ if begins("removal") || begins("removing") || begins("dead") => State::Dead,
        _ => return None,
    })
}

/// The code in `exited (3) 2 hours ago`.
fn exit_code(text: &str) -> Option<i64> {
    let (_, rest) = text.split_once('(')?;
    rest.split_once(')')?.0.trim().parse().ok()
}

/// The health in `up 2 minutes (unhealthy)`.
fn health_of(text: &str) -> Health {
    let inside = text.strip_suffix(')').and_then(|text| text.rsplit_once('('));
    inside.map_or(Health::None, |(_, word)| Health::of_word(word.trim_start_matches("health:").trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stopped(code: i64) -> State {
        State::Stopped { exit_code: Some(code) }
    }

    #[test]
    fn the_words_and_texts_of_engines_are_understood() {
        let created = State::Stopped { exit_code: None };
        let restarting = |code| State::Restarting { exit_code: Some(code) };
        for (word, text, state, health) in [
            // Docker 20.10 to 29.
            ("created", "Created", created, Health::None),
            ("running", "Up Less than a second", State::Running, Health::None),
            ("running", "Up 5 seconds", State::Running, Health::None),
            ("running", "Up About an hour (healthy)", State::Running, Health::Healthy),
            ("running", "Up 2 minutes (unhealthy)", State::Running, Health::Unhealthy),
            ("running", "Up 1 second (health: starting)", State::Running, Health::Starting),
            ("paused", "Up 5 seconds (Paused)", State::Paused, Health::None),
            ("restarting", "Restarting (1) Less than a second ago", restarting(1), Health::None),
            ("restarting", "Restarting (137) 3 seconds ago", restarting(137), Health::None),
            ("exited", "Exited (0) 3 minutes ago", stopped(0), Health::None),
            ("exited", "Exited (78) About a minute ago", stopped(78), Health::None),
            ("removing", "Removal In Progress", State::Dead, Health::None),
            ("dead", "Dead", State::Dead, Health::None),
            // Podman's service.
            ("running", "Up 5 seconds (starting)", State::Running, Health::Starting),
            ("running", "Up 5 seconds ago", State::Running, Health::None),
            ("paused", "Paused", State::Paused, Health::None),
            ("exited", "Exited (143) 4 seconds ago", stopped(143), Health::None),
            ("stopped", "Exited (2) 4 seconds ago", stopped(2), Health::None),
            ("initialized", "Initialized", created, Health::None),
            ("configured", "Created", created, Health::None),
            ("created", "", created, Health::None),
            // Less than one expects.
            ("", "Up 5 seconds (unhealthy)", State::Running, Health::Unhealthy),
            ("", "Up 5 seconds (Paused)", State::Paused, Health::None),
            ("", "Exited (3) 1 second ago", stopped(3), Health::None),
            ("", "Restarting (4) 1 second ago", restarting(4), Health::None),
            ("", "Removing", State::Dead, Health::None),
            ("running", "", State::Running, Health::None),
            ("exited", "", created, Health::None),
            ("exited", "Exited (?) ago", created, Health::None),
            ("exited", "Exited (-1) ago", stopped(-1), Health::None),
            ("RUNNING", " up ", State::Running, Health::None),
            ("running", "Up (((", State::Running, Health::None),
            ("running", "Up 1 hour (feverish)", State::Running, Health::None),
            // What nobody knows.
            ("stopping", "Stopping", State::Unknown, Health::None),
            ("hibernating", "Zzz (3) for an hour", State::Unknown, Health::None),
            ("", "", State::Unknown, Health::None),
        ] {
            assert_eq!(super::state(word, text, None), (state, health), "{word:?}, {text:?}");
        }
    }

    #[test]
    fn the_health_of_newer_engines_counts_more_than_the_text() {
        let health = |word| state("running", "Up 1 hour (healthy)", Some(word)).1;
        assert_eq!(Health::ALL.map(|health_is| health(health_is.word())), Health::ALL);
        assert_eq!(health("feverish"), Health::None);
        assert_eq!(state("exited", "Exited (1) ago", Some("unhealthy")), (stopped(1), Health::None));
    }
}
