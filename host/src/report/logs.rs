//! What containers wrote, line by line.

use super::style::{color_of, padded, styled};
use super::visible::{Layout, json, visible};

/// A line of a service, after the service's name in its color.
#[must_use]
pub fn prefixed(service: &str, width: usize, line: &str) -> String {
    let name = styled(&padded(&visible(service), width), color_of(service));
    format!("{name}  {}\n", visible(line))
}

/// A line of a service as a JSON object, ending with a line break. Nothing in it is lost.
#[must_use]
pub fn log_json(service: &str, line: &str) -> String {
    json(&serde_json::json!({ "service": service, "line": line }), Layout::OneLine)
}
