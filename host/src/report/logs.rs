//! What containers wrote, line by line.

use super::fold::folded;
use super::json_text::{Layout, json};
use super::style::{color_of, columns_of, padded, styled};
use super::visible::{colored, visible};

/// A line of a service, after the service's name in its color and a bar; and what it takes of further rows in a terminal of
/// so many columns.
#[must_use]
pub fn prefixed(service: &str, width: usize, line: &str, columns: Option<usize>) -> String {
    let name = padded(&visible(service), width);
    let margin = format!("{}  | ", padded("", columns_of(&name)));
    let line = format!("{}  | {}", styled(&name, color_of(service)), colored(line));
    match columns {
        Some(columns) => folded(&line, columns, &margin).join("\n") + "\n",
        None => line + "\n",
    }
}

/// A line of a service as a JSON object, ending with a line break. Nothing in it is lost.
#[must_use]
pub fn log_json(service: &str, line: &str) -> String {
    json(&serde_json::json!({ "service": service, "line": line }), Layout::OneLine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_container_writes_is_behind_its_name_and_a_bar() {
        let shown = |line: &str| anstream::adapter::strip_str(&prefixed("db", 4, line, None)).to_string();
        assert_eq!(shown("denied: forged\u{1b}[31m red\r"), "db    | denied: forged red\\r\n");
        assert!(prefixed("db", 4, "\u{1b}[31mred", None).ends_with("  | \u{1b}[31mred\u{1b}[0m\n"));
        let wrapped = prefixed("db", 2, &format!("{}error: forged", "x".repeat(34)), Some(40));
        assert!(wrapped.ends_with("x\n    | error: forged\n"), "{wrapped:?}");
    }
}
