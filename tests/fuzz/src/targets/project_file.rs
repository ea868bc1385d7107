//! `drillmaster.toml`.

use std::fs;
use std::sync::LazyLock;

use drillmaster::grants::Grants;
use drillmaster::project::{PROJECT_FILE, ProjectFile};
use tempfile::TempDir;

use crate::input::Input;

static DIRECTORY: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a directory can be made"));

const LINES: [&str; 20] = [
    "definitions = [\"app.wasm\"]",
    "definitions = []",
    "definitions = \"app.wasm\"",
    "group = \"shop\"",
    "[parameters]",
    "port = 8080",
    "fast = true",
    "ratio = 1e400",
    "day = 1979-05-27",
    "x = {}",
    "[grants]",
    "read = [\"conf\", \"../a\"]",
    "write = [\"/out\"]",
    "net = [\"example.com:443\"]",
    "net = [\"x\"]",
    "mount = [\".\"]",
    "publish-on = \"::\"",
    "memory = 4096",
    "memory = -1",
    "[[grants]]",
];

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let mut lines = input.list(12, |input| input.word(&LINES));
    if input.rarely(16) {
        lines.push("x = ".to_owned() + &input.pick(&["[", "{a=", "-"]).repeat(input.up_to(20_000)));
    }
    let file = DIRECTORY.path().join(PROJECT_FILE);
    fs::write(&file, lines.join("\n")).expect("a file can be written");
    match ProjectFile::find(DIRECTORY.path()) {
        Ok(found) => {
            let found = found.expect("the file is there");
            assert_eq!(found.path, file);
            assert!(!found.definitions.is_empty());
            // A relative definition is one of the file's directory.
            assert!(found.definitions.iter().all(|definition| definition.is_absolute()));
            let Grants { read, write, mount, memory, .. } = found.grants;
            assert!(read.iter().chain(&write).all(|directory| directory.path.is_absolute()));
            assert!(mount.iter().all(|path| path.is_absolute()));
            assert!(memory.is_none_or(|memory| memory.bytes() <= 4 << 30));
        }
        Err(error) => assert!(error.to_string().contains(PROJECT_FILE), "{error}"),
    }
}
