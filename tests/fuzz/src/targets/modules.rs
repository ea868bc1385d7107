//! What a definition in JavaScript imports: whatever it asks for, nothing is had that lies outside of its directory.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Component, Path};
use std::sync::LazyLock;

use drillmaster::component::fuzzing::Modules;
use tempfile::TempDir;

use crate::input::Input;

const SECRET: &str = "the secret that lies outside";
const FILES: [(&str, &str); 10] = [
    ("in/app.js", "export {};"),
    ("in/a.mjs", "export {};"),
    ("in/d/b.js", "export {};"),
    ("in/data.json", "{}"),
    ("in/node_modules/p/package.json", r#"{"main": "m.js", "type": "module"}"#),
    ("in/node_modules/p/m.js", "export {};"),
    (
        "in/node_modules/q/package.json",
        r#"{"exports": {".": "../../../out.js", "./x": "./../../../out.js"}, "type": "module"}"#,
    ),
    ("in/node_modules/broken/package.json", "{"),
    ("out.js", SECRET),
    ("out/package.json", r#"{"main": "../out.js", "type": "module"}"#),
];

/// What paths and names are made of.
const PIECES: [&str; 28] = [
    ".",
    "..",
    "/",
    "./",
    "../",
    "a.mjs",
    "app.js",
    "d",
    "b.js",
    "data.json",
    "out.js",
    "out",
    "link.js",
    "linked",
    "p",
    "q",
    "broken",
    "@",
    "node_modules",
    "drillmaster",
    "drillmaster:",
    "index.js",
    "#definition",
    "\\",
    "%2e",
    "//",
    "file:",
    "x",
];

static DIRECTORY: LazyLock<TempDir> = LazyLock::new(|| {
    let directory = tempfile::tempdir().expect("a directory can be made");
    for (file, text) in FILES {
        let path = directory.path().join(file);
        fs::create_dir_all(path.parent().expect("it lies in one")).expect("a directory can be made");
        fs::write(path, text).expect("a file can be written");
    }
    let inside = directory.path().join("in");
    for (target, link) in
        [("../out.js", "link.js"), ("..", "linked"), ("/etc", "d/etc"), ("../../out", "node_modules/out")]
    {
        symlink(target, inside.join(link)).expect("a link can be made");
    }
    directory
});

pub(super) fn run(bytes: &[u8]) {
    let modules = Modules::beside(&DIRECTORY.path().join("in/app.js")).expect("it is there");
    let mut input = Input::new(bytes);
    while !input.is_empty() {
        let mut word = || input.list(8, |input| input.word(&PIECES)).concat();
        let (referrer, specifier) = (word(), word());
        if let Ok(name) = modules.resolve(&referrer, &specifier) {
            let leaves = |part| !matches!(part, Component::Normal(_));
            assert!(!Path::new(&name).components().any(leaves), "{referrer:?} imports {specifier:?} as {name:?}");
        }
        for name in [modules.resolve(&referrer, &specifier).unwrap_or_default(), specifier] {
            let text = modules.load(&name).unwrap_or_default();
            assert!(!text.contains(SECRET), "{referrer:?} was given {name:?}");
        }
    }
}
