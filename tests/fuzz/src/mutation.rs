//! Mistakes made in a component: in text by word and by form, so that much of what comes of it is still a component.

use crate::input::Input;

/// What makes a difference almost wherever it stands.
const WORDS: [&str; 36] = [
    "0",
    "1",
    "-1",
    "2",
    "65535",
    "65536",
    "2147483647",
    "4294967295",
    "0x7fffffff",
    "i32",
    "i64",
    "f64",
    "string",
    "u8",
    "u64",
    "bool",
    "unreachable",
    "nop",
    "drop",
    "return",
    "memory.grow",
    "memory.fill",
    "memory.copy",
    "call",
    "br",
    "loop",
    "(list string)",
    "(result (error string))",
    "(own $service)",
    "(borrow $group)",
    "(option string)",
    "string-encoding=utf16",
    "(call 0)",
    "(loop (br 0))",
    "(drop (memory.grow (i32.const 5000)))",
    "\"\"",
];

/// The most changes at a time.
const CHANGES: usize = 4;

/// A text with some words and forms replaced, removed, repeated or moved.
pub(crate) fn of_text(text: &str, input: &mut Input<'_>) -> String {
    let mut words: Vec<String> = words(text).into_iter().map(str::to_owned).collect();
    for _ in 0..=input.up_to(CHANGES) {
        let at = input.place(words.len());
        let form = at..end_of_form(&words, at);
        match input.up_to(7) {
            0 | 1 => words[at] = input.word(&WORDS),
            2 => {
                let other = words[input.place(words.len())].clone();
                words[at] = other;
            }
            3 => drop(words.drain(form)),
            4 => {
                let copied = words[form].to_vec();
                let to = input.place(words.len());
                words.splice(to..to, copied);
            }
            5 => {
                let other = input.place(words.len());
                let other = words[other..end_of_form(&words, other)].to_vec();
                words.splice(form, other);
            }
            6 => words.insert(at, input.word(&WORDS)),
            _ => words[at] = format!("\"{}\"", input.text().escape_default()),
        }
        if words.is_empty() {
            break;
        }
    }
    words.join(" ")
}

/// Parentheses, strings and what stands between spaces, without comments.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let length = match rest.as_bytes() {
            [] => return words,
            [b';', b';', ..] => {
                rest = rest.find('\n').map_or("", |end| &rest[end..]);
                continue;
            }
            [b'(' | b')', ..] => 1,
            [b'"', inside @ ..] => inside.iter().position(|byte| *byte == b'"').map_or(rest.len(), |end| end + 2),
            _ => rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"')).unwrap_or(rest.len()),
        };
        words.push(&rest[..length]);
        rest = &rest[length..];
    }
}

/// Where the form ends that begins with a word: behind its closing parenthesis, or behind the word.
fn end_of_form(words: &[String], at: usize) -> usize {
    let mut depth = 0_usize;
    for (index, word) in words.iter().enumerate().skip(at) {
        match word.as_str() {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return index + 1;
        }
    }
    words.len()
}

/// Bytes of which some are others, or gone, or there twice.
pub(crate) fn of_bytes(mut bytes: Vec<u8>, input: &mut Input<'_>) -> Vec<u8> {
    for _ in 0..=input.up_to(CHANGES) {
        let at = input.place(bytes.len());
        let end = (at + input.up_to(16)).min(bytes.len());
        match input.up_to(4) {
            0 => bytes[at] ^= 1 << input.up_to(7),
            1 => bytes[at] = input.any(),
            2 => drop(bytes.drain(at..end)),
            3 => {
                let copied = bytes[at..end].to_vec();
                let to = input.place(bytes.len());
                bytes.splice(to..to, copied);
            }
            _ => bytes.truncate(at),
        }
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}
