//! Images: when they are built anew, when they are pulled, and which one a container has.

use bollard::models::ContainerConfig;
use bollard::query_parameters::CommitContainerOptionsBuilder;
use drillmaster_tests::engine::block;
use drillmaster_tests::images;
use drillmaster_tests::registry::Registry;
use drillmaster_tests::scenario::Scenario;

use crate::support::{see, tag_service};

/// A world with an image that is built of the directory `context`.
fn building() -> Scenario {
    let dockerfile =
        format!("FROM {} AS chosen\nARG GREETING\nENV GREETING=$GREETING\nCOPY . /context/\n", images::SERVICE);
    Scenario::new("building")
        .with_file("context/docker/Chosen.dockerfile", dockerfile)
        .with_file("context/.dockerignore", "docker\nlogs\n!logs/kept.txt\n*.tmp\n")
        .with_file("context/note.txt", "first")
        .with_file("context/logs/kept.txt", "kept")
        .with_file("context/logs/other.txt", "ignored")
        .with_file("context/a.tmp", "ignored")
        .set("image", "own")
}

/// The id of the image that has a tag now.
#[track_caller]
fn image(scenario: &Scenario, tag: &str) -> String {
    scenario.image(tag).unwrap_or_else(|| panic!("no image is called {tag}"))
}

#[track_caller]
fn built(scenario: &Scenario) -> String {
    image(scenario, &scenario.built("own"))
}

#[test]
fn a_changed_file_in_the_build_context_rebuilds_and_replaces_and_the_next_start_keeps() {
    let scenario = building();
    scenario.start(&[]).code(0);
    let (old, old_image) = (see(&scenario, "built"), built(&scenario));

    scenario.write("context/note.txt", "second");
    scenario.run(&["plan", "app.wasm"]).code(0).says("build its image (its build context changed)");
    assert_eq!((see(&scenario, "built"), built(&scenario)), (old.clone(), old_image.clone()));
    scenario.start(&[]).code(0).says("its build context changed");

    let new = see(&scenario, "built");
    assert_ne!(new.id, old.id);
    assert_ne!(built(&scenario), old_image);
    assert_eq!(scenario.get("built", "/file/context/note.txt").text(), "second");
    assert_eq!(scenario.container("built").unwrap().image, Some(built(&scenario)));
    assert_eq!(scenario.names(), ["built"]);

    let new_image = built(&scenario);
    scenario.start(&[]).code(0);
    assert_eq!((see(&scenario, "built"), built(&scenario)), (new, new_image));
}

#[test]
fn what_is_ignored_is_not_in_the_image_and_changes_nothing() {
    let scenario = building();
    scenario.start(&[]).code(0);
    let status = |path: &str| scenario.get("built", &format!("/file/context/{path}")).status;
    assert_eq!(["note.txt", "logs/kept.txt"].map(status), [200; 2]);
    assert_eq!(["logs/other.txt", "a.tmp", "docker/Chosen.dockerfile"].map(status), [404; 3]);

    let before = (see(&scenario, "built"), built(&scenario));
    for ignored in ["logs/other.txt", "logs/new.txt", "a.tmp", "b.tmp"] {
        scenario.write(&format!("context/{ignored}"), "changed");
    }
    scenario.start(&[]).code(0);
    assert_eq!((see(&scenario, "built"), built(&scenario)), before);

    scenario.write("context/logs/kept.txt", "changed");
    scenario.start(&[]).code(0);
    assert_eq!(scenario.get("built", "/file/context/logs/kept.txt").text(), "changed");
}

#[test]
fn a_wrong_line_in_a_dockerignore_is_told_before_anything_is_done() {
    let scenario = building().with_file("context/.dockerignore", "docker\nlogs[\n");
    scenario.start(&[]).code(2).says("`built`").says("context/.dockerignore, line 2: `logs[`");
    assert_eq!(scenario.names(), [""; 0]);
}

#[test]
fn a_changed_build_argument_rebuilds_and_replaces() {
    let scenario = building();
    scenario.start(&[]).code(0);
    let old = see(&scenario, "built");
    scenario.start(&["--set", "greeting=welcome"]).code(0);
    assert_ne!(see(&scenario, "built").id, old.id);
    assert_eq!(scenario.get("built", "/env/GREETING").text(), "welcome");
}

