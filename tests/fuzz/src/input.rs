//! Values made of the fuzzer's bytes. When they are used up, every further value is the smallest there is.

use libfuzzer_sys::arbitrary::{Arbitrary, Unstructured};

/// Pieces of text that mean something to somebody: to a terminal, a parser, a file system or the engine.
const PIECES: [&str; 32] = [
    "\u{1b}[2J",
    "\u{1b}]0;t\u{7}",
    "\u{9b}1m",
    "\r",
    "\n",
    "\t",
    "\0",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
    "\u{202e}",
    "\u{61c}",
    "\u{feff}",
    "ä",
    "漢字",
    "e\u{301}",
    "{db.url}",
    "{",
    "}",
    "{{",
    "../",
    "/",
    ":",
    ",",
    "=",
    "@",
    "-",
    "://u:p@h",
    "sha256:",
    "\"",
    "\\",
    "\u{1f469}\u{200d}\u{1f680}",
];

/// The longest text of one character: longer than any width that is a number of 16 bits.
const LONG: usize = 70_000;

/// What is left of the fuzzer's bytes.
pub(crate) struct Input<'a>(Unstructured<'a>);

impl<'a> Input<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(Unstructured::new(bytes))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Any value of a simple type.
    pub(crate) fn any<T: Arbitrary<'a> + Default>(&mut self) -> T {
        self.0.arbitrary().unwrap_or_default()
    }

    /// At most this, and 0 when the bytes are used up.
    pub(crate) fn up_to(&mut self, most: usize) -> usize {
        self.0.int_in_range(0..=most).unwrap_or_default()
    }

    /// A place in something that is not empty.
    pub(crate) fn place(&mut self, length: usize) -> usize {
        // Always of the same size, so that a change of one place leaves the others where they are.
        usize::from(self.any::<u16>()) * length / (usize::from(u16::MAX) + 1)
    }

    /// All bytes that are left.
    pub(crate) fn rest(&mut self) -> &'a [u8] {
        self.0.bytes(self.0.len()).unwrap_or_default()
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.up_to(from.len() - 1)]
    }

    /// True once in so many times.
    pub(crate) fn rarely(&mut self, times: usize) -> bool {
        self.up_to(times - 1) == 1
    }

    pub(crate) fn optional<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.any::<bool>().then(|| value(self))
    }

    pub(crate) fn list<T>(&mut self, most: usize, mut value: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.up_to(most)).map(|_| value(self)).collect()
    }

    /// A number as people get it wrong.
    pub(crate) fn number(&mut self) -> u32 {
        match self.up_to(3) {
            0 => self.pick(&[0, 1, 80, 65_535, 65_536, u32::MAX]),
            1 => self.any::<u8>().into(),
            _ => self.any(),
        }
    }

    /// Any text.
    pub(crate) fn text(&mut self) -> String {
        match self.up_to(9) {
            0..=3 => self.any::<&str>().to_owned(),
            4..=6 => self.pick(&PIECES).to_owned(),
            7 => {
                let most = if self.rarely(64) { LONG } else { 100 };
                self.pick(&["a", "0", "{a", "ä", "\u{1b}"]).repeat(self.up_to(most))
            }
            _ => self.text() + &self.text(),
        }
    }

    /// Mostly one of these words.
    pub(crate) fn word(&mut self, words: &[&str]) -> String {
        if self.rarely(8) { self.text() } else { self.pick(words).to_owned() }
    }
}
