//! What a definition is denied, and what the person who runs it can grant.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::symlink;

use drillmaster_tests::scenario::{Run, Scenario};

use crate::support::counter;

/// A project with a directory that can be granted, and a secret beside it.
fn nosy() -> Scenario {
    let scenario = Scenario::new("nosy")
        .with_file("conf/greeting", "hello")
        .with_file("secret", "not for you")
        .env("NOSY_SECRET", "hunter2");
    symlink("../secret", scenario.project().join("conf/link")).unwrap();
    scenario
}

/// A port that belongs to somebody else, as long as it lives.
fn neighbour() -> (TcpListener, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    (listener, port)
}

/// Never, whatever is granted here.
#[track_caller]
fn assert_kept(run: Run) -> Run {
    run.stderr_lacks("hunter2")
        .stderr_lacks("not for you")
        .stderr_has("metadata: Err(access-denied")
        .says("denied: post-start-init asked to connect to 169.254.169.254:80; --allow-net 169.254.169.254:80 would allow it")
        .stderr_has("look up example.com: Err(name-unresolvable")
        .says("--allow-net example.com:PORT would allow it")
        .stderr_has("udp: Err(access-denied")
        .says("denied: post-start-init asked to send UDP")
        .stderr_has("http elsewhere: Err(ErrorCode::HttpRequestDenied)")
        .says("--allow-net 192.0.2.1:80 would allow it")
        .stderr_has("https: Err(ErrorCode::HttpProtocolError)")
}

#[test]
fn without_a_grant_a_hook_gets_its_own_service_and_nothing_else() {
    let scenario = nosy();
    let run = scenario.start(&[]).code(0);
    let run = assert_kept(run).stderr_has("variables: []").stderr_has("http to itself: Ok(200)");
    run.stderr_lacks("directory:");
    assert_eq!(counter(&scenario, "app", "by-http"), 1);
}

#[test]
fn nothing_listens() {
    let scenario = nosy();
    let run = scenario.start(&[]).code(0);
    run.says("denied: post-start-init asked to listen for connections").stderr_lacks("listen: Ok");
}

#[test]
fn a_directory_that_may_be_read_is_all_that_is_seen_and_is_not_written() {
    let scenario = nosy();
    let run = scenario.start(&["--allow-read", "conf"]).code(0);
    assert_kept(run)
        .stderr_has("directory: conf")
        .stderr_has("read greeting: Ok(\"hello\")")
        .stderr_has("read ../secret: Err(not-permitted")
        .says("asked for \"../secret\", which leads out of the directories that it may read")
        .stderr_has("read link: Err(not-permitted")
        .says("asked for \"link\", which leads out of the directories that it may read")
        .stderr_has("write new: Err(not-permitted")
        .says("asked to change \"new\", in a directory that it may only read; --allow-write DIR would allow it");
    assert!(!scenario.project().join("conf/new").exists());
}

#[test]
fn a_directory_that_may_be_written_is_written_and_leads_nowhere_else() {
    let scenario = nosy();
    let run = scenario.start(&["--allow-write", "conf"]).code(0);
    assert_kept(run).stderr_has("write new: Ok(7)").stderr_has("read link: Err(not-permitted");
    assert_eq!(fs::read_to_string(scenario.project().join("conf/new")).unwrap(), "written");
}

#[test]
fn a_directory_that_is_not_there_cannot_be_granted() {
    let run = nosy().start(&["--allow-read", "nowhere"]).code(2);
    run.says("nowhere, which --allow-read grants: ");
}

#[test]
fn a_variable_that_may_be_seen_is_the_only_one() {
    let (_listener, port) = neighbour();
    let scenario = nosy().env("NOSY_PORT", &port);
    let run = scenario.start(&["--allow-env", "NOSY_PORT"]).code(0);
    assert_kept(run).stderr_has(&format!("variables: [(\"NOSY_PORT\", \"{port}\")]"));
}