#[test]
fn a_dockerfile_that_does_not_build_any_more_leaves_the_old_container_running() {
    let scenario = building();
    scenario.start(&[]).code(0);
    let before = (see(&scenario, "built"), built(&scenario));
    let dockerfile = format!("FROM {} AS chosen\nCOPY no-such-file /\n", images::SERVICE);
    scenario.write("context/docker/Chosen.dockerfile", dockerfile);
    scenario.start(&[]).code(1).says("no-such-file");
    assert_eq!((see(&scenario, "built"), built(&scenario)), before);
    assert_eq!(scenario.names(), ["built"]);
}

#[test]
fn a_tag_of_somebody_elses_is_neither_used_nor_taken_by_a_build() {
    let scenario = building();
    // A tag that another one has built or pulled, and that others start containers of.
    let theirs = format!("{}-postgres", scenario.group());
    tag_service(&scenario, &theirs);
    let scenario = scenario.set("image", &theirs);
    let theirs = format!("{theirs}:latest");
    for changed in ["first", "second"] {
        scenario.write("context/note.txt", changed);
        scenario.start(&[]).code(0);
        assert_eq!(scenario.get("built", "/file/context/note.txt").text(), changed);
        assert_eq!(image(&scenario, &theirs), image(&scenario, images::SERVICE));
    }
    scenario.run(&["reload", "app.wasm", "built"]).code(0);
    assert_eq!(image(&scenario, &theirs), image(&scenario, images::SERVICE));
    let own = scenario.built(theirs.strip_suffix(":latest").unwrap());
    assert_eq!(scenario.container("built").unwrap().image, Some(image(&scenario, &own)));
    // With a tag that is not here there is none afterwards either.
    scenario.start(&["--set", "image=postgres:no-such-tag"]).code(0);
    assert_eq!(scenario.image("postgres:no-such-tag"), None);
}

#[test]
fn what_only_has_the_name_of_an_image_of_the_groups_is_not_used() {
    let scenario = building();
    let name = scenario.built("own");
    tag_service(&scenario, name.strip_suffix(":latest").unwrap());
    let theirs = image(&scenario, &name);
    scenario.run(&["plan", "app.wasm"]).code(0).says("build its image (not here)");
    scenario.start(&[]).code(0);
    assert_ne!(built(&scenario), theirs);
    assert_eq!(scenario.get("built", "/file/context/note.txt").text(), "first");
}

#[test]
fn labels_that_a_dockerfile_writes_in_drillmasters_name_do_not_matter() {
    let scenario = building();
    let other = Scenario::new("single");
    other.start(&[]).code(0);
    let forged = [
        ("group", other.group()),
        ("service", "app".to_owned()),
        ("instance", "x".to_owned()),
        ("fields", "0".repeat(64)),
        ("environment", "0".repeat(64)),
        ("project-id", "0".repeat(64)),
        ("image", format!("{{\\\"context\\\":\\\"0\\\",\\\"group\\\":\\\"{}\\\"}}", scenario.group())),
    ];
    let labels: Vec<_> = forged.iter().map(|(name, value)| format!("dev.drillmaster.{name}={value}")).collect();
    let dockerfile = format!("FROM {} AS chosen\nLABEL {}\nCOPY . /context/\n", images::SERVICE, labels.join(" "));
    scenario.write("context/docker/Chosen.dockerfile", dockerfile);
    scenario.start(&[]).code(0);
    let before = (see(&scenario, "built"), built(&scenario));
    scenario.run(&["plan", "app.wasm"]).code(0).stdout_has("nothing to do");
    scenario.start(&[]).code(0);
    assert_eq!((see(&scenario, "built"), built(&scenario)), before);
    assert_eq!(scenario.names(), ["built"]);
    let labels = scenario.container("built").unwrap().config.unwrap().labels.unwrap();
    assert_eq!(labels["dev.drillmaster.environment"], "");
    other.run(&["plan", "app.wasm"]).code(0).stdout_has("nothing to do").stderr_lacks("left alone");
    assert_eq!(other.names(), ["app"]);
}

