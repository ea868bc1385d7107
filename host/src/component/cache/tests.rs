use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::sync::LazyLock;
use std::thread;

use tempfile::TempDir;

use super::*;
use crate::component::Runtime;

static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| Runtime::new(None, crate::component::Allowed::default()).unwrap().engine);

/// A component in text that exports one function under this name.
fn text(name: &str) -> String {
    format!(
        r#"(component
            (core module $m (func (export "f") (result i32) i32.const 42))
            (core instance $i (instantiate $m))
            (func (export "{name}") (result s32) (canon lift (core func $i "f"))))"#
    )
}

fn compiled(name: &str) -> (Component, Digest) {
    let text = text(name);
    (Component::new(&ENGINE, &text).unwrap(), Digest::of(text.as_bytes()))
}

/// The name of the function that a component exports.
fn export(component: &Component) -> String {
    component.component_type().exports(&ENGINE).next().unwrap().0.to_owned()
}

pub(super) fn cache() -> (TempDir, Cache) {
    let home = tempfile::tempdir().unwrap();
    let cache = Cache::below(&home.path().join("cache"));
    (home, cache)
}

impl Cache {
    fn keeps(&self, name: &str) -> bool {
        self.load(&ENGINE, &compiled(name).1).is_some_and(|component| export(&component) == name)
    }

    fn put(&self, name: &str) -> PathBuf {
        let (component, digest) = compiled(name);
        self.store(&ENGINE, &digest, &component);
        self.path(&ENGINE, &digest)
    }