#[test]
fn a_neighbours_port_is_denied_until_it_is_granted() {
    let (listener, port) = neighbour();
    let scenario = nosy().env("NOSY_PORT", &port);
    let run = scenario.start(&["--allow-env", "NOSY_PORT"]).code(0);
    assert_kept(run)
        .stderr_has("neighbour: Err(access-denied")
        .says(&format!("--allow-net 127.0.0.1:{port} would allow it"))
        .stderr_has("localhost: Err(access-denied");
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "nobody has connected");
    scenario.stop(&["--remove"]).code(0);

    let allowed = format!("localhost:{port}");
    let run = scenario.start(&["--allow-env", "NOSY_PORT", "--allow-net", &allowed]).code(0);
    // By the name that was granted, and only then by the address that it has.
    assert_kept(run).stderr_has("neighbour: Err(access-denied").stderr_has("localhost: Ok(())");
    assert!(listener.accept().is_ok());
}

#[test]
fn another_groups_port_is_a_neighbours() {
    let other = Scenario::new("single");
    other.start(&[]).code(0);
    let port = other.address("app", 8080).port().to_string();
    let scenario = nosy().env("NOSY_PORT", &port);
    let run = scenario.start(&["--allow-env", "NOSY_PORT"]).code(0);
    assert_kept(run).stderr_has("neighbour: Err(access-denied");
    assert_eq!(other.running(), ["app"]);
}

#[test]
fn there_is_no_network_in_fields() {
    let run = nosy().start(&["--set", "in_fields=yes"]).code(0);
    run.stderr_has("in fields: Err(access-denied")
        .says("fields asked for the network, which there is none of in fields");
}

#[test]
fn grants_stand_in_the_project_file_too() {
    let scenario = nosy();
    scenario.write(
        "drillmaster.toml",
        "definitions = [\"app.wasm\"]\n[grants]\nread = [\"conf\"]\nenv = [\"NOSY_SECRET\"]\n",
    );
    let run = scenario.trusted().run(&["start"]).code(0);
    run.stderr_has("read greeting: Ok(\"hello\")").stderr_has("(\"NOSY_SECRET\", \"hunter2\")");
}

#[test]
fn what_grants_and_what_runs_the_next_time_is_not_written() {
    let scenario = nosy().with_file("drillmaster.toml", "definitions = [\"app.wasm\"]\n");
    symlink("..", scenario.project().join("conf/up")).unwrap();
    let check = |grant: &[&str]| scenario.run(&[&["check", "app.wasm"], grant].concat());
    for (directory, holds) in
        [(".", "what grants or could"), ("conf/up", "what grants or could"), ("..", "drillmaster's")]
    {
        let run = check(&["--allow-write", directory]).code(2);
        run.says(&format!("--allow-write {directory}: it leads to ")).says(holds);
    }
    scenario.run(&["check", "app.wasm", "--allow-read", "."]).code(0);
    // One that is not this project's may be some day, and what other programs obey is no better.
    for inside in ["conf/drillmaster.toml", "conf/deep/er/drillmaster.toml", "conf/deep/.git/config", "conf/.envrc"] {
        scenario.write(inside, "");
        let obeyed = inside.trim_end_matches("/config");
        check(&["--allow-write", "conf"]).code(2).says(obeyed).says("a definition can read it, with --allow-read");
        std::fs::remove_file(scenario.project().join(inside)).unwrap();
        let _ = std::fs::remove_dir(scenario.project().join(obeyed));
    }
    check(&["--allow-write", "conf"]).code(0);
}

#[test]
fn what_drillmaster_keeps_is_neither_read_nor_written() {
    let scenario = nosy();
    scenario.start(&[]).code(0);
    let state = scenario.state().join("drillmaster").display().to_string();
    for option in ["--allow-read", "--allow-write"] {
        let run = scenario.run(&["check", "app.wasm", option, &state]).code(2);
        run.says(&format!("{option} {state}: it is drillmaster's state; nothing grants that"));
    }
}
