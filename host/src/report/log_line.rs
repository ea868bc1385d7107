//! A line of a container's log, for people and as JSON.

use super::style::color_of;
use super::visible;

/// A line of a service, after the service's name in its color.
#[must_use]
pub fn prefixed(service: &str, width: usize, line: &str) -> String {
    let color = color_of(service);
    format!("{color}{:width$}{color:#}  {}\n", visible(service), visible(line))
}

/// A line of a service as a JSON object, ending with a line break. Nothing in it is lost.
#[must_use]
pub fn log_json(service: &str, line: &str) -> String {
    format!("{}\n", serde_json::json!({ "service": service, "line": line }))
}