#[test]
fn reloading_a_service_builds_its_image_and_replaces_its_container_and_no_other_one() {
    let scenario = Scenario::new("kite");
    let dockerfile = |note| format!("FROM {}\nLABEL note={note}\n", images::SERVICE);
    let scenario =
        scenario.with_file("oven/Dockerfile", dockerfile("first")).set("left.build", "oven").set("left.image", "own");
    scenario.start(&[]).code(0);
    let others = || ["top", "right", "db", "aside"].map(|service| see(&scenario, service));
    let (old, before) = (see(&scenario, "left"), others());

    scenario.write("oven/Dockerfile", dockerfile("second"));
    scenario.run(&["reload", "app.wasm", "left"]).code(0);

    assert_ne!(see(&scenario, "left").id, old.id);
    let container = scenario.container("left").unwrap();
    assert_eq!(container.image, Some(built(&scenario)));
    assert_eq!(container.config.unwrap().labels.unwrap()["note"], "second");
    assert_eq!(others(), before);
    assert_eq!(scenario.names(), ["aside", "db", "left", "right", "top"]);
}

#[test]
fn an_image_that_is_not_there_is_not_pulled_when_that_is_forbidden() {
    // Nothing listens at port 1.
    let scenario = Scenario::new("single").set("app.image", "127.0.0.1:1/no-such-image:2");
    let run = scenario.start(&["--pull", "never"]).code(1);
    run.says("127.0.0.1:1/no-such-image:2").says("--pull never").stderr_lacks("refused");
    let missing = ["--pull", "missing", "--allow-net", "127.0.0.1:1"];
    scenario.start(&missing).code(1).says("127.0.0.1:1/no-such-image:2").says("connection refused");
    assert_eq!(scenario.names(), [""; 0]);
}

#[test]
fn an_image_that_is_there_is_used_without_asking_its_registry_unless_always_asked_for() {
    let scenario = Scenario::new("single");
    // Of a registry that is not there.
    let repository = format!("127.0.0.1:1/{}", scenario.group());
    let scenario = scenario.set("app.image", &repository);
    tag_service(&scenario, &repository);
    for policy in ["never", "missing"] {
        scenario.start(&["--pull", policy]).code(0);
    }
    let before = see(&scenario, "app");
    let always = ["--pull", "always", "--allow-net", "127.0.0.1:1"];
    scenario.start(&always).code(1).says(&repository).says("connection refused").says("--pull always");
    assert_eq!(see(&scenario, "app"), before);
    assert_eq!(scenario.names(), ["app"]);
}

#[test]
fn an_image_is_pulled_when_it_is_missing_and_a_newer_one_only_when_always_asked_for() {
    let scenario = Scenario::new("single");
    let (registry, group) = (Registry::start(), scenario.group());
    registry.offer(scenario.engine(), images::SERVICE, &group).unwrap();
    let scenario = scenario.set("app.image", &registry.image(&group));
    let granted = registry.address().to_string();
    let start = |arguments: &[&str]| scenario.start(&[&["--allow-net", &granted], arguments].concat());
    start(&[]).code(0).says("pull its image (not here)");
    let old = see(&scenario, "app");
    let old_image = image(&scenario, &registry.image(&format!("{group}:latest")));

    // The label that the container has is the new image's too, and the clean-up finds it by that.
    let options = CommitContainerOptionsBuilder::new().container(&old.id).comment("newer").build();
    let newer = scenario.engine().docker().commit_container(options, ContainerConfig::default());
    let newer = block("commit", newer).unwrap().id;
    registry.offer(scenario.engine(), &newer, &group).unwrap();
    scenario.engine().remove_image(&newer).unwrap();

    scenario.start(&[]).code(0);
    assert_eq!(see(&scenario, "app"), old);
    start(&["--pull", "always"]).code(0);
    assert_ne!(see(&scenario, "app").id, old.id);
    assert_eq!(scenario.container("app").unwrap().image, Some(newer.clone()));
    assert_ne!(newer, old_image);
    assert_eq!(scenario.names(), ["app"]);

    let new = see(&scenario, "app");
    start(&["--pull", "always"]).code(0);
    assert_eq!(see(&scenario, "app"), new);
}
