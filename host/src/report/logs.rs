//! What containers wrote, line by line.

use super::style::{color_of, styled};
use super::visible;

/// A line of a service, after the service's name in its color.
#[must_use]
pub fn prefixed(service: &str, width: usize, line: &str) -> String {
    let name = styled(&format!("{:width$}", visible(service)), color_of(service));
    format!("{name}  {}\n", visible(line))
}

/// A line of a service as a JSON object, ending with a line break. Nothing in it is lost.
#[must_use]
pub fn log_json(service: &str, line: &str) -> String {
    format!("{}\n", serde_json::json!({ "service": service, "line": line }))
}
