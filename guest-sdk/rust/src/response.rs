use std::borrow::Cow;

/// An HTTP answer of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Response {
    /// The status, as 200.
    pub status: u32,
    /// At most the first 1 MiB.
    pub body: Vec<u8>,
}

impl Response {
    /// Whether the status is one of success, 200 to 299.
    #[must_use]
    pub fn ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body; bytes that are not UTF-8 are replaced.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_status_of_success_is_ok() {
        let ok = |status| Response { status, body: Vec::new() }.ok();
        assert!(ok(200) && ok(299));
        assert!(!ok(199) && !ok(302) && !ok(503));
    }
}
