use super::*;

#[test]
fn a_file_is_read_up_to_the_limit_and_refused_beyond_it() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "1234").unwrap();
    assert_eq!(read_regular(&file, 4).unwrap(), b"1234");
    assert_eq!(read_regular(&file, 3).unwrap_err().to_string(), "it has more than 3 bytes, the most that is read");
    assert_eq!(read_regular(&directory.path().join("gone"), 3).unwrap_err().kind(), io::ErrorKind::NotFound);
    std::fs::write(&file, b"\xff").unwrap();
    assert_eq!(read_regular_text(&file, 4).unwrap_err().to_string(), "it is not UTF-8");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused_and_not_waited_for() {
    use std::os::unix::net::UnixListener;

    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    mknodat(CWD, at("pipe"), FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    let _socket = UnixListener::bind(at("socket")).unwrap();
    std::fs::create_dir(at("directory")).unwrap();
    for name in ["pipe", "socket", "directory"] {
        let (path, shown) = (at(name), "it is no regular file");
        std::os::unix::fs::symlink(&path, at("link")).unwrap();
        for path in [&path, &at("link")] {
            assert_eq!(read_regular(path, 9).unwrap_err().to_string(), shown, "{name}");
        }
        assert!(open_regular(&path, Symlink::Refused).is_err() && open_own(&path).is_err(), "{name}");
        std::fs::remove_file(at("link")).unwrap();
    }
    assert_eq!(read_regular(Path::new("/dev/zero"), 9).unwrap_err().to_string(), "it is no regular file");
}

#[cfg(unix)]
#[test]
fn a_symlink_is_not_followed_where_it_may_not_be_one() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    std::fs::write(at("innocent"), "content").unwrap();
    for name in ["lock", "pending.new", "dangling"] {
        std::os::unix::fs::symlink(at(if name == "dangling" { "nowhere" } else { "innocent" }), at(name)).unwrap();
    }
    assert!(open_regular(&at("lock"), Symlink::Refused).is_err());
    assert_eq!(open_own(&at("lock")).unwrap_err().to_string(), "it is a symlink");
    assert_eq!(open_own(&at("dangling")).unwrap_err().to_string(), "it is a symlink");
    assert!(replace(&at("pending"), b"other").is_err());
    // What is in the way of a new file is removed, and then there is one.
    replace(&at("pending"), b"other").unwrap();
    replace(&at("lock"), b"other").unwrap();
    assert_eq!(std::fs::read(at("innocent")).unwrap(), b"content");
    assert_eq!(std::fs::read(at("lock")).unwrap(), b"other");
    assert!(!at("nowhere").exists());
}

#[cfg(unix)]
#[test]
fn what_is_made_is_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    drop(open_own(&at("lock")).unwrap());
    replace(&at("a"), b"").unwrap();
    replace_durably(&at("b"), b"").unwrap();
    for name in ["lock", "a", "b"] {
        assert_eq!(std::fs::metadata(at(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 3, "nothing else is left");
}

#[test]
fn what_cannot_be_replaced_stays_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("taken");
    std::fs::create_dir_all(path.join("below")).unwrap();
    assert!(replace(&path, b"new").is_err());
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
}
