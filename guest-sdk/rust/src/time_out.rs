use std::time::Duration;

/// In whole milliseconds, rounded up: 0 has a meaning of its own in the contract, and a short time must not become it.
pub(crate) fn milliseconds(duration: Duration) -> u32 {
    let whole = duration.as_secs().saturating_mul(1000);
    let rest = duration.subsec_nanos().div_ceil(1_000_000);
    u32::try_from(whole.saturating_add(rest.into())).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_rounded_up_to_milliseconds_and_never_overflows() {
        assert_eq!(milliseconds(Duration::ZERO), 0);
        assert_eq!(milliseconds(Duration::from_nanos(1)), 1);
        assert_eq!(milliseconds(Duration::from_secs(30)), 30_000);
        assert_eq!(milliseconds(Duration::MAX), u32::MAX);
    }
}
