//! What several topics do to containers behind `drillmaster`'s back, and what they remember of them.

use std::env;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::path::Path;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bollard::query_parameters::{RenameContainerOptionsBuilder, StopContainerOptions, TagImageOptionsBuilder};
use drillmaster_tests::engine::block;
use drillmaster_tests::images;
use drillmaster_tests::scenario::{Run, Scenario};
use drillmaster_tests::workspace;

/// Which container a service has, and since when it runs: equal as long as nothing was done to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) id: String,
    pub(crate) started_at: SystemTime,
}

#[track_caller]
pub(crate) fn see(scenario: &Scenario, service: &str) -> Seen {
    assert!(scenario.is_running(service), "{service} does not run");
    Seen { id: scenario.id(service), started_at: scenario.started_at(service) }
}

/// Nothing but text, line ends and tabs.
#[track_caller]
pub(crate) fn assert_plain(run: &Run) {
    for text in [&run.stdout, &run.stderr] {
        let hidden = |c: char| (c.is_control() && c != '\n' && c != '\t') || c == '\u{202e}';
        assert!(!text.contains(hidden), "{text:?}");
    }
}

/// The value of a service's counter.
#[track_caller]
pub(crate) fn counter(scenario: &Scenario, service: &str, name: &str) -> u32 {
    let text = scenario.get(service, &format!("/peek/{name}")).text();
    text.parse().unwrap_or_else(|_| panic!("the counter {name} of {service} is {text:?}"))
}

/// Stops a service's container, as `docker stop` does.
#[track_caller]
pub(crate) fn docker_stop(scenario: &Scenario, service: &str) {
    let id = scenario.id(service);
    block("stop", scenario.engine().docker().stop_container(&id, None::<StopContainerOptions>)).unwrap();
}

/// Renames a service's container, as `docker rename` does. Both names are without the group's.
#[track_caller]
pub(crate) fn docker_rename(scenario: &Scenario, service: &str, name: &str) {
    let options = RenameContainerOptionsBuilder::new().name(&format!("{}-{name}", scenario.group())).build();
    block("rename", scenario.engine().docker().rename_container(&scenario.id(service), options)).unwrap();
}

/// A port that no other test uses, below those that systems and Docker choose themselves.
pub(crate) fn free_port() -> u16 {
    // Two runs at the same time do not begin with the same one.
    static NEXT: LazyLock<AtomicU32> = LazyLock::new(|| AtomicU32::new(20_100 + process::id() % 99 * 100));
    let free = |port: &u16| {
        TcpListener::bind((Ipv4Addr::UNSPECIFIED, *port)).is_ok()
            && UdpSocket::bind((Ipv4Addr::UNSPECIFIED, *port)).is_ok()
    };
    let next = || u16::try_from(NEXT.fetch_add(1, Ordering::Relaxed)).ok();
    std::iter::from_fn(next).take(1000).find(free).expect("one of a thousand ports is free")
}

/// A scenario whose `app` is built, which takes longer than any test; and what the command of the build's container
/// holds as no other's does.
pub(crate) fn slow_build() -> (Scenario, String) {
    static NEXT: AtomicU32 = AtomicU32::new(100);
    // Milliseconds: hours at least.
    let marker = format!("1{:07}{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let dockerfile = format!("FROM {}\nRUN [\"/service\", \"sleep\", \"{marker}\"]\n", images::SERVICE);
    let scenario = Scenario::new("single").set("app.build", "oven").with_file("oven/Dockerfile", dockerfile);
    (scenario.set("app.image", "oven"), marker)
}

/// What the image of the example's database is called once [`first_start`] has built it.
pub(crate) const DATABASE: &str = "drillmaster-test-todo-appdb";

/// The first start of a group with the example's images, which builds them. One after the other: the second finds what the
/// first has downloaded and compiled, which names of the tests' own keep from going with the group.
pub(crate) fn first_start(scenario: &Scenario, arguments: &[&str]) -> Run {
    static BUILDING: Mutex<()> = Mutex::new(());
    let _one = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
    let run = scenario.start(arguments).code(0);
    for image in ["todo-appdb", "todo-app"] {
        let built = scenario.built(image);
        if scenario.image(&built).is_some() {
            let options =
                TagImageOptionsBuilder::new().repo(&format!("drillmaster-test-{image}")).tag("latest").build();
            block("tag", scenario.engine().docker().tag_image(&built, Some(options))).unwrap();
        }
    }
    run
}

/// Gives the image of the tests' service another tag: the latest of a repository.
pub(crate) fn tag_service(scenario: &Scenario, repository: &str) {
    let options = TagImageOptionsBuilder::new().repo(repository).tag("latest").build();
    block("tag", scenario.engine().docker().tag_image(images::SERVICE, Some(options))).unwrap();
}

/// A world in which the tools that build definitions are found.
pub(crate) fn world() -> Scenario {
    tools()
        .into_iter()
        .fold(Scenario::empty().deadline(Duration::from_mins(10)), |scenario, (name, value)| scenario.env(name, &value))
}

/// A turn at building: compilers take all processors, and other tests wait for things to happen in time. One at a time, and
/// behind everything else: what this gives is the beginning of the command.
pub(crate) fn turn_to_build() -> (MutexGuard<'static, ()>, [&'static str; 3]) {
    static BUILDING: Mutex<()> = Mutex::new(());
    (BUILDING.lock().unwrap_or_else(PoisonError::into_inner), ["nice", "-n", "19"])
}

/// `drillmaster build`, in its turn and to its end.
pub(crate) fn built(scenario: &Scenario, directory: &Path, arguments: &[&str]) -> Run {
    let (_turn, [nice, option, niceness]) = turn_to_build();
    let drillmaster = workspace::binary("drillmaster").display().to_string();
    let arguments = [&[option, niceness, &drillmaster, "build"], arguments].concat();
    scenario.command(Path::new(nice), &arguments).within(directory).spawn().wait().code(0)
}

/// What the tools that build definitions have to be told in a home that is nobody's: where the person has Rust, and where
/// they keep what they have compiled, so that it is there the next time.
pub(crate) fn tools() -> Vec<(&'static str, String)> {
    let home = env::var("HOME").unwrap_or_default();
    let rust = [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")]
        .map(|(name, usual)| (name, env::var(name).unwrap_or_else(|_| format!("{home}/{usual}"))));
    let kept = |name: &str| workspace::target().join("e2e/cache").join(name).display().to_string();
    let kept = [("GOCACHE", kept("go-build")), ("ZIG_GLOBAL_CACHE_DIR", kept("zig"))];
    // Where only Debian's Rust can build for WebAssembly, `cargo xtask test` says with which variables.
    let debian = env::var("DRILLMASTER_TEST_RUST").unwrap_or_default();
    let debian = debian.lines().filter_map(|line| line.split_once('=')).map(|(name, value)| {
        let known = ["CARGO", "RUSTC", "RUSTC_BOOTSTRAP", "CARGO_UNSTABLE_BUILD_STD", "CARGO_BUILD_TARGET"];
        let linker = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER";
        let known = known.into_iter().chain([linker]).find(|known| *known == name);
        (known.unwrap_or_else(|| panic!("{name} is not expected")), value.to_owned())
    });
    // Nothing is to be downloaded; npm would ask for news all the same.
    let npm = ["npm_config_offline", "npm_config_audit", "npm_config_fund", "npm_config_update_notifier"];
    let npm = npm.into_iter().map(|name| (name, (name == "npm_config_offline").to_string()));
    rust.into_iter().chain(kept).chain(debian).chain(npm).collect()
}
