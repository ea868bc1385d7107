//! A real engine that dies in the middle of a start and comes back, its containers having died with it.

use std::time::Instant;

use drillmaster_tests::dockerd::Dockerd;
use drillmaster_tests::scenario::{Scenario, Signal};

use super::{SOON, START};
use crate::steering;

const ALL: [&str; 4] = ["db", "left", "right", "top"];

/// What an engine's end by a signal does to a start in which two services are ready and one is pinged.
#[track_caller]
fn assert_put_right_after(signal: Signal) {
    let mut dockerd = Dockerd::start().unwrap_or_else(|error| panic!("{error:#}"));
    let scenario = Scenario::new("kite").at(dockerd.engine().unwrap(), &dockerd.address()).set("left.PING", "gate");
    let arguments = [&START[..], &["--exclude", "aside"]].concat();
    let mut start = scenario.spawn(&arguments);
    start.until("the others are ready", |_| scenario.running() == ["db", "left.starting", "right"]);
    steering::answers(&scenario, "left.starting");
    let kept = [scenario.id("db"), scenario.id("right")];

    let ended = Instant::now();
    dockerd.end(signal);
    let run = start.wait().code(1).stderr_lacks("panicked").says("top");
    let took = ended.elapsed();
    assert!(took < SOON, "it took {took:?}\n{}", run.stderr);
    scenario.run(&arguments).code(3).says("cannot reach Docker").says(&dockerd.address());

    dockerd.start_again().unwrap_or_else(|error| panic!("{error:#}"));
    assert_eq!(scenario.names(), ["db", "left.starting", "right"]);
    assert_eq!(scenario.running(), [""; 0]);
    scenario.run(&[&arguments[..], &["--set", "left.PING=-"]].concat()).code(0);
    assert_eq!(scenario.names(), ALL);
    assert_eq!(scenario.running(), ALL);
    assert_eq!([scenario.id("db"), scenario.id("right")], kept);
    assert_eq!(scenario.networks().len(), 1);
    for service in ALL {
        assert_eq!(scenario.get(service, "/peek/init").text(), "1", "{service}");
    }
    scenario.stop(&["--remove"]).code(0);
    assert_eq!(scenario.names(), [""; 0]);
}

#[test]
fn an_engine_that_is_killed_during_a_start_and_comes_back_is_put_right_by_the_next_start() {
    assert_put_right_after(Signal::KILL);
}

#[test]
fn an_engine_that_is_restarted_during_a_start_is_put_right_by_the_next_start() {
    assert_put_right_after(Signal::TERM);
}
