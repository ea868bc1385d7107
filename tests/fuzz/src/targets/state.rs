//! What is kept between commands: anything may stand in these files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use drillmaster::context::Context;
use drillmaster::group::is_key;
use drillmaster::project::{Lock, LockError, Pending, PendingRequest};
use drillmaster::report::visible;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::input::Input;
use crate::shown::one_line;

static DIRECTORY: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a directory can be made"));

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime can be made"));

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let file = DIRECTORY.path().join("file");
    match input.up_to(2) {
        0 => pending(&mut input, &file),
        1 => context(&mut input, &file),
        _ => lock(&mut input, &file),
    }
}

fn pending(input: &mut Input<'_>, file: &Path) {
    let words = ["stop", "rename", "remove", " ", "\n", "0123abc", "1500", "18446744073709551615"];
    let text: String = input.list(20, |input| input.word(&words)).concat();
    fs::write(file, &text).expect("a file can be written");
    let pending = Pending::open(file);
    let mut expected = pending.all();
    let stop = PendingRequest::Stop(Duration::from_millis(input.any()));
    for request in [PendingRequest::Remove, PendingRequest::Rename("shop-app.old".to_owned()), stop] {
        pending.begin("new", request.clone());
        expected.insert("new".to_owned(), request);
        assert_eq!(Pending::open(file).all(), expected, "{text:?}");
    }
    pending.end("new");
    expected.remove("new");
    assert_eq!(Pending::open(file).all(), expected, "{text:?}");
}

fn context(input: &mut Input<'_>, file: &Path) {
    let instances = ["db-1", "db-2", "web"];
    let text = if input.rarely(4) {
        input.text()
    } else {
        let value =
            |input: &mut Input<'_>| serde_json::json!({ "value": input.text(), "instance": input.word(&instances) });
        let values = input.list(4, |input| (input.word(&["db.url", "a", "B_-"]), input.list(3, value)));
        serde_json::to_string(&values.into_iter().collect::<BTreeMap<_, _>>()).expect("texts have a JSON form")
    };
    fs::write(file, text).expect("a file can be written");
    let Ok(context) = Context::open(file) else { return };
    let kept = BTreeSet::from([input.pick(&instances)]);
    let of = context.values_of(&kept);
    let (key, value) = (input.word(&["db.url", "a", "no key"]), input.text());
    let set = context.set(&key, &value, "web");
    assert!(is_key(&key) || set.is_err());
    if set.is_ok() {
        assert_eq!(Context::open(file).expect("what was written can be read").get(&key), Some(value));
        context.forget("web").expect("the file can be written");
    }
    if context.keep_only(&kept).is_ok() && !kept.contains("web") {
        assert_eq!(context.values(), of);
    }
}

fn lock(input: &mut Input<'_>, file: &Path) {
    let taken = |command: &str| RUNTIME.block_on(Lock::take(file, command, None::<fn(&str)>));
    let first = taken("drillmaster start").expect("nobody has it");
    fs::write(file, input.text()).expect("a file can be written");
    match taken("drillmaster stop") {
        Err(error @ LockError::Taken { .. }) => one_line(&visible(&error.to_string())),
        other => panic!("{other:?}"),
    }
    drop(first);
}
