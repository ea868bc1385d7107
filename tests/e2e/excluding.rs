//! `--exclude`: what is left alone, and what cannot be.

use drillmaster_tests::scenario::Scenario;

#[test]
fn a_start_starts_the_rest_and_nothing_of_the_excluded() {
    let scenario = Scenario::new("kite");
    let run = scenario.start(&["--exclude", "right,top", "--exclude", "aside"]).code(0);
    assert_eq!(scenario.names(), ["db", "left"]);
    run.stdout_lacks("right").stdout_lacks("aside");
}

#[test]
fn an_excluded_service_that_runs_is_left_alone_even_if_its_fields_changed() {
    let scenario = Scenario::new("kite");
    let only = "left,right,top";
    scenario.start(&["--exclude", only]).code(0);
    let (db, aside) = (scenario.id("db"), scenario.id("aside"));
    let changed = ["--set", "aside.SAY=new", "--set", "db.SAY=new"];
    scenario.start(&[&changed[..], &["--exclude", &format!("{only},aside")]].concat()).code(0);
    assert_eq!(scenario.running(), ["aside", "db"]);
    assert_eq!(scenario.id("aside"), aside);
    assert_ne!(scenario.id("db"), db);
}

#[test]
fn an_excluded_service_that_is_stopped_or_unfinished_stays_so() {
    let scenario = Scenario::new("kite").set("aside.INIT", "error");
    let only = "left,right,top";
    scenario.start(&["--exclude", only]).code(1);
    scenario.stop(&[]).code(0);
    assert_eq!(scenario.names(), ["aside.starting", "db"]);
    scenario.start(&["--exclude", &format!("{only},aside")]).code(0);
    assert_eq!(scenario.names(), ["aside.starting", "db"]);
    assert_eq!(scenario.running(), ["db"]);
}

#[test]
fn a_start_that_excludes_an_unknown_service_is_refused_with_the_known_ones() {
    let scenario = Scenario::new("kite");
    scenario.start(&["--exclude", "aside,nobody"]).code(2).says("nobody").says("aside, db, left, right, top");
    assert_eq!(scenario.names(), [""; 0]);
}

#[test]
fn a_start_that_excludes_what_a_kept_service_depends_on_is_refused_with_both_names() {
    let scenario = Scenario::new("kite");
    scenario.start(&["--exclude", "left"]).code(2).says("--exclude left").says("`top` depends on it");
    assert_eq!(scenario.names(), [""; 0]);
}

#[test]
fn a_start_that_excludes_everything_does_nothing() {
    let scenario = Scenario::new("single");
    scenario.start(&["--exclude", "app"]).code(0);
    assert_eq!(scenario.names(), [""; 0]);
}

#[test]
fn a_stop_stops_the_rest_and_the_excluded_goes_on_running() {
    let scenario = Scenario::new("kite");
    scenario.start(&["--exclude", "right,top"]).code(0);
    scenario.stop(&["--exclude", "db"]).code(0);
    assert_eq!(scenario.names(), ["aside", "db", "left"]);
    assert_eq!(scenario.running(), ["db"]);
}

#[test]
fn a_stop_that_removes_leaves_the_excluded_and_their_network() {
    let scenario = Scenario::new("kite");
    scenario.start(&["--exclude", "left,right,top"]).code(0);
    scenario.stop(&["--exclude", "db", "--remove"]).code(0);
    assert_eq!(scenario.running(), ["db"]);
    assert_eq!(scenario.names(), ["db"]);
    assert_eq!(scenario.networks().len(), 1);
    assert_eq!(scenario.get("db", "/ready").status, 200);
}

#[test]
fn a_stop_that_excludes_an_unknown_service_is_refused_with_the_known_ones() {
    let scenario = Scenario::new("single");
    scenario.start(&[]).code(0);
    scenario.stop(&["--exclude", "nobody"]).code(2).says("nobody").says("the services are: app");
    scenario.run(&["stop", "--exclude", "nobody"]).code(2).says("nobody").says("the services are: app");
    assert_eq!(scenario.running(), ["app"]);
}

#[test]
fn a_stop_that_excludes_what_depends_on_a_stopped_service_is_refused_with_both_names() {
    let scenario = Scenario::new("kite");
    scenario.start(&["--exclude", "aside,right,top"]).code(0);
    scenario.stop(&["--exclude", "left"]).code(2).says("--exclude left").says("depends on `db`");
    assert_eq!(scenario.running(), ["db", "left"]);
}
