//! The engine's times.

use std::time::{Duration, SystemTime};

const DAY: u64 = 24 * 60 * 60;

/// Reads a time as the engine writes it, `2026-11-22T12:50:50.123456789Z`; none for year 1, which means never, and
/// for anything else that is no time since 1970.
#[must_use]
pub fn parse(text: &str) -> Option<SystemTime> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let [year, month, day] = numbers(date, '-')?;
    let [hours, minutes, seconds] = numbers(time, ':')?;
    let nanoseconds: u64 = format!("{fraction:0<9}").parse().ok()?;
    let seconds = days(year, month, day)? * DAY + hours * 3600 + minutes * 60 + seconds;
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds) + Duration::from_nanos(nanoseconds))
}

fn numbers(text: &str, separator: char) -> Option<[u64; 3]> {
    let numbers: Vec<u64> = text.split(separator).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    numbers.try_into().ok()
}

/// The days from 1970 to a date.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    // Counted in years that begin in March, so that the leap day is the last.
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let month = (month + 9) % 12;
    let until_year = year * 365 + year / 4 - year / 100 + year / 400;
    (until_year + (month * 153 + 2) / 5 + day).checked_sub(719_469)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Option<f64> {
        Some(parse(text)?.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs_f64())
    }

    #[test]
    fn times_are_counted_from_1970() {
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some(0.0));
        assert_eq!(seconds("2000-02-29T12:00:00Z"), Some(951_825_600.0));
        assert_eq!(seconds("2026-11-22T12:50:50.25Z"), Some(1_795_351_850.25));
    }

    #[test]
    fn the_engines_zero_time_means_never() {
        assert_eq!(seconds("0001-01-01T00:00:00Z"), None);
    }
}