    fn names(&self) -> Vec<PathBuf> {
        fs::read_dir(&self.directory).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

pub(super) fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn used(path: &Path, ago: Duration) {
    File::options().write(true).open(path).unwrap().set_modified(SystemTime::now() - ago).unwrap();
}

#[test]
fn what_was_compiled_is_found_again_and_nothing_else() {
    let (_home, cache) = cache();
    assert!(!cache.keeps("one"));
    let path = cache.put("one");
    assert!(cache.keeps("one") && !cache.keeps("two"));
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
    assert_eq!((mode(&path), mode(&cache.directory)), (0o600, 0o700));
}

#[test]
fn what_runs_without_compiling_works() {
    let (_home, cache) = cache();
    cache.put("one");
    let component = cache.load(&ENGINE, &compiled("one").1).unwrap();
    let mut store = wasmtime::Store::new(&ENGINE, ());
    store.set_epoch_deadline(u64::MAX / 2);
    let linker = wasmtime::component::Linker::new(&ENGINE);
    let instance = linker.instantiate(&mut store, &component).unwrap();
    let function = instance.get_typed_func::<(), (i32,)>(&mut store, "one").unwrap();
    assert_eq!(function.call(&mut store, ()).unwrap(), (42,));
}

#[test]
fn a_file_that_others_could_write_or_read_is_not_used() {
    let (_home, cache) = cache();
    let path = cache.put("one");
    for odd in [0o644, 0o660, 0o602, 0o700, 0o400, 0o4600] {
        mode(&path, odd);
        assert!(!cache.keeps("one"), "{odd:o}");
    }
    mode(&path, 0o600);
    assert!(cache.keeps("one"));
}

#[test]
fn a_directory_that_others_can_enter_or_write_to_is_not_used() {
    let (_home, cache) = cache();
    cache.put("one");
    for odd in [0o755, 0o770, 0o777, 0o701] {
        mode(&cache.directory, odd);
        assert!(!cache.keeps("one"), "{odd:o}");
        cache.put("two");
        assert_eq!(cache.names().len(), 1, "{odd:o}");
    }
    mode(&cache.directory, 0o700);
    assert!(cache.keeps("one"));
}

#[test]
fn what_belongs_to_another_user_is_not_used() {
    let (_home, cache) = cache();
    let path = cache.put("one");
    assert!(open(&path, cache.user).is_ok());
    let refused = open(&path, cache.user + 1).unwrap_err().to_string();
    assert!(refused.starts_with("it belongs to user"), "{refused}");
    let other = Cache { user: cache.user + 1, ..cache.clone() };
    assert!(other.check_directory().unwrap_err().to_string().starts_with("it belongs to user"));
    assert!(!other.keeps("one"));
    // Where we may give files away, with one that really is another's.
    if std::os::unix::fs::chown(&path, Some(cache.user + 1), None).is_ok() {
        assert!(!cache.keeps("one"));
    }
}

#[test]
fn what_is_no_file_is_not_used() {
    let (home, cache) = cache();
    let path = cache.put("one");
    let elsewhere = home.path().join("elsewhere");
    fs::rename(&path, &elsewhere).unwrap();
    symlink(&elsewhere, &path).unwrap();
    assert!(!cache.keeps("one"), "a link");
    fs::remove_file(&path).unwrap();
    DirBuilder::new().mode(0o600).create(&path).unwrap();
    assert!(!cache.keeps("one"), "a directory");
    fs::remove_dir(&path).unwrap();
    let made = std::process::Command::new("mkfifo").args(["-m", "600"]).arg(&path).status().unwrap();
    assert!(made.success() && !cache.keeps("one"), "a pipe");
}

#[test]
fn a_truncated_or_foreign_file_is_compiled_again() {
    let (_home, cache) = cache();
    let path = cache.put("one");
    let whole = fs::read(&path).unwrap();
    let lengths = (0..64).map(|part| whole.len() * part / 64).chain([whole.len() - 1]);
    for length in lengths {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(!cache.keeps("one"), "{length} of {}", whole.len());
    }
    fs::write(&path, "not compiled by anybody").unwrap();
    assert!(!cache.keeps("one"));
    assert_eq!((cache.put("one"), cache.keeps("one")), (path, true));
}

#[test]
fn another_engine_compiles_for_itself() {
    let (_home, cache) = cache();
    let path = cache.put("one");
    let other = Engine::new(wasmtime::Config::new().epoch_interruption(false)).unwrap();
    let digest = compiled("one").1;
    let others = cache.path(&other, &digest);
    assert_ne!(path, others);
    // Should the names be the same after all.
    fs::rename(path, others).unwrap();
    assert!(cache.load(&other, &digest).is_none());
}

#[test]
fn the_least_recently_used_goes_first_when_there_are_too_many() {
    let (_home, mut cache) = cache();
    let (one, two) = (cache.put("one"), cache.put("two"));
    used(&one, Duration::from_secs(200));
    used(&two, Duration::from_secs(100));
    assert!(cache.keeps("one"), "and is used now");
    cache.limit = fs::metadata(&one).unwrap().len() * 5 / 2;
    cache.put("three");
    assert!(cache.keeps("one") && !cache.keeps("two") && cache.keeps("three"));
    cache.limit = 1;
    cache.put("four");
    assert!(!cache.keeps("four") && cache.keeps("one"), "one that is too large by itself replaces nothing");
}

#[test]
fn what_a_dead_writer_left_is_removed_and_what_a_living_one_writes_is_not() {
    let (_home, cache) = cache();
    cache.put("one");
    let (dead, alive) = (cache.directory.join("unfinished-dead"), cache.directory.join("unfinished-alive"));
    fs::write(&dead, "half of").unwrap();
    fs::write(&alive, "half of").unwrap();
    used(&dead, ABANDONED * 2);
    cache.put("two");
    assert!(!dead.exists() && alive.exists());
    assert!(cache.keeps("one") && cache.keeps("two"));
}

#[test]
fn two_writers_and_a_reader_do_not_disturb_each_other() {
    let (_home, cache) = cache();
    cache.put("one");
    // So small that each writer removes what the other has written.
    let small = Cache { limit: fs::metadata(&cache.names()[0]).unwrap().len() * 3 / 2, ..cache.clone() };
    thread::scope(|scope| {
        for other in ["two", "three"] {
            let small = &small;
            scope.spawn(move || {
                let (one, other) = (compiled("one"), compiled(other));
                for _ in 0..50 {
                    small.store(&ENGINE, &one.1, &one.0);
                    small.store(&ENGINE, &other.1, &other.0);
                }
            });
        }
        scope.spawn(|| {
            let digest = compiled("one").1;
            for _ in 0..200 {
                if let Some(component) = cache.load(&ENGINE, &digest) {
                    assert_eq!(export(&component), "one");
                }
            }
        });
    });
    let left = cache.names();
    assert!(!left.is_empty() && left.iter().all(|path| path.to_string_lossy().ends_with(SUFFIX)), "{left:?}");
    cache.put("one");
    assert!(cache.keeps("one"));
}

#[test]
fn a_file_that_is_replaced_or_removed_stays_as_it_was_where_it_is_loaded() {
    let (_home, cache) = cache();
    let path = cache.put("one");
    let component = cache.load(&ENGINE, &compiled("one").1).unwrap();
    let before = component.text().to_vec();
    cache.put("one");
    fs::remove_file(path).unwrap();
    assert_eq!(component.text(), before);
}

#[test]
fn a_home_that_cannot_be_written_to_is_no_error() {
    let (home, cache) = cache();
    let file = home.path().join("file");
    fs::write(&file, "").unwrap();
    let cache = Cache { directory: file.join("drillmaster"), ..cache };
    cache.put("one");
    assert!(!cache.keeps("one"));
}
