//! What is packed, and what the digest follows.

use super::*;

fn build(directory: &Path) -> Build {
    Build {
        directory: directory.canonicalize().unwrap_or_else(|_| directory.to_owned()),
        dockerfile: "Dockerfile".to_owned(),
        arguments: std::collections::BTreeMap::new(),
        target: None,
    }
}

/// A directory with these files, each of which holds its own name unless there is a colon in it.
fn directory(files: &[&str]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for file in files {
        let (name, content) = file.split_once(':').unwrap_or((file, file));
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    directory
}

fn packed(directory: &Path) -> Result<Vec<String>, BuildContextError> {
    BuildContext::pack(&build(directory), None).map(|context| names(context.file))
}

fn names(archive: File) -> Vec<String> {
    let mut archive = tar::Archive::new(archive);
    let entries = archive.entries().unwrap();
    entries.map(|entry| entry.unwrap().path().unwrap().display().to_string()).collect()
}

#[test]
fn a_directory_is_packed_in_order_with_what_is_below_it() {
    let directory = directory(&["src/b", "Dockerfile"]);
    assert_eq!(packed(directory.path()).unwrap(), ["Dockerfile", "src", "src/b"]);
}

#[cfg(unix)]
#[test]
fn a_symlink_out_of_the_directory_brings_nothing_in() {
    let directory = directory(&["Dockerfile"]);
    std::os::unix::fs::symlink("/etc/passwd", directory.path().join("link")).unwrap();
    let mut archive = tar::Archive::new(BuildContext::pack(&build(directory.path()), None).unwrap().file);
    let entry = archive.entries().unwrap().nth(1).unwrap().unwrap();
    assert_eq!(entry.header().entry_type(), tar::EntryType::Symlink);
    assert_eq!(entry.size(), 0);
}

#[cfg(unix)]
#[test]
fn a_symlink_that_took_the_place_of_a_part_of_the_path_is_not_followed() {
    let project = directory(&["app/src/Dockerfile", "outside/src/secret"]);
    let build = build(&project.path().join("app/src"));
    assert!(BuildContext::pack(&build, None).is_ok());
    for replaced in ["app/src", "app"] {
        let path = project.path().join(replaced);
        std::fs::rename(&path, project.path().join("away")).unwrap();
        std::os::unix::fs::symlink(project.path().join("outside/src"), &path).unwrap();
        let error = BuildContext::pack(&build, None).unwrap_err();
        assert!(matches!(error, BuildContextError::Moved), "{error}");
        assert_eq!(BuildContext::look(&build, None).unwrap_err().to_string(), error.to_string());
        std::fs::remove_file(&path).unwrap();
        std::fs::rename(project.path().join("away"), path).unwrap();
    }
    assert!(BuildContext::pack(&build, None).is_ok());
}

#[test]
fn a_directory_that_is_not_there_is_an_error() {
    let error = packed(Path::new("/no/such/directory")).unwrap_err();
    assert!(matches!(error, BuildContextError::Unreadable { path, .. } if path == Path::new("/no/such/directory")));
}

#[test]
fn what_is_ignored_is_not_packed() {
    let ignore = ".dockerignore:*.log\ntarget\n!target/keep/this\n";
    let directory = directory(&[ignore, "Dockerfile", "a.log", "src/b", "src/c.log", "target/x", "target/keep/this"]);
    assert_eq!(
        packed(directory.path()).unwrap(),
        [".dockerignore", "Dockerfile", "src", "src/b", "src/c.log", "target", "target/keep", "target/keep/this"]
    );
}

#[test]
fn what_is_ignored_altogether_leaves_no_directory_behind() {
    let directory = directory(&[".dockerignore:a\n!**/keep\n", "Dockerfile", "a/b/c", "d/e"]);
    assert_eq!(packed(directory.path()).unwrap(), [".dockerignore", "Dockerfile", "d", "d/e"]);
}

#[test]
fn the_dockerfile_and_what_says_that_it_is_ignored_are_packed_nevertheless() {
    let directory = directory(&[".dockerignore:**\n", "Dockerfile", "docker/Dockerfile", "docker/other"]);
    assert_eq!(packed(directory.path()).unwrap(), [".dockerignore", "Dockerfile"]);
    let build = Build { dockerfile: "./docker/Dockerfile".into(), ..build(directory.path()) };
    let context = BuildContext::pack(&build, None).unwrap();
    assert_eq!(names(context.file), [".dockerignore", "docker", "docker/Dockerfile"]);
}

#[test]
fn what_the_dockerfile_downloads_is_read_from_what_is_packed() {
    let directory = directory(&["Dockerfile:FROM scratch\nADD http://$A/x http://127.0.0.1:1/x /\n", "other:FROM b\n"]);
    let packed = BuildContext::pack(&build(directory.path()), None).unwrap().content;
    assert_eq!((packed.fetches.hosts.len(), packed.fetches.unclear.len()), (1, 1));
    assert_eq!(packed, BuildContext::look(&build(directory.path()), None).unwrap());
    let other = Build { dockerfile: "other".into(), ..build(directory.path()) };
    assert_eq!(BuildContext::look(&other, None).unwrap().fetches.images, ["b".to_owned()].into());
}

#[test]
fn without_a_dockerfile_nothing_is_packed() {
    let has_none = |directory: &Path, dockerfile: &str| {
        let build = Build { dockerfile: dockerfile.into(), ..build(directory) };
        matches!(BuildContext::pack(&build, None), Err(BuildContextError::NoDockerfile { path }) if path == build.directory.join(dockerfile))
    };
    let directory = directory(&["dockerfile", "real/Dockerfile"]);
    for dockerfile in ["Dockerfile", "docker/Dockerfile"] {
        assert!(has_none(directory.path(), dockerfile), "{dockerfile}");
    }
    #[cfg(unix)]
    for (link, target) in [("Dockerfile", "real/Dockerfile"), ("docker", "real")] {
        // The builder would follow it, to what we have not read.
        std::os::unix::fs::symlink(target, directory.path().join(link)).unwrap();
        assert!(has_none(directory.path(), "Dockerfile") && has_none(directory.path(), "docker/Dockerfile"), "{link}");
    }
}

#[test]
fn a_dockerfile_is_bounded() {
    let directory = directory(&["Dockerfile"]);
    std::fs::write(directory.path().join("Dockerfile"), vec![b'#'; 1024 * 1024 + 1]).unwrap();
    let told = packed(directory.path()).unwrap_err().to_string();
    assert!(told.contains("Dockerfile: it has more than 1048576 bytes, the most that is read"), "{told}");
}

#[test]
fn a_dockerignore_of_the_dockerfile_wins_over_that_of_the_directory() {
    let directory =
        directory(&[".dockerignore:a", "docker/x.dockerignore:b", "a", "b", "docker/x", "docker/Dockerfile"]);
    let build = Build { dockerfile: "docker/x".into(), ..build(directory.path()) };
    let context = BuildContext::pack(&build, None).unwrap();
    assert_eq!(
        names(context.file),
        [".dockerignore", "a", "docker", "docker/Dockerfile", "docker/x", "docker/x.dockerignore"]
    );
}

/// Its permissions tell nothing here: tests may run as root, who may read everything.
#[cfg(target_os = "linux")]
#[test]
fn a_directory_that_is_ignored_is_not_read() {
    let directory = directory(&[".dockerignore:ignored\n", "Dockerfile", "ignored/x", "read/x"]);
    let accessed = |name: &str| std::fs::metadata(directory.path().join(name)).unwrap().accessed().unwrap();
    let long_ago = std::time::SystemTime::UNIX_EPOCH;
    for name in ["ignored", "read"] {
        // A directory that was changed since is marked at its next reading even where few readings are.
        let times = std::fs::FileTimes::new().set_accessed(long_ago);
        File::open(directory.path().join(name)).unwrap().set_times(times).unwrap();
    }
    packed(directory.path()).unwrap();
    assert_eq!(accessed("ignored"), long_ago);
    if accessed("read") == long_ago {
        eprintln!("this file system does not say what was read");
    }
}

#[test]
fn a_wrong_pattern_is_told_with_its_file_and_line() {
    let directory = directory(&[".dockerignore:a\nb[\n", "Dockerfile"]);
    let told = packed(directory.path()).unwrap_err().to_string();
    let file = directory.path().join(".dockerignore");
    assert_eq!(told, format!("{}, line 2: `b[` is not a pattern: its `[` is not closed", file.display()));
}

#[test]
fn more_than_is_sent_to_a_builder_is_refused_before_it_is_read() {
    let directory = directory(&["Dockerfile:FROM scratch", "data/huge"]);
    File::options().write(true).open(directory.path().join("data/huge")).unwrap().set_len(1 << 40).unwrap();
    let told = packed(directory.path()).unwrap_err().to_string();
    assert!(told.contains("data/huge") && told.contains(".dockerignore"), "{told}");
    std::fs::write(directory.path().join(".dockerignore"), "data").unwrap();
    assert_eq!(packed(directory.path()).unwrap(), [".dockerignore", "Dockerfile"]);
}

#[test]
fn many_small_files_are_too_much_as_well() {
    let directory = directory(&["Dockerfile:", "a:", "b:"]);
    let digest = |limit| pack(&build(directory.path()), limit, 100, &mut TimelessDigester::default());
    assert!(digest(3 * 512).is_ok());
    assert!(matches!(digest(3 * 512 - 1), Err(BuildContextError::TooLarge { path, .. }) if path == Path::new("b")));
}

#[test]
fn the_digest_follows_the_content_and_what_shapes_the_build_and_not_the_place() {
    let [here, there] = [(); 2].map(|()| directory(&["Dockerfile:FROM scratch"]));
    let digest = |build: &Build, platform| BuildContext::look(build, platform).unwrap().digest;
    let before = digest(&build(here.path()), None);
    assert_eq!(before, BuildContext::pack(&build(there.path()), None).unwrap().content.digest);
    assert_ne!(before, digest(&build(here.path()), Some("linux/arm64")));
    assert_ne!(before, digest(&Build { target: Some("test".into()), ..build(here.path()) }, None));
    let arguments = [("A".to_owned(), "b".to_owned())].into();
    assert_ne!(before, digest(&Build { arguments, ..build(here.path()) }, None));
    std::fs::write(here.path().join("Dockerfile"), "FROM other").unwrap();
    assert_ne!(before, digest(&build(here.path()), None));
}

#[test]
fn files_keep_the_time_of_their_last_change_which_is_no_part_of_the_digest() {
    let directory = directory(&["Dockerfile:FROM scratch", "src/page"]);
    let packed = |seconds| {
        let changed = UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        for path in ["Dockerfile", "src/page", "src"] {
            File::open(directory.path().join(path)).unwrap().set_modified(changed).unwrap();
        }
        let BuildContext { file, content } = BuildContext::pack(&build(directory.path()), None).unwrap();
        let mut archive = tar::Archive::new(file);
        let times = archive.entries().unwrap().map(|entry| entry.unwrap().header().mtime().unwrap());
        (times.collect::<Vec<_>>(), content.digest)
    };
    let (times, before) = packed(1_000_000_000);
    assert_eq!(times, [1_000_000_000; 3]);
    let (times, now) = packed(1_700_000_000);
    assert_eq!((times, &now), (vec![1_700_000_000; 3], &before));
    assert_eq!(BuildContext::look(&build(directory.path()), None).unwrap().digest, before);
}

#[test]
fn what_is_ignored_is_not_packed_and_the_context_itself_always_is() {
    let directory = directory(&[".dockerignore:data\n*.log", "Dockerfile", "data/a", "src/b"]);
    let build = build(directory.path());
    let packed = |path: &str| is_packed(&build, &build.directory.join(path));
    assert!(packed("src") && packed("src/b") && packed("new") && is_packed(&build, &build.directory));
    assert!(!packed("data") && !packed("data/a/b") && !packed("x.log") && !is_packed(&build, Path::new("/elsewhere")));
}

#[test]
fn the_digest_does_not_follow_what_is_ignored() {
    let directory = directory(&[".dockerignore:logs\n*.tmp", "Dockerfile", "logs/a", "b.tmp", "c"]);
    let digest = || BuildContext::look(&build(directory.path()), None).unwrap().digest;
    let before = digest();
    for ignored in ["logs/a", "logs/new", "b.tmp", "new.tmp"] {
        std::fs::write(directory.path().join(ignored), "changed").unwrap();
        assert_eq!(digest(), before, "{ignored}");
    }
    std::fs::write(directory.path().join("c"), "changed").unwrap();
    assert_ne!(digest(), before);
}

#[cfg(unix)]
fn pipe(path: &Path) {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_what_says_how_to_build_is_refused_and_not_waited_for() {
    for name in [".dockerignore", "Dockerfile.dockerignore", "Dockerfile"] {
        let directory = directory(&["src/b"]);
        pipe(&directory.path().join(name));
        let told = packed(directory.path()).unwrap_err().to_string();
        assert_eq!(told, format!("{}: it is no regular file", directory.path().join(name).display()));
    }
}

#[cfg(unix)]
#[test]
fn pipes_and_sockets_are_left_out() {
    let directory = directory(&["Dockerfile", "src/b"]);
    pipe(&directory.path().join("src/pipe"));
    let _socket = std::os::unix::net::UnixListener::bind(directory.path().join("src/socket")).unwrap();
    assert_eq!(packed(directory.path()).unwrap(), ["Dockerfile", "src", "src/b"]);
}

#[test]
fn a_dockerignore_that_is_too_long_is_refused() {
    let directory = directory(&["Dockerfile"]);
    let length = usize::try_from(IGNORE_LIMIT).unwrap() + 1;
    std::fs::write(directory.path().join(".dockerignore"), "x".repeat(length)).unwrap();
    let told = packed(directory.path()).unwrap_err().to_string();
    assert!(told.ends_with(".dockerignore: it has more than 1048576 bytes, the most that is read"), "{told}");
}

#[test]
fn directories_that_are_nested_too_deep_are_refused() {
    let directory = directory(&["Dockerfile"]);
    let deep = |levels: usize| (0..levels).map(|_| "d").collect::<PathBuf>();
    std::fs::create_dir_all(directory.path().join(deep(DEEPEST))).unwrap();
    assert_eq!(packed(directory.path()).unwrap().len(), 1 + DEEPEST);
    std::fs::create_dir_all(directory.path().join(deep(DEEPEST + 400))).unwrap();
    let told = packed(directory.path()).unwrap_err().to_string();
    assert!(told.contains("nested more than 200 directories deep") && told.contains(".dockerignore"), "{told}");
    std::fs::write(directory.path().join(".dockerignore"), "d\n").unwrap();
    assert_eq!(packed(directory.path()).unwrap(), [".dockerignore", "Dockerfile"]);
}

#[test]
fn more_files_than_can_be_meant_are_refused() {
    let directory = directory(&["Dockerfile", "a/1", "a/2", "a/3"]);
    let packed = |most| pack(&build(directory.path()), 1 << 20, most, &mut TimelessDigester::default());
    packed(5).unwrap();
    let told = packed(4).unwrap_err().to_string();
    assert!(told.contains("more than 4 files") && told.contains(".dockerignore"), "{told}");
}
