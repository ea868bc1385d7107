//! JSON as text: the one way in which it is written for programs, and for those who look at it.

use std::fmt::Write as _;

use serde::Serialize;

use super::visible::is_hidden;

/// How JSON is laid out.
#[derive(Debug, Clone, Copy)]
pub(super) enum Layout {
    OneLine,
    Readable,
}

/// A value as JSON in which nothing is hidden: what JSON may hold as it is, and a terminal would obey or not show, is
/// escaped, which means the same.
///
/// # Panics
/// Never: texts, numbers and lists have a JSON form.
pub(super) fn json(value: &impl Serialize, layout: Layout) -> String {
    let json = match layout {
        Layout::OneLine => serde_json::to_string(value),
        Layout::Readable => serde_json::to_string_pretty(value),
    };
    let json = json.expect("texts, numbers and lists have a JSON form") + "\n";
    let is_left = |c: char| is_hidden(c) && c != '\n';
    if !json.contains(is_left) {
        return json;
    }
    json.chars().fold(String::with_capacity(json.len()), |mut shown, c| {
        if is_left(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(c);
        }
        shown
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_means_the_same_and_steers_no_terminal() {
        let text = "\u{1b}[2J \u{9b}1m \u{7f}\u{85}\u{202e}\u{61c}\u{2028} \u{200b}\u{e0041} 👩\u{200d}🚀 ä\n";
        for layout in [Layout::OneLine, Layout::Readable] {
            let shown = json(&[text], layout);
            assert!(!shown.contains(|c: char| is_hidden(c) && c != '\n'), "{shown:?}");
            assert_eq!(serde_json::from_str::<[String; 1]>(&shown).unwrap(), [text]);
        }
        assert_eq!(json(&["a\u{9b}\u{e0041}"], Layout::OneLine), "[\"a\\u009b\\udb40\\udc41\"]\n");
    }
}
