//! What containers may mount and images may be built from, and what they may not whatever is granted.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use drillmaster_tests::definitions;
use drillmaster_tests::images;
use drillmaster_tests::proxy::Proxy;
use drillmaster_tests::scenario::Scenario;

use crate::steering;
use crate::support::see;

/// A project whose `db` runs, with a directory `data`, beside a directory that is not the project's.
fn scenario() -> Scenario {
    let scenario = Scenario::new("kite").with_file("data/file", "in the project").trusted();
    fs::create_dir(outside(&scenario)).unwrap();
    fs::write(outside(&scenario).join("file"), "outside").unwrap();
    scenario
}

/// A directory outside the project. Its path has no symlinks.
fn outside(scenario: &Scenario) -> PathBuf {
    scenario.project().canonicalize().unwrap().with_file_name("outside")
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Starts `left`, and `db` before it, with a parameter and further arguments.
fn start_left(scenario: &Scenario, set: &str, more: &[&str]) -> drillmaster_tests::scenario::Run {
    scenario.start(&[&["--exclude", "aside,right,top", "--set", set], more].concat())
}

/// Where a container's mount comes from, as the engine says.
#[track_caller]
fn source(scenario: &Scenario, service: &str, target: &str) -> String {
    let mounts = scenario.container(service).unwrap().mounts.unwrap_or_default();
    let mount = mounts.into_iter().find(|mount| mount.destination.as_deref() == Some(target));
    mount.and_then(|mount| mount.source).unwrap_or_else(|| panic!("nothing is mounted on {target}"))
}

#[test]
fn what_leads_out_of_the_project_is_refused_with_the_option_that_would_allow_it() {
    let scenario = scenario();
    symlink("/etc", scenario.project().join("link")).unwrap();
    scenario.start(&["--exclude", "aside,left,right,top"]).code(0);
    let db = see(&scenario, "db");
    let project = text(&scenario.project().canonicalize().unwrap());
    let beside = text(&outside(&scenario).join("file"));
    for (path, leads) in [("/etc", "/etc"), ("link", "/etc"), ("data/../../outside/file", &beside)] {
        let advice = format!("--allow-mount {leads} would allow it");
        for field in ["mount", "read-only-mount", "build"] {
            let run = start_left(&scenario, &format!("left.{field}={path}"), &[]).code(2);
            let field = if field == "build" { "build" } else { "mounts" };
            run.says(&format!("service `left`, {field}: {path} leads outside the project directory {project}"))
                .says(&advice);
        }
    }
    assert_eq!(scenario.names(), ["db"]);
    assert_eq!(see(&scenario, "db"), db);
}

#[test]
fn what_is_granted_is_mounted_and_no_longer_when_it_is_not() {
    let scenario = scenario();
    let outside = outside(&scenario);
    symlink(&outside, scenario.project().join("link")).unwrap();
    start_left(&scenario, "left.mount=link", &["--allow-mount", &text(&outside)]).code(0);
    assert_eq!(scenario.get("left", "/file/mounted/file").text(), "outside");
    assert_eq!(source(&scenario, "left", "/mounted"), text(&outside));

    let left = see(&scenario, "left");
    start_left(&scenario, "left.mount=link", &[]).code(2);
    let beside = text(&outside.join("file"));
    start_left(&scenario, "left.mount=link", &["--allow-mount", &beside]).code(2);
    assert_eq!(see(&scenario, "left"), left);
    // The same, with a path that begins where the command is run.
    start_left(&scenario, "left.mount=link", &["--allow-mount", "../outside"]).code(0);
    assert_eq!(see(&scenario, "left"), left);
}

#[test]
fn the_project_file_grants_too_and_what_it_grants_has_to_be_there() {
    let scenario = scenario();
    let file = |grant: &str| format!("definitions = [\"app.wasm\"]\n[grants]\nmount = [\"{grant}\"]\n");
    scenario.write("drillmaster.toml", file("../outside"));
    scenario.raw(&["trust"]).code(0);
    scenario.run(&["start", "--exclude", "aside,right,top", "--set", "left.mount=../outside"]).code(0);
    assert_eq!(scenario.get("left", "/file/mounted/file").text(), "outside");
    scenario.write("drillmaster.toml", file("../nowhere"));
    scenario.raw(&["trust"]).code(0);
    scenario.run(&["plan"]).code(2).says("nowhere, which --allow-mount grants");
}

#[test]
fn no_grant_allows_engines_sockets_the_kernels_files_and_our_own() {
    let proxy = Proxy::start();
    let scenario = scenario().env("DOCKER_HOST", &proxy.address()).env("XDG_STATE_HOME", "");
    symlink("/var/run/docker.sock", scenario.project().join("link")).unwrap();
    let socket = proxy.address().trim_start_matches("unix://").to_owned();
    let home = scenario.home().canonicalize().unwrap();
    let (state, around) = (text(&home.join(".local/state/drillmaster")), text(&std::env::temp_dir()));
    start_left(&scenario, "x=y", &[]).code(0);
    let (db, left) = (see(&scenario, "db"), see(&scenario, "left"));
    for (path, reason) in [
        ("/", "holds an engine's socket"),
        ("/run", "holds an engine's socket"),
        ("/var/run", "holds an engine's socket"),
        ("/var/run/docker.sock", "is an engine's socket"),
        ("link", "is an engine's socket"),
        ("/run/docker/containerd", "engine's"),
        ("/var/lib/docker/volumes", "lies in an engine's files"),
        (&*socket, "is an engine's socket"),
        (&*around, "holds an engine's socket"),
        ("/proc/sys", "lies in the kernel's files"),
        ("/sys", "is the kernel's files"),
        ("/dev/null", "lies in this machine's devices"),
        (&text(&home), "holds drillmaster's state"),
        (&*state, "is drillmaster's state"),
    ] {
        for field in ["mount", "read-only-mount"] {
            let run = start_left(&scenario, &format!("left.{field}={path}"), &["--allow-mount", "/"]).code(2);
            run.says("service `left`, mounts: ").says(reason).says("no option allows that");
        }
    }
    assert_eq!((see(&scenario, "db"), see(&scenario, "left")), (db, left));
}

#[test]
fn what_grants_and_the_program_itself_are_only_read() {
    let scenario = scenario();
    let project = text(&scenario.project().canonicalize().unwrap());
    start_left(&scenario, "left.mount=.", &[])
        .code(2)
        .says(&format!("{project}/drillmaster.toml, which grants: it can be mounted to be read only"));
    assert_eq!(scenario.names(), [""; 0]);
    start_left(&scenario, "left.read-only-mount=.", &[]).code(0);
    assert_eq!(scenario.get("left", "/file/read/data/file").text(), "in the project");
    start_left(&scenario, "left.mount=.", &["--allow-mount", "."]).code(0);
    assert_eq!(source(&scenario, "left", "/mounted"), project);

    let program = drillmaster_tests::workspace::binary("drillmaster").canonicalize().unwrap();
    let directory = text(program.parent().unwrap());
    start_left(&scenario, &format!("left.mount={directory}"), &["--allow-mount", "/"])
        .code(2)
        .says("holds drillmaster itself");
}

#[test]
fn a_home_directory_is_no_project() {
    let scenario = scenario();
    let home = text(&scenario.project());
    let scenario = scenario.env("HOME", &home);
    let run = start_left(&scenario, "left.read-only-mount=data", &[]).code(2);
    let data = text(&scenario.project().canonicalize().unwrap().join("data"));
    run.says("which is private and no project directory").says(&format!("--allow-mount {data} would allow it"));
    start_left(&scenario, "left.read-only-mount=data", &["--allow-mount", "data"]).code(0);
}

#[test]
fn what_another_container_could_swap_is_not_mounted() {
    let scenario = scenario().with_file("data/sub/file", "deeper").set("db.mount", "data");
    start_left(&scenario, "left.read-only-mount=data/sub", &[])
        .code(2)
        .says("service `left`, mounts: ")
        .says("to which `db` writes");
    assert_eq!(scenario.names(), [""; 0]);
    // Granting what could be swapped would be granting whatever takes its place.
    start_left(&scenario, "left.read-only-mount=data/sub", &["--allow-mount", "data/sub"])
        .code(2)
        .says("which is granted by name");
    start_left(&scenario, "left.read-only-mount=data/sub", &["--allow-mount", "data"]).code(0);
    assert_eq!(scenario.get("left", "/file/read/file").text(), "deeper");
}

#[test]
fn a_mount_that_is_swapped_for_a_symlink_before_its_turn_fails_its_service_alone() {
    let scenario = scenario().set("db.PING", "gate").set("left.mount", "data");
    let start = scenario.spawn(&["start", "app.wasm"]);
    steering::answers(&scenario, "db.starting");
    let data = scenario.project().canonicalize().unwrap().join("data");
    fs::rename(&data, data.with_file_name("away")).unwrap();
    symlink("/etc", &data).unwrap();
    steering::open_gate(&scenario, "db.starting");
    let moved = format!("mounts: {} has changed since it was checked: it leads to /etc now", text(&data));
    start.wait().code(1).says(&moved).stdout_has("not started  because left failed");
    assert_eq!(scenario.names(), ["aside", "db", "right"]);
    assert_eq!(scenario.running(), ["aside", "db", "right"]);

    // Nothing of it is remembered.
    fs::remove_file(&data).unwrap();
    fs::rename(data.with_file_name("away"), &data).unwrap();
    scenario.start(&[]).code(0);
    assert_eq!(scenario.get("left", "/file/mounted/file").text(), "in the project");
}

#[test]
fn a_mount_that_was_swapped_while_its_container_was_stopped_is_not_started_again() {
    let scenario = scenario();
    start_left(&scenario, "left.mount=data", &[]).code(0);
    scenario.stop(&[]).code(0);
    let data = scenario.project().join("data");
    fs::remove_dir_all(&data).unwrap();
    symlink("/etc", &data).unwrap();
    start_left(&scenario, "left.mount=data", &[]).code(2).says("data leads outside the project directory");
    assert_eq!(scenario.running(), [""; 0]);
}

#[test]
fn a_build_directory_that_is_swapped_for_a_symlink_is_not_packed() {
    let dockerfile = format!("FROM {}\nCOPY . /packed/\n", images::SERVICE);
    let scenario = Scenario::new("single").set("app.PING", "gate").with_file("oven/Dockerfile", &dockerfile);
    let secret = scenario.project().with_file_name("outside");
    fs::create_dir(&secret).unwrap();
    fs::write(secret.join("Dockerfile"), &dockerfile).unwrap();
    let first = scenario.spawn(&["start", "app.wasm"]);
    steering::answers(&scenario, "app.starting");

    // It has checked its paths when it waits for the first one.
    let mut second = scenario.spawn(&["start", "app.wasm", "--set", "app.build=oven", "--set", "app.image=own"]);
    second.until("it waits for the first", |second| second.stderr().contains("waiting for drillmaster start"));
    let oven = scenario.project().join("oven");
    fs::remove_dir_all(&oven).unwrap();
    symlink("../outside", &oven).unwrap();
    steering::open_gate(&scenario, "app.starting");
    first.wait().code(0);
    let app = see(&scenario, "app");
    second
        .wait()
        .code(1)
        .says(&format!("building {}", scenario.built("own")))
        .says("no longer the one that was checked");
    assert_eq!(see(&scenario, "app"), app);
    assert_eq!(scenario.image(&scenario.built("own")), None);
}

#[test]
fn a_dockerfile_lies_in_the_directory_that_is_built() {
    let scenario = Scenario::new("single").set("app.build", "oven").with_file("oven/Dockerfile", "FROM scratch");
    for path in ["../Dockerfile", "/etc/passwd", "a/../../Dockerfile"] {
        let run = scenario.start(&["--set", &format!("app.dockerfile={path}")]).code(2);
        run.says("service `app`, build: ").says("is not the path of a Dockerfile inside oven");
    }
    assert_eq!(scenario.names(), [""; 0]);
}

/// A group of another definition in the same project, whose `left` mounts a directory.
fn beside(scenario: &Scenario, field: &str, source: &str) -> (Scenario, drillmaster_tests::scenario::Run) {
    let other = Scenario::empty();
    let (group, set) = (other.group(), format!("left.{field}={source}"));
    let arguments =
        ["start", "app.wasm", "--group", &group, "--exclude", "aside,right,top", "--set", "db.x=y", "--set", &set];
    let run = scenario.raw(&arguments);
    (other, run)
}

#[test]
fn two_groups_of_a_project_cannot_lead_each_others_mounts_elsewhere() {
    let (writer, reader) = (("mount", "data"), ("read-only-mount", "data/sub"));
    for (first, second) in
        [(writer, reader), (reader, writer), (("mount", "data/sub"), writer), (writer, ("mount", "data/sub"))]
    {
        let scenario = scenario().with_file("data/sub/file", "deeper");
        start_left(&scenario, &format!("left.{}={}", first.0, first.1), &[]).code(0);
        let left = see(&scenario, "left");
        // Whether it runs or not: the engine can start it again.
        for stopped in [false, true] {
            if stopped {
                scenario.stop(&[]).code(0);
            }
            let (other, run) = beside(&scenario, second.0, second.1);
            run.code(1).says("mounts: ").says(&format!("{}-left", scenario.group())).says("symlink to anywhere");
            assert_eq!(other.running(), ["db"]);
        }
        assert_eq!(scenario.id("left"), left.id);
    }
}

#[test]
fn what_an_orphan_writes_to_is_not_mounted_below() {
    let scenario =
        scenario().with_file("data/sub/file", "deeper").with_copy(&definitions::path("single"), "other.wasm");
    scenario.run(&["start", "other.wasm", "--set", "app.mount=data"]).code(0);
    let app = see(&scenario, "app");
    let run = start_left(&scenario, "left.read-only-mount=data/sub", &["--set", "left.restart_policy=always"]).code(1);
    run.says(&format!("to which the container {}-app writes", scenario.group()));
    assert_eq!(see(&scenario, "app"), app);
    assert!(!scenario.is_running("left"));
    scenario.stop(&["--orphans", "--remove"]).code(0);
    start_left(&scenario, "left.read-only-mount=data/sub", &[]).code(0);
    assert_eq!(scenario.get("left", "/file/read/file").text(), "deeper");
}

#[test]
fn directories_can_be_shared_by_groups_of_a_project() {
    let scenario = scenario();
    start_left(&scenario, "left.mount=data", &[]).code(0);
    for field in ["mount", "read-only-mount"] {
        let (other, run) = beside(&scenario, field, "data");
        run.code(0);
        assert_eq!(other.running(), ["db", "left"]);
    }
}

#[test]
fn a_repository_sockets_and_devices_are_not_mounted() {
    let scenario = scenario().with_file(".git/config", "").with_file("data/.git", "gitdir: ../.git/modules/data\n");
    let scenario = ["deep/x/y/.git/config", "bare/r/HEAD", "bare/r/objects/x", "bare/r/refs/x"]
        .into_iter()
        .fold(scenario, |scenario, file| scenario.with_file(file, ""));
    let _listener = UnixListener::bind(scenario.project().join("socket")).unwrap();
    symlink("/dev/null", scenario.project().join("device")).unwrap();
    for (field, path, reason) in [
        ("mount", ".git", "lies in .git, which holds a repository's credentials and hooks"),
        ("read-only-mount", ".git", "lies in .git"),
        ("read-only-mount", ".git/config", "lies in .git"),
        ("build", ".git", "lies in .git"),
        ("mount", "data", "which programs of this machine obey"),
        ("mount", "deep", "deep/x/y/.git, which programs of this machine obey"),
        ("mount", "bare", "bare/r/HEAD, which programs of this machine obey"),
        ("mount", "socket", "which is a socket or pipe of a program on this machine"),
        ("read-only-mount", "socket", "which is a socket or pipe of a program on this machine"),
        ("mount", "device", "lies in this machine's devices"),
    ] {
        let run = start_left(&scenario, &format!("left.{field}={path}"), &[]).code(2);
        run.says("service `left`, ").says(reason);
    }
    assert_eq!(scenario.names(), [""; 0]);
    start_left(&scenario, "left.read-only-mount=data", &[]).code(0);
    start_left(&scenario, "left.mount=socket", &["--allow-mount", "socket"]).code(0);
}

/// Whoever writes there says what runs the next time, with all that was granted.
#[test]
fn no_container_writes_what_defines_the_group() {
    let scenario = scenario().with_copy(&definitions::path("single"), "defining/app.wasm");
    for path in ["app.wasm", "defining", "defining/app.wasm"] {
        let set = ["--exclude", "aside,right,top", "--set", &format!("left.mount={path}")];
        let run = scenario.run(&[&["start", "app.wasm", "defining/app.wasm"][..], &set].concat()).code(2);
        run.says("service `left`, mounts: ").says("a definition");
    }
    let scenario = scenario.with_file("sub/Makefile", "").with_file("sub/app.c", "").with_file("sub/data/x", "");
    let scenario = scenario.with_copy(&definitions::path("single"), "sub/app.wasm");
    let set = ["--exclude", "aside,right,top", "--set", "left.mount=sub/data"];
    let run = scenario.run(&[&["plan", "--offline", "app.wasm", "sub"][..], &set].concat()).code(2);
    run.says("service `left`, mounts: ").says("lies in a definition's sources");
    assert_eq!(scenario.names(), [""; 0]);
}

#[test]
fn a_directory_where_everybody_can_write_is_no_project() {
    let scenario = Scenario::new("kite").with_file("data/file", "");
    fs::set_permissions(scenario.project(), PermissionsExt::from_mode(0o1777)).unwrap();
    for field in ["mount", "read-only-mount", "build"] {
        start_left(&scenario, &format!("left.{field}=data"), &[]).code(2).says("where everybody can write");
    }
    scenario.raw(&["trust"]).code(2).says("everybody can write there");
}
