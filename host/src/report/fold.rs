//! A line as the rows that it takes in a terminal. A terminal would begin each row in its first column, where drillmaster's
//! own lines begin, whoever has written what stands there.

use super::sgr::{Piece, pieces};
use super::style::columns_of;

/// What ends all colours and styles.
const PLAINLY: &str = "\u{1b}[0m";

/// The columns between two places where a tab leads.
const TAB: usize = 8;

/// The fewest columns that a text has beside the margin.
const ROOM: usize = 20;

/// What rows begin with where there is no room for their margin.
const NARROW: &str = "| ";

/// The rows of a styled line in a terminal of so many columns, of which all after the first begin with this margin.
#[must_use]
pub fn folded(line: &str, columns: usize, margin: &str) -> Vec<String> {
    let has_room = columns_of(margin) + ROOM <= columns;
    let margin = if has_room { margin } else { NARROW };
    let left = columns_of(margin);
    if (line.len() <= columns && !line.contains('\t')) || columns <= left || columns == usize::MAX {
        return vec![line.to_owned()];
    }
    let (mut rows, mut row, mut column, mut styles) = (Vec::new(), String::new(), 0, String::new());
    for piece in pieces(line) {
        let text = match piece {
            Piece::Text(text) => text,
            Piece::Color(code) => {
                row.push_str(code);
                if code == PLAINLY {
                    styles.clear();
                } else {
                    styles.push_str(code);
                }
                continue;
            }
            Piece::Style => continue,
        };
        for c in text.chars() {
            let mut end = after(c, column);
            if end > columns && column > left {
                if !styles.is_empty() {
                    row.push_str(PLAINLY);
                }
                let next = format!("{margin}{styles}");
                rows.push(std::mem::replace(&mut row, next));
                column = left;
                end = after(c, column);
            }
            row.push(c);
            column = end;
        }
    }
    rows.push(row);
    rows
}

/// The column behind a character.
fn after(c: char, column: usize) -> usize {
    match c {
        '\t' => (column / TAB + 1) * TAB,
        ' '..='~' => column + 1,
        _ => column + columns_of(c.encode_utf8(&mut [0; 4])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_but_the_first_begins_in_the_first_column() {
        let line = format!("db  | {}error: forged", "x".repeat(24));
        assert_eq!(folded(&line, 30, "    | "), [&line[..30], "    | error: forged"]);
        assert_eq!(folded(&line, 80, "    | "), [line.as_str()]);
        let tabs = format!("db  | {}error: forged", "\t".repeat(4));
        assert_eq!(folded(&tabs, 32, "    | "), ["db  | \t\t\t\t", "    | error: forged"]);
    }

    #[test]
    fn a_row_is_never_wider_than_the_terminal_whatever_it_is_written_in() {
        for text in ["漢字かな交じり文".repeat(20), "\t漢".repeat(30), "x".repeat(500)] {
            for columns in [26, 40, 79] {
                let rows = folded(&format!("db  | {text}"), columns, "    | ");
                let width = |row: &String| row.chars().fold(0, |column, c| after(c, column));
                assert!(rows.iter().all(|row| width(row) <= columns), "{columns}: {rows:?}");
                assert!(rows[1..].iter().all(|row| row.starts_with("    | ")), "{rows:?}");
            }
        }
    }

    #[test]
    fn styles_go_on_behind_the_margin_and_not_in_it() {
        let line = format!("\u{1b}[31m{}\u{1b}[0mend", "x".repeat(30));
        let expected =
            [format!("\u{1b}[31m{}\u{1b}[0m", "x".repeat(24)), format!("  \u{1b}[31m{}\u{1b}[0mend", "x".repeat(6))];
        assert_eq!(folded(&line, 24, "  "), expected);
    }

    #[test]
    fn a_terminal_without_room_for_the_margin_gets_a_narrow_one() {
        assert_eq!(folded("db  | abcdefgh", 8, "    | "), ["db  | ab", "| cdefgh"]);
        assert_eq!(folded("abcd", 2, "  "), ["abcd"]);
    }
}
