//! Hooks that connect by themselves, through WASI's names and sockets: with their own code in Rust, and with a database
//! driver in Python.

use std::time::Duration;

use drillmaster_tests::scenario::{Run, Scenario};
use drillmaster_tests::workspace;

use crate::support::{counter, first_start};

fn in_rust() -> (Scenario, Run) {
    let scenario = Scenario::new("dialing");
    let run = scenario.start(&[]).code(0);
    (scenario, run)
}

/// With the example's database, and time to build it and to compile so large a definition.
fn in_python() -> (Scenario, Run) {
    let appdb = workspace::root().join("examples/todo/appdb");
    let scenario = Scenario::new("python/database")
        .with_copy(&appdb.join("Dockerfile"), "appdb/Dockerfile")
        .with_copy(&appdb.join("entrypoint.sh"), "appdb/entrypoint.sh")
        .deadline(Duration::from_mins(10));
    let run = first_start(&scenario, &[]);
    (scenario, run)
}

#[test]
fn a_hook_dials_its_own_service_by_name_and_by_host_port() {
    let (scenario, _) = in_rust();
    assert_eq!(counter(&scenario, "web", "by-name"), 1);
    assert_eq!(counter(&scenario, "web", "by-host-port"), 1);
}

#[test]
fn a_hook_dials_a_dependency_by_name() {
    let (scenario, _) = in_rust();
    assert_eq!(counter(&scenario, "web", "by-dependent"), 1);
}

#[test]
fn a_hook_dials_nothing_else() {
    let (scenario, run) = in_rust();
    run.stderr_has("web: name-unresolvable")
        .stderr_has("its host port: access-denied")
        .stderr_has("an unpublished port: access-denied")
        .stderr_has("elsewhere: access-denied")
        .stderr_has("--allow-net 192.0.2.1:80 would allow it");
    assert_eq!(counter(&scenario, "web", "by-stranger"), 0);
}

#[test]
fn a_driver_in_python_logs_into_the_database_of_its_own_service_and_of_a_dependency() {
    let (scenario, _) = in_python();
    // The table is there because `appdb` made it, and the rows because `reader` added them.
    let rows = ["--no-align", "--tuples-only", "--command", "SELECT way FROM visits ORDER BY way"];
    let psql = ["exec", "app.wasm", "--no-tty", "appdb", "--", "psql", "postgresql://todo:todo@127.0.0.1/todo"];
    let found = scenario.run(&[&psql[..], &rows].concat()).code(0);
    assert_eq!(found.stdout, "by host port\nby name\n");
}

#[test]
fn a_library_in_python_is_told_in_its_own_words_what_it_may_not_dial() {
    let (_scenario, run) = in_python();
    run.stderr_has("appdb: gaierror: ")
        .stderr_has("its host port: PermissionError: ")
        .stderr_has("an unpublished port: PermissionError: ")
        .stderr_has("elsewhere: PermissionError: ")
        .stderr_has("reader: connected");
}
